"""What a message to a phone is, and what can become of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Protocol, TypeAlias
from uuid import UUID

from service.kit.hidden import Hidden


class Severity(IntEnum):
    """CAP's severities that a warning may carry; the higher is sent first."""

    MINOR = 1
    MODERATE = 2
    SEVERE = 3
    EXTREME = 4


class AddressKind(StrEnum):
    """How FCM names a phone: `token` is deprecated by Google since firebase-admin 7.5, `fid` replaces it."""

    FID = "fid"
    TOKEN = "token"  # noqa: S105 - a kind of address, not a secret


@dataclass(frozen=True, slots=True)
class Address:
    kind: AddressKind
    value: Hidden[str]


@dataclass(frozen=True, slots=True)
class Text:
    """Title and body in one language; they fall back together, never apart."""

    language: str
    direction: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What an alert tells phones, the same for all of them but for the language."""

    alert_id: UUID
    revision: int
    severity: Severity
    exercise: bool
    zone_id: UUID
    reach_m: int
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Payload:
    """The data of one push, encoded and measured by `payload.py`; shared by every recipient of a batch.

    `data` is what the app reads (strings only), `title` and `body` are what iOS draws when the app cannot.
    """

    data: tuple[tuple[str, str], ...]
    title: str
    body: str
    collapse: str
    ttl: timedelta
    urgent: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """One payload for one address."""

    payload: Payload
    address: Address


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
    """Nothing is known to have been sent; `after` is the provider's own wish, if it had one."""

    after: timedelta | None
    reason: str


Outcome: TypeAlias = Accepted | AddressDead | MessageRefused | TryLater


class Channel(Protocol):
    """A way to phones. `send` answers one outcome a parcel, in order, and never raises for a provider's fault."""

    name: str
    batch_size: int

    async def send(self, parcels: Sequence[Parcel]) -> list[Outcome]: ...
