"""What operators send about zones: each act with its outline, its reason and what it states."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from service.zones import geojson
from service.zones.model import (
    DEFAULT_ACCURACY_M,
    MOST_ACCURACY_M,
    Basis,
    Evidence,
    Hazard,
    HazardClass,
    Lying,
    Marking,
    Particulars,
    Publication,
    ReleaseKind,
    State,
)
from service.zones.records import (
    DEEPEST_CM,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ZONES,
    Correction,
    Drawn,
    Filter,
    Newcomer,
    Part,
    Releasing,
)

SQUARE: JsonValue = {
    "type": "Polygon",
    "coordinates": [[[-24.5, -36.3], [-24.4, -36.3], [-24.4, -36.2], [-24.5, -36.2], [-24.5, -36.3]]],
}
_WHY: dict[str, JsonValue] = {"why": "survey of 2 October"}
# PostgreSQL keeps no NUL.
_KEPT = r"^[^\x00]*$"

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NAME, pattern=_KEPT)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT, pattern=_KEPT)]
Reasoned = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=_KEPT)]
Outline = Annotated[dict[str, Any], Field(description="a GeoJSON Polygon or MultiPolygon, WGS 84, longitude first")]
Accuracy = Annotated[float, Field(ge=0, le=MOST_ACCURACY_M, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


def example(**said: JsonValue) -> ConfigDict:
    """Return how a body is described: no other field, and what one looks like."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [{**said, **_WHY}]})


class WantedIn(BaseModel):
    """Which zones to list; unset fields let all through."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)

    state: State | None = None
    hazard_class: HazardClass | None = Field(default=None, alias="class")
    authority: Name | None = None
    stale: bool | None = None
    after: UUID | None = Field(default=None, description="the last id of the page before")
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100

    def filter(self) -> Filter:
        return Filter(self.state, self.hazard_class, self.authority, self.stale)


class Why(BaseModel):
    """Why something is done; kept in the zone's history and the audit trail."""

    model_config = example()

    why: Reasoned


class EvidenceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    basis: Basis
    direct: bool | None = None
    place: Text = ""
    dated: date | None = None


class ParticularsIn(BaseModel):
    """What the GICHD minimum data say of an area; for operators only (R25)."""

    model_config = ConfigDict(extra="forbid")

    hazards: Annotated[list[Hazard], Field(min_length=1, max_length=len(Hazard))] = [Hazard.UNKNOWN]
    lying: Lying = Lying.UNKNOWN
    evidence: Annotated[list[EvidenceIn], Field(max_length=50)] = []
    deactivating: bool | None = Field(default=None, description="said to switch themselves off; a claim, no effect")
    deactivates_by: date | None = None
    marking: Marking = Marking.UNKNOWN
    reported_on: date | None = None
    surveyed_on: date | None = None
    benchmark: Annotated[tuple[Longitude, Latitude] | None, Field(description="longitude, latitude")] = None
    beneficiaries: Count | None = None

    @model_validator(mode="after")
    def _day_of_a_claim(self) -> Self:
        if self.deactivates_by is not None and not self.deactivating:
            raise ValueError("deactivates_by needs deactivating: true")
        return self

    def stated(self) -> dict[str, Any]:
        """Return only what was said, under the names of Particulars."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        if "hazards" in said:
            said["hazards"] = frozenset(self.hazards)
        if "evidence" in said:
            said["evidence"] = tuple(Evidence(one.basis, one.direct, one.place, one.dated) for one in self.evidence)
        return said

    def particulars(self) -> Particulars:
        return Particulars(**self.stated())


class ZoneIn(Why):
    """A zone that is added by hand."""

    model_config = example(
        authority="Mine Action Centre", external_id="H-12", outline=SQUARE, data_as_of="2026-10-02", exercise=True,
        **{"class": "sha"},
    ) | ConfigDict(validate_by_name=True, validate_by_alias=True)  # fmt: skip  # the example is one thought

    authority: Name
    external_id: Name
    exercise: bool = False
    hazard_class: HazardClass = Field(alias="class")
    outline: Outline
    data_as_of: date
    accuracy_m: Accuracy = DEFAULT_ACCURACY_M
    publication: Publication = Publication.OUTLINE
    name: Name = ""
    source: Name = ""
    particulars: ParticularsIn = Field(default_factory=ParticularsIn)

    def newcomer(self) -> Newcomer:
        """Return what is to be added. Raises Refused for an outline that cannot be read."""
        same = {name: getattr(self, name) for name in type(self).model_fields if name not in {"why", "outline"}}
        return Newcomer(**same | {"particulars": self.particulars.particulars()}, outline=geojson.drawn(self.outline))


class ExtendIn(Why):
    """Ground to be added to a zone."""

    model_config = example(outline=SQUARE)

    outline: Outline

    def drawn(self) -> Drawn:
        return geojson.drawn(self.outline)


class PartIn(BaseModel):
    """One zone of a split; without an id it is named after the old one, as in `H-12/1`."""

    model_config = ConfigDict(extra="forbid")

    outline: Outline
    external_id: Name = ""
    name: Name = ""


class SplitIn(Why):
    """Zones that replace one; together they have to cover it."""

    model_config = example(parts=[{"outline": SQUARE}, {"outline": SQUARE, "external_id": "H-12b"}])

    parts: Annotated[list[PartIn], Field(min_length=2, max_length=MOST_ZONES)]

    def drawn(self) -> list[Part]:
        return parts_of([(part.external_id, part.name, part.outline) for part in self.parts])


def parts_of(said: Sequence[tuple[str, str, Any]]) -> list[Part]:
    """Return a split's parts from id, name and geometry of each. Raises Refused, naming the part."""
    return [
        Part(external_id, geojson.drawn(geometry, where=f"parts.{number}"), name)
        for number, (external_id, name, geometry) in enumerate(said)
    ]


