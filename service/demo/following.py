"""What a phone that registers nothing follows: docs/topics.md as an app would write it, without the service's code."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import h3

_NAME_BYTES = 16


def topics_of(told: Mapping[str, Any], places: Iterable[tuple[float, float]], wanted: Sequence[str]) -> list[str]:
    """Return the topics of places (longitude, latitude) by the newest key, in the first wanted language there is."""
    key = base64.urlsafe_b64decode(told["generations"][0]["key"] + "=")
    language = _choose(wanted, told["languages"], told["default_language"])
    cells = {
        h3.latlng_to_cell(latitude, longitude, resolution)
        for longitude, latitude in places
        for resolution in told["resolutions"]
    }
    return sorted(_name(key, cell, language, told["world"]) for cell in cells)


def _choose(wanted: Sequence[str], spoken: Sequence[str], default: str) -> str:
    bare = [candidate for tag in wanted for candidate in (tag, tag.split("-")[0])]
    return next((tag for tag in bare if tag in spoken), default)


def _name(key: bytes, cell: str, language: str, world: str) -> str:
    made = hmac.new(key, digestmod=hashlib.sha256)
    for part in (int(cell, 16).to_bytes(8, "big"), language.encode()):
        made.update(len(part).to_bytes(4, "big") + part)
    return f"sf1-{world}-" + base64.urlsafe_b64encode(made.digest()[:_NAME_BYTES]).rstrip(b"=").decode()
