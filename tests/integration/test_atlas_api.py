"""The doors to the map, to places and to walks, through the real app."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.atlas.index import ZoneIndex
from service.kit.db import transaction
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Operator
from service.zones.model import HazardClass, Publication
from tests.build import a_feature, a_square, a_zone, an_admin_with_key
from tests.property.test_atlas_tiles import read, tile_at

BOX = "16.9,44.9,17.1,45.1"
HERE = {"lat": 45.005, "lon": 17.005}
WALK = {"line": [{"lat": 45.005, "lon": 16.98}, {"lat": 45.005, "lon": 17.03}]}
TILE = tile_at(17.005, 45.005, 12)
MVT = "application/vnd.mapbox-vector-tile"


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


async def _keep(home: House, admin: Operator, *features: Mapping[str, Any], **stated: Any) -> None:
    async with transaction(home.pool) as tx:
        for feature in features:
            await a_zone(tx, admin, feature, **stated)
    await home.get(ZoneIndex).look(home.pool)


async def _items(api: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    params = {name.rstrip("_"): value for name, value in more.items()}
    answer = await api.get("/v1/collections/zones/items", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_pages_of_ogc_api_features_lead_from_one_to_the_next(api: httpx.AsyncClient) -> None:
    landing = (await api.get("/v1")).json()
    links = {link["rel"]: link["href"] for link in landing["links"]}
    assert links.keys() >= {"self", "service-desc", "conformance", "data"}
    conforms = (await api.get(links["conformance"])).json()["conformsTo"]
    assert {one.rsplit("/", 1)[1] for one in conforms} == {"core", "geojson"}
    assert (await api.get(links["service-desc"])).status_code == 200
    (collection,) = (await api.get(links["data"])).json()["collections"]
    ways = {link["rel"]: link["href"] for link in collection["links"]}
    assert (await api.get(ways["self"])).json() == collection
    items = await api.get(ways["items"])
    assert items.headers["content-type"] == "application/geo+json"
    assert items.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    assert (await api.get("/v1/collections/other")).status_code == 404


async def test_both_addresses_of_the_map_give_the_same(api: httpx.AsyncClient, home: House, admin: Operator) -> None:
    await _keep(home, admin, *(a_feature(f"Z-{number}") for number in range(3)))
    here, there = await _items(api, bbox=BOX), (await api.get("/v1/zones", params={"bbox": BOX})).json()
    assert here["features"] == there["features"]
    assert (here["numberMatched"], here["numberReturned"]) == (3, 3)
    assert here["timeStamp"]
    one = await api.get(f"/v1/collections/zones/items/{here['features'][0]['id']}")
    assert {link["rel"] for link in one.json()["links"]} == {"self", "collection"}


async def test_pages_count_all_that_matches_and_end(api: httpx.AsyncClient, home: House, admin: Operator) -> None:
    await _keep(home, admin, *(a_feature(f"Z-{number}", a_square(17 + number / 50)) for number in range(5)))
    seen: list[str] = []
    url: str | None = "/v1/zones?limit=2"
    while url is not None:
        page = (await api.get(url)).json()
        assert page["numberMatched"] == 5
        seen += [feature["id"] for feature in page["features"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert seen == sorted(set(seen))
    assert len(seen) == 5
    assert (await api.get("/v1/zones", params={"limit": 5_000})).json()["numberReturned"] == 5


async def test_a_box_over_the_antimeridian_finds_what_lies_on_both_sides(
    api: httpx.AsyncClient, home: House, admin: Operator
) -> None:
    squares = {"west": a_square(179.9, -17), "east": a_square(-179.91, -17), "far": a_square(0, -17)}
    ring = [[179.995, -17], [-179.995, -17], [-179.995, -16.99], [179.995, -16.99], [179.995, -17]]
    squares["over"] = {"type": "Polygon", "coordinates": [ring]}
    names: dict[str, str] = {}
    async with transaction(home.pool) as tx:
        for name, shape in squares.items():
            names[str((await a_zone(tx, admin, a_feature(name, shape))).id)] = name
    await home.get(ZoneIndex).look(home.pool)

    async def found(box: str | None) -> set[str]:
        page = await _items(api, **({} if box is None else {"bbox": box}))
        assert page["numberMatched"] == len(page["features"])
        return {names[feature["id"]] for feature in page["features"]}

    assert await found("179,-18,-179,-16") == {"west", "east", "over"}
    assert await found("179.8,-18,179.999,-16") == {"west", "over"}
    assert await found("-180,-18,-179.9,-16") == {"east", "over"}
    assert await found("-180,-90,180,90") == await found(None) == set(squares)
    assert await found("-1,-18,0,1,-16,9") == {"far"}


async def test_a_page_can_be_of_one_authority_and_of_what_changed_since(
    api: httpx.AsyncClient, home: House, admin: Operator
) -> None:
    await _keep(home, admin, a_feature("old"))
    version = (await _items(api))["version"]
    await _keep(home, admin, a_feature("new", a_square(17.02)), authority="Other Centre")
    (changed,) = (await _items(api, changed_since=version))["features"]
    (other,) = (await _items(api, authority="Other Centre"))["features"]
    assert changed == other
    assert (await _items(api, authority="Nobody"))["numberMatched"] == 0
    assert (await _items(api, changed_since=version + 1))["numberMatched"] == 0


async def test_r1_no_moment_in_time_hides_a_zone(api: httpx.AsyncClient, home: House, admin: Operator) -> None:
    await _keep(home, admin, a_feature())
    for moment in ("1990-01-01T00:00:00Z", "2030-01-01T00:00:00Z/..", "../1980-01-01", "2026-01-01/2026-02-01"):
        assert (await _items(api, datetime=moment))["numberMatched"] == 1
    for wrong in ("yesterday", "../..", "2026-13-01", "a/b/c"):
        assert (await api.get("/v1/zones", params={"datetime": wrong})).json()["type"] == "/problems/datetime-malformed"


async def test_r25_the_class_is_a_filter_for_operators_only(
    api: httpx.AsyncClient, home: House, admin: Operator, key: dict[str, str]
) -> None:
    await _keep(home, admin, a_feature("S"), a_feature("C", a_square(17.02), **{"class": "CHA"}))
    for one in HazardClass:
        told = await api.get("/v1/zones", params={"class": one}, headers=key)
        assert told.json()["numberMatched"] == 1
        assert "etag" not in told.headers
        assert told.headers["cache-control"] == "no-store"
        refused = await api.get("/v1/zones", params={"class": one})
        assert (refused.status_code, refused.json()["type"]) == (401, "/problems/class-for-operators")


async def test_r8_a_withheld_zone_counts_nowhere(api: httpx.AsyncClient, home: House, admin: Operator) -> None:
    await _keep(home, admin, a_feature("public"))
    tile = f"/v1/tiles/{TILE.zoom}/{TILE.column}/{TILE.row}.mvt"

    async def everything() -> list[Any]:
        answers = [await api.get("/v1/zones", params={"bbox": BOX}), await api.get(tile)]
        answers += [await api.post("/v1/check", json=asked) for asked in (HERE, WALK)]
        bodies = [answers[0].json() | {"timeStamp": None}, *(one.content for one in answers[1:])]
        return [*bodies, *(one.headers.get("etag") for one in answers)]

    before = await everything()
    await _keep(home, admin, a_feature("hidden", a_square(17.012)), publication=Publication.WITHHELD)
    assert await everything() == before


async def test_what_has_not_changed_is_not_sent_again(api: httpx.AsyncClient, home: House, admin: Operator) -> None:
    await _keep(home, admin, a_feature())
    for url in ("/v1/zones?bbox=" + BOX, f"/v1/tiles/{TILE.zoom}/{TILE.column}/{TILE.row}.mvt"):
        first = await api.get(url)
        again = await api.get(url, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert (await api.get(url, headers={"If-None-Match": '"other"'})).status_code == 200
    tags = {(await api.get("/v1/zones", headers={"Accept-Language": tag})).headers["etag"] for tag in ("en", "uk")}
    assert len(tags) == 2
    url = "/v1/zones?bbox=" + BOX
    before = (await api.get(url)).headers["etag"]
    await _keep(home, admin, a_feature("Z-2", a_square(17.02)))
    assert (await api.get(url, headers={"If-None-Match": before})).status_code == 200


async def test_a_tile_is_read_by_another_library(api: httpx.AsyncClient, home: House, admin: Operator) -> None:
    await _keep(home, admin, a_feature())
    answer = await api.get(f"/v1/tiles/{TILE.zoom}/{TILE.column}/{TILE.row}.mvt")
    assert answer.headers["content-type"] == MVT
    assert len(read(answer.content, TILE)) == 1
    empty = await api.get("/v1/tiles/12/0/0.mvt")
    assert (empty.status_code, bool(empty.content)) == (200, True)
    for wrong in ("17/0/0", "3/8/0", "2/-1/0"):
        assert (await api.get(f"/v1/tiles/{wrong}.mvt")).status_code == 404
    assert (await api.get("/v1/tiles/a/0/0.mvt")).status_code == 422


async def test_r27_exercise_zones_stand_on_tiles_of_their_own(
    api: httpx.AsyncClient, home: House, admin: Operator
) -> None:
    await _keep(home, admin, a_feature(), exercise=True)
    place = f"{TILE.zoom}/{TILE.column}/{TILE.row}.mvt"
    assert read((await api.get(f"/v1/tiles/{place}")).content, TILE) == []
    assert len(read((await api.get(f"/v1/tiles/exercise/{place}")).content, TILE)) == 1
    described = (await api.get("/v1/tiles.json", params={"exercise": True})).json()
    assert described["tiles"][0].endswith("/v1/tiles/exercise/{z}/{x}/{y}.mvt")


async def test_r5_every_map_is_told_to_show_the_caveat(api: httpx.AsyncClient, home: House) -> None:
    described = (await api.get("/v1/tiles.json")).json()
    assert described["attribution"] == (await api.post("/v1/check", json=HERE)).json()["caveat"]
    assert (described["minzoom"], described["maxzoom"]) == (0, 16)


async def test_a_map_is_refused_until_the_record_was_read(api: httpx.AsyncClient, home: House) -> None:
    home.put(ZoneIndex())
    for url in ("/v1/zones", "/v1/tiles/0/0/0.mvt"):
        answer = await api.get(url)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/record-unread")


async def test_r5_a_walk_names_what_it_meets_and_no_more(
    api: httpx.AsyncClient, home: House, admin: Operator, key: dict[str, str]
) -> None:
    await _keep(
        home, admin, a_feature("on it"), a_feature("beside", a_square(17.02, 45.008)), a_feature("far", a_square(17.2))
    )
    told = (await api.post("/v1/check", json=WALK)).json()
    assert [one["relation"] for one in told["answers"]] == ["inside", "within_500m"]
    assert all(one["metres"] is None for one in told["answers"])
    point = (await api.post("/v1/check", json=HERE)).json()
    assert told.keys() == point.keys()
    exact = (await api.post("/v1/check", json=WALK, headers=key)).json()
    assert exact["answers"][0]["metres"] == 0
    miss = (await api.post("/v1/check", json={"line": [HERE | {"lon": 18.0}, HERE | {"lon": 18.1}]})).json()
    assert [one["relation"] for one in miss["answers"]] == ["unknown"]
    assert miss["answers"][0]["advice"] != ""


async def test_r5_a_walk_is_no_order_of_what_comes_first_along_it(
    api: httpx.AsyncClient, home: House, admin: Operator
) -> None:
    await _keep(home, admin, a_feature("on it"), a_feature("beside", a_square(17.02, 45.008)))
    there = await api.post("/v1/check", json=WALK)
    back = await api.post("/v1/check", json={"line": WALK["line"][::-1]})
    assert there.content == back.content


LONG = [{"lat": 45, "lon": 17}, {"lat": 45, "lon": 19}]


@pytest.mark.parametrize(
    "body",
    [
        {"line": [HERE]},
        {"line": [HERE] * 501},
        {"line": LONG},
        {**HERE, **WALK},
        {**WALK, "radius_m": 100},
        {"line": [[17.0, 45.0], [17.1, 45.0]]},
        {"lat": 45.0},
        {},
        {"line": [HERE, {"lat": 91, "lon": 0}]},
        {**HERE, "accuracy_m": 5_001},
    ],
)
async def test_a_walk_that_cannot_be_checked_is_a_clear_422(api: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await api.post("/v1/check", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "45.005" not in answer.text


@pytest.mark.parametrize("asked", [HERE, WALK, {"lat": 10, "lon": 10, "radius_m": 0}, {"line": LONG}, {"lat": "x"}, []])
@pytest.mark.parametrize("tag", ["en", "uk,en;q=0.5", ""])
async def test_the_answer_in_front_of_the_framework_is_the_routes_own(
    api: httpx.AsyncClient, home: House, admin: Operator, asked: Any, tag: str
) -> None:
    """A charset after the content type leads past the front."""
    await _keep(home, admin, a_feature(), a_feature("beside", a_square(17.02, 45.008)))
    answers = [
        await api.post("/v1/check", content=json.dumps(asked), headers={"Content-Type": kind, "Accept-Language": tag})
        for kind in ("application/json", "application/json; charset=utf-8")
    ]
    front, route = ({**one.headers, "x-request-id": ""} for one in answers)
    assert front == route
    told = [one.json() | {"request_id": ""} for one in answers]
    assert told[0] == told[1]
