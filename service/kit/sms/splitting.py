"""Cuts a text into the parts that a phone puts together again, never through anything that it shows as one letter."""

import re
import zlib
from dataclasses import dataclass
from enum import StrEnum

import regex

from service.kit.errors import Kind, Refused
from service.kit.sms.alphabet import ESCAPE, LETTERS, to_septets

CLUSTER = regex.compile(r"\X")
"""An extended grapheme cluster (UAX 29): a letter with its marks, a conjunct, a joined emoji, a flag."""

HALF = re.compile("[\ud800-\udfff]")
LOW_HALF = range(0xDC, 0xE0)
"""The high octets of the second half of a surrogate pair."""

PLAIN = frozenset(
    chr(code)
    for first, last in ((0x20, 0x7E), (0x0400, 0x0482), (0x048A, 0x052F), (0x0621, 0x063A), (0x0641, 0x064A))
    for code in range(first, last + 1)
)
"""Letters of Latin, Cyrillic and Arabic that UAX 29 joins to no other one of these."""

OCTETS = 140
MOST_PARTS = 255
CR, LF = 0x0D, 0x0A


class Encoding(StrEnum):
    """How a text travels: one letter that GSM-7 lacks puts all of it into UCS-2."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"

    def room(self, header: int = 0) -> int:
        """Return how many units (septets, or units of UTF-16) stand beside a header of so many octets."""
        if self is Encoding.UCS_2:
            return (OCTETS - header) // 2
        return (OCTETS * 8) // 7 - -(-header * 8 // 7)


HEADER, WIDE_HEADER = 6, 7
"""Octets of a header that says which part this is: with a reference of 8 bits, or of 16."""


@dataclass(frozen=True, slots=True)
class Split:
    """A text as it goes out: each of `parts` has a header of `header` octets, and none if it travels alone.

    GSM-7 is written one septet an octet, as SMPP takes it, and UCS-2 as UTF-16 with the high octet first.
    """

    encoding: Encoding
    units: int
    parts: tuple[bytes, ...]
    header: int

    @property
    def segments(self) -> int:
        return len(self.parts)


def split(text: str, *, reference: int | None = None, wide: bool = False) -> Split:
    """Cut a text into at most 255 parts; Refused `text-too-long` beyond them.

    `reference` is what the parts share (8 bits of it, or 16 if `wide`); without one it is taken from the text, so that
    a text that goes out twice is the same parts twice. No text is too odd: an empty one is one empty part, control
    characters stay as they are, and half of a surrogate pair, which no phone could show, becomes U+FFFD.
    """
    text = whole(text)
    encoding = Encoding.GSM_7 if LETTERS.issuperset(text) else Encoding.UCS_2
    body = to_septets(text) if encoding is Encoding.GSM_7 else text.encode("utf-16-be")
    size = 1 if encoding is Encoding.GSM_7 else 2
    if len(body) <= encoding.room() * size:
        return Split(encoding, len(body) // size, (body,), 0)
    header = WIDE_HEADER if wide else HEADER
    room = encoding.room(header)
    bodies = _gsm_parts(body, room) if encoding is Encoding.GSM_7 else _ucs_parts(text, room)
    return Split(encoding, len(body) // size, _headed(text, bodies, reference, wide=wide), header)


def whole(text: str) -> str:
    """Return a text in which halves of surrogate pairs that belong together are one letter, and lone ones U+FFFD."""
    if not HALF.search(text):
        return text
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def _gsm_parts(septets: bytes, room: int) -> list[bytes]:
    """Cut septets, but not between an escape and its letter, nor between CR and LF, which are one letter too."""
    parts, start = [], 0
    while len(septets) - start > room:
        end = start + room
        if septets[end - 1] == ESCAPE or (septets[end - 1] == CR and septets[end] == LF):
            end -= 1
        parts.append(septets[start:end])
        start = end
    return [*parts, septets[start:]]


def _ucs_parts(text: str, room: int) -> list[bytes]:
    """Cut UTF-16 after at most so many units, but only between clusters; see `_end` for those longer than a part."""
    body, parts, start, at = text.encode("utf-16-be"), [], 0, 0
    while len(body) - start > room * 2:
        end = start + room * 2
        if body[end] in LOW_HALF:
            end -= 2
        cut = _end(text, at, at + len(body[start:end].decode("utf-16-be")))
        part = text[at:cut].encode("utf-16-be")
        parts.append(part)
        start, at = start + len(part), cut
    return [*parts, body[start:]]


def _end(text: str, start: int, most: int) -> int:
    """Return the last place up to `most` at which a cluster ends; `most` itself if one from `start` on goes beyond it.

    Clusters are sought from the last place before it where there is certainly such an end, between two plain letters:
    looking at all of a text would take five times as long.
    """
    begun = most
    while begun > start and not (text[begun] in PLAIN and text[begun - 1] in PLAIN):
        begun -= 1
    if begun == most:
        return most
    for cluster in CLUSTER.finditer(text, begun):
        if cluster.end() > most:
            return cluster.start() if cluster.start() > start else most
        if cluster.end() == most:
            break
    return most


def _headed(text: str, bodies: list[bytes], reference: int | None, *, wide: bool) -> tuple[bytes, ...]:
    if len(bodies) > MOST_PARTS:
        raise Refused(
            Kind.TOO_LARGE,
            "text-too-long",
            f"a text of {len(bodies)} parts cannot go out: {MOST_PARTS} are the most",
            remedy="write a shorter text",
        )
    shared = zlib.crc32(text.encode()) if reference is None else reference
    mark = bytes((6, 8, 4)) + (shared & 0xFFFF).to_bytes(2, "big") if wide else bytes((5, 0, 3, shared & 0xFF))
    return tuple(mark + bytes((len(bodies), number)) + body for number, body in enumerate(bodies, 1))
