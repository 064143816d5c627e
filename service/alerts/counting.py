"""How many people an alert reached, as operators may see it: blurred, in one dimension at a time (R26). Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field

from service.alerts.model import FEWEST_CELLS_COUNTED
from service.delivery.model import ChannelName
from service.delivery.records import Tally, TextFate
from service.kit.counts import blur

People: TypeAlias = int | str


class Count(BaseModel):
    """People who were planned, whose provider took the message, whose phone proved that it showed it."""

    planned: People
    accepted: People
    received: People


class RingCount(Count):
    ring: int


class LanguageCount(Count):
    language: str


class ChannelCount(Count):
    channel: str


class TextCount(BaseModel):
    """People to whom a text goes or went; the same person may have been sent a push as well."""

    planned: People
    accepted: People
    waiting: People


class RingTexts(TextCount):
    ring: int


class Texts(TextCount):
    """What became of the texts, by what operators said."""

    delivered: People
    doubled: Annotated[People, Field(description="handed over twice, as nobody could say whether it was taken")]
    unknown: Annotated[People, Field(description="nobody can say whether it was taken")]
    waiting_for_budget: Annotated[People, Field(description="of those who wait: until an admin lifts the budget")]
    by_ring: list[RingTexts]

    @classmethod
    def of(cls, tallies: Sequence[Tally], fate: TextFate) -> "Texts":
        rings = sorted({tally.ring for tally in tallies})
        return cls(
            **_texts(tallies),
            delivered=blur(fate.delivered),
            doubled=blur(fate.doubled),
            unknown=blur(fate.unknown),
            waiting_for_budget=blur(fate.parked),
            by_ring=[RingTexts(ring=ring, **_texts([one for one in tallies if one.ring == ring])) for ring in rings],
        )


class Counts(Count):
    """Counts of people, rounded to 10 and "<20" below that, each in one dimension only.

    Nobody counts twice in all of them, rings or languages: whose text went beside a push counts there by the push.
    """

    dead: People
    waiting: People
    unverified: Annotated[
        People,
        Field(description="receipts of phones that nobody knows: anybody can make them, so they are never added"),
    ]
    by_ring: list[RingCount]
    by_language: list[LanguageCount]
    by_channel: list[ChannelCount]
    texts: Annotated[Texts | None, Field(description="null while nobody is texted")] = None

    @classmethod
    def of(cls, every: Sequence[Tally], *, unverified: int, texts: TextFate | None = None) -> "Counts":
        tallies = [tally for tally in every if not tally.beside]
        by_text = [tally for tally in every if tally.channel == ChannelName.SMS]
        return cls(
            **_three(tallies),
            dead=blur(sum(tally.dead for tally in tallies)),
            waiting=blur(sum(tally.waiting for tally in tallies)),
            unverified=blur(unverified),
            by_ring=[RingCount(ring=ring, **part) for ring, part in _by(tallies, lambda one: one.ring)],
            by_language=[LanguageCount(language=tag, **part) for tag, part in _by(tallies, lambda one: one.language)],
            by_channel=[ChannelCount(channel=name, **part) for name, part in _by(every, lambda one: one.channel)],
            texts=Texts.of(by_text, texts) if by_text and texts else None,
        )


def _by(tallies: Iterable[Tally], key: Callable[[Tally], str | int]) -> list[tuple[str | int, dict[str, People]]]:
    parts: dict[str | int, list[Tally]] = defaultdict(list)
    for tally in tallies:
        parts[key(tally)].append(tally)
    return [(name, _three(parts[name])) for name in sorted(parts)]


def _three(tallies: Iterable[Tally]) -> dict[str, People]:
    part = list(tallies)
    return {
        "planned": blur(sum(tally.planned for tally in part)),
        "accepted": blur(sum(tally.accepted for tally in part)),
        "received": blur(sum(tally.received for tally in part)),
    }


def _texts(tallies: Sequence[Tally]) -> dict[str, People]:
    return {
        "planned": blur(sum(tally.planned for tally in tallies)),
        "accepted": blur(sum(tally.accepted for tally in tallies)),
        "waiting": blur(sum(tally.waiting for tally in tallies)),
    }


def may_be_counted(cells: int) -> bool:
    """R26: nobody is counted in fewer than 3 cells."""
    return cells >= FEWEST_CELLS_COUNTED
