"""What a message to a phone is, and what can become of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Protocol, TypeAlias
from uuid import UUID

from service.residents.model import Address, AddressKind, Destination


class Severity(IntEnum):
    """CAP's severities that a warning may carry; the higher is sent first."""

    MINOR = 1
    MODERATE = 2
    SEVERE = 3
    EXTREME = 4


class Message(StrEnum):
    """What a bulletin is to those who know its lineage already; a correction says what was wrong (R19)."""

    WARNING = "warning"
    UPDATE = "update"
    CORRECTION = "correction"
    END = "end"
    CANARY = "canary"  # a test message: the phone shows nothing


class ChannelName(StrEnum):
    """The ways to phones; stored with every batch."""

    FCM = "fcm"
    WEB_PUSH = "webpush"
    TOPIC = "topic"
    SMS = "sms"


_BY_FCM = dict.fromkeys((AddressKind.FID, AddressKind.TOKEN), ChannelName.FCM)
CHANNEL_OF: Mapping[AddressKind, ChannelName] = {
    **_BY_FCM,
    AddressKind.WEBPUSH: ChannelName.WEB_PUSH,
    AddressKind.SMS: ChannelName.SMS,
}
"""By which channel an address is reached: the code that proves it and all that is told to it go the same way."""


class Fate(StrEnum):
    """What became of one recipient of a batch; stored as one letter, so a letter never changes its meaning."""

    WAITING = "w"
    ACCEPTED = "a"
    DEAD = "d"
    REFUSED = "r"
    EXHAUSTED = "x"
    GONE = "g"  # forgot itself, left the exercise, or lost its address before its turn
    STOPPED = "s"  # the alert was withdrawn before its turn
    HEARD = "h"  # of a text: by its turn a receipt had come by another way


@dataclass(frozen=True, slots=True)
class Text:
    """Title, body and the text of an SMS in one language; they fall back together, never apart.

    An empty `sms` means that it cannot go out by text.
    """

    language: str
    direction: str
    title: str
    body: str
    sms: str = ""


@dataclass(frozen=True, slots=True)
class Pull:
    """What phones may fetch: the signed index's version (0: none yet), each after a random part of `within_s`."""

    version: int = 0
    within_s: int = 0


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What an alert tells phones, the same for all of them but for the language.

    Phones know it by `lineage` and `revision`, the house by `alert_id`; `cells`, of several resolutions, hold its area.
    """

    alert_id: UUID
    lineage: UUID
    revision: int
    message: Message
    severity: Severity
    exercise: bool
    zone_id: UUID | None
    reach_m: int
    issued_at: datetime
    expires_at: datetime
    cells: tuple[int, ...] = ()
    pull: Pull = Pull()


@dataclass(frozen=True, slots=True)
class Payload:
    """The data of one push, encoded and measured by `payload.py`; shared by every recipient of a batch.

    `data` is what the app reads (strings only), `title` and `body` are what iOS draws when the app cannot. Where
    messages wait for each other the higher `rank` goes first.
    """

    data: tuple[tuple[str, str], ...]
    title: str
    body: str
    collapse: str
    ttl: timedelta
    urgent: bool
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Parcel:
    """One payload for one address; `batch`, `number` and `witness` say whose, for a channel that keeps a ledger."""

    payload: Payload
    address: Address
    batch: int = 0
    number: int = 0
    witness: bytes = b""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it. Not proof of arrival."""

    reference: str


@dataclass(frozen=True, slots=True)
class AddressDead:
    """The provider will never know this address again."""

    reason: str


@dataclass(frozen=True, slots=True)
class MessageRefused:
    """Our message or our configuration is at fault; trying again cannot help."""

    reason: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """Nothing is known to have been sent; `after` is the provider's own wish, if it had one.

    `ours` says that the fault lies in our configuration: the message waits, and an operator is told.
    """

    after: timedelta | None
    reason: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Unproved:
    """It may have been taken and nobody can say, or it was and did not arrive; this channel does not try again."""

    reason: str


Outcome: TypeAlias = Accepted | AddressDead | MessageRefused | TryLater | Unproved


class Channel(Protocol):
    """A way to phones.

    `send` answers one outcome a parcel, in order, and never raises for a provider's fault. It looks at `shut` before
    every single message; once that says yes, the rest are answered `TryLater(None, "held")` unsent.
    """

    name: ChannelName
    batch_size: int

    async def send(self, parcels: Sequence[Parcel], *, shut: Callable[[], bool]) -> list[Outcome]: ...


BATCH_SIZE = 500
TEXTS_TOGETHER = 100  # in a batch of texts: operators take them slowly, and the next may be more urgent
SEND_JOB = "delivery:send"
TOPICS_JOB = "delivery:send_topics"


@dataclass(frozen=True, slots=True)
class Lot:
    """Registrations that are told by one channel in one language, as near as each other.

    `beside`: they stand in another batch of the message as well; `source` is that batch, if it brought no sign of life.
    """

    ring: int
    verified: bool
    channel: ChannelName
    language: str
    numbers: tuple[int, ...] = ()
    beside: bool = False
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a worker holds after its claim: everybody of one ring and language that one job sends to.

    `fates` has one letter for each of `numbers`; `destinations` holds those who still wait and can be reached.
    """

    id: int
    attempts: int
    created_at: datetime
    bulletin: Bulletin
    channel: ChannelName
    ring: int
    verified: bool
    numbers: tuple[int, ...]
    fates: str
    payload: Payload
    destinations: Mapping[int, Destination]

    def parcels(self) -> list[Parcel]:
        """Return what goes out, in the order of `destinations`."""
        return [
            Parcel(self.payload, one.address, self.id, number, one.witness) for number, one in self.destinations.items()
        ]


@dataclass(frozen=True, slots=True)
class Retry:
    """Send the rest again after `wait`."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Finished:
    """Nobody of the batch waits any more."""


NextStep: TypeAlias = Retry | Finished


@dataclass(frozen=True, slots=True)
class Receipt:
    """A phone's word that it showed an alert; `mac` proves that the phone's own key made it."""

    registration: UUID
    lineage: UUID
    revision: int
    batch: int | None
    mac: bytes


@dataclass(slots=True)
class Gate:
    """What a worker knows of pauses and withdrawals, at most half a second old; looked at before every message."""

    held: bool = False
    stopped: frozenset[tuple[UUID, int]] = frozenset()

    def shut_for(self, bulletin: Bulletin) -> bool:
        return self.held or (bulletin.alert_id, bulletin.revision) in self.stopped


@dataclass(slots=True)
class Published:
    """Which version of the signed index phones find now, of each world; a worker keeps it up to date."""

    live: int = 0
    exercise: int = 0

    def version(self, *, exercise: bool) -> int:
        return self.exercise if exercise else self.live


@dataclass(frozen=True, slots=True)
class Channels:
    """A worker's ways to phones, and the gate before all of them."""

    ways: Mapping[ChannelName, Channel]
    gate: Gate

    def by(self, name: ChannelName) -> Channel:
        """Return the channel of a batch; every name has one, if only one that keeps its messages waiting."""
        return self.ways[name]
