"""Two people deciding about zones."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shapely import box

from service.kit.db import Tx
from service.kit.geo import Area
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Done, Operator, Role
from service.places.following import PlaceIndex
from service.zones import proposals
from service.zones.model import ReleaseKind
from service.zones.records import Effect, Releasing, Terms, Wanted
from tests.conftest import NOW

# The halves of `tests.build.a_square`, each a little wider.
WEST = box(16.999, 44.999, 17.005, 45.011)
EAST = box(17.005, 44.999, 17.011, 45.011)


async def a_second(tx: Tx, operator: Operator) -> Operator:
    """Add the operator who approves."""
    done = await operators.add(tx, operator, "Borys", frozenset({Role.ADMIN, Role.APPROVER}), now=NOW)
    assert isinstance(done, Done)
    return done.operator


async def read_places(house: House) -> None:
    """Give a house the places on record, as a process has them."""
    index = PlaceIndex()
    await index.look(house.pool)
    house.put(index)


def cleared(outline: Area | None = EAST, **stated: Any) -> Releasing:
    """A record of clearance; what is stated may differ."""
    said = {"kind": ReleaseKind.CLEARED, "authority": "Authority", "dated": date(2026, 10, 1), "depth_cm": 20}
    return Releasing(**{**said, "outline": outline, **stated})


async def decided(
    tx: Tx, pair: tuple[Operator, Operator], ids: Sequence[UUID], terms: Terms, *, now: datetime = NOW
) -> list[Effect]:
    """Let one propose and the other approve."""
    proposal, _ = await proposals.propose(tx, pair[0], Wanted(ids, terms, "a reason"), now=now)
    return (await proposals.approve(tx, pair[1], proposal.id, now=now))[1]
