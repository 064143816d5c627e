"""The doors to what anybody can look up: the map, one zone, a place, a walk."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.atlas import actions, features, schemas
from service.atlas.features import (
    CollectionOut,
    CollectionsOut,
    ConformanceOut,
    ItemsIn,
    LandingOut,
    OneZoneOut,
    TileJsonOut,
    ZonesOut,
)
from service.atlas.index import ZoneIndex
from service.atlas.model import Tile
from service.atlas.revalidation import Kept, spoken, unless_known
from service.atlas.schemas import CheckIn, CheckOut
from service.i18n.catalogues import Catalogues
from service.i18n.routes import AskedDep, LanguageDep
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.http import PUBLIC, HouseDep, NowDep, TxDep, decides_access
from service.operators import actions as operators
from service.operators.model import STAFF, Operator
from service.zones import actions as zones

router = APIRouter(tags=["atlas"])

_key = HTTPBearer(auto_error=False, description="an operator's key; without one the answer is the public's")
_TILE_SECONDS = 30
_MVT = "application/vnd.mapbox-vector-tile"
_GEOJSON: dict[int | str, dict[str, Any]] = {
    200: {"content": {features.MEDIA_TYPE: {}}},
    304: {"description": "What the caller has is what there is"},
}
_TILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_MVT: {"schema": {"type": "string", "format": "binary"}}}},
    304: _GEOJSON[304],
}
Match = Annotated[str, Header(alias="If-None-Match", max_length=1_000)]


@decides_access
async def _perhaps_an_operator(
    house: HouseDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_key)]
) -> Operator | None:
    """Take a transaction only for who shows a key: the public's answer needs no database.

    Whoever holds a key but is no staff sees what the public sees.
    """
    if credentials is None:
        return None
    async with transaction(house.pool) as tx:
        found = await operators.authenticate(tx, Hidden(credentials.credentials))
        return None if found.roles.isdisjoint(STAFF) else found


Perhaps = Annotated[Operator | None, Depends(_perhaps_an_operator)]


@router.get("", dependencies=[PUBLIC])
async def landing(request: Request) -> LandingOut:
    """Return the landing page of OGC API - Features."""
    return features.landing(request.url)


@router.get("/conformance", dependencies=[PUBLIC])
async def conformance() -> ConformanceOut:
    """Name the parts of OGC API - Features that are kept."""
    return features.conformance()


@router.get("/collections", dependencies=[PUBLIC])
async def collections(request: Request) -> CollectionsOut:
    """Return the collections: there is one."""
    return features.collections(request.url)


@router.get("/collections/zones", dependencies=[PUBLIC])
async def collection(request: Request) -> CollectionOut:
    """Describe the collection of all zones."""
    return features.collection(request.url)


@router.get("/collections/zones/items", response_model=ZonesOut, responses=_GEOJSON)
@router.get("/zones", response_model=ZonesOut, responses=_GEOJSON)
async def items(  # noqa: PLR0913, PLR0917 - what is asked, by whom, in which language, and what the caller has
    request: Request, wanted: Annotated[ItemsIn, Query()], operator: Perhaps, house: HouseDep, now: NowDep,
    language: LanguageDep, known: Match = "",
) -> Response:  # fmt: skip  # one name a line would hide that these are all
    """Return a page of zones whose box meets `bbox`; an empty page does not mean that there is no danger."""
    page = await actions.page(house, wanted.wanted(), operator, after=wanted.after, limit=wanted.most)
    catalogues, headers = house.get(Catalogues), {**features.CONTENT_CRS, **spoken(language)}
    # Operators' pages turn on what the public version does not count.
    version = page.version if wanted.hazard_class is None and not house.get(ZoneIndex).stale else None

    def content() -> bytes:
        shown = features.features(page, catalogues, language.tag, url=request.url, now=now)
        return shown.model_dump_json().encode()

    return unless_known(known, Kept(version, request.url.query, language.tag), content, headers, features.MEDIA_TYPE)


@router.get("/collections/zones/items/{zone_id}", response_model=OneZoneOut, responses=_GEOJSON, dependencies=[PUBLIC])
@router.get("/zones/{zone_id}", response_model=OneZoneOut, responses=_GEOJSON, dependencies=[PUBLIC])
async def get(request: Request, zone_id: UUID, tx: TxDep, house: HouseDep, language: LanguageDep) -> Response:
    """Return one zone as the public may see it."""
    zone = await zones.get_public(tx, zone_id)
    shown = features.one_feature(zone, house.get(Catalogues), language.tag, url=request.url)
    headers = {**features.CONTENT_CRS, **spoken(language)}
    return Response(shown.model_dump_json(), media_type=features.MEDIA_TYPE, headers=headers)


@router.get("/tiles.json", dependencies=[PUBLIC])
async def tilejson(request: Request, house: HouseDep, language: LanguageDep, *, exercise: bool = False) -> TileJsonOut:
    """Describe the vector tiles after TileJSON 3.0."""
    return features.tilejson(house.get(Catalogues), language.tag, url=request.url, exercise=exercise)


@router.get("/tiles/{z}/{x}/{y}.mvt", response_class=Response, responses=_TILE, dependencies=[PUBLIC])
async def tile(house: HouseDep, z: int, x: int, y: int, known: Match = "") -> Response:
    """Return a vector tile. One without zones is a layer without features: it does not mean that all is well."""
    return await _tile(house, Tile(z, x, y), known)


@router.get("/tiles/exercise/{z}/{x}/{y}.mvt", response_class=Response, responses=_TILE, dependencies=[PUBLIC])
async def exercise_tile(house: HouseDep, z: int, x: int, y: int, known: Match = "") -> Response:
    """Return a vector tile of the zones of exercises, which never stand on the real map (R27)."""
    return await _tile(house, Tile(z, x, y, exercise=True), known)


async def _tile(house: House, wanted: Tile, known: str) -> Response:
    version, content = await actions.tile(house, wanted)
    kept = Kept(None if house.get(ZoneIndex).stale else version, "", "", seconds=_TILE_SECONDS)
    return unless_known(known, kept, lambda: content, {}, _MVT)


@router.post("/check")
async def check(wanted: CheckIn, operator: Perhaps, house: HouseDep, now: NowDep, asked: AskedDep) -> CheckOut:
    """Say what is on record around a place or along a walk; "unknown" is an answer, never that there is no danger."""
    found = actions.check(house, wanted.asked(), today=now.date())
    exact, tag = operator is not None, asked.language.tag
    return schemas.checked(found, house.get(Catalogues), tag, exact=exact, wishes=asked.wishes)
