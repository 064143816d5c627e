"""The doors to zones, through the real app."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.atlas.index import ZoneIndex
from service.kit.db import transaction
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Operator, Role, Waiting
from service.zones.model import Publication
from tests.build import a_feature, a_file, a_square, a_zone, an_admin_with_key
from tests.conftest import NOW

STATED = {"authority": "Mine Action Centre", "dated": "2026-07-31", "wait": "true"}
BOX = "16.9,44.9,17.1,45.1"
HERE = {"lat": 45.005, "lon": 17.005}


@pytest.fixture
def home(app: FastAPI) -> House:
    house: House = app.state.house
    return house


@pytest.fixture
async def key(home: House) -> dict[str, str]:
    async with transaction(home.pool) as tx:
        return {"Authorization": f"Bearer {await an_admin_with_key(tx)}"}


@pytest.fixture
async def admin(home: House, key: dict[str, str]) -> Operator:
    async with transaction(home.pool) as tx:
        return (await operators.everybody(tx))[0]


async def _send(
    api: httpx.AsyncClient, key: dict[str, str], *features: dict[str, Any], **stated: Any
) -> httpx.Response:
    params = {**STATED, **stated}
    return await api.post("/v1/zones/imports", params=params, content=a_file(*features), headers=key)


async def _check(api: httpx.AsyncClient, home: House, **body: Any) -> dict[str, Any]:
    await home.get(ZoneIndex).look(home.pool)
    answer = await api.post("/v1/check", json={**HERE, **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _map(api: httpx.AsyncClient, home: House, **params: Any) -> dict[str, Any]:
    """Ask for the map once the process has looked at the record, as it does every second."""
    await home.get(ZoneIndex).look(home.pool)
    answer = await api.get("/v1/zones", params={"bbox": BOX, **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_file_comes_in_and_a_second_time_changes_nothing(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    first = (await _send(api, key, a_feature(), a_feature(None))).json()
    assert (first["new"], first["nothing_changed"], len(first["quarantined"])) == (1, False, 1)
    assert first["quarantined"][0].keys() == {"row", "external_id", "reason", "detail", "remedy"}
    again = (await _send(api, key, a_feature(), a_feature(None))).json()
    assert (again["new"], again["unchanged"], again["nothing_changed"]) == (0, 1, True)


async def test_a_dry_run_changes_nothing(api: httpx.AsyncClient, home: House, key: dict[str, str]) -> None:
    report = (await _send(api, key, a_feature(), dry_run=True)).json()
    assert (report["new"], report["dry_run"], report["state"]) == (1, True, "planned")
    page = await _map(api, home)
    assert page["features"] == []


async def test_r17_an_import_needs_an_editor(api: httpx.AsyncClient, home: House, key: dict[str, str]) -> None:
    assert (await _send(api, {}, a_feature())).status_code == 401
    assert (await _send(api, await _key_of(home, Role.ADMIN, Role.EDITOR), a_feature())).status_code == 200
    assert (await _send(api, await _key_of(home, Role.AUTHOR), a_feature())).status_code == 403


async def _key_of(home: House, *roles: Role) -> dict[str, str]:
    """Add one more operator, with a second admin's word where it takes one, and return the key's header."""
    async with transaction(home.pool) as tx:
        staff = await operators.everybody(tx)
        done = await operators.add(tx, staff[0], f"Operator {len(staff)}", frozenset(roles), now=NOW)
        if isinstance(done, Waiting):
            done = await operators.confirm(tx, staff[1], done.change.id, now=NOW)
    assert done.key is not None
    return {"Authorization": f"Bearer {done.key.reveal()}"}


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ({"authority": None}, 422),
        ({"dated": None}, 422),
        ({"dated": "31.07.2026"}, 422),
        ({"dated": "2027-01-01"}, 422),
        ({"authority": "  "}, 422),
        ({"class": "green"}, 422),
        ({"accuracy_m": "-3"}, 422),
        ({"fictional": "yes"}, 422),
    ],
)
async def test_an_unfit_statement_is_a_clear_422(
    api: httpx.AsyncClient, key: dict[str, str], stated: dict[str, Any], status: int
) -> None:
    params = {name: value for name, value in {**STATED, **stated}.items() if value is not None}
    answer = await api.post("/v1/zones/imports", params=params, content=a_file(a_feature()), headers=key)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_another_format_is_a_clear_415(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    answer = await api.post("/v1/zones/imports", params=STATED, content=b"%PDF-1.7", headers=key)
    assert answer.status_code == 415
    assert "GeoPackage" in answer.text


async def test_r25_the_public_sees_suspected_and_confirmed_alike(
    api: httpx.AsyncClient, home: House, key: dict[str, str]
) -> None:
    """Every class and device, rendered and compared: only id and place may differ."""
    rows = [
        a_feature(f"Z-{number}", a_square(), **{"class": word}, hazards=device, name=f"{word} {device}", lies="buried")
        for number, (word, device) in enumerate(
            (w, d) for w in ("SHA", "CHA", "Cleared") for d in ("APM", "AVM", "IED")
        )
    ]
    assert (await _send(api, key, *rows)).json()["new"] == len(rows)
    page = await _map(api, home)
    shown = [{**feature, "id": None} for feature in page["features"]]
    assert len(shown) == len(rows)
    assert all(one == shown[0] for one in shown)
    answers = (await _check(api, home))["answers"]
    plain = [{**answer, "zone_id": None} for answer in answers]
    assert all(one == plain[0] for one in plain)


async def test_the_map_is_paged_geojson(api: httpx.AsyncClient, home: House, key: dict[str, str]) -> None:
    await _send(api, key, *(a_feature(f"Z-{number}") for number in range(3)))
    page = await _map(api, home, limit=2)
    assert page["type"] == "FeatureCollection"
    assert len(page["features"]) == 2
    assert page["caveat"]
    links = {link["rel"]: link["href"] for link in page["links"]}
    rest = (await api.get(links["next"])).json()
    assert len(rest["features"]) == 1
    assert rest["next"] is None
    assert "next" not in {link["rel"] for link in rest["links"]}


@pytest.mark.parametrize("box", ["", "1,2,3", "x,y,z,w", "17,46,18,45", "0,0,inf,1"])
async def test_a_bad_box_is_a_clear_422(api: httpx.AsyncClient, box: str) -> None:
    answer = await api.get("/v1/zones", params={"bbox": box})
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/bbox-malformed"


async def test_r27_exercise_zones_are_shown_only_to_who_asks_for_them(
    api: httpx.AsyncClient, home: House, key: dict[str, str]
) -> None:
    await _send(api, key, a_feature(), exercise=True)
    assert (await _map(api, home))["features"] == []
    (feature,) = (await _map(api, home, exercise=True))["features"]
    assert feature["properties"]["exercise"] is True
    one = (await api.get(f"/v1/zones/{feature['id']}")).json()
    assert {**one, "links": None} == {**feature, "links": None}


async def test_r8_a_withheld_zone_is_404_like_one_that_is_not_there(
    api: httpx.AsyncClient, home: House, admin: Operator, key: dict[str, str]
) -> None:
    async with transaction(home.pool) as tx:
        zone = await a_zone(tx, admin, publication=Publication.WITHHELD)
    hidden = await api.get(f"/v1/zones/{zone.id}")
    absent = await api.get("/v1/zones/00000000-0000-7000-8000-000000000000")
    assert hidden.status_code == absent.status_code == 404
    drop = {"request_id"}
    assert {k: v for k, v in hidden.json().items() if k not in drop} == {
        k: v for k, v in absent.json().items() if k not in drop
    }
    record = await api.get(f"/v1/zones/{zone.id}/record", headers=key)
    assert record.json()["public"] is None


async def test_the_whole_record_is_for_operators(api: httpx.AsyncClient, home: House, key: dict[str, str]) -> None:
    await _send(api, key, a_feature(hazards="APM", name="Field"))
    (feature,) = (await _map(api, home))["features"]
    url = f"/v1/zones/{feature['id']}/record"
    assert (await api.get(url)).status_code == 401
    record = (await api.get(url, headers=key)).json()
    assert (record["class"], record["hazards"], record["name"]) == ("sha", ["anti-personnel-mine"], "Field")
    assert record["official"] == {"type": "Polygon", "coordinates": a_square()["coordinates"]}


async def test_r5_check_answers_word_for_word(api: httpx.AsyncClient, home: House, key: dict[str, str]) -> None:
    miss = await _check(api, home)
    assert [one["relation"] for one in miss["answers"]] == ["unknown"]
    assert (miss["coverage"], miss["sources"]) == (
        "no_data",
        [{"authority": None, "data_as_of": None, "age_days": None}],
    )
    await _send(api, key, a_feature())
    hit = await _check(api, home, radius_m=5)
    assert [one["relation"] for one in hit["answers"]] == ["inside"]
    assert hit["coverage"] == "partly_listed"
    assert hit["radius_m"] == 600
    assert hit["raised"]
    assert hit.keys() == miss.keys()
    assert hit["answers"][0].keys() == miss["answers"][0].keys()
    assert hit["caveat"] == miss["caveat"]


async def test_r5_metres_are_told_to_operators_only(api: httpx.AsyncClient, home: House, key: dict[str, str]) -> None:
    await _send(api, key, a_feature())
    body = {**HERE, "lon": 17.02, "radius_m": 2_000}
    public = await _check(api, home, **body)
    assert public["answers"][0]["metres"] is None
    told = (await api.post("/v1/check", json=body, headers=key)).json()
    assert told["answers"][0]["metres"] > 500
    wrong = await api.post("/v1/check", json=body, headers={"Authorization": "Bearer sf_nobody"})
    assert wrong.status_code == 401


async def test_r5_headers_do_not_tell_a_hit_from_a_miss(
    api: httpx.AsyncClient, home: House, key: dict[str, str]
) -> None:
    await _send(api, key, a_feature())
    await home.get(ZoneIndex).look(home.pool)
    hit = await api.post("/v1/check", json=HERE)
    miss = await api.post("/v1/check", json={"lat": 10, "lon": 10})
    assert hit.status_code == miss.status_code == 200
    own = {"x-request-id", "content-length", "date"}
    assert {k: v for k, v in hit.headers.items() if k not in own} == {
        k: v for k, v in miss.headers.items() if k not in own
    }


@pytest.mark.parametrize("tag", ["en", "uk", "ru", "es", "ar"])
async def test_advice_and_caveat_come_in_the_callers_language(api: httpx.AsyncClient, home: House, tag: str) -> None:
    await home.get(ZoneIndex).look(home.pool)
    answer = await api.post("/v1/check", json=HERE, headers={"Accept-Language": tag})
    found = answer.json()
    assert found["language"] == tag
    assert found["direction"] == ("rtl" if tag == "ar" else "ltr")
    assert answer.headers["content-language"] == tag


@pytest.mark.parametrize(
    "body",
    [
        {"lat": 91, "lon": 0},
        {"lat": 0},
        {"lat": "x", "lon": 0},
        {**HERE, "radius_m": 2_001},
        {**HERE, "radius_m": -1},
        {**HERE, "name": "me"},
    ],
)
async def test_a_malformed_question_is_422_and_does_not_repeat_the_place(
    api: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    answer = await api.post("/v1/check", json=body)
    assert answer.status_code == 422
    assert "45.005" not in answer.text
    assert '"input"' not in answer.text


async def test_the_place_asked_about_is_not_logged(
    api: httpx.AsyncClient, home: House, capfd: pytest.CaptureFixture[str]
) -> None:
    await _check(api, home, lat=45.12345, lon=17.54321)
    said = "".join(capfd.readouterr())
    assert "45.12345" not in said
    assert "17.54321" not in said
