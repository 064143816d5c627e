"""Reads the header of a part that came in, and puts the parts together again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.kit.sms.alphabet import decode_gsm
from service.kit.sms.splitting import Encoding

NARROW, WIDE = 0x00, 0x08
SIZE = {NARROW: 3, WIDE: 4}


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Which part of a longer text something is: parts share `reference`, and are numbered from 1.

    References of 8 and of 16 bits are different ones, even where their figures are alike.
    """

    reference: int
    number: int
    of: int
    wide: bool = False


class HeaderFault(StrEnum):
    """What is wrong with a header."""

    CUT_OFF = "the header is longer than the message"
    ELEMENT_CUT_OFF = "an element is longer than the header"
    WRONG_LENGTH = "the element of a part has a wrong length"
    NO_SUCH_PART = "a part has a number that cannot be"


class BadHeader(ValueError):  # noqa: N818 - the header is bad
    """A header that cannot be; `rest` is what stands behind it and may be read as a text alone (23.040, 9.2.3.24.1)."""

    def __init__(self, fault: HeaderFault, rest: bytes) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.rest = rest


def read_header(message: bytes) -> tuple[Concatenation | None, bytes]:
    """Return which part a message with a header is (None: it stands alone), and what stands behind the header.

    Elements of other kinds are passed over, and of two that say which part this is, the last one counts. BadHeader
    for what cannot be.
    """
    if not message or message[0] >= len(message):
        raise BadHeader(HeaderFault.CUT_OFF, b"")
    header, rest = message[1 : message[0] + 1], message[message[0] + 1 :]
    found = None
    for kind, data in _elements(header, rest):
        if kind in SIZE:
            found = _concatenation(kind, data, rest)
    return found, rest


def join(parts: Mapping[int, bytes], encoding: Encoding) -> str:
    """Read the bodies of all parts by number as one text; ValueError names a number that is missing.

    They are put together before they are read, since others cut through letters. What cannot be read is U+FFFD.
    """
    gap = next((number for number in range(1, len(parts) + 1) if number not in parts), None)
    if gap or not parts:
        raise ValueError(f"part {gap or 1} is missing")
    octets = b"".join(parts[number] for number in sorted(parts))
    return decode_gsm(octets) if encoding is Encoding.GSM_7 else octets.decode("utf-16-be", "replace")


def _elements(header: bytes, rest: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(header):
        end = at + 2 + (header[at + 1] if at + 1 < len(header) else 0)
        if at + 1 >= len(header) or end > len(header):
            raise BadHeader(HeaderFault.ELEMENT_CUT_OFF, rest)
        yield header[at], header[at + 2 : end]
        at = end


def _concatenation(kind: int, data: bytes, rest: bytes) -> Concatenation:
    if len(data) != SIZE[kind]:
        raise BadHeader(HeaderFault.WRONG_LENGTH, rest)
    of, number = data[-2:]
    if not 1 <= number <= of:
        raise BadHeader(HeaderFault.NO_SUCH_PART, rest)
    return Concatenation(int.from_bytes(data[:-2], "big"), number, of, wide=kind == WIDE)
