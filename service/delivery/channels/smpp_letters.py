"""Reads the letters of what comes in, whatever its data_coding says: SMSCs and phones often say it wrongly."""

from collections.abc import Mapping

from service.delivery.provider_ways import SmppWay
from service.kit.sms import decode_gsm

_ASCII, _OCTETS, _LATIN, _OCTETS_TOO, _UCS2 = 1, 2, 3, 4, 8
_CODECS: Mapping[int, str] = {5: "iso2022_jp", 6: "iso8859-5", 7: "iso8859-8", 13: "iso2022_jp", 14: "euc_kr"}
_GROUPS = 0x10
"""From here on data_coding is GSM's own octet (3GPP TS 23.038, 4): two of its bits name the alphabet."""
_CLASS = 0xF0
_ALPHABET, _EIGHT_BIT, _SIXTEEN_BIT = 0x0C, 0x04, 0x08
_CONTROLS = frozenset(range(0x20)) - {0x0A, 0x0D}
_ESCAPE = 0x1B
_LOW = 0x20
"""High octets of the alphabets that we know begin below it: Latin 00 to Khmer 17."""
_SHARE = 0.75
_SEPTET = 0x7F
_BYTE_ORDER = {b"\xfe\xff": "utf-16-be", b"\xff\xfe": "utf-16-le"}
_PRINTABLE = frozenset(range(0x20, 0x7F)) | {0x0A, 0x0D}


def read(octets: bytes, coding: int, way: SmppWay, *, header: int = 0) -> str:
    """Return the text behind a header of so many octets. Nothing makes this fail: what cannot be read is U+FFFD."""
    if not octets:
        return ""
    if coding == way.ucs2_coding or _is_sixteen_bit(coding):
        return _sixteen_bit(octets)
    if way.gsm7_packed and (coding == way.gsm7_coding or _is_septets(coding)):
        return decode_gsm(unpack(octets, header))
    order = _unflagged(octets)
    if order:
        return _utf16(octets, order)
    if coding in _CODECS and coding != way.gsm7_coding:
        return octets.decode(_CODECS[coding], "replace")
    return _eight_bit(octets) if _is_eight_bit(octets, coding, way) else decode_gsm(octets)


def pack(septets: bytes, header: int = 0) -> bytes:
    """Press septets, one an octet, together (23.038, 6.1.2.1); behind a header they begin at a septet's bound."""
    shift = -header * 8 % 7
    bits = 0
    for place, septet in enumerate(septets):
        bits |= septet << (7 * place + shift)
    return bits.to_bytes((7 * len(septets) + shift + 7) // 8, "little")


def unpack(octets: bytes, header: int = 0) -> bytes:
    """Undo `pack`. Seven bits left over cannot be told from an `@`: they are taken as filling."""
    shift = -header * 8 % 7
    bits = int.from_bytes(octets, "little") >> shift
    count = max(0, (8 * len(octets) - shift) // 7)
    septets = bytes((bits >> (7 * place)) & _SEPTET for place in range(count))
    return septets[:-1] if septets.endswith(b"\0") and (8 * len(octets) - shift) % 7 == 0 else septets


def _is_sixteen_bit(coding: int) -> bool:
    return coding == _UCS2 or (_GROUPS <= coding < _CLASS and coding & _ALPHABET == _SIXTEEN_BIT)


def _is_septets(coding: int) -> bool:
    return coding == 0 or (coding >= _GROUPS and coding & _ALPHABET in {0, _ALPHABET})


def _is_eight_bit(octets: bytes, coding: int, way: SmppWay) -> bool:
    """Say whether it is read as letters of eight bits: because it must be, or is said to be and can be."""
    if max(octets) > _SEPTET:
        return True
    said = coding in {_ASCII, _LATIN, _OCTETS, _OCTETS_TOO} or (coding >= _GROUPS and coding & _ALPHABET == _EIGHT_BIT)
    if not said or coding == way.gsm7_coding:
        return False
    return not _CONTROLS.intersection(octets)  # letters of GSM-7 stand where Latin has controls


def _eight_bit(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _sixteen_bit(octets: bytes) -> str:
    """Read UCS-2, or what only calls itself so: in the other order of octets, or plain ASCII."""
    if _PRINTABLE.issuperset(octets) and _would_be_strange(octets):
        return octets.decode("ascii")
    return _utf16(octets, _unflagged(octets) or "utf-16-be")


def _would_be_strange(octets: bytes) -> bool:
    """Say whether letters of ASCII are no UCS-2: an odd number of them, or words that begin as `ST` does.

    As UCS-2 they would be Chinese; a text that consists of capital letters and digits only is taken for what it says.
    """
    return len(octets) % 2 == 1 or octets.isalnum() or b" " in octets


def _utf16(octets: bytes, order: str) -> str:
    marked = _BYTE_ORDER.get(octets[:2])
    body = octets[2:] if marked else octets
    return body[: len(body) // 2 * 2].decode(marked or order, "replace")


def _unflagged(octets: bytes) -> str | None:
    """Return in which order of octets this is UCS-2, if it looks like it: one octet of each two is a small one."""
    if octets[:2] in _BYTE_ORDER:
        return _BYTE_ORDER[octets[:2]]
    if len(octets) < 2 or len(octets) % 2:  # noqa: PLR2004 - octets of a unit
        return None
    high, low = octets[::2], octets[1::2]
    looks: tuple[tuple[bytes, bytes, str], ...] = ((high, low, "utf-16-be"), (low, high, "utf-16-le"))
    return next((order for highs, lows, order in looks if _share(highs) >= _SHARE > _share(lows)), None)


def _share(octets: bytes) -> float:
    return sum(octet < _LOW and octet not in {0x0A, 0x0D, _ESCAPE} for octet in octets) / len(octets)
