"""What everybody sees of places in JSON, and what a load reports."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry import mapping

from service.places.gazetteer import Gazetteer
from service.places.model import DISTRICT, Category, Found, Name, NameKind, Place, Reason, Report
from service.places.naming import shown
from service.places.reading import LONGEST_QUERY


class FindIn(BaseModel):
    """What is looked for; it is used for the answer and kept nowhere."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[
        str,
        Field(min_length=1, max_length=LONGEST_QUERY, description="a name or a code; a second name narrows the first"),
    ]
    lang: Annotated[str | None, Field(max_length=35, description="BCP 47; in which language to show names")] = None
    country: Annotated[str | None, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1")] = None
    exercise: bool = Field(default=False, description="look among the invented places of exercises instead")


class BriefOut(BaseModel):
    """A place in a list; names are to be isolated for direction where they are shown."""

    id: UUID
    name: str
    language: str
    level: int
    category: Category


class PlaceOut(BriefOut):
    """A place, and the units that it lies in, the nearest first."""

    above: list[BriefOut]


class DistrictOut(BaseModel):
    """Places of one name in one district; null where they lie in none."""

    district: BriefOut | None
    places: list[PlaceOut]


class GroupOut(BaseModel):
    """All places of one name, by district."""

    name: str
    language: str
    reason: Reason
    total: int
    districts: list[DistrictOut]


class FoundOut(BaseModel):
    """Names that may be meant, the likeliest first; empty if nothing is like what was asked for."""

    groups: list[GroupOut]
    narrowed: bool


class NameOut(BaseModel):
    text: str
    language: str
    kind: NameKind


class CentreOut(BaseModel):
    lon: float
    lat: float
    derived: bool = Field(description="computed from an outline; no source states it")


class SourceOut(BaseModel):
    name: str
    licence: str
    data_as_of: date


class WholeOut(PlaceOut):
    """All that is known of a place. `ground` is whose area stands for it: itself, or a unit that it lies in."""

    country: str
    exercise: bool
    missing: bool = Field(description="the newest register no longer names it")
    codes: list[tuple[str, str]]
    names: list[NameOut]
    centre: CentreOut | None
    outline: dict[str, Any] | None
    ground: BriefOut | None
    radius_m: float | None = Field(description="of the disc around the centre of `ground`, where it has no outline")
    below: list[BriefOut]
    sources: list[SourceOut]


def found(answer: Found, gazetteer: Gazetteer, language: str | None) -> FoundOut:
    """Show the answer of a look-up."""
    groups = []
    for group in answer.groups:
        name = shown(group.places[0], language)
        districts = list(_by_district(group.places, gazetteer, language))
        groups.append(
            GroupOut(
                name=name.text,
                language=name.language,
                reason=group.reason,
                total=len(group.places),
                districts=districts,
            )
        )
    return FoundOut(groups=groups, narrowed=answer.narrowed)


def _by_district(places: Sequence[Place], gazetteer: Gazetteer, language: str | None) -> Iterator[DistrictOut]:
    def district(place: Place) -> Place | None:
        return next((one for one in gazetteer.above(place) if one.level == DISTRICT), None)

    for one, members in groupby(places, key=district):
        yield DistrictOut(
            district=None if one is None else brief(one, language),
            places=[_placed(place, gazetteer, language) for place in members],
        )


def brief(place: Place, language: str | None) -> BriefOut:
    return BriefOut(**_brief(place, language))


def _brief(place: Place, language: str | None) -> dict[str, Any]:
    name = shown(place, language)
    plain = {"id": place.id, "level": place.level, "category": place.category}
    return {"name": name.text, "language": name.language, **plain}


def _placed(place: Place, gazetteer: Gazetteer, language: str | None) -> PlaceOut:
    above = [brief(one, language) for one in gazetteer.above(place)]
    return PlaceOut(**_brief(place, language), above=above)


def whole(place: Place, gazetteer: Gazetteer, language: str | None) -> WholeOut:
    """Show all that is known of a place."""
    answering = gazetteer.answering_for(place.id)
    centre = place.centre
    return WholeOut(
        **_placed(place, gazetteer, language).model_dump(),
        country=place.country,
        exercise=place.exercise,
        missing=place.missing,
        codes=list(place.codes),
        names=[_name(name) for name in place.names],
        centre=None if centre is None else CentreOut(lon=centre.longitude, lat=centre.latitude, derived=centre.derived),
        outline=None if place.outline is None else dict(mapping(place.outline)),
        ground=None if answering is None else brief(answering.unit, language),
        radius_m=None if answering is None else answering.radius_m,
        below=[brief(one, language) for one in gazetteer.below(place)],
        sources=[SourceOut(name=one.name, licence=one.licence, data_as_of=one.data_as_of) for one in place.sources],
    )


def _name(name: Name) -> NameOut:
    return NameOut(text=name.text, language=name.language, kind=name.kind)


class RowOut(BaseModel):
    where: str
    detail: str
    remedy: str


class LoadOut(BaseModel):
    """What a load did, or would do. `unjoined` and `faults` were left out; `notes` should be looked at."""

    source: str
    country: str
    exercise: bool
    licence: str
    data_as_of: date
    new: int
    changed: int
    unchanged: int
    missing: int
    elsewhere: int
    dry_run: bool
    unjoined: list[RowOut]
    notes: list[RowOut]
    faults: list[RowOut]

    @classmethod
    def of(cls, report: Report) -> "LoadOut":
        rows = {
            name: [RowOut(where=one.where, detail=one.detail, remedy=one.remedy) for one in getattr(report, name)]
            for name in ("unjoined", "notes", "faults")
        }
        return cls(
            source=report.source.name,
            country=report.source.country,
            exercise=report.source.exercise,
            licence=report.source.licence,
            data_as_of=report.source.data_as_of,
            elsewhere=report.elsewhere,
            dry_run=report.dry_run,
            **{effect.value: number for effect, number in report.counts.items()},
            **rows,
        )
