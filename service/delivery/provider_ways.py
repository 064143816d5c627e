"""What each protocol needs to know of a provider, as the file of providers says it; nothing secret stands here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from re import Pattern
from typing import TypeAlias

from service.delivery.sms import Arrival


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is kept: in a variable of the environment or in a file; `providers.secret` opens it."""

    env: str = ""
    file: Path | None = None

    def __str__(self) -> str:
        return f"the variable {self.env}" if self.env else f"the file {self.file}"


class Meaning(StrEnum):
    """What an error of a provider means, as the file translates it."""

    NUMBER_DEAD = "number-dead"
    OPTED_OUT = "opted-out"
    REFUSED = "refused"
    NOT_NOW = "not-now"
    OURS = "ours"  # only an operator of this service can mend it
    UNANSWERED = "unanswered"  # it may have been taken


class Bind(StrEnum):
    """How a session is bound; the pair is one transmitter and one receiver, transmitter alone hears no reports."""

    TRANSCEIVER = "transceiver"
    PAIR = "pair"
    TRANSMITTER = "transmitter"


class Joining(StrEnum):
    """By what the parts of a longer text know each other."""

    UDH_8 = "udh8"
    UDH_16 = "udh16"
    SAR = "sar"


class IdBase(StrEnum):
    """How an SMSC writes its message ids; many answer in one base and report in the other."""

    TEXT = "text"
    HEX = "hex"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Numbering:
    """Type of number and numbering plan of an address."""

    ton: int
    npi: int


INTERNATIONAL = Numbering(1, 1)
ALPHANUMERIC = Numbering(5, 0)


@dataclass(frozen=True, slots=True)
class SmppWay:
    """SMPP 3.4.

    `statuses` translates command_status of submit_sm_resp, `errors` the error codes of receipts (`err:`). Ids are
    compared as decimal numbers where a base is told, else as they are written. With `ca` the SMSC's certificate is
    believed if that authority signed it, else if a public one did; either way for `host` alone.
    """

    host: str
    port: int
    system_id: str
    password: Secret
    tls: bool = True
    ca: Path | None = None
    system_type: str = ""
    service_type: str = ""
    bind: Bind = Bind.TRANSCEIVER
    window: int = 10
    enquire_link_s: int = 30
    source: Numbering = ALPHANUMERIC
    destination: Numbering = INTERNATIONAL
    gsm7_coding: int = 0
    ucs2_coding: int = 8
    gsm7_packed: bool = False
    message_payload: bool = False
    joining: Joining = Joining.UDH_8
    submitted_ids: IdBase = IdBase.TEXT
    reported_ids: IdBase = IdBase.TEXT
    statuses: Mapping[int, Meaning] = field(default_factory=dict)
    errors: Mapping[str, Arrival] = field(default_factory=dict)


class Method(StrEnum):
    GET = "GET"
    POST = "POST"


@dataclass(frozen=True, slots=True)
class Template:
    """A text with named holes: literal and hole in turn, so that what fills a hole can never be read as the text.

    `number` says that the one hole is written into JSON as a number.
    """

    parts: tuple[tuple[str, str], ...]
    number: bool = False

    @property
    def holes(self) -> frozenset[str]:
        return frozenset(hole for _, hole in self.parts if hole)


Tree: TypeAlias = "Template | bool | int | tuple[Tree, ...] | Mapping[str, Tree] | None"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands in an answer: a path into JSON, or the first group of a pattern; or both, in turn."""

    path: tuple[str, ...] = ()
    pattern: Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """An answer fits if it has one of the statuses (any, if none are named) and one of the words at the spot."""

    means: Meaning | None  # None: taken
    statuses: frozenset[int] = frozenset()
    spot: Spot | None = None
    equals: frozenset[str] = frozenset()  # none: whatever is found there


@dataclass(frozen=True, slots=True)
class Requested:
    """What is sent. `form` and `json` exclude each other; header values hold no word of the text."""

    method: Method
    url: Template
    query: Mapping[str, Template] = field(default_factory=dict)
    headers: Mapping[str, Template] = field(default_factory=dict)
    form: Mapping[str, Template] | None = None
    json: Tree = None
    callback: Template | None = None


@dataclass(frozen=True, slots=True)
class HttpWay:
    """A gateway that is asked by HTTP.

    `id` is where its answer names the text; None: reports name it by the id that we gave it (`{id}`). `codings` are its
    words for GSM 03.38 and for UCS-2. Among `rules` the first that fits counts.
    """

    request: Requested
    secrets: Mapping[str, Secret]
    rules: tuple[Rule, ...]
    id: Spot | None = None
    codings: tuple[str, str] = ("gsm7", "ucs2")
    plus: bool = True  # whether numbers begin with a plus
    at_once: int = 20
    timeout_s: int = 10
    ca: Path | None = None


Way: TypeAlias = SmppWay | HttpWay
