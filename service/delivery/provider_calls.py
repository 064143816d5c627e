"""What a gateway says when it calls us, read by the provider's own names; errors repeat nothing of it. Pure."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Generic, Protocol, TypeAlias, TypeVar
from urllib.parse import parse_qsl

from service.delivery.provider_ways import Callback, InboundWay, Reads, ReportWay
from service.delivery.sms import Arrival, Inbound, Part, Report
from service.kit.crypto import same
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.sms import BadHeader, read_header

Parameters: TypeAlias = Mapping[str, bytes]
BODY, CHARSET = "body", "charset"
"""How the parameters are named that are no headers where the others are: the plain body, and how it is to be read."""

_MOST_PARAMETERS = 200
_MOST_DEPTH = 8
_LONGEST_ID = 128
_LONGEST_TEXT = 20_000
_LONGEST_WORD = 1_000
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_CODE = re.compile(r"0x[0-9A-Fa-f]{1,8}|(?!.*[0-9]{7})[A-Za-z0-9_.:-]{1,32}")
_BARE = re.compile(r"(?:00)?([1-9]\d{7,14})")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2})+")
_SENDER = re.compile(r"\+?[0-9A-Za-z .*#_-]{1,20}")
_SETTLED = frozenset({Arrival.DELIVERED, Arrival.UNDERWAY})
_REMEDY = "Look at [provider.report] or [provider.inbound] in the file of providers, and at what the gateway sends."


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came: the raw query, the headers by their small names, the body."""

    query: bytes
    headers: Mapping[str, str]
    body: bytes


def malformed(detail: str) -> Refused:
    """Return the refusal of a call that does not have the form which the file of providers says."""
    return Refused(Kind.MALFORMED, "sms-call-malformed", detail, remedy=_REMEDY)


def stranger() -> Refused:
    """Return the refusal of whoever does not show a provider's secret, the same whether there is such a provider."""
    detail = "This is not a call of a gateway that this service knows."
    remedy = "Show the secret where `shown` of the file of providers says."
    return Refused(Kind.FORBIDDEN, "gateway-unknown", detail, remedy=remedy)


def shown(callback: Callback, call: Call) -> str:
    """Return what a caller shows as its secret, empty if nothing; it takes as long wherever that should stand."""
    pairs = parse_qsl(call.query.decode("latin-1"), keep_blank_values=True)
    in_query = next((value for name, value in pairs if name == callback.query), "")
    in_header = call.headers.get(callback.header, "")
    if callback.header == "authorization":
        in_header = in_header.removeprefix("Bearer ")
    return in_header if callback.header else in_query


class Calling(Protocol):
    """A gateway that calls, and the secret by which it is known."""

    def is_caller(self, call: Call) -> bool: ...


G = TypeVar("G", bound=Calling)


class Door(Generic[G]):
    """All that may call. Who is none of them is compared with a secret that nobody has, and takes as long."""

    def __init__(self, known: Mapping[str, G], nobody: G | None = None) -> None:
        self._known = known
        self._nobody = nobody

    def caller(self, name: str, call: Call) -> G:
        """Return who calls. Refused unless it shows its secret; whether there is such a gateway is not told."""
        found = self._known.get(name, self._nobody)
        if found is None or not found.is_caller(call) or found is self._nobody:
            raise stranger()
        return found


def shows(secret: Hidden[str], callback: Callback, call: Call) -> bool:
    """Say whether a call shows this secret; it takes as long where it does not."""
    return same(shown(callback, call).encode(), secret.reveal().encode())


def parameters(callback: Callback, call: Call) -> tuple[Parameters, ...]:
    """Return what a call says, once for each thing that it tells. Refused if it does not have the expected form."""
    match callback.reads:
        case Reads.QUERY:
            return (_pairs(call.query),)
        case Reads.FORM:
            return (_pairs(call.body),)
        case Reads.HEADERS:
            return (_headers(call),)
        case Reads.JSON:
            return tuple(_leaves(one) for one in _items(call.body, callback.each))


def read_report(provider: str, way: ReportWay, given: Parameters) -> Report:
    """Read a delivery report. A word that the file does not translate says nothing: the text's fate stays unknown."""
    message_id = _word(given, way.id)
    if not _ID.fullmatch(message_id):
        raise malformed(f"The parameter {way.id} is no id of a text.")
    arrival = way.states.get(_word(given, way.state), Arrival.UNKNOWN)
    error = _found(way, _word(given, way.error)) if way.error in given else ""
    if arrival not in _SETTLED:
        arrival = way.errors.get(error, arrival)
    return Report(provider, message_id, arrival, error if _CODE.fullmatch(error) else "")


