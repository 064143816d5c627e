"""What operators see of zones in JSON: whole records."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from shapely.geometry import mapping

from service.zones.model import Hazard, HazardClass, Publication, Zone


class RecordOut(BaseModel):
    """The whole record of a zone, for operators."""

    id: UUID
    revision: int
    exercise: bool
    authority: str
    external_id: str
    hazard_class: HazardClass = Field(serialization_alias="class")
    claim: str = Field(description="what the source calls the end of this area; a claim, never an effect")
    hazards: list[Hazard]
    name: str
    source: str
    data_as_of: date
    accuracy_m: float
    publication: Publication
    stale: bool
    official: dict[str, Any]
    public: dict[str, Any] | None
    given: dict[str, Any] | None = Field(description="the geometry as the source gave it, where it had to be mended")
    attributes: dict[str, Any]
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, zone: Zone) -> "RecordOut":
        same = set(cls.model_fields) - {"hazards", "official", "public", "given", "attributes"}
        return cls(
            **{name: getattr(zone, name) for name in same},
            hazards=sorted(zone.particulars.hazards),
            official=dict(mapping(zone.official)),
            public=None if zone.public is None else dict(mapping(zone.public)),
            given=None if zone.given is None else dict(zone.given),
            attributes=dict(zone.attributes),
        )
