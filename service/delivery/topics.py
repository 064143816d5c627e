"""Topics, for phones that register nothing: how they are named, and which an alert goes to. Pure."""

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol

from service.delivery import payload
from service.delivery.model import Bulletin, Message, Outcome, Payload, Text
from service.kit import geo
from service.kit.crypto import mac
from service.kit.errors import Kind, Refused

SCHEME = 1
RESOLUTIONS = (7, 5, 3)
"""A phone follows the topic of its place's cell at each of these."""

LIMIT = 2048
"""Bytes that FCM takes to a topic."""

TOPICS_A_CONDITION = 5
"""FCM refuses a longer one."""

MOST_CONDITIONS = 200
"""Messages of one alert, in all its languages and generations together."""

AT_ONCE = 20
"""FCM works off at most 1,000 messages to topics of a project at a time; this leaves room for whoever else sends."""

ALLOWED_EXCESS = 0.2
PREVIOUS_LIFE = timedelta(days=270)
"""How long after a rotation the generation before it is still sent to."""

_NAME_BYTES = 16
_SIGNATURE_BYTES = 64
_LIVE, _EXERCISE = f"sf{SCHEME}-live-", f"sf{SCHEME}-exercise-"


@dataclass(frozen=True, slots=True)
class Generation:
    """A key that names topics, of exercises or of the real world (R27). Anybody may have it."""

    number: int
    exercise: bool
    key: bytes
    since: datetime

    def name(self, cell: int, language: str) -> str:
        """Return the topic of a cell and a language of the scheme: 128 bits of HMAC-SHA-256 as base64url."""
        made = mac(self.key, cell.to_bytes(8, "big"), language.encode())[:_NAME_BYTES]
        return (_EXERCISE if self.exercise else _LIVE) + base64.urlsafe_b64encode(made).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to a few topics: the text's language, the nearest ring that any of the topics stands for."""

    language: str
    ring: int
    topics: tuple[str, ...]

    def fits(self, *, exercise: bool) -> bool:
        """Say whether all of its topics are of this world (R18, R27)."""
        return all(topic.startswith(_EXERCISE) == exercise for topic in self.topics)

    @property
    def condition(self) -> str:
        """Return FCM's condition: a phone that follows several of the topics gets the message once."""
        return " || ".join(f"'{topic}' in topics" for topic in self.topics)


@dataclass(frozen=True, slots=True)
class Spread:
    """The cells whose topics an alert goes to, with the ring of each; `excess` is the ground beyond the area."""

    rings: Mapping[int, int]
    excess: float


@dataclass(frozen=True, slots=True)
class Claimed:
    """One letter that a worker holds after its claim."""

    id: int
    attempts: int
    created_at: datetime
    payload: Payload
    condition: str


@dataclass(frozen=True, slots=True)
class Round:
    """What a worker sends at a time: letters of one bulletin, the nearest first."""

    bulletin: Bulletin
    letters: tuple[Claimed, ...]


class TopicChannel(Protocol):
    """A way to topics. As `Channel`: one outcome a letter, in order, and a look at `shut` before every single one."""

    async def send(self, letters: Sequence[Claimed], *, shut: Callable[[], bool]) -> list[Outcome]: ...


@dataclass(frozen=True, slots=True)
class TopicWay:
    """A worker's way to topics."""

    channel: TopicChannel


@dataclass(frozen=True, slots=True)
class TopicTally:
    """How many letters there are, and what became of them. Nobody knows how many people they reach."""

    planned: int
    accepted: int
    waiting: int
    excess: float


def alive(generations: Iterable[Generation], *, now: datetime) -> list[Generation]:
    """Return the generations that alerts go to, the newest first: the current one, and the last for 270 days more."""
    newest = sorted(generations, key=lambda one: one.number, reverse=True)
    return newest[:1] + [one for after, one in pairwise(newest) if now < ended(after)]


def ended(successor: Generation) -> datetime:
    """Return when the generation before this one is sent to no more."""
    return successor.since + PREVIOUS_LIFE


