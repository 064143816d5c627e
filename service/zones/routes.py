"""The doors to the record of zones, for operators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from service.kit.http import TxDep
from service.operators.model import Operator, Role
from service.operators.routes import needs
from service.zones import actions
from service.zones.schemas import RecordOut

router = APIRouter(prefix="/zones", tags=["zones"])

Anybody = Annotated[Operator, Depends(needs(*Role))]


@router.get("/{zone_id}/record")
async def get_record(zone_id: UUID, _: Anybody, tx: TxDep) -> RecordOut:
    """Return the whole record of a zone: class, hazards, official outline."""
    return RecordOut.of(await actions.get_record(tx, zone_id))
