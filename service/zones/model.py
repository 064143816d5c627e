"""What a dangerous area is, and what the public may know of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from service.kit.geo import Area

INDEX_RESOLUTION = 8
GENERALISED_RESOLUTION = 7
DEFAULT_ACCURACY_M = 100.0
"""The upper end of the survey error that is common on maps (R7); used where neither source nor operator states one."""

MOST_ACCURACY_M = 5_000.0


class HazardClass(StrEnum):
    """GICHD's two classes; the public is never told which (R25)."""

    SUSPECTED = "sha"
    CONFIRMED = "cha"


class Hazard(StrEnum):
    """GICHD's categories of devices; for operators only (R25)."""

    ANTI_PERSONNEL_MINE = "anti-personnel-mine"
    ANTI_VEHICLE_MINE = "anti-vehicle-mine"
    CLUSTER_MUNITION_REMNANT = "cluster-munition-remnant"
    OTHER_ORDNANCE = "other-unexploded-or-abandoned-ordnance"
    IMPROVISED_DEVICE = "improvised-device"
    UNKNOWN = "unknown"


class Publication(StrEnum):
    """What the public may see of the outline (R8)."""

    OUTLINE = "outline"
    GENERALISED = "generalised"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Zone:
    """An area as it is on record. `official` is for operators; `public` is None exactly if it is withheld."""

    id: UUID
    authority: str
    external_id: str
    key: str
    exercise: bool
    hazard_class: HazardClass
    claim: str
    hazards: frozenset[Hazard]
    name: str
    source: str
    data_as_of: date
    accuracy_m: float
    publication: Publication
    official: Area
    public: Area | None
    attributes: Mapping[str, Any]
    given: Mapping[str, Any] | None
    content_hash: bytes
    revision: int
    stale: bool
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class PublicZone:
    """All that the public may know of a zone (R25)."""

    id: UUID
    revision: int
    exercise: bool
    authority: str
    data_as_of: date
    accuracy_m: float
    stale: bool
    outline: Area


@dataclass(frozen=True, slots=True)
class WarnableZone:
    """What a warning about a zone stands on."""

    id: UUID
    revision: int
    exercise: bool
    authority: str
    data_as_of: date
    name: str
    public: Area
