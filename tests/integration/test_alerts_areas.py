"""Warnings about drawn areas and administrative units, over HTTP: whom they reach, in which world, what phones hear."""

from typing import Any

import h3
import httpx
import psycopg
import pytest
from fastapi import FastAPI

from service.config import Settings
from tests.build import a_feature, a_file, a_square
from tests.integration.atoll import AS_EXERCISE, AS_REAL, Atoll
from tests.integration.desk import Desk, add_operators

# In Піщана (XA113, in district XA11 of region XA1), whose ground is measured by its neighbours; far from XA2 and XA9.
SANDY = (-25.0, -36.2)
IN_SANDY = h3.latlng_to_cell(SANDY[1], SANDY[0], 7)
AT_SEA = a_square(-40.0, -30.0)
BEYOND = h3.latlng_to_cell(-30.0, -41.0, 7)


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    return Desk(api, await add_operators(api, database_url))


@pytest.fixture
async def atoll(app: FastAPI, desk: Desk) -> Atoll:
    return await Atoll.loaded(app, desk, AS_REAL)


def about(form: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a wish for a warning of this form only."""
    wish = {"template": "hazard_near", "severity": "severe", "exercise": False, "place": "Testovo"}
    return wish | form | changes


async def approved(desk: Desk, wish: dict[str, Any]) -> str:
    alert: str = (await desk.must("POST", "/alerts", "anna", json=wish))["id"]
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    await desk.must("POST", f"/alerts/{alert}/approve", "borys")
    return alert


async def a_zone(desk: Desk, outline: dict[str, Any], *, exercise: bool = False) -> str:
    query = {
        "authority": "Authority of the Test",
        "dated": "2024-07-31",
        "exercise": str(exercise).lower(),
        "wait": "true",
    }
    headers = {"Authorization": f"Bearer {desk.keys['anna']}", "Content-Type": "application/geo+json"}
    content = a_file(a_feature(f"Z-{exercise}", outline))
    answer = await desk.api.post("/v1/zones/imports", params=query, headers=headers, content=content)
    assert answer.status_code < 300, answer.text
    records = await desk.must("GET", "/zones/records", "anna")
    zone: str = next(record["id"] for record in records if record["exercise"] is exercise)
    return zone


async def test_r21_a_warning_for_a_unit_reaches_its_cells_its_subscribers_its_parts_and_what_holds_it(
    atoll: Atoll,
) -> None:
    await atoll.phone("in a part", cells=[IN_SANDY])
    await atoll.phone("of the unit", within=["XA11"])
    await atoll.phone("of a part", within=["XA113"])
    await atoll.phone("of the region", within=["XA1"], cells=[BEYOND])
    await atoll.phone("of another district", within=["XA12"])
    await atoll.phone("elsewhere", within=["XA2"], cells=[BEYOND])
    alert = await approved(atoll.desk, about({"units": ["XA11"]}))
    assert await atoll.planned(alert) == {"in a part": 0, "of the unit": 0, "of a part": 0, "of the region": 1}


@pytest.mark.parametrize("form", ["zone", "area"])
async def test_r21_a_zone_and_a_drawn_area_reach_the_subscribers_of_units_that_they_touch_and_of_what_holds_these(
    atoll: Atoll, form: str
) -> None:
    await atoll.phone("of the municipality", within=["XA113"])
    await atoll.phone("of the district", within=["XA11"])
    await atoll.phone("of the region", within=["XA1"])
    await atoll.phone("elsewhere", within=["XA2"])
    outline = a_square(*SANDY)
    shape = {"area": outline} if form == "area" else {"zone_id": await a_zone(atoll.desk, outline)}
    rings = await atoll.planned(await approved(atoll.desk, about(shape, reach_m=1_000)))
    assert rings.keys() == {"of the municipality", "of the district", "of the region"}
    assert rings["of the municipality"] == 0
    assert rings["of the district"] == rings["of the region"] > 0, "they may be far away: after everybody in the cells"


async def test_r21_who_subscribes_to_a_unit_later_learns_of_the_live_warning_and_can_pull_it(atoll: Atoll) -> None:
    alert = await approved(atoll.desk, about({"area": a_square(*SANDY)}))
    await atoll.planned(alert)
    for name, code, expected in (("near", "XA113", [alert]), ("wide", "XA1", [alert]), ("other", "XA2", [])):
        answer = await atoll.phone(name, within=[code])
        assert [one["alert_id"] for one in answer["live_alerts"]] == expected
        pulled = await atoll.desk.must("GET", "/alerts/live", params={"place": atoll.place(code)})
        assert [one["alert_id"] for one in pulled["alerts"]] == expected
    assert (await atoll.planned(alert)).keys() == {"near", "wide"}


async def test_r19_an_update_that_moved_away_is_found_by_whoever_subscribed_to_the_units_of_the_earlier_area(
    atoll: Atoll,
) -> None:
    earlier = await approved(atoll.desk, about({"area": a_square(*SANDY)}))
    wish = about({"area": AT_SEA})
    update = (await atoll.desk.must("POST", f"/alerts/{earlier}/update", "anna", json=wish))["id"]
    await atoll.desk.must("POST", f"/alerts/{update}/submit", "anna")
    await atoll.desk.must("POST", f"/alerts/{update}/approve", "borys")
    pulled = await atoll.desk.must("GET", "/alerts/live", params={"place": atoll.place("XA113")})
    assert [one["revision"] for one in pulled["alerts"]] == [2]


async def test_a_drawn_area_reaches_the_phones_in_its_cells_and_its_buffer_ring_by_ring(atoll: Atoll) -> None:
    middle = h3.latlng_to_cell(-29.995, -39.995, 7)
    near, beyond = h3.grid_ring(middle, 2)[0], h3.grid_ring(middle, 6)[0]
    for name, cell in (("inside", middle), ("near", near), ("beyond", beyond)):
        await atoll.phone(name, cells=[cell])
    alone = await approved(atoll.desk, about({"area": AT_SEA}))
    assert await atoll.planned(alone) == {"inside": 0}
    wider = await atoll.planned(await approved(atoll.desk, about({"area": AT_SEA}, reach_m=4_000)))
    assert wider["inside"] == 0
    assert wider["near"] > 0
    assert "beyond" not in wider


async def test_phones_are_told_of_an_area_without_a_zone_by_its_cells(atoll: Atoll) -> None:
    alert = await approved(atoll.desk, about({"area": a_square(*SANDY)}))
    (live,) = (await atoll.desk.must("GET", "/alerts/live", params={"cell": IN_SANDY}))["alerts"]
    assert (live["zone_id"], live["reach_m"]) == (None, None)
    told = {h3.get_resolution(cell): cell for cell in live["cells"]}
    assert any(h3.latlng_to_cell(SANDY[1] + 0.005, SANDY[0] + 0.005, at) in live["cells"] for at in told)
    shown = await atoll.desk.must("GET", f"/alerts/{alert}", "borys")
    assert shown["area"]["type"] == "Polygon"
    assert (shown["zone_id"], shown["units"]) == (None, [])


async def test_the_preview_shows_where_it_would_go_and_whom_it_would_reach(atoll: Atoll) -> None:
    for name in range(3):
        await atoll.phone(f"{name}", within=["XA113"])
    alert = (await atoll.desk.must("POST", "/alerts", "anna", json=about({"area": a_square(*SANDY)}, reach_m=5_000)))[
        "id"
    ]
    preview = await atoll.desk.must("GET", f"/alerts/{alert}/preview", "borys")
    assert preview["audience"] == "<20"
    assert preview["cells"] > 20
    assert preview["places"] >= 3
    assert preview["rings"] > 2
    assert 90 < preview["area_km2"] < 120
    area = preview["area"]["coordinates"][0]
    assert min(x for x, _ in area) < SANDY[0] - 0.04
    assert 0 < len(preview["told"]) <= 40


async def test_r26_nobody_is_counted_in_an_area_of_fewer_than_three_cells_however_many_units_it_touches(
    atoll: Atoll,
) -> None:
    latitude, longitude = h3.cell_to_latlng(IN_SANDY)
    tiny = a_square(longitude, latitude, size=0.0001)
    alert = (await atoll.desk.must("POST", "/alerts", "anna", json=about({"area": tiny})))["id"]
    preview = await atoll.desk.must("GET", f"/alerts/{alert}/preview", "borys")
    assert (preview["cells"], preview["audience"]) == (1, None)
    assert preview["places"] >= 3


async def test_units_are_named_as_the_register_names_them_in_each_language(atoll: Atoll) -> None:
    wish = about({"units": [atoll.place("XA113"), "XA111"]}, place=None)
    alert = (await atoll.desk.must("POST", "/alerts", "anna", json=wish))["id"]
    texts = (await atoll.desk.must("GET", f"/alerts/{alert}/preview", "borys"))["texts"]
    titles = {one["language"]: one["title"] for one in texts}
    assert titles["uk"].endswith("Піщана і Чайкинська")  # noqa: RUF001 - the Ukrainian word for and
    assert "Pishchana and Chaikynska" in titles["en"]
    await approved(atoll.desk, wish)


async def test_an_accident_is_not_narrowed_to_a_municipality_by_the_registers_name(atoll: Atoll) -> None:
    wish = about({"units": ["XA113"]}, template="accident_near", place=None)
    alert = (await atoll.desk.must("POST", "/alerts", "anna", json=wish))["id"]
    refused = await atoll.desk.ask("POST", f"/alerts/{alert}/submit", "anna")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/place-unnamed")
    await approved(atoll.desk, wish | {"units": ["XA11"]})
    await approved(atoll.desk, wish | {"place": "Бережанський повіт"})


async def test_r27_an_exercise_for_units_of_the_real_world_is_refused_and_the_reverse(app: FastAPI, desk: Desk) -> None:
    atoll = await Atoll.loaded(app, desk, AS_REAL, AS_EXERCISE)
    for exercise in (False, True):
        mixed = about({"units": [atoll.place("XA1", exercise=not exercise)]}, exercise=exercise)
        answer = await desk.ask("POST", "/alerts", "anna", json=mixed)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/exercise-mismatch")
        both = about({"units": [atoll.place("XA1"), atoll.place("XA1", exercise=True)]}, exercise=exercise)
        assert (await desk.ask("POST", "/alerts", "anna", json=both)).status_code == 409
        await approved(desk, about({"units": [atoll.place("XA1", exercise=exercise)]}, exercise=exercise))


@pytest.mark.parametrize("exercise", [False, True])
@pytest.mark.parametrize("known_by", ["places", "zone"])
async def test_r27_a_drawn_area_never_reaches_into_the_other_world(
    app: FastAPI, desk: Desk, known_by: str, *, exercise: bool
) -> None:
    if known_by == "places":
        await Atoll.loaded(app, desk, AS_REAL if exercise else AS_EXERCISE)
    else:
        await a_zone(desk, a_square(*SANDY), exercise=not exercise)
    alert = (await desk.must("POST", "/alerts", "anna", json=about({"area": a_square(*SANDY)}, exercise=exercise)))[
        "id"
    ]
    for method, path in (("GET", "preview"), ("POST", "submit")):
        answer = await desk.ask(method, f"/alerts/{alert}/{path}", "anna")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/exercise-mismatch")
    await approved(desk, about({"area": AT_SEA}, exercise=exercise))


async def test_r27_what_came_into_the_other_world_after_submission_is_not_approved(app: FastAPI, desk: Desk) -> None:
    alert = (await desk.must("POST", "/alerts", "anna", json=about({"area": a_square(*SANDY)}, exercise=True)))["id"]
    await desk.must("POST", f"/alerts/{alert}/submit", "anna")
    await a_zone(desk, a_square(*SANDY))
    assert (await desk.ask("POST", f"/alerts/{alert}/approve", "borys")).status_code == 409


async def test_r27_where_the_deployment_lies_decides_about_drawn_areas(app: FastAPI, desk: Desk) -> None:
    home = app.state.house.get(Settings).model_copy(update={"area": ((-41.0, -31.0, -39.0, -29.0),)})
    app.state.house.put(home)
    wanted = {
        (False, "there"): None,
        (True, "there"): "exercise-mismatch",
        (False, "away"): "area-elsewhere",
        (True, "away"): None,
    }
    for (exercise, where), expected in wanted.items():
        area = AT_SEA if where == "there" else a_square(-10.0, -30.0)
        alert = (await desk.must("POST", "/alerts", "anna", json=about({"area": area}, exercise=exercise)))["id"]
        answer = await desk.ask("POST", f"/alerts/{alert}/submit", "anna")
        assert answer.json().get("type") == (expected and f"/problems/{expected}"), (exercise, where)


async def test_r18_an_exercise_about_a_drawn_area_or_units_finds_testers_only(app: FastAPI, desk: Desk) -> None:
    atoll = await Atoll.loaded(app, desk, AS_EXERCISE)
    unit = atoll.place("XA113", exercise=True)
    code = (await desk.must("POST", "/tester-codes", "anna", json={"uses": 1, "hours": 24}))["code"]
    atoll.place = lambda *_, **__: unit  # type: ignore[method-assign]  # the only place of this test
    await atoll.phone("resident", within=["XA113"])
    tester = await atoll.phone("tester", within=["XA113"])
    owner = {"Authorization": f"Bearer {tester['secret']}"}
    enrolled = await desk.api.post(f"/v1/registrations/{tester['id']}/tester", json={"code": code}, headers=owner)
    assert enrolled.status_code == 200, enrolled.text
    for form in ({"units": [unit]}, {"area": a_square(*SANDY)}):
        alert = await approved(desk, about(form, exercise=True))
        assert (await atoll.planned(alert)).keys() == {"tester"}


async def test_what_was_drawn_or_named_cannot_be_written_over_once_approved(atoll: Atoll, database_url: str) -> None:
    await approved(atoll.desk, about({"area": a_square(*SANDY)}))
    for change in ("drawn = '\\x00'", "cells = '{}'", "drawn = NULL, units = ARRAY[gen_random_uuid()]"):
        with (
            psycopg.connect(database_url) as connection,
            pytest.raises(psycopg.errors.RaiseException, match="does not change"),
        ):
            connection.execute(f"UPDATE alert SET {change}")  # noqa: S608 - a test's own text
