"""Ogg Opus from outside (RFC 7845, 3533): one voice, its pages whole, and how long it is."""

import struct

from service.guidance.unfit import Unfit

_PAGE = struct.Struct("<4sBBqIIIB")
_RATE = 48_000
_FIRST, _LAST = 2, 4
_MOST_CHANNELS = 2
_CHECKED = 2
MOST_BITS_A_SECOND = 40_000
"""Recordings are asked for at 16 kbit/s; a louder voice or its tags may need a little more."""
_REMEDY = "encode it again, as with `opusenc --bitrate 16`"


def seconds(content: bytes) -> float:
    """Return how long a recording is; Unfit for anything but one whole Opus stream."""
    at, granule, serial, count = 0, 0, None, 0
    while at < len(content):
        page, at = _page(content, at, whole=count < _CHECKED)
        mark, kind, granule, number = page[0], page[2], page[3], page[4]
        if mark != b"OggS" or (serial is not None and number != serial) or (count == 0) != bool(kind & _FIRST):
            raise _bad("is no single Ogg stream")
        serial, count = number, count + 1
        last = bool(kind & _LAST)
    if count < 3 or not last:  # noqa: PLR2004 - header, comments, sound
        raise _bad("is no whole Ogg stream")
    length = (granule - _skip(content)) / _RATE
    if length <= 0 or len(content) * 8 / length > MOST_BITS_A_SECOND + 8 * 4_096 / length:
        raise _bad("has no length that fits its bytes")
    return round(length, 2)


def _page(content: bytes, at: int, *, whole: bool) -> tuple[tuple[bytes, int, int, int, int, int, int, int], int]:
    """Return a page's header and where the next page begins; the checksum of a header must be right."""
    if at + _PAGE.size > len(content):
        raise _bad("ends in the middle of a page")
    page = _PAGE.unpack_from(content, at)
    body = at + _PAGE.size + page[7]
    end = body + sum(content[at + _PAGE.size : body])
    if page[1] != 0 or body > len(content) or end > len(content):
        raise _bad("ends in the middle of a page")
    if whole and _checksum(content[at : at + 22] + bytes(4) + content[at + 26 : end]) != page[6]:
        raise _bad("has a page with a wrong checksum")
    return page, end


def _skip(content: bytes) -> int:
    """Return how many samples at the beginning are not played."""
    head = content[_PAGE.size + content[_PAGE.size - 1] :]
    if head[:8] != b"OpusHead" or not 1 <= head[9] <= _MOST_CHANNELS or head[8] >> 4:
        raise _bad("is no Opus")
    skip: int = struct.unpack_from("<H", head, 10)[0]
    return skip


def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        rest = value << 24
        for _ in range(8):
            rest = ((rest << 1) ^ 0x04C11DB7 if rest & 0x80000000 else rest << 1) & 0xFFFFFFFF
        table.append(rest)
    return tuple(table)


_CRC = _table()


def _checksum(page: bytes) -> int:
    """Return Ogg's CRC-32, which is not reflected as zlib's is."""
    rest = 0
    for byte in page:
        rest = ((rest << 8) & 0xFFFFFFFF) ^ _CRC[(rest >> 24) ^ byte]
    return rest


def _bad(reason: str) -> Unfit:
    return Unfit(reason, _REMEDY)
