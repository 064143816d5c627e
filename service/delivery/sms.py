"""What passes between us and the operators of mobile networks: texts, their answers, reports, and what people write."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeAlias

from service.delivery.model import Outcome
from service.kit.hidden import Hidden


@dataclass(frozen=True, slots=True)
class Sms:
    """One text for one number (E.164). After `validity` the operator must not deliver it any more."""

    to: Hidden[str]
    text: Hidden[str]
    validity: timedelta
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The operator took all parts; `ids` are its names for them, in order, of which the last has the report."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberDead:
    """Nobody has this number (any more)."""

    reason: str


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The owner of the number told the operator that he wants nothing of us."""

    reason: str


@dataclass(frozen=True, slots=True)
class TextRefused:
    """The operator will never take this text; trying again cannot help."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """No part of the text was taken; `ours` says that only an operator of this service can mend it."""

    after: timedelta | None
    reason: str
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody can say whether the text was taken: the answer got lost, or only some of its parts were taken."""

    ids: tuple[str, ...]
    reason: str


Answer: TypeAlias = Taken | NumberDead | OptedOut | TextRefused | NotNow | Unanswered


class Arrival(StrEnum):
    """What an operator reports of a text."""

    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN_SUBSCRIBER = "unknown-subscriber"
    OPTED_OUT = "opted-out"
    UNDERWAY = "underway"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report; `error` is the operator's own code for why it failed."""

    provider: str
    message_id: str
    arrival: Arrival
    error: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a longer text something is: they share `reference`, and are numbered from 1."""

    reference: int
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Inbound:
    """What somebody wrote to us, or a part of it: never written to disk, never logged."""

    provider: str
    sender: Hidden[str]
    to: str
    text: Hidden[str]
    at: datetime
    part: Part | None = None
    id: str = ""  # the operator's name for it, by which a repeat is known


@dataclass(frozen=True, slots=True)
class Ears:
    """Whom a carrier tells what comes in. It acknowledges only after the call has returned."""

    report: Callable[[Report], Awaitable[None]]
    text: Callable[[Inbound], Awaitable[None]]


class Carrier(Protocol):
    """A way to one operator. It never raises for the operator's fault."""

    name: str

    @property
    def ready(self) -> bool:
        """Whether texts can be handed over now."""

    async def submit(self, sms: Sms) -> Answer:
        """Hand over a text, all its parts in order and by one connection."""

    async def ask(self, ids: tuple[str, ...]) -> Report | None:
        """Ask what became of a text; None where the operator cannot tell."""

    async def close(self) -> None: ...


class Texting(Protocol):
    """Says one thing to one number at once, outside of warnings: a code, an answer."""

    async def say(self, sms: Sms, *, template: str, provider: str | None = None) -> Outcome:
        """Hand over a text by `provider`, or by whichever is best; what is kept is the template and the outcome."""


@dataclass(frozen=True, slots=True)
class SmsDesk:
    """Where the house keeps the one way to say something by text."""

    texting: Texting
