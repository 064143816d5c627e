"""Content codings of HTTP (RFC 9110, 12.5.3): which one a caller takes, and making it fast or small."""

import gzip
from enum import StrEnum
from functools import lru_cache

import brotli
from backports import zstd

_LEVELS = {
    "fast": {"br": 4, "zstd": 3, "gzip": 4},
    "good": {"br": 9, "zstd": 12, "gzip": 9},
    "best": {"br": 11, "zstd": 19, "gzip": 9},
}
_MOST_PARTS = 20


class Encoding(StrEnum):
    """In the order in which we would rather send them."""

    BR = "br"
    ZSTD = "zstd"
    GZIP = "gzip"
    IDENTITY = "identity"


class Effort(StrEnum):
    """Milliseconds, tens of them, or a second for a megabyte."""

    FAST = "fast"
    GOOD = "good"
    BEST = "best"


SMALLER = (Encoding.BR, Encoding.ZSTD, Encoding.GZIP)


def compress(content: bytes, encoding: Encoding, effort: Effort) -> bytes:
    """Return the content in this coding; the same bytes at every run."""
    level = _LEVELS[effort].get(encoding, 0)
    match encoding:
        case Encoding.BR:
            return bytes(brotli.compress(content, quality=level))
        case Encoding.ZSTD:
            return zstd.compress(content, level)
        case Encoding.GZIP:
            return gzip.compress(content, level, mtime=0)
        case Encoding.IDENTITY:
            return content


def expand(content: bytes, encoding: Encoding) -> bytes:
    """Undo `compress`. For what we made ourselves: nothing here guards against a bomb."""
    match encoding:
        case Encoding.BR:
            return bytes(brotli.decompress(content))
        case Encoding.ZSTD:
            return zstd.decompress(content)
        case Encoding.GZIP:
            return gzip.decompress(content)
        case Encoding.IDENTITY:
            return content


@lru_cache(maxsize=1024)
def choose(accepted: bytes | None) -> Encoding | None:
    """Return the coding that Accept-Encoding takes with the highest weight, our order among equals; None if none.

    Without the header, and where it cannot be read, nothing is compressed.
    """
    if accepted is None:
        return Encoding.IDENTITY
    weights = _weights(accepted.decode("latin-1"))
    if weights is None:
        return Encoding.IDENTITY
    rest = weights.get("*")
    scored = {encoding: weights.get(encoding, rest or 0.0) for encoding in SMALLER}
    # Identity is acceptable unless it is excluded, by name or by a `*` of weight 0 (12.5.3).
    plain = weights.get(Encoding.IDENTITY, 0.0 if rest == 0 else 1e-4)
    best = max([*SMALLER, Encoding.IDENTITY], key=lambda encoding: scored.get(encoding, plain))
    return best if scored.get(best, plain) > 0 else None


def _weights(accepted: str) -> dict[str, float] | None:
    found = {}
    for part in accepted.split(",")[:_MOST_PARTS]:
        name, _, parameter = part.strip().partition(";")
        weight = _weight(parameter.strip())
        if weight is None:
            return None
        found[name.strip().lower()] = weight
    found.pop("", None)
    return {{"x-gzip": "gzip"}.get(name, name): weight for name, weight in found.items()}


def _weight(parameter: str) -> float | None:
    if not parameter:
        return 1.0
    name, _, value = parameter.partition("=")
    try:
        weight = float(value)
    except ValueError:
        return None
    return weight if name.strip().lower() == "q" and 0 <= weight <= 1 else None
