"""A deployment's own pictures, as they are once they are checked: its signs, and what its authority has recognised."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

TYPES: Mapping[str, str] = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg"}
"""What a picture may be, ours too, by the end of its name."""


SIGNS = frozenset({"signs", "clues"})
RECOGNISE = "recognise"
"""The topics that a deployment's pictures belong to."""


class Sort(StrEnum):
    """What a deployment's picture shows."""

    SIGN = "sign"
    RECOGNITION = "recognition"


@dataclass(frozen=True, slots=True)
class OwnPicture:
    """A picture of a deployment: a national or local sign, or what its authority shows to be recognised."""

    name: str
    sort: Sort
    alternatives: Mapping[str, str]
    format: str
    content: bytes