def read_inbound(provider: str, way: InboundWay, given: Parameters, *, now: datetime) -> Inbound:
    """Read what somebody wrote. Bytes that are no letters become U+FFFD: who writes STOP badly is heard too."""
    sender = _word(given, way.sender).strip()
    if not _SENDER.fullmatch(sender):
        raise malformed(f"The parameter {way.sender} is no number.")
    text = _needed(given, way.text).decode(_charset(given, way), "replace")
    if len(text) > _LONGEST_TEXT:
        raise malformed(f"The parameter {way.text} is too long.")
    bare = _BARE.fullmatch(sender)
    return Inbound(
        provider=provider,
        sender=Hidden(f"+{bare[1]}" if bare else sender),
        to=_word(given, way.to) if way.to in given else "",
        text=Hidden(text),
        at=now,
        part=_part(way, given),
        id=_word(given, way.id)[:_LONGEST_ID] if way.id in given else "",
    )


def _pairs(raw: bytes) -> Parameters:
    try:
        pairs = parse_qsl(
            raw.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError:
        raise malformed("It has too many parameters.") from None
    made = {name.encode("latin-1").decode("utf-8", "replace"): value.encode("latin-1") for name, value in pairs}
    if len(made) < len(pairs):
        raise malformed("A parameter stands there twice.")
    return made


def _headers(call: Call) -> Parameters:
    kind = Message()
    kind["content-type"] = call.headers.get("content-type", "text/plain")
    charset = kind.get_content_charset("utf-8")
    told = {name: value.encode("latin-1", "replace") for name, value in call.headers.items()}
    return {**told, BODY: call.body, CHARSET: charset.encode()}


def _items(body: bytes, each: str) -> list[object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise malformed("The body is no JSON.") from None
    for name in each.split(".") if each else ():
        said = said.get(name) if isinstance(said, dict) else None
    if each and not isinstance(said, list):
        raise malformed(f"There is no list at {each}.")
    return said if isinstance(said, list) else [said]


def _leaves(item: object) -> Parameters:
    """Return what stands in an object, each value under its path."""
    if not isinstance(item, dict):
        raise malformed("What stands in the JSON is no object.")
    made = {}
    for path, value in _walk(item, "", _MOST_DEPTH):
        made[path] = value
        if len(made) > _MOST_PARAMETERS:
            raise malformed("The JSON holds too much.")
    return made


def _walk(value: object, path: str, depth: int) -> Iterator[tuple[str, bytes]]:
    if isinstance(value, dict | list):
        if not depth:
            raise malformed("The JSON is nested too deeply.")
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _walk(one, f"{path}.{name}" if path else str(name), depth - 1)
    elif value is not None:
        text = value if isinstance(value, str) else json.dumps(value)
        yield path, text.encode("utf-8", "replace")


def _needed(given: Parameters, name: str) -> bytes:
    if name not in given:
        raise malformed(f"The parameter {name} is missing.")
    return given[name]


def _word(given: Parameters, name: str) -> str:
    return _needed(given, name)[:_LONGEST_WORD].decode("utf-8", "replace")


def _found(way: ReportWay, said: str) -> str:
    if way.error_pattern is None:
        return said
    found = way.error_pattern.search(said)
    return "" if found is None else found[1 if found.re.groups else 0] or ""


def _charset(given: Parameters, way: InboundWay) -> str:
    name = _word(given, way.charset).strip() if way.charset in given else ""
    try:
        found = codecs.lookup(name or "utf-8")
    except (LookupError, ValueError):
        found = None
    # Codecs of Python's own, such as rot13 and zlib, are no charsets.
    if found is None or not found._is_text_encoding:  # noqa: SLF001 - what bytes.decode itself looks at
        raise malformed(f"The parameter {way.charset} names no charset.")
    return found.name


def _part(way: InboundWay, given: Parameters) -> Part | None:
    part = _of_numbers(way, given) if way.reference in given else _of_header(given.get(way.udh, b""))
    if part is None or part.of == 1:
        return None
    if not 1 <= part.number <= part.of:
        raise malformed("What says which part of a text this is, cannot be.")
    return part


def _of_numbers(way: InboundWay, given: Parameters) -> Part:
    made = [_word(given, name) for name in (way.reference, way.number, way.of)]
    if not all(re.fullmatch(r"[0-9]{1,5}", one) for one in made):
        raise malformed("What says which part of a text this is, is no number.")
    return Part(*map(int, made))


def _of_header(given: bytes) -> Part | None:
    """Read a user data header, as its octets or as their hex digits."""
    header = bytes.fromhex(given.decode()) if _HEX.fullmatch(given) else given
    if not header:
        return None
    try:
        found, _ = read_header(header + b"\0")  # the body comes apart from it: any stands for it
    except BadHeader:
        return None  # what stands behind it may be read as a text alone (23.040, 9.2.3.24.1)
    return None if found is None else Part(found.reference, found.number, found.of)
