"""Who may call, and the doors to operators' rights and keys."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.kit.hidden import Hidden
from service.kit.http import NowDep, TxDep, decides_access
from service.operators import actions
from service.operators.model import Done, Operator, Role, Waiting
from service.operators.schemas import ChangeOut, EntryOut, OperatorIn, OperatorOut, Outcome, RolesIn, StaffOut

router = APIRouter(tags=["operators"])

_bearer = HTTPBearer(auto_error=False, description="an operator's key")


def needs(*roles: Role) -> Callable[..., Awaitable[Operator]]:
    """Return the dependency that lets in operators with one of these roles."""

    @decides_access
    async def operator(
        tx: TxDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Operator:
        key = None if credentials is None else Hidden(credentials.credentials)
        return actions.demand(await actions.authenticate(tx, key), roles)

    return operator


Admin = Annotated[Operator, Depends(needs(Role.ADMIN))]
_WAITS: dict[int | str, dict[str, Any]] = {202: {"model": Outcome, "description": "a second admin must confirm it"}}
Before = Annotated[int | None, Query(ge=1, lt=2**63, description="the id of the last entry seen")]


@router.get("/operators")
async def everybody(_: Admin, tx: TxDep, now: NowDep) -> StaffOut:
    """List operators, and changes that wait for a second admin."""
    staff = [OperatorOut.of(one) for one in await actions.everybody(tx)]
    return StaffOut(operators=staff, waiting=[ChangeOut.of(one) for one in await actions.waiting(tx, now=now)])


@router.post("/operators", status_code=201, responses=_WAITS)
async def add(wanted: OperatorIn, asker: Admin, tx: TxDep, now: NowDep, answer: Response) -> Outcome:
    """Add an operator; from the third on a second admin confirms."""
    return _said(answer, await actions.add(tx, asker, wanted.name, frozenset(wanted.roles), now=now))


@router.post("/operators/changes/{change_id}/confirm")
async def confirm(change_id: UUID, confirmer: Admin, tx: TxDep, now: NowDep) -> Outcome:
    """Put a waiting change in force, as the second admin."""
    return Outcome.of(await actions.confirm(tx, confirmer, change_id, now=now))


@router.post("/operators/{name}/roles", responses=_WAITS)
async def change_roles(  # noqa: PLR0913 - FastAPI's dependencies
    name: str, wanted: RolesIn, *, asker: Admin, tx: TxDep, now: NowDep, answer: Response
) -> Outcome:
    """Give an operator exactly these roles."""
    return _said(answer, await actions.change_roles(tx, asker, name, frozenset(wanted.roles), now=now))


@router.post("/operators/{name}/key", responses=_WAITS)
async def new_key(name: str, asker: Admin, tx: TxDep, now: NowDep, answer: Response) -> Outcome:
    """Give an operator a new key."""
    return _said(answer, await actions.new_key(tx, asker, name, now=now))


@router.post("/operators/{name}/revoke", responses=_WAITS)
async def revoke(name: str, asker: Admin, tx: TxDep, now: NowDep, answer: Response) -> Outcome:
    """End an operator's access."""
    return _said(answer, await actions.revoke(tx, asker, name, now=now))


@router.get("/audit")
async def trail(
    _: Admin, tx: TxDep, before: Before = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> list[EntryOut]:
    """Return who did what, the newest first."""
    return [EntryOut.of(one) for one in await actions.trail(tx, before=before, limit=limit)]


def _said(answer: Response, done: Done | Waiting) -> Outcome:
    if isinstance(done, Waiting):
        answer.status_code = 202
    return Outcome.of(done)
