"""How tests look at residents from outside: audiences, addresses, refusals, whole tables."""

from collections.abc import Awaitable
from datetime import datetime

import pytest
from psycopg import sql

from service.kit.db import Tx
from service.kit.errors import Refused
from service.kit.house import House
from service.residents import actions
from service.residents import audience as asking
from service.residents.model import CellRings, Sorting
from tests.build import HERE
from tests.conftest import NOW

AREA = CellRings([HERE], [0])


async def audience(
    tx: Tx, *, verified: bool = False, exercise: bool = False, since: str | None = None, now: datetime = NOW
) -> list[int]:
    if since is None:
        found = [number for _, numbers in await asking.standing(tx, [HERE], after=0, limit=100) for number in numbers]
    else:
        rows = await asking.written(tx, AREA, since, after=0, limit=100)
        found = [number for number, ring in rows if ring is not None]
    groups = await asking.sort(tx, dict.fromkeys(found, 0), Sorting(exercise=exercise, since="0"), now=now)
    told = [one for one in groups if one.reason is None and one.verified == verified]
    return sorted(number for one in told for number in one.numbers)


async def addresses(tx: Tx, house: House, *numbers: int, exercise: bool = False) -> dict[int, str]:
    found = await actions.addresses(tx, house.keyring, numbers, exercise=exercise, now=house.clock.now())
    return {number: one.address.value.reveal() for number, one in found.items()}


async def refusal(awaitable: Awaitable[object]) -> str:
    with pytest.raises(Refused) as caught:
        await awaitable
    return caught.value.name


async def everything(tx: Tx) -> str:
    """Return every row of every table as text."""
    found = await tx.execute("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    rows = []
    for table in await found.fetchall():
        rows_of = sql.SQL("SELECT t::text AS row FROM {} t").format(sql.Identifier(table["name"]))
        rows += [row["row"] for row in await (await tx.execute(rows_of)).fetchall()]
    return "\n".join(rows)
