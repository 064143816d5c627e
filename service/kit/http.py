"""What every route shares: the house, one transaction a request, who may call."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from service.kit import db
from service.kit.house import House

F = TypeVar("F", bound=Callable[..., object])


async def _house(request: Request) -> House:
    """Give the house as it is when the request comes: words that are read anew meanwhile are for the next one."""
    house: House = request.app.state.house
    return house.as_it_is()


HouseDep = Annotated[House, Depends(_house)]


async def _transaction(house: HouseDep) -> AsyncIterator[db.Tx]:
    async with db.transaction(house.pool) as tx:
        yield tx


# scope="function": the commit comes before the answer; FastAPI's default would send the 2xx first.
TxDep = Annotated[db.Tx, Depends(_transaction, scope="function")]


async def _now(house: HouseDep) -> datetime:
    return house.clock.now()


NowDep = Annotated[datetime, Depends(_now)]


def decides_access(dependency: F) -> F:
    """Mark a dependency as the decision who may call a route; a test demands one of every route."""
    dependency.decides_access = True  # type: ignore[attr-defined]  # functions carry attributes
    return dependency


@decides_access
async def open_to_all() -> None:
    """Let everybody in: what is public must be reachable without a key."""


PUBLIC = Depends(open_to_all)
