"""The doors to imports: take in a file."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from service.config import Settings
from service.imports import actions
from service.imports.schemas import ImportIn, ReportOut
from service.intake import geojson
from service.kit.http import HouseDep, TxDep
from service.operators.model import Operator, Role
from service.operators.routes import needs

router = APIRouter(tags=["imports"])

Editor = Annotated[Operator, Depends(needs(Role.EDITOR, Role.ADMIN))]
_FILE = {"schema": {"type": "string", "format": "binary"}}
_BODY = {"requestBody": {"required": True, "content": dict.fromkeys(geojson.MEDIA_TYPES, _FILE)}}


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
