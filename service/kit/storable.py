"""What a database can keep of a text or a JSON value that came from outside."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: str) -> str:
    """Replace what PostgreSQL and UTF-8 cannot hold: NUL and lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", value)


def kept(value: Any) -> Any:
    """Return a JSON value as it can be stored: odd characters replaced, NaN and infinity as text."""
    match value:
        case str():
            return storable(value)
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {storable(str(key)): kept(inner) for key, inner in value.items()}
        case list():
            return [kept(inner) for inner in value]
        case _:
            return value


def capped(value: Mapping[str, Any], most: int) -> tuple[dict[str, Any], bool]:
    """Keep whole entries in order until the size is reached; tell whether any was left out."""
    if _surely_under(value, most):
        return dict(value), False
    found: dict[str, Any] = {}
    left = most
    for key, inner in value.items():
        size = len(json.dumps({key: inner}, ensure_ascii=False).encode("utf-8", "replace"))
        if size <= left:
            found[key] = inner
            left -= size
    return found, len(found) < len(value)


def _surely_under(value: Mapping[str, Any], most: int) -> bool:
    """Tell without writing it out whether a flat object is short: no letter takes more than six bytes."""
    spent = 0
    for key, inner in value.items():
        if isinstance(inner, dict | list):
            return False
        spent += 6 * (len(key) + len(str(inner))) + 10
    return spent < most
