"""API keys as RFC 6750 bearer tokens: which operator calls, and whether a role allows it."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.kit.http import TxDep, decides_access
from service.operators import actions
from service.operators.model import Operator, Reason, Role
from service.operators.refusals import refusal

_SCHEME = HTTPBearer(auto_error=False, scheme_name="operator", description="An operator's API key, `sf_…`.")

_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]


def needs(*roles: Role) -> Any:
    """Make the dependency that lets in an operator who holds any one of the roles, and gives that Operator.

    Used as `operator: Annotated[Operator, needs(Role.AUTHOR)]`. Refuses with 401 without a valid key, 403 without a
    role. It shares the route's transaction (`TxDep`).
    """
    return Depends(_dependency(roles))


def _dependency(roles: tuple[Role, ...]) -> Callable[..., Awaitable[Operator]]:
    @decides_access
    async def operator(tx: TxDep, credentials: _Credentials) -> Operator:
        if credentials is None:
            raise refusal(Reason.KEY_MISSING)
        return actions.demand(await actions.authenticate(tx, credentials.credentials), *roles)

    return operator