class MergeIn(Why):
    """Zones that become one with the zone of the path; without an id it is named `first+second`."""

    model_config = example(others=["01936f3e-8f2a-7bbb-8000-1c0ffee00003"])

    others: Annotated[list[UUID], Field(min_length=1, max_length=MOST_ZONES)]
    external_id: Name = ""
    name: Name = ""


class CorrectIn(Why):
    """What is corrected; unset fields stay, those of `particulars` too. The accuracy may only become larger."""

    model_config = example(name="Old mill")

    name: Name | None = None
    source: Name | None = None
    accuracy_m: Accuracy | None = None
    particulars: ParticularsIn | None = None

    def correction(self) -> Correction:
        said = {} if self.particulars is None else self.particulars.stated()
        return Correction(self.name, self.source, self.accuracy_m, said)


class ReclassifyIn(Why):
    """The other class: upward at once, downward once a second person approves."""

    model_config = example(**{"class": "cha"}) | ConfigDict(validate_by_name=True, validate_by_alias=True)

    hazard_class: HazardClass = Field(alias="class")


class ReleaseIn(Why):
    """A release record: the outline that it covers, or `whole` for all that remains of the zones."""

    model_config = example(
        kind="cleared", authority="Mine Action Centre", dated="2026-10-02", outline=SQUARE, depth_cm=20
    )

    kind: ReleaseKind
    authority: Name
    dated: date
    outline: Outline | None = None
    whole: bool = False
    depth_cm: Annotated[int, Field(gt=0, le=DEEPEST_CM)] | None = None
    devices_found: Count | None = None
    remarks: Text = ""
    external_id: Name = ""
    others: Annotated[list[UUID], Field(max_length=MOST_ZONES, description="further zones of the same record")] = []

    @model_validator(mode="after")
    def _outline_or_whole(self) -> Self:
        if (self.outline is None) is not self.whole:
            raise ValueError("give an outline, or whole: true, and not both")
        return self

    def releasing(self) -> Releasing:
        """Return the record. Raises Refused for an outline that is not exact."""
        outline = None if self.outline is None else geojson.exact(self.outline)
        kept = {"kind", "authority", "dated", "depth_cm", "devices_found", "remarks", "external_id"}
        return Releasing(**{name: getattr(self, name) for name in kept}, outline=outline)


class AnnulIn(Why):
    """A record that was plainly wrong, and what shows it."""

    model_config = example(evidence="the corners have south for north")

    evidence: Reasoned


class PublicationIn(Why):
    """What the public is to see of a zone; a second person decides, whether it is more or less."""

    model_config = example(publication="generalised")

    publication: Publication


class StaleIn(Why):
    """Whose zones are to be marked: all of an authority, or one of its lists."""

    model_config = example(authority="Mine Action Centre", exercise=True)

    authority: Name
    feed: Name | None = None
    exercise: bool = False
