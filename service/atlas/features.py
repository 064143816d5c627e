"""Zones as GeoJSON after OGC API - Features Part 1: landing page, conformance, collections, items; and TileJSON."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry import mapping
from starlette.datastructures import URL

from service.atlas import rules, tiles, words
from service.atlas.model import DEEPEST, WORLD, Page, Wanted
from service.i18n.catalogues import Catalogues
from service.i18n.model import Rendered
from service.zones import words as labels
from service.zones.model import HazardClass, PublicZone

MEDIA_TYPE = "application/geo+json"
COLLECTION = "zones"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONTENT_CRS = {"Content-Crs": f"<{CRS84}>"}
_MOST_ITEMS = 1_000
_CONFORMANCE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
_JSON = "application/json"
_FIELDS = {
    "String": ("id", "authority", "data_as_of"),
    "Number": ("revision", "accuracy_m"),
    "Boolean": ("exercise", "stale"),
}


class ItemsIn(BaseModel):
    """Which zones to return; `after` is the `next` of the page before."""

    model_config = ConfigDict(extra="forbid")

    bbox: Annotated[str, Field(max_length=160)] | None = Field(
        default=None, description="west,south,east,north; west > east crosses 180 degrees; the world if left out"
    )
    datetime: Annotated[str, Field(max_length=80)] | None = Field(
        default=None, description="a moment or interval; every one meets every zone: time never ends a danger"
    )
    exercise: bool = Field(default=False, description="the zones of exercises instead of the real ones")
    authority: Annotated[str, Field(max_length=300)] | None = None
    changed_since: Annotated[int, Field(ge=0, le=2**53)] | None = Field(
        default=None,
        description="only what changed after this `version` of an earlier page; zones that left are not named",
    )
    hazard_class: HazardClass | None = Field(default=None, alias="class", description="for operators only")
    after: UUID | None = None
    limit: Annotated[int, Field(ge=1, description=f"at most {_MOST_ITEMS}: more counts as that")] = 200

    def wanted(self) -> Wanted:
        """Refused for a box or a datetime that cannot be read."""
        rules.read_datetime(self.datetime)
        box = rules.read_box(self.bbox)
        return Wanted(box, self.exercise, self.authority, self.changed_since, self.hazard_class)

    @property
    def most(self) -> int:
        return min(self.limit, _MOST_ITEMS)


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
    type: str = MEDIA_TYPE
    title: str


class OneZoneOut(ZoneOut):
    """A GeoJSON Feature with the ways to where it stands."""

    links: list[Link]


class ZonesOut(BaseModel):
    """A page of a GeoJSON FeatureCollection; `next` is null on the last one. An empty one says nothing of danger."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[ZoneOut]
    caveat: str
    version: int = Field(description="of the record; ask later for what has `changed_since`")
    next: UUID | None
    numberMatched: int  # noqa: N815 - OGC's name
    numberReturned: int  # noqa: N815 - OGC's name
    timeStamp: datetime  # noqa: N815 - OGC's name
    links: list[Link]


class LandingOut(BaseModel):
    title: str
    description: str
    links: list[Link]


class ConformanceOut(BaseModel):
    conformsTo: list[str]  # noqa: N815 - OGC's name


class SpatialOut(BaseModel):
    bbox: list[list[float]]
    crs: str = CRS84


class ExtentOut(BaseModel):
    spatial: SpatialOut


class CollectionOut(BaseModel):
    """The one collection: every zone that the public may see."""

    id: str
    title: str
    description: str
    extent: ExtentOut
    itemType: str = "feature"  # noqa: N815 - OGC's name
    crs: list[str]
    links: list[Link]


class CollectionsOut(BaseModel):
    collections: list[CollectionOut]
    links: list[Link]


class VectorLayerOut(BaseModel):
    id: str
    description: str
    fields: dict[str, str]


class TileJsonOut(BaseModel):
    """TileJSON 3.0. `attribution` must be shown on every map: a tile without zones does not mean that all is well."""

    tilejson: str = "3.0.0"
    name: str
    attribution: str
    description: str
    tiles: list[str]
    minzoom: int = 0
    maxzoom: int = DEEPEST
    vector_layers: list[VectorLayerOut]


