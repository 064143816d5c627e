"""What everybody sees of zones in JSON: the map and the answer about a place."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry import mapping
from starlette.datastructures import URL

from service.atlas import words
from service.atlas.answering import Answer, Coverage, Hit, Place, Relation, days_since
from service.atlas.model import Page
from service.i18n.catalogues import Catalogues
from service.i18n.model import Language, Rendered
from service.zones import words as labels
from service.zones.model import DEFAULT_ACCURACY_M, PublicZone


class BoxIn(BaseModel):
    """Which zones to return; `after` is the `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    bbox: Annotated[str, Field(max_length=120, description="west,south,east,north; west > east crosses 180 degrees")]
    exercise: bool = Field(default=False, description="the zones of exercises instead of the real ones")
    after: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200


class ZoneProperties(BaseModel):
    """All that the public may know (R25): nothing tells one class, device or way of lying from another."""

    label: str
    language: str
    direction: str
    authority: str
    data_as_of: date
    revision: int
    accuracy_m: float
    exercise: bool
    stale: bool = Field(description="the source fell silent; the danger did not")


class ZoneOut(BaseModel):
    """A GeoJSON Feature: the outline that may be shown."""

    type: Literal["Feature"] = "Feature"
    id: UUID
    geometry: dict[str, Any]
    properties: ZoneProperties


class Link(BaseModel):
    rel: str
    href: str
    type: str = "application/geo+json"


class ZonesOut(BaseModel):
    """A page of a GeoJSON FeatureCollection; `next` is null on the last one."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[ZoneOut]
    caveat: str
    next: UUID | None
    links: list[Link]


def feature(zone: PublicZone, catalogues: Catalogues, language: Language) -> ZoneOut:
    """Show one zone, its label in the reader's language."""
    return _feature(zone, _labelled(catalogues, language))


def features(page: Page, catalogues: Catalogues, language: Language, *, url: URL) -> ZonesOut:
    """Show a page of zones and the way to the next one."""
    labelled = _labelled(catalogues, language)
    links = [Link(rel="self", href=str(url))]
    if page.next is not None:
        links.append(Link(rel="next", href=str(url.include_query_params(after=page.next))))
    caveat = labelled.texts[2]
    return ZonesOut(
        features=[_feature(zone, labelled) for zone in page.zones], caveat=caveat, next=page.next, links=links
    )


def _labelled(catalogues: Catalogues, language: Language) -> Rendered:
    return catalogues.render_together((labels.LABEL, labels.EXERCISE_LABEL, words.CAVEAT), language.tag)


def _feature(zone: PublicZone, labelled: Rendered) -> ZoneOut:
    return ZoneOut(
        id=zone.id,
        geometry=dict(mapping(zone.outline)),
        properties=ZoneProperties(
            label=labelled.texts[1 if zone.exercise else 0],
            language=labelled.language,
            direction=labelled.direction,
            authority=zone.authority,
            data_as_of=zone.data_as_of,
            revision=zone.revision,
            accuracy_m=zone.accuracy_m,
            exercise=zone.exercise,
            stale=zone.stale,
        ),
    )


class CheckIn(BaseModel):
    """A place somebody asks about; it is used for the answer and kept nowhere."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"lat": -36.25, "lon": -24.5, "radius_m": 500}]},
    )

    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    radius_m: Annotated[float, Field(ge=0, le=2_000, allow_inf_nan=False)] = 500
    accuracy_m: Annotated[float, Field(ge=0, le=5_000, allow_inf_nan=False)] = DEFAULT_ACCURACY_M
    exercise: bool = Field(default=False, description="ask about an exercise's zones instead of the real ones")

    def place(self) -> Place:
        return Place(self.lon, self.lat, self.accuracy_m, self.radius_m, self.exercise)


class HitOut(BaseModel):
    """One element of an answer, with the same fields whether a zone is on record or not."""

    relation: Relation
    label: str | None
    advice: str
    zone_id: UUID | None
    revision: int | None
    authority: str | None
    data_as_of: date | None
    age_days: int | None
    exercise: bool
    metres: float | None = Field(description="for operators only; null for everybody else")


class SourceOut(BaseModel):
    authority: str | None
    data_as_of: date | None
    age_days: int | None


class CheckOut(BaseModel):
    """What is on record around a place. No field of it says that there is no danger."""

    answers: Annotated[list[HitOut], Field(min_length=1)]
    coverage: Coverage
    sources: Annotated[list[SourceOut], Field(min_length=1)]
    radius_m: float
    raised: str | None = Field(description="said where the circle was made wider than asked")
    caveat: str
    language: str
    direction: str
    draft: bool


def checked(found: Answer, catalogues: Catalogues, language: Language, *, exact: bool) -> CheckOut:
    """Put an answer into words, all of one language; metres only where they may be seen."""
    label = labels.EXERCISE_LABEL if found.exercise else labels.LABEL
    relations = sorted({hit.relation for hit in found.hits})
    messages = (words.CAVEAT, label, words.RAISED, *(words.ADVICE[one] for one in relations))
    rendered = catalogues.render_together(messages, language.tag)
    caveat, named, raised, *advice = rendered.texts
    said = dict(zip(relations, advice, strict=True))
    return CheckOut(
        answers=[_hit(hit, (named, said[hit.relation]), found, exact=exact) for hit in found.hits],
        coverage=found.coverage,
        sources=[SourceOut(authority=a.authority, data_as_of=a.data_as_of, age_days=a.days) for a in found.sources],
        radius_m=found.radius_m,
        raised=raised if found.raised else None,
        caveat=caveat,
        language=rendered.language,
        direction=rendered.direction,
        draft=rendered.draft,
    )


def _hit(hit: Hit, texts: tuple[str, str], found: Answer, *, exact: bool) -> HitOut:
    zone, (label, advice) = hit.zone, texts
    metres = round(hit.metres, 1) if exact and hit.metres is not None else None
    if zone is None:
        return HitOut(
            relation=hit.relation, label=None, advice=advice, zone_id=None, revision=None, authority=None,
            data_as_of=None, age_days=None, exercise=found.exercise, metres=metres,
        )  # fmt: skip  # the nulls of an answer without a record
    return HitOut(
        relation=hit.relation,
        label=label,
        advice=advice,
        zone_id=zone.id,
        revision=zone.revision,
        authority=zone.authority,
        data_as_of=zone.data_as_of,
        age_days=days_since(zone.data_as_of, found.today),
        exercise=zone.exercise,
        metres=metres,
    )