def document(generations: Sequence[Generation], languages: Iterable[str], *, default: str, exercise: bool) -> bytes:
    """Return what phones are told of the scheme, as JSON: the same bytes for the same content."""
    said = {
        "surefoot": 1,
        "scheme": SCHEME,
        "world": "exercise" if exercise else "live",
        "resolutions": list(RESOLUTIONS),
        "languages": sorted(languages),
        "default_language": default,
        "generations": [
            _as_json(one, after)
            for one, after in zip(generations, (None, *generations), strict=False)  # the newest first
        ],
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _as_json(one: Generation, successor: Generation | None) -> dict[str, Any]:
    return {
        "number": one.number,
        "key": base64.urlsafe_b64encode(one.key).rstrip(b"=").decode(),
        "since": _moment(one.since),
        "until": None if successor is None else _moment(ended(successor)),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def spread(rings: Mapping[int, int], *, most: int) -> Spread:
    """Choose the cells of an area given as resolution-7 cells with their rings.

    The fewest whose ground exceeds that of the area by at most a fifth; more is allowed where these would be more than
    `most`. A phone in any of the area's cells follows at least one of the chosen, whatever its place in the cell.
    """
    finest, *coarser = RESOLUTIONS
    chosen = geo.best(geo.coarsenings(rings.keys(), coarser, allowed=ALLOWED_EXCESS), most=most, allowed=ALLOWED_EXCESS)
    found = {cell: rings[cell] for cell in chosen.cells if geo.resolution_of(cell) == finest}
    for resolution in {geo.resolution_of(cell) for cell in chosen.cells} - {finest}:
        for cell, there in geo.touched(rings.keys(), resolution).items():
            for coarse in there & chosen.cells:
                found[coarse] = min(rings[cell], found.get(coarse, rings[cell]))
    return Spread(found, chosen.excess)


def most_cells(languages: int, generations: int) -> int:
    """Return how many cells fit into the messages that one alert may take; the last of a language may be short."""
    room = (MOST_CONDITIONS - languages) * TOPICS_A_CONDITION
    return max(1, room // (languages * generations))


def letters(rings: Mapping[int, int], spoken: Mapping[str, str], generations: Sequence[Generation]) -> list[Letter]:
    """Return the messages to these cells, the nearest first; `spoken` says in which text a language is told."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for language, text in sorted(spoken.items()):
        by_text[text].append(language)
    ordered = sorted(rings.items(), key=lambda one: (one[1], one[0]))
    made = [
        letter
        for text, languages in by_text.items()
        for letter in _of_text(text, _named(ordered, languages, generations))
    ]
    return sorted(made, key=lambda one: one.ring)


def _named(
    ordered: Iterable[tuple[int, int]], languages: Sequence[str], generations: Sequence[Generation]
) -> Iterator[tuple[str, int]]:
    for cell, ring in ordered:
        for language in languages:
            for generation in generations:
                yield generation.name(cell, language), ring


def _of_text(text: str, named: Iterable[tuple[str, int]]) -> Iterator[Letter]:
    rows = list(named)
    for start in range(0, len(rows), TOPICS_A_CONDITION):
        part = rows[start : start + TOPICS_A_CONDITION]
        yield Letter(text, min(ring for _, ring in part), tuple(name for name, _ in part))


def followed(
    message: Message, own: Sequence[Letter], earlier: Sequence[Letter], choose: Callable[[str], str]
) -> list[Letter]:
    """Return the letters of a message that follows others (R19): what the earlier ones went to, in the same topics.

    An update also goes to what lies in its own area now. `choose` says in which text a letter's language is told.
    """
    known = {topic for letter in own for topic in letter.topics} if message is Message.UPDATE else set()
    again = [replace(one, language=choose(one.language)) for one in earlier if not known.issuperset(one.topics)]
    first = list(own) if message is Message.UPDATE else []
    return sorted([*first, *dict.fromkeys(again)], key=lambda one: one.ring)


def body(bulletin: Bulletin, text: Text, *, now: datetime, sign: Callable[[bytes], bytes]) -> Payload:
    """Encode what topics are told: what every phone is told, in half as many bytes.

    Where there is no room for all, Apple's own part carries the title alone, which names the danger; and where that is
    not enough the area is told by coarser cells, which hold more than it. Refused as `demand_room` says.
    """
    told, is_short = _fitted(bulletin, text, now=now)
    said = payload.encode(told, text, now=now, signature=sign(payload.signed_bytes(told, text)))
    return replace(said, body="") if is_short else said


def demand_room(bulletin: Bulletin, text: Text, *, now: datetime) -> None:
    """Refuse a text that no message to topics can carry: `text-too-long-for-topics`, or payload's own refusals."""
    _fitted(bulletin, text, now=now)


def _fitted(bulletin: Bulletin, text: Text, *, now: datetime) -> tuple[Bulletin, bool]:
    """Return the bulletin with the finest cells that there is room for, and whether Apple's part lacks the body."""
    size = 0
    for cells in _coarser(bulletin.cells):
        told = replace(bulletin, cells=cells, pull=payload.GREATEST_PULL)
        said = payload.encode(told, text, now=now, signature=bytes(_SIGNATURE_BYTES))
        for one in (said, replace(said, body="")):
            size = measure(one)
            if size <= LIMIT:
                return replace(bulletin, cells=cells), not one.body
    detail = f"The message in {text.language!r} takes {size} bytes; a push to topics takes {LIMIT}."
    remedy = f"Shorten the body by {size - LIMIT} bytes, or the title by half as many; a letter may take two or more."
    raise Refused(Kind.TOO_LARGE, "text-too-long-for-topics", detail, where=f"texts.{text.language}", remedy=remedy)


def _coarser(cells: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the cells, then ever fewer and coarser ones that hold all their ground."""
    yield cells
    held = set(cells)
    finest = max(map(geo.resolution_of, held), default=0)
    for resolution in range(finest - 1, -1, -1):
        finer = {cell for cell in held if geo.resolution_of(cell) > resolution}
        held = (held - finer).union(*geo.touched(finer, resolution).values())
        yield tuple(sorted(held))


def measure(said: Payload) -> int:
    """Return the bytes that count against `LIMIT`: keys and values of the data, and Apple's own part beside them."""
    data = sum(len(key.encode()) + len(value.encode()) for key, value in said.data)
    return data + len(json.dumps({"aps": payload.aps(said)}, ensure_ascii=False, separators=(",", ":")).encode())