def feature(zone: PublicZone, catalogues: Catalogues, tag: str) -> ZoneOut:
    """Show one zone, its label in the reader's language."""
    return _feature(zone, _labelled(catalogues, tag))


def one_feature(zone: PublicZone, catalogues: Catalogues, tag: str, *, url: URL) -> OneZoneOut:
    """Show one zone by itself."""
    links = [
        Link(rel="self", href=str(url), title="This zone"),
        Link(rel="collection", href=_at(url, "/v1/collections/zones"), type=_JSON, title="All zones"),
    ]
    return OneZoneOut(**dict(feature(zone, catalogues, tag)), links=links)


def features(page: Page, catalogues: Catalogues, tag: str, *, url: URL, now: datetime) -> ZonesOut:
    """Show a page of zones and the way to the next one."""
    labelled = _labelled(catalogues, tag)
    links = [
        Link(rel="self", href=str(url), title="This page"),
        Link(rel="collection", href=_at(url, "/v1/collections/zones"), type=_JSON, title="All zones"),
        Link(rel="alternate", href=_at(url, "/v1/tiles.json"), type=_JSON, title="The same zones as vector tiles"),
    ]
    if page.next is not None:
        links.append(Link(rel="next", href=str(url.include_query_params(after=page.next)), title="The next page"))
    return ZonesOut(
        features=[_feature(zone, labelled) for zone in page.zones],
        caveat=labelled.texts[2],
        version=page.version,
        next=page.next,
        numberMatched=page.matched,
        numberReturned=len(page.zones),
        timeStamp=now,
        links=links,
    )


def _labelled(catalogues: Catalogues, tag: str) -> Rendered:
    return catalogues.render_together((labels.LABEL, labels.EXERCISE_LABEL, words.CAVEAT), tag)


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


def landing(url: URL) -> LandingOut:
    """Show what there is after OGC API - Features, and where."""
    return LandingOut(
        title="Surefoot",
        description="Dangerous areas on record. No record is not safety.",
        links=[
            Link(rel="self", href=str(url), type=_JSON, title="This page"),
            Link(
                rel="service-desc",
                href=_at(url, "/openapi.json"),
                type="application/vnd.oai.openapi+json;version=3.1",
                title="What every route takes and gives",
            ),
            Link(rel="conformance", href=_at(url, "/v1/conformance"), type=_JSON, title="What of the standard is kept"),
            Link(rel="data", href=_at(url, "/v1/collections"), type=_JSON, title="The collections"),
        ],
    )


def conformance() -> ConformanceOut:
    return ConformanceOut(conformsTo=[_CONFORMANCE + part for part in ("core", "geojson")])


def collection(url: URL) -> CollectionOut:
    return CollectionOut(
        id=COLLECTION,
        title="Dangerous areas",
        description="Every dangerous area on record that may be shown. No record is not safety.",
        extent=ExtentOut(spatial=SpatialOut(bbox=[list(WORLD)])),
        crs=[CRS84],
        links=[
            Link(rel="self", href=_at(url, "/v1/collections/zones"), type=_JSON, title="This collection"),
            Link(rel="items", href=_at(url, "/v1/collections/zones/items"), title="Its zones"),
            Link(rel="alternate", href=_at(url, "/v1/tiles.json"), type=_JSON, title="Its zones as vector tiles"),
        ],
    )


def collections(url: URL) -> CollectionsOut:
    here = Link(rel="self", href=_at(url, "/v1/collections"), type=_JSON, title="This page")
    return CollectionsOut(collections=[collection(url)], links=[here])


def tilejson(catalogues: Catalogues, tag: str, *, url: URL, exercise: bool) -> TileJsonOut:
    """Describe the tiles; the caveat is the attribution that every map shows."""
    labelled = _labelled(catalogues, tag)
    fields = {name: kind for kind, names in _FIELDS.items() for name in names}
    world = "exercise/" if exercise else ""
    label = labelled.texts[1 if exercise else 0]
    return TileJsonOut(
        name="Surefoot",
        attribution=labelled.texts[2],
        description=label,
        tiles=[_at(url, f"/v1/tiles/{world}{{z}}/{{x}}/{{y}}.mvt")],
        vector_layers=[VectorLayerOut(id=tiles.LAYER, description=label, fields=fields)],
    )


def _at(url: URL, path: str) -> str:
    return f"{url.scheme}://{url.netloc}{path}"
