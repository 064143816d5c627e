"""Who asked to be warned: an address, languages, coarse cells. No person, no coordinate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.kit.hidden import Hidden

CELL_RESOLUTION = 7
MOST_CELLS = 20
MOST_PLACES = 10
MOST_LANGUAGES = 8
FEWEST_CELLS_COUNTED = 3
TESTER_LIFE = timedelta(days=30)
VERIFY_JOB = "delivery:verify"
CODE_JOB = "delivery:code_by_text"
ASK_JOB = "delivery:ask_by_text"
CODE_LIFE = timedelta(minutes=15)
CODE_TRIES = 5
CODE_DIGITS = 6
CODE_REST = timedelta(minutes=1)
CLAIM_LIFE = timedelta(days=1)
"""How long a number is kept that somebody named and nobody proved."""
SILENCE = timedelta(days=180)
"""After so long without a sign of life the owner of a number is asked whether he still has it."""
ANSWER_WITHIN = timedelta(days=14)
NO_PLACES: Hidden[tuple[UUID, ...]] = Hidden(())


def verify_alone(registration: UUID) -> str:
    """Return the text by which the push of a registration's code is known among the jobs."""
    return f"verify:{registration}"


def code_alone(registration: UUID) -> str:
    """Return the text by which a registration's code by text is known among the jobs."""
    return f"code:{registration}"


def ask_alone(registration: UUID) -> str:
    """Return the text by which the question whether somebody still has his number is known among the jobs."""
    return f"ask:{registration}"


class AddressKind(StrEnum):
    """How a phone is reached: by FCM (`fid` replaces `token` since firebase-admin 7.5), Web Push, or text."""

    FID = "fid"
    TOKEN = "token"  # noqa: S105 - a kind of address, not a secret
    WEBPUSH = "webpush"
    SMS = "sms"  # the number stands in `phone`, not beside the registration


@dataclass(frozen=True, slots=True)
class Address:
    kind: AddressKind
    value: Hidden[str]


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"
    WEB = "web"
    SMS = "sms"  # any phone


@dataclass(frozen=True, slots=True)
class Proof:
    """Who shows the secret of a registration is its owner."""

    id: UUID
    secret: Hidden[str]


@dataclass(frozen=True, slots=True)
class Held:
    """An address as it is kept: sealed, and hashed so that equal ones meet."""

    kind: AddressKind
    sealed: bytes
    hash: bytes


BY_TEXT = Held(AddressKind.SMS, b"", b"")
"""Stands for an address where nothing but text reaches somebody: the number is kept apart, in `phone`."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the owner of a number agreed to: the wording that was shown, or its name, in which language, and when."""

    wording: str
    language: str
    at: datetime


class PhoneState(StrEnum):
    """How far a number is: `unproved` until its code comes back, `lapsed` when it must be confirmed anew."""

    UNPROVED = "unproved"
    PROVED = "proved"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Registration:
    """What is kept about one phone. `number` is its compact name inside the house: never shown, never used again.

    `network_hash` stands for where it came from, only while unverified; `held` is missing once the address is dead, and
    `BY_TEXT` where there is none. `numbered` says that texts may go to a number of its own.
    """

    id: UUID
    number: int
    secret_hash: bytes
    platform: Platform
    held: Held | None
    languages: tuple[str, ...]
    verified: bool
    capped: bool
    network_hash: bytes | None
    tester_until: datetime | None
    created_at: datetime
    numbered: bool = False

    @property
    def by_text(self) -> bool:
        """Say whether nothing but text reaches it."""
        return self.platform is Platform.SMS


@dataclass(frozen=True, slots=True)
class Resident:
    """What planning needs to know of one registration; `capped` means not before it is verified.

    Among `cells` stand, as negative numbers, the units of places that it subscribed to.
    """

    id: UUID
    number: int
    cells: Hidden[tuple[int, ...]]
    languages: tuple[str, ...]
    verified: bool
    capped: bool
    tester_until: datetime | None
    has_address: bool

    @classmethod
    def of(cls, one: Registration, cells: Hidden[tuple[int, ...]]) -> "Resident":
        return cls(
            id=one.id,
            number=one.number,
            cells=cells,
            languages=one.languages,
            verified=one.verified,
            capped=one.capped and not one.numbered,
            tester_until=one.tester_until,
            has_address=one.held is not None or one.numbered,
        )


class Reason(StrEnum):
    """Why a registration is not meant by an alert."""

    NOT_IN_AREA = "not-in-area"
    NOT_A_TESTER = "not-a-tester"
    CAPPED = "capped"
    NO_ADDRESS = "no-address"


@dataclass(frozen=True, slots=True)
class CellRings:
    """An area as resolution-7 cells, each once, the nearest first, with the ring of the cell at the same index.

    Negative ones stand for whoever subscribed to the place of this number.
    """

    cells: Sequence[int]
    rings: Sequence[int]


@dataclass(frozen=True, slots=True)
class Sorting:
    """Who may be told: in exercises testers only; the capped only if they heard of it before.

    Late is whoever was written by the transaction `since` (its id as text) or a later one.
    """

    exercise: bool
    since: str
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Registrations of one ring that are told in the same way, or for one reason not at all."""

    ring: int
    reason: Reason | None
    kind: AddressKind | None
    verified: bool
    late: bool
    languages: tuple[str, ...]
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Destination:
    """An address to send to; `witness` says later whether it is still the one that was sent to."""

    address: Address
    witness: bytes


@dataclass(frozen=True, slots=True)
class Dead:
    """An address that its provider will never know again, and the provider's word for it."""

    witness: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a phone gives to be warned. `network` is where it called from: only ever kept hashed.

    `replaces` shows the secret of the registration that it had before; `consent` comes with a number.
    """

    platform: Platform
    address: Address
    languages: tuple[str, ...]
    cells: Hidden[tuple[int, ...]]
    network: Hidden[str]
    replaces: Proof | None = None
    places: Hidden[tuple[UUID, ...]] = NO_PLACES
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a phone asks to change; None leaves a part as it is."""

    network: Hidden[str]
    address: Address | None = None
    languages: tuple[str, ...] | None = None
    cells: Hidden[tuple[int, ...]] | None = None
    places: Hidden[tuple[UUID, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A registration as its owner may see it, with the live alerts of its cells and places, ready for JSON."""

    registration: Registration
    cells: Hidden[tuple[int, ...]]
    live_alerts: tuple[Mapping[str, Any], ...] = ()
    places: Hidden[tuple[UUID, ...]] = NO_PLACES
    phone: PhoneState | None = None


@dataclass(frozen=True, slots=True)
class CodeOffer:
    """How many phones may use a tester's code, and for how long."""

    uses: int
    life: timedelta
