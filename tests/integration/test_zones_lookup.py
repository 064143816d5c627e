"""What the public, warnings and maps get of the zones on record."""

from collections.abc import Mapping
from typing import Any

import pytest

from service.imports.model import Report
from service.kit.db import Tx
from service.kit.errors import Kind as Fault
from service.kit.errors import Refused
from service.operators.model import Operator
from service.zones import actions
from service.zones.model import Publication
from tests.build import a_feature, a_file, a_zone, an_import
from tests.conftest import NOW


async def _import(tx: Tx, operator: Operator, *features: Mapping[str, Any]) -> Report:
    return await an_import(tx, operator, a_file(*features), now=NOW)


async def test_r8_a_withheld_zone_is_nothing_to_the_public(tx: Tx, operator: Operator) -> None:
    zone = await a_zone(tx, operator, publication=Publication.WITHHELD)
    with pytest.raises(Refused) as refused:
        await actions.get_public(tx, zone.id)
    assert refused.value.kind is Fault.NOT_FOUND
    assert await actions.public(tx) == []
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
