"""The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1), one septet an octet."""

DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The letters in the order of their codes. 0x1B is no letter: it announces one of the extension table."""

EXTENSION = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
ESCAPE = 0x1B
UNREADABLE = "\ufffd"

SINGLE = frozenset(DEFAULT) - {chr(ESCAPE)}
DOUBLE = frozenset(EXTENSION)
LETTERS = SINGLE | DOUBLE

_TO_SEPTETS = {ord(letter): chr(code) for code, letter in enumerate(DEFAULT) if letter in SINGLE} | {
    ord(letter): chr(ESCAPE) + chr(code) for letter, code in EXTENSION.items()
}
_FROM_EXTENSION = {code: letter for letter, code in EXTENSION.items()}


class NotGsm(ValueError):  # noqa: N818 - it is the text that is not of this alphabet
    """A text has letters that the alphabet lacks."""

    def __init__(self, letters: str) -> None:
        super().__init__(f"the GSM alphabet has no {', '.join(map(repr, letters))}")
        self.letters = letters


def foreign(text: str) -> str:
    """Return the letters of a text that the alphabet lacks, each once, in order; empty if GSM-7 can carry it."""
    if LETTERS.issuperset(text):
        return ""
    return "".join(letter for letter in dict.fromkeys(text) if letter not in LETTERS)


def encode_gsm(text: str) -> bytes:
    """Write a text in septets, one an octet; NotGsm names what the alphabet lacks."""
    lacking = foreign(text)
    if lacking:
        raise NotGsm(lacking)
    return to_septets(text)


def to_septets(text: str) -> bytes:
    """Write a text that is known to have only letters of the alphabet."""
    return text.translate(_TO_SEPTETS).encode("latin-1")


def decode_gsm(octets: bytes) -> str:
    """Read septets, one an octet, as the standard asks of a phone; nothing that comes in makes this fail.

    An escape before a code that the extension table lacks gives the letter of the default table, an escape before
    nothing or before another one is a space, and an octet of more than seven bits cannot be read (U+FFFD).
    """
    if ESCAPE not in octets:
        return "".join([DEFAULT[code] if code < len(DEFAULT) else UNREADABLE for code in octets])
    codes = iter(octets)
    return "".join([_extended(next(codes, ESCAPE)) if code == ESCAPE else _letter(code) for code in codes])


def _extended(code: int) -> str:
    return _FROM_EXTENSION.get(code) or (" " if code == ESCAPE else _letter(code))


def _letter(code: int) -> str:
    return DEFAULT[code] if code < len(DEFAULT) else UNREADABLE
