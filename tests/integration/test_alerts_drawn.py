"""Areas that authors draw, over HTTP: what is mended, what is refused and how it is said."""

from typing import Any

import httpx
import pytest

from tests.build import a_square
from tests.integration.desk import Desk, add_operators
from tests.integration.test_alerts_areas import AT_SEA, about


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    return Desk(api, await add_operators(api, database_url))


BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [0.1, 0.1], [0.1, 0], [0, 0.1], [0, 0]]]}


async def test_a_ring_that_crosses_itself_keeps_all_ground_that_it_winds_around(desk: Desk) -> None:
    alert = (await desk.must("POST", "/alerts", "anna", json=about({"area": BOW_TIE})))["id"]
    preview = await desk.must("GET", f"/alerts/{alert}/preview", "anna")
    assert preview["area_km2"] == pytest.approx(11.1**2 / 2, rel=0.02)


@pytest.mark.parametrize(
    ("form", "where"),
    [
        ({}, "zone_id"),
        ({"area": AT_SEA, "units": ["XA1"]}, "zone_id"),
        ({"area": AT_SEA, "zone_id": "01936f3e-8f2a-7bbb-8000-1c0ffee00003"}, "zone_id"),
        ({"area": {"type": "Point", "coordinates": [0, 0]}}, "area"),
        ({"area": {"type": "Polygon", "coordinates": []}}, "area"),
        ({"area": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}}, None),
        ({"area": {"type": "Polygon", "coordinates": [[[0, 0], ["x", 1], [0, 1], [0, 0]]]}}, "area"),
        ({"area": {"type": "Polygon", "coordinates": [[[0, 0], [200, 0], [0, 1], [0, 0]]]}}, "area"),
        ({"area": {"type": "Polygon", "coordinates": [[[0, 87], [1, 87], [1, 88], [0, 87]]]}}, "area"),
        ({"area": a_square(0, 0, size=8)}, "area"),
        ({"area": {"type": "Polygon", "coordinates": [[[0, n / 1e4] for n in range(2_500)]]}}, "area"),
        ({"area": AT_SEA, "place": None}, "place"),
        ({"area": AT_SEA, "place": "\0"}, "body.place"),
        ({"area": AT_SEA, "reach_m": -1}, "body.reach_m"),
        ({"area": AT_SEA, "reach_m": 50_001}, "body.reach_m"),
        ({"units": ["nowhere"]}, "nowhere"),
        ({"units": ["\0"]}, "body.units.0"),
        ({"units": ["x"] * 51}, "body.units"),
    ],
)
async def test_an_unfit_area_is_named_and_nothing_is_kept(desk: Desk, form: dict[str, Any], where: str | None) -> None:
    answer = await desk.ask("POST", "/alerts", "anna", json=about(form))
    if where is None:
        assert answer.status_code == 201, "ground without width is widened, not dropped"
        return
    assert answer.status_code in {404, 422}, answer.text
    problem = answer.json()
    assert where in {problem.get("where"), *(one["where"] for one in problem.get("errors", ()))}
    assert problem.get("remedy") or problem["errors"]
    assert await desk.must("GET", "/alerts", "anna") == []
