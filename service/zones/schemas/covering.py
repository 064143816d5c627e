"""What operators send and see of coverage areas."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from service.zones import geojson
from service.zones.model import CoverageArea
from service.zones.records import Covered
from service.zones.schemas.said import SQUARE, Name, Outline, Why, example
from service.zones.schemas.shown import geometry, maybe


class CoverageIn(Why):
    """Where an authority keeps the record; the same authority and id replace what was said."""

    model_config = example(
        authority="Mine Action Centre", external_id="district 4", outline=SQUARE, data_as_of="2026-10-02",
        surveyed=False, exercise=True,
    )  # fmt: skip  # the example is one thought

    authority: Name
    external_id: Name
    exercise: bool = False
    surveyed: bool = Field(description="it has looked everywhere there; nobody is told so")
    data_as_of: date
    outline: Outline
    name: Name = ""

    def covered(self) -> Covered:
        same = {name: getattr(self, name) for name in type(self).model_fields if name not in {"why", "outline"}}
        return Covered(**same, outline=geojson.exact(self.outline))


class CoverageOut(BaseModel):
    """A coverage area, for operators; `public` is its outline rounded inward."""

    id: UUID
    revision: int
    authority: str
    external_id: str
    exercise: bool
    name: str
    surveyed: bool
    data_as_of: date
    outline: dict[str, Any]
    public: dict[str, Any] | None
    ended_at: datetime | None
    changed_at: datetime

    @classmethod
    def of(cls, area: CoverageArea) -> "CoverageOut":
        same = {name: getattr(area, name) for name in cls.model_fields.keys() - {"outline", "public"}}
        return cls(**same, outline=geometry(area.outline), public=maybe(area.public))
