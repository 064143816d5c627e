"""The doors to what anybody can look up: the map, one zone, a place."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.atlas import actions, schemas
from service.atlas.index import ZoneIndex
from service.atlas.schemas import BoxIn, CheckIn, CheckOut, ZoneOut, ZonesOut
from service.config import Settings
from service.i18n.catalogues import Catalogues
from service.i18n.routes import LanguageDep
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.kit.http import PUBLIC, HouseDep, NowDep, TxDep, decides_access
from service.operators import actions as operators
from service.operators.model import Operator
from service.zones import actions as zones

router = APIRouter(tags=["atlas"])

_key = HTTPBearer(auto_error=False, description="an operator's key; without one the answer is the public's")


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


@router.get("/zones", dependencies=[PUBLIC])
async def in_box(
    request: Request, wanted: Annotated[BoxIn, Query()], tx: TxDep, house: HouseDep, language: LanguageDep
) -> ZonesOut:
    """Return a page of zones whose box meets `bbox`; an empty page does not mean that there is no danger."""
    page = await actions.in_box(tx, wanted.bbox, exercise=wanted.exercise, after=wanted.after, limit=wanted.limit)
    return schemas.features(page, house.get(Catalogues), language, url=request.url)


@router.get("/zones/{zone_id}", dependencies=[PUBLIC])
async def get(zone_id: UUID, tx: TxDep, house: HouseDep, language: LanguageDep) -> ZoneOut:
    """Return one zone as the public may see it."""
    return schemas.feature(await zones.get_public(tx, zone_id), house.get(Catalogues), language)


@router.post("/check")
async def check(wanted: CheckIn, operator: Perhaps, house: HouseDep, now: NowDep, language: LanguageDep) -> CheckOut:
    """Say what is on record around a place; "unknown" is an answer, never that there is no danger."""
    old_after = house.get(Settings).stale_days
    found = house.get(ZoneIndex).check(wanted.place(), today=now.date(), old_after_days=old_after)
    return schemas.checked(found, house.get(Catalogues), language, exact=operator is not None)
