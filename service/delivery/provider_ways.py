"""What each protocol needs to know of a provider, as the file of providers says it; nothing secret stands here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from re import Pattern
from typing import TypeAlias
from urllib.parse import urlsplit

from service.delivery.sms import Arrival


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is kept: in a variable of the environment or in a file; `providers.secret` opens it."""

    env: str = ""
    file: Path | None = None

    def __str__(self) -> str:
        return f"the variable {self.env}" if self.env else f"the file {self.file}"


class Meaning(StrEnum):
    """What an answer of a provider means, as the file translates it."""

    NUMBER_DEAD = "number-dead"
    OPTED_OUT = "opted-out"
    REFUSED = "refused"
    NOT_NOW = "not-now"
    OURS = "ours"  # only an operator of this service can mend it
    UNANSWERED = "unanswered"  # it may have been taken
    TAKEN = "taken"


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
    """Where something stands in an answer: at a path into JSON, and there or in the whole body by a pattern.

    What a pattern finds is its first group, or all of it if it has none.
    """

    path: str = ""
    pattern: Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """An answer fits if it has one of the statuses (any, if none are named) and one of the words at the spot."""

    means: Meaning
    statuses: frozenset[int] = frozenset()
    spot: Spot | None = None
    equals: frozenset[str] = frozenset()  # none: whatever is found there


@dataclass(frozen=True, slots=True)
class Requested:
    """What is sent: at most one of `form`, `json` and `body`, which is plain text. A header holds no word of a text."""

    method: Method
    url: Template
    query: Mapping[str, Template] = field(default_factory=dict)
    headers: Mapping[str, Template] = field(default_factory=dict)
    form: Mapping[str, Template] | None = None
    json: Tree = None
    body: Template | None = None
    callback: Template | None = None


@dataclass(frozen=True, slots=True)
class HttpWay:
    """A gateway that is asked by HTTP.

    `id` is where its answer names the text; None: reports name it by the id that we gave it (`{id}`). `codings` are its
    words for GSM 03.38 and for UCS-2, `priorities` those for a text that can wait and for an urgent one. Among `rules`
    the first that fits counts.
    """

    request: Requested
    secrets: Mapping[str, Secret]
    rules: tuple[Rule, ...]
    id: Spot | None = None
    codings: tuple[str, str] = ("gsm7", "ucs2")
    priorities: tuple[str, str] = ("0", "1")
    plus: bool = True  # whether numbers begin with a plus
    at_once: int = 20
    timeout_s: int = 10
    ca: Path | None = None

    @property
    def host(self) -> str:
        """The gateway's name or address, which no hole is part of."""
        literal = self.request.url.parts[0][0] if self.request.url.parts else ""
        return urlsplit(literal).hostname or ""


Way: TypeAlias = SmppWay | HttpWay


class Reads(StrEnum):
    """Where the parameters of a call stand; with headers the plain body is one more, named `body`."""

    QUERY = "query"
    FORM = "form"
    JSON = "json"
    HEADERS = "headers"


@dataclass(frozen=True, slots=True)
class Callback:
    """How a gateway calls us: it shows the secret in the header or in the parameter of the query that is named here.

    Parameters inside JSON are named by their path, as `message.id`. With `each` a call tells several things, one for
    each item of the list of that name.
    """

    secret: Secret
    header: str
    query: str
    reads: Reads
    each: str = ""


@dataclass(frozen=True, slots=True)
class ReportWay:
    """Which parameters of a delivery report say what.

    `states` translates the gateway's words; `errors` those that it has for why a text failed, found in the parameter
    `error` by the pattern if there is one, and says more than the state.
    """

    callback: Callback
    id: str
    state: str
    states: Mapping[str, Arrival]
    error: str = ""
    error_pattern: Pattern[str] | None = None
    errors: Mapping[str, Arrival] = field(default_factory=dict)


class Replying(StrEnum):
    """Whether an answer goes in the response to the call, or out as any text."""

    RESPONSE = "response"
    SEPARATE = "separate"


@dataclass(frozen=True, slots=True)
class InboundWay:
    """Which parameters say what somebody wrote; empty names are parameters that the gateway does not have.

    `charset` names the parameter that says how the text's bytes are to be read, else they are UTF-8. A part of a longer
    text is known by its header (`udh`, its octets or their hex digits) or by three numbers.
    """

    callback: Callback
    sender: str
    text: str
    to: str = ""
    id: str = ""
    charset: str = ""
    udh: str = ""
    reference: str = ""
    number: str = ""
    of: str = ""
    reply: Replying = Replying.SEPARATE
