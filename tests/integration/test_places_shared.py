"""The real registers of Ukraine, loaded together: what joins, what is found, whose ground answers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import shapely
from shapely import Point

from service.kit.db import open_pool, transaction
from service.operators.model import Operator
from service.places import actions
from service.places.gazetteer import Gazetteer
from service.places.model import Effect, Place, Report, Stated
from tests.build import an_admin
from tests.conftest import NOW, SHARED

DAY = date(2025, 5, 16)


@dataclass(frozen=True)
class Loaded:
    """What each load reported, in order, and all places after them."""

    register: Report
    communities: Report
    districts: Report
    outlines: Report
    country: Report
    again: Report
    gazetteer: Gazetteer


_kept: dict[str, Loaded] = {}


@pytest.fixture
async def loaded(shared: Path, database_url: str) -> AsyncIterator[Loaded]:
    """Everything loaded once for all tests of this file: it takes some seconds, and nothing here changes it."""
    if not _kept:
        pool = await open_pool(database_url, size=2)
        async with transaction(pool) as tx:
            _kept["all"] = await _load_all(tx, await an_admin(tx), shared / "places")
        await pool.close()
    yield _kept["all"]


async def _load_all(tx, operator: Operator, folder: Path) -> Loaded:  # type: ignore[no-untyped-def]  # draft
    import time

    async def load(*paths: Path) -> Report:
        t = time.perf_counter()
        files = {path.name: path.read_bytes() for path in paths}
        r = await actions.run_load(tx, operator, files, Stated("UA", dated=DAY), None, now=NOW)
        print(
            paths[0].name,
            r.source.name,
            dict(r.counts),
            len(r.unjoined),
            len(r.notes),
            len(r.faults),
            r.elsewhere,
            round(time.perf_counter() - t, 2),
        )
        return r

    register = await load(folder / "katottg-2025-05-16.csv")
    communities = await load(folder / "hromadas.json")
    districts = await load(folder / "raions.json")
    outlines = await load(*sorted((folder / "adm1").glob("*.geojson")))
    country = await load(folder / "countries-50m.json")
    again = await load(folder / "katottg-2025-05-16.csv")
    t = time.perf_counter()
    g = await actions.gazetteer(tx)
    print("gazetteer", time.perf_counter() - t)
    return Loaded(register, communities, districts, outlines, country, again, g)


async def test_draft(loaded: Loaded) -> None:
    g = loaded.gazetteer
    for r in (loaded.communities, loaded.districts, loaded.outlines, loaded.country):
        print(r.source.name, r.unjoined[:9], [n.detail for n in r.notes][:30], r.faults[:3])
    print(len(g.places()))
    top = [p for p in g.places() if p.level <= 1]
    for p in top:
        print(p.name.text, p.category, p.codes[:4], p.outline is not None, p.parent is not None)
    import numpy as np

    for level in (2, 3):
        print(
            level,
            np.percentile(
                [g.live.radii[s] for s, p in enumerate(g.places()) if p.level == level and s in g.live.radii],
                [0, 50, 90, 99, 100],
            ),
        )
    none = [p for p in g.places() if (a := g.answering_for(p.id)) is None or a.unit.level < 3]
    print(len(none), {g.answering_for(p.id).unit.name.text for p in none})
