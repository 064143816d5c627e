"""The doors to zones: the map, one zone, its record, a place, an import."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.config import Settings
from service.i18n.catalogues import Catalogues
from service.i18n.routes import LanguageDep
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.kit.http import PUBLIC, HouseDep, NowDep, TxDep, decides_access
from service.operators import actions as operators
from service.operators.model import Operator, Role
from service.operators.routes import needs
from service.zones import actions, geojson, showing
from service.zones.actions import ZoneIndex
from service.zones.schemas import ImportIn, RecordOut, ReportOut
from service.zones.showing import BoxIn, CheckIn, CheckOut, ZoneOut, ZonesOut

router = APIRouter(tags=["zones"])

Anybody = Annotated[Operator, Depends(needs(*Role))]
Editor = Annotated[Operator, Depends(needs(Role.EDITOR, Role.ADMIN))]
_key = HTTPBearer(auto_error=False, description="an operator's key; without one the answer is the public's")
_FILE = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": dict.fromkeys(geojson.MEDIA_TYPES, _FILE)}}


@decides_access
async def _perhaps_an_operator(
    house: HouseDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_key)]
) -> Operator | None:
    """Take a transaction only for who shows a key: the public's answer needs no database."""
    if credentials is None:
        return None
    async with transaction(house.pool) as tx:
        return await operators.authenticate(tx, Hidden(credentials.credentials))


Perhaps = Annotated[Operator | None, Depends(_perhaps_an_operator)]


@router.post("/zones/imports", openapi_extra=_BODY)
async def take_in(
    request: Request, operator: Editor, stated: Annotated[ImportIn, Query()], tx: TxDep, house: HouseDep
) -> ReportOut:
    """Take in a file of zones, GeoJSON or GeoJSONSeq, as the body; with `dry_run` only say what would happen."""
    content, now = await request.body(), house.clock.now()
    declared = stated.declared(usual_error_m=house.get(Settings).survey_error_m)
    if stated.dry_run:
        return ReportOut.of(await actions.plan_import(tx, content, declared, now=now))
    return ReportOut.of(await actions.run_import(tx, operator, content, declared, now=now))


@router.get("/zones", dependencies=[PUBLIC])
async def in_box(
    request: Request, wanted: Annotated[BoxIn, Query()], tx: TxDep, house: HouseDep, language: LanguageDep
) -> ZonesOut:
    """Return a page of zones whose box meets `bbox`; an empty page does not mean that there is no danger."""
    page = await actions.in_box(tx, wanted.bbox, exercise=wanted.exercise, after=wanted.after, limit=wanted.limit)
    return showing.features(page, house.get(Catalogues), language, url=request.url)


@router.get("/zones/{zone_id}", dependencies=[PUBLIC])
async def get(zone_id: UUID, tx: TxDep, house: HouseDep, language: LanguageDep) -> ZoneOut:
    """Return one zone as the public may see it."""
    return showing.feature(await actions.get_public(tx, zone_id), house.get(Catalogues), language)


@router.get("/zones/{zone_id}/record")
async def get_record(zone_id: UUID, _: Anybody, tx: TxDep) -> RecordOut:
    """Return the whole record of a zone: class, hazards, official outline."""
    return RecordOut.of(await actions.get_record(tx, zone_id))


@router.post("/check")
async def check(wanted: CheckIn, operator: Perhaps, house: HouseDep, now: NowDep, language: LanguageDep) -> CheckOut:
    """Say what is on record around a place; "unknown" is an answer, never that there is no danger."""
    old_after = house.get(Settings).stale_days
    found = house.get(ZoneIndex).check(wanted.place(), today=now.date(), old_after_days=old_after)
    return showing.checked(found, house.get(Catalogues), language, exact=operator is not None)
