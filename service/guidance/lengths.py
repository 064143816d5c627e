"""How long an English SMS is, in septets of the GSM 7-bit default alphabet (3GPP TS 23.038)."""

SINGLE = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("^{}\\[~]|€\f")


def septets(text: str) -> int | None:
    """Count a text's septets, two for a letter of the extension; None if a letter is in neither table."""
    if not set(text) <= SINGLE | DOUBLE:
        return None
    return sum(2 if letter in DOUBLE else 1 for letter in text)
