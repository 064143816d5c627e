"""The URLs of operators and the audit trail."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from service.kit.http import NowDep, TxDep
from service.operators import actions, schemas
from service.operators.bearer import needs
from service.operators.model import Operator, Role
from service.operators.schemas import DoneOut, OperatorIn, RolesIn, StaffOut, TrailOut, WaitingOut

router = APIRouter(tags=["operators"])

Admin = Annotated[Operator, needs(Role.ADMIN)]
_WAITS: dict[int | str, dict[str, Any]] = {202: {"model": WaitingOut, "description": "A second admin must confirm it."}}


@router.get("/operators")
async def list_operators(tx: TxDep, _: Admin, now: NowDep) -> StaffOut:
    """List everybody who ever was an operator, and the changes that wait."""
    return StaffOut(
        operators=[schemas.OperatorOut.of(one) for one in await actions.everybody(tx)],
        waiting=[schemas.ChangeOut.of(one) for one in await actions.waiting(tx, now=now)],
    )


@router.post("/operators", status_code=201, response_model=DoneOut, responses=_WAITS)
async def add_operator(body: OperatorIn, tx: TxDep, by: Admin, now: NowDep, answer: Response) -> DoneOut | WaitingOut:
    """Add an operator. The very first is added on the server's command line."""
    return _said(schemas.outcome(await actions.add(tx, by, body.name, body.roles, now=now)), answer)


@router.put("/operators/{operator_id}/roles", response_model=DoneOut, responses=_WAITS)
async def change_roles(  # noqa: PLR0913 - FastAPI's dependencies
    operator_id: UUID, body: RolesIn, *, tx: TxDep, by: Admin, now: NowDep, answer: Response
) -> DoneOut | WaitingOut:
    """Give an operator these roles and no others."""
    return _said(schemas.outcome(await actions.change_roles(tx, by, operator_id, body.roles, now=now)), answer)


@router.post("/operators/{operator_id}/key", response_model=DoneOut, responses=_WAITS)
async def new_key(operator_id: UUID, tx: TxDep, by: Admin, now: NowDep, answer: Response) -> DoneOut | WaitingOut:
    """Replace an operator's key."""
    return _said(schemas.outcome(await actions.new_key(tx, by, operator_id, now=now)), answer)


@router.post("/operators/{operator_id}/revoke", response_model=DoneOut, responses=_WAITS)
async def revoke(operator_id: UUID, tx: TxDep, by: Admin, now: NowDep, answer: Response) -> DoneOut | WaitingOut:
    """End an operator's rights for good."""
    return _said(schemas.outcome(await actions.revoke(tx, by, operator_id, now=now)), answer)


@router.post("/operators/changes/{change_id}/confirm")
async def confirm(change_id: UUID, tx: TxDep, by: Admin, now: NowDep) -> DoneOut:
    """Put in force what another admin asked for; a new key is in this answer and nowhere else."""
    return schemas.done(await actions.confirm(tx, by, change_id, now=now))


@router.get("/audit")
async def audit(
    tx: TxDep,
    _: Admin,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> TrailOut:
    """Read the audit trail, newest first."""
    entries = [schemas.EntryOut.of(one) for one in await actions.trail(tx, before=before, limit=limit)]
    return TrailOut(entries=entries, next=entries[-1].id if len(entries) == limit else None)


def _said(outcome: DoneOut | WaitingOut, answer: Response) -> DoneOut | WaitingOut:
    if isinstance(outcome, WaitingOut):
        answer.status_code = 202
    return outcome
