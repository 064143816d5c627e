"""What the public, warnings and maps get of the zones on record."""

from collections.abc import Mapping
from typing import Any

import pytest

from service.atlas import actions as atlas
from service.imports.model import Report
from service.kit.db import Tx
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.operators.model import Operator
from service.zones import actions
from service.zones.model import Publication
from tests.build import a_feature, a_file, a_square, a_zone, an_import
from tests.conftest import NOW


async def _import(tx: Tx, operator: Operator, *features: Mapping[str, Any]) -> Report:
    return await an_import(tx, operator, a_file(*features), now=NOW)


async def test_r8_a_withheld_zone_is_nothing_to_the_public(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator, publication=Publication.WITHHELD)
    with pytest.raises(Refused) as refused:
        await actions.get_public(tx, zone.id)
    assert refused.value.kind is Fault.NOT_FOUND
    page = await atlas.in_box(tx, "-180,-90,180,90", exercise=False, after=None, limit=10)
    assert page.zones == ()
    assert await (await tx.execute("SELECT * FROM zone_pack_cell")).fetchall() == []
    assert await (await tx.execute("SELECT * FROM zone_pack_cell")).fetchall() == []
    with pytest.raises(Refused) as refused:
        await actions.to_warn_about(tx, zone.id)
    assert refused.value.name == "zone-withheld"


async def test_a_warning_stands_on_the_public_outline(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator, a_feature(name="Field"), exercise=True)
    found = await actions.to_warn_about(tx, zone.id)
    assert (found.id, found.revision, found.exercise, found.name) == (zone.id, 1, True, "Field")
    assert found.public == zone.public


async def test_a_box_over_the_antimeridian_finds_what_lies_on_both_sides(tx: Tx, operator: Operator) -> None:
    squares = {"west": a_square(179.9, -17), "east": a_square(-179.91, -17), "far": a_square(0, -17)}
    ring = [[179.995, -17], [-179.995, -17], [-179.995, -16.99], [179.995, -16.99], [179.995, -17]]
    squares["over"] = {"type": "Polygon", "coordinates": [ring]}
    report = await _import(tx, operator, *(a_feature(name, shape) for name, shape in squares.items()))
    names = {line.zone_id: str(line.external_id) for line in report.plan.lines}

    async def found(box: str) -> set[str]:
        page = await atlas.in_box(tx, box, exercise=False, after=None, limit=10)
        return {names[zone.id] for zone in page.zones}

    assert await found("179,-18,-179,-16") == {"west", "east", "over"}
    assert await found("179.8,-18,179.999,-16") == {"west", "over"}
    assert await found("-180,-18,-179.9,-16") == {"east", "over"}
    assert await found("-180,-90,180,90") == set(squares)
    assert await found("-1,-18,1,-16") == {"far"}


async def test_pages_come_in_order_and_end(tx: Tx, operator: Operator) -> None:
    features = [a_feature(f"Z-{number}", a_square(17 + number / 50)) for number in range(5)]
    await _import(tx, operator, *features)
    seen = []
    after = None
    for _ in range(3):
        page = await atlas.in_box(tx, "16,44,18,46", exercise=False, after=after, limit=2)
        seen += [zone.id for zone in page.zones]
        after = page.next
    assert after is None
    assert seen == sorted(set(seen))
    assert len(seen) == 5
