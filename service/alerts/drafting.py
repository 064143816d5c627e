"""What authors send: a warning about a zone, a drawn area, or administrative units."""

from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationInfo, field_validator

from service.alerts import geojson
from service.alerts.model import (
    LEAST_REACH_M,
    LONGEST_ESCALATION,
    LONGEST_NAME,
    MOST_REACH_M,
    MOST_UNITS,
    USUAL_REACH_M,
    Draft,
    Reason,
)
from service.delivery.model import Severity
from service.kit.errors import Kind, Refused

SeverityName: TypeAlias = Literal["minor", "moderate", "severe", "extreme"]
_KEPT = r"^[^\x00]*$"  # PostgreSQL keeps no NUL
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME, pattern=_KEPT)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=_KEPT)]
Tag = Annotated[str, StringConstraints(max_length=35, pattern=_KEPT)]

_SAID: dict[str, JsonValue] = {"template": "hazard_near", "severity": "severe", "exercise": True}
_AT_SEA: JsonValue = [[[-24.2, -36.1], [-24.1, -36.1], [-24.1, -36.0], [-24.2, -36.1]]]
_EXAMPLES: list[JsonValue] = [
    {
        **_SAID,
        "zone_id": "01936f3e-8f2a-7bbb-8000-1c0ffee00003",
        "reach_m": USUAL_REACH_M,
        "place": "Port Halcyon",
        "place_names": {"uk": "Порт-Гальсіон"},
    },
    {**_SAID, "area": {"type": "Polygon", "coordinates": _AT_SEA}, "reach_m": 2_000, "place": "Cape Halcyon"},
    {**_SAID, "units": ["01936f3e-8f2a-7bbb-8000-1c0ffee00004", "XA0102"], "escalate_after_minutes": 5},
]


class DraftIn(BaseModel):
    """What an author decides about a warning: what it is about is one of zone, drawn area, or units."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    zone_id: UUID | None = None
    area: Annotated[dict[str, Any] | None, Field(description="a GeoJSON Polygon or MultiPolygon, WGS 84")] = None
    units: Annotated[
        list[Code], Field(max_length=MOST_UNITS, description="ids or codes of places; their parts are warned too")
    ] = []
    template: Annotated[str, Field(max_length=40)]
    severity: SeverityName
    exercise: Annotated[bool, Field(description="fixed for ever; an exercise reaches enrolled testers only")]
    reach_m: Annotated[
        int | None,
        Field(
            ge=0,
            le=MOST_REACH_M,
            description=f"how far around people are warned: of a zone {USUAL_REACH_M} unless said and at least "
            f"{LEAST_REACH_M}, of an area or units 0 unless said",
        ),
    ] = None
    place: Annotated[
        Name | None,
        Field(description="as people there call it, a district or larger for an accident; units have their own names"),
    ] = None
    place_names: Annotated[dict[Tag, Name], Field(max_length=40, description="by language, where it differs")] = {}
    repeat: Annotated[
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)],
        Field(description="why it is said again to those who were warned of the same thing; else they are passed over"),
    ] = ""
    escalate_after_minutes: Annotated[
        int | None,
        Field(
            ge=1,
            le=LONGEST_ESCALATION,
            description="without a receipt for so long it goes on by text; null: never; unless said a setting decides "
            "for what is severe or extreme, and never for what is less",
        ),
    ] = None

    @field_validator("reach_m")
    @classmethod
    def _far_enough(cls, reach_m: int | None, known: ValidationInfo) -> int | None:
        if reach_m is not None and reach_m < LEAST_REACH_M and known.data.get("zone_id") is not None:
            raise ValueError(f"people are warned at least {LEAST_REACH_M} m around a zone")
        return reach_m

    def draft(self, *, escalate_minutes: int) -> Draft:
        """Return the draft, in which what is not said about going on by text is `escalate_minutes`, if it is urgent.

        Refused unless it is about exactly one thing that can be read.
        """
        if (self.zone_id is not None) + (self.area is not None) + bool(self.units) != 1:
            detail = "A warning is about one zone, one drawn area, or units."
            remedy = "Send exactly one of zone_id, area, units."
            raise Refused(Kind.INVALID, Reason.NOT_ONE_AREA, detail, where="zone_id", remedy=remedy)
        if self.place is None and not self.units:
            detail = "A warning says near which place the danger is."
            raise Refused(Kind.INVALID, Reason.PLACE_UNNAMED, detail, where="place", remedy="Name the place.")
        usual = 0 if self.zone_id is None else USUAL_REACH_M
        severity = Severity[self.severity.upper()]
        return Draft(
            zone_id=self.zone_id,
            drawn=None if self.area is None else geojson.drawn(self.area),
            units=tuple(self.units),
            template=self.template,
            severity=severity,
            exercise=self.exercise,
            reach_m=usual if self.reach_m is None else self.reach_m,
            place=self.place or "",
            place_names=self.place_names,
            repeat=self.repeat,
            escalate=self._escalate(escalate_minutes if severity >= Severity.SEVERE else None),
        )

    def _escalate(self, usual: int | None) -> timedelta | None:
        minutes = self.escalate_after_minutes if "escalate_after_minutes" in self.model_fields_set else usual
        return None if minutes is None else timedelta(minutes=minutes)
