"""PNG and JPEG from outside: their frame is read, never their dots; what they carry beside a picture is refused."""

import struct
import zlib

from service.guidance.unfit import Unfit

MOST_SIDE, LEAST_SIDE = 3_000, 200
_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM", b"pHYs", b"sBIT", b"bKGD"})
_SIZES = frozenset({0xC0, 0xC1, 0xC2})
_TABLES = frozenset({0xC4, 0xDB, 0xDD, 0xE0, 0xEE})
"""What a JPEG may hold before its picture: tables, and the marks of JFIF and Adobe. EXIF may say where it was taken."""
_SCAN, _MARK = 0xDA, 0xFF
_METADATA = "holds metadata, which may say where and by whom it was made"
_PLAIN = "save it without metadata"


def check(content: bytes) -> str:
    """Return the format; Unfit for what is broken, too large, or carries more than a picture."""
    if content.startswith(_PNG):
        _check_png(content)
        return "png"
    if content.startswith(b"\xff\xd8"):
        _check_jpeg(content)
        return "jpg"
    raise Unfit("is neither PNG nor JPEG", "save it as one of them")


def _check_png(content: bytes) -> None:
    at, kinds = len(_PNG), []
    while at < len(content):
        if at + 12 > len(content):
            raise _broken("PNG")
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]) != struct.unpack_from(">I", content, end - 4)[0]:
            raise _broken("PNG")
        if kind not in _CHUNKS:
            raise Unfit(_METADATA, _PLAIN)
        kinds.append(kind)
        at = end
    if kinds[:1] != [b"IHDR"] or kinds[-1:] != [b"IEND"] or kinds.count(b"IHDR") != 1:
        raise _broken("PNG")
    width, height = struct.unpack_from(">II", content, len(_PNG) + 8)
    _check_size(width, height)


def _check_jpeg(content: bytes) -> None:
    at, size = 2, None
    while at + 4 <= len(content):
        mark, kind, length = struct.unpack_from(">BBH", content, at)
        if mark != _MARK or at + 2 + length > len(content):
            break
        if kind in _SIZES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            size = (width, height)
        elif kind == _SCAN:
            if size is None or not content.endswith(b"\xff\xd9"):
                break
            _check_size(*size)
            return
        elif kind not in _TABLES:
            raise Unfit(_METADATA, _PLAIN)
        at += 2 + length
    raise _broken("JPEG")


def _check_size(width: int, height: int) -> None:
    if not (LEAST_SIDE <= width <= MOST_SIDE and LEAST_SIDE <= height <= MOST_SIDE):
        reason = f"has {width} x {height} dots, {LEAST_SIDE} to {MOST_SIDE} a side are allowed"
        raise Unfit(reason, "scale it")


def _broken(what: str) -> Unfit:
    return Unfit(f"is no whole {what}", "save it again")
