"""Parts of longer texts: how they are kept, when they are whole, and what is made of them; pure but for its memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeAlias

from service.delivery.sms import Inbound
from service.kit.crypto import Keyring
from service.kit.hidden import Hidden

PURPOSE = "inbound"
KEPT = timedelta(minutes=15)
"""How long a part may wait for the rest."""

PATIENCE = timedelta(seconds=30)
"""After how long without a further part what is there is answered as it stands."""

LEASE = timedelta(seconds=60)
"""How long whoever got a text has to answer it before another may."""

MOST_PARTS = 255
MOST_OF_SENDER = 300
MOST_OF_ALL = 20_000
GAP = "…"
_FEWEST_WORDS = 3
_MARK_BYTES = 12


class Fate(StrEnum):
    """What became of a part that came in."""

    WAITS = "waits"
    WHOLE = "whole"
    REPEATED = "repeated"
    IN_HAND = "in-hand"  # the text is whole, and somebody answers it now
    CROWDED = "crowded"


@dataclass(frozen=True, slots=True)
class Slip:
    """One part as it is kept: nobody reads its text or its sender without the server's key."""

    name: str  # of the text it belongs to
    sender: str  # keyed hash
    number: int
    of: int
    mark: str  # by which a repeat is known
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Collected:
    """The parts of one text that are there. `turn` names this text among those that use the same reference."""

    name: str
    turn: str
    of: int
    sealed: Mapping[int, bytes]


Held: TypeAlias = tuple[Fate, Collected | None]


class Shelf(Protocol):
    """Where parts wait. A text is handed to one caller at a time, who has `LEASE` to answer it and close it."""

    async def add(self, slip: Slip, turn: str, *, now: datetime) -> Held: ...

    async def close(self, text: Collected) -> None: ...

    async def overdue(self, most: int, *, now: datetime) -> list[Collected]: ...


def fits(inbound: Inbound) -> bool:
    """Say whether it is a part of a longer text; numbers that make no sense are not believed."""
    part = inbound.part
    return part is not None and 1 < part.of <= MOST_PARTS and 1 <= part.number <= part.of


def slip(inbound: Inbound, keyring: Keyring) -> Slip:
    """Seal a part. The names by which it is found are keyed hashes."""
    part = inbound.part
    if part is None:
        raise ValueError("a whole text is no part")
    sender, text = inbound.sender.reveal().encode(), inbound.text.reveal()
    whole = (inbound.provider.encode(), inbound.to.encode(), b"%d/%d" % (part.reference, part.of))
    return Slip(
        name=keyring.mac(PURPOSE, b"text", sender, *whole).hex(),
        sender=keyring.mac(PURPOSE, b"sender", sender).hex(),
        number=part.number,
        of=part.of,
        mark=keyring.mac(PURPOSE, b"part", b"%d" % part.number, _bytes(text))[:_MARK_BYTES].hex(),
        sealed=keyring.seal(PURPOSE, _written(inbound)),
    )


def opened(text: Collected, keyring: Keyring) -> Inbound:
    """Return what came as one text: whole, or with a mark where parts are missing.

    A few words without the rest mean nothing (the last part of a letter may be "stop"): only the gap is left of them.
    """
    read = {number: _read(keyring.open(PURPOSE, sealed)) for number, sealed in text.sealed.items()}
    first = read[min(read)]
    if len(read) == text.of:
        words = "".join(read[number].text.reveal() for number in sorted(read))
    else:
        words = "".join(read[n].text.reveal() if n in read else f" {GAP} " for n in range(1, text.of + 1))
        words = _telling(words)
    return replace(first, text=Hidden(_mended(words)))


def fragment(inbound: Inbound) -> Inbound:
    """Return a first part as a text of its own, marked as one that goes on."""
    return replace(inbound, text=Hidden(_mended(_telling(f"{inbound.text.reveal()} {GAP}"))), part=None)


def _telling(words: str) -> str:
    return words if len(words.replace(GAP, " ").split()) >= _FEWEST_WORDS else GAP


def _written(inbound: Inbound) -> bytes:
    kept = {"provider": inbound.provider, "sender": inbound.sender.reveal(), "to": inbound.to}
    return json.dumps(kept | {"text": inbound.text.reveal(), "at": inbound.at.isoformat()}).encode()


def _read(written: bytes) -> Inbound:
    kept = json.loads(written)
    return Inbound(
        provider=kept["provider"],
        sender=Hidden(kept["sender"]),
        to=kept["to"],
        text=Hidden(kept["text"]),
        at=datetime.fromisoformat(kept["at"]),
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _mended(text: str) -> str:
    """Join the halves of characters that were cut between two parts; a half alone becomes the replacement character."""
    return _bytes(text).decode("utf-16-be", "replace")


@dataclass(slots=True)
class _Waiting:
    turn: str
    of: int
    sender: str
    due: datetime
    until: datetime
    slips: dict[int, Slip] = field(default_factory=dict)
    closed: bool = False

    @property
    def whole(self) -> bool:
        return len(self.slips) == self.of


class OwnShelf:
    """Parts in the memory of this process, for as long as Redis is away; sealed all the same."""

    def __init__(self) -> None:
        self._texts: dict[str, _Waiting] = {}

    async def add(self, slip: Slip, turn: str, *, now: datetime) -> Held:
        self._forget(now)
        text = self._texts.get(slip.name)
        known = None if text is None else text.slips.get(slip.number)
        if text is not None and (text.closed or known is not None) and (known is None or known.mark != slip.mark):
            del self._texts[slip.name]  # the sender uses the reference for another text
            text = known = None
        if text is not None and known is not None:
            return self._again(slip.name, text, now)
        if self._crowded(slip.sender):
            return Fate.CROWDED, None
        text = text or _Waiting(turn, slip.of, slip.sender, now, now + KEPT)
        self._texts[slip.name] = text
        text.slips[slip.number] = slip
        text.due = now + PATIENCE
        return self._hand_out(slip.name, text, now) if text.whole else (Fate.WAITS, None)

    async def close(self, text: Collected) -> None:
        waiting = self._texts.get(text.name)
        if waiting is not None and waiting.turn == text.turn:
            waiting.closed = True

    async def overdue(self, most: int, *, now: datetime) -> list[Collected]:
        self._forget(now)
        due = [(name, text) for name, text in self._texts.items() if not text.closed and text.due <= now][:most]
        return [found for name, text in due if (found := self._hand_out(name, text, now)[1]) is not None]

    def _again(self, name: str, text: _Waiting, now: datetime) -> Held:
        if text.closed or not text.whole:
            return Fate.REPEATED, None
        return (Fate.IN_HAND, None) if now < text.due else self._hand_out(name, text, now)

    def _hand_out(self, name: str, text: _Waiting, now: datetime) -> Held:
        text.due = now + LEASE
        return Fate.WHOLE, Collected(name, text.turn, text.of, {n: one.sealed for n, one in text.slips.items()})

    def _forget(self, now: datetime) -> None:
        self._texts = {name: text for name, text in self._texts.items() if now < text.until}

    def _crowded(self, sender: str) -> bool:
        counts = [(text.sender, len(text.slips)) for text in self._texts.values() if not text.closed]
        of_sender = sum(count for whose, count in counts if whose == sender)
        return of_sender >= MOST_OF_SENDER or sum(count for _, count in counts) >= MOST_OF_ALL
