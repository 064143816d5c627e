"""What was read from a file, row by row, and why a row could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Unread(StrEnum):
    """Why a row, or its geometry, could not be read."""

    UNREADABLE = "row-unreadable"
    KEYS_TWICE = "keys-twice"
    WRONG_CRS = "wrong-coordinate-system"
    NO_GEOMETRY = "geometry-missing"
    GEOMETRY_BROKEN = "geometry-broken"
    EVENT = "event-not-area"
    LINE = "line-not-area"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a source, read but not judged; `unread` says why it could not be read.

    `feature` is a GeoJSON Feature in WGS 84, longitude first, with the source's own names and values. `radius_m` is
    what the row states around its point; `accuracy_m` is how far the notation of its place leaves the true one open.
    """

    row: int
    feature: Mapping[str, Any]
    unread: Unread | None = None
    radius_m: float | None = None
    accuracy_m: float | None = None
