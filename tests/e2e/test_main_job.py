"""A zone comes in, a second person approves, and exactly the phones meant get the warning, once, in their language."""

import base64
import json
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h3
import pytest
import shapely
from shapely.affinity import affine_transform
from shapely.geometry import Point, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from service.delivery.payload import canonical
from service.kit.crypto import Signer, verify
from tests.conftest import SHARED
from tests.e2e.system import LANGUAGES, SIGNING_KEY, Phone, System, running
from tests.fakes import stub_of_google

REACH_M = 4000
MARGIN_M = 150
METRES_A_DEGREE = 111_195.0  # of a sphere of 6,371,008.8 m, as haversine takes it


def outlines() -> Path:
    """The real outlines where they are, else a file of the same form."""
    real = SHARED / "hazards" / "formats" / "bih300.geojsonl"
    return real if real.is_file() else Path(__file__).parents[1] / "data" / "outlines.geojsonl"


def first_outline(file: Path) -> BaseGeometry:
    for line in file.read_text().splitlines():
        found = shape(json.loads(line)["geometry"])
        if found.is_valid:
            return found
    raise AssertionError("no valid outline")


def in_metres(what: BaseGeometry, around: Point) -> BaseGeometry:
    """A flat picture around a point; over some 20 km it is true to a few metres."""
    across = METRES_A_DEGREE * math.cos(math.radians(around.y))
    return affine_transform(what, [across, 0, 0, METRES_A_DEGREE, -around.x * across, -around.y * METRES_A_DEGREE])


def hexagon(cell: str) -> Polygon:
    return Polygon([(longitude, latitude) for latitude, longitude in h3.cell_to_boundary(cell)])


def distances(outline: BaseGeometry) -> dict[str, float]:
    """Metres from each cell around to the outline, by shapely alone."""
    middle = outline.centroid
    near = h3.grid_disk(h3.latlng_to_cell(middle.y, middle.x, 7), 8)
    flat = in_metres(outline, middle)
    return {cell: in_metres(hexagon(cell), middle).distance(flat) for cell in near}


@pytest.fixture
def system(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[System]:
    with stub_of_google(tmp_path) as google, running(System(google, database_url, redis_url, tmp_path)) as system:
        yield system


def zone_at(system: System, outline: BaseGeometry) -> dict[str, Any]:
    west, south, east, north = outline.buffer(0.01).bounds
    point = outline.representative_point()
    for _ in range(50):  # the map follows the record within two seconds
        page = system.must("GET", "/zones", params={"bbox": f"{west},{south},{east},{north}"})
        found: list[dict[str, Any]] = [one for one in page["features"] if shape(one["geometry"]).contains(point)]
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError("the zone is not on the map")


def test_exactly_those_meant_are_warned_once_and_in_their_language(system: System) -> None:
    report = system.import_zones(outlines())
    assert {waits["reason"] for waits in report["quarantined"]} <= {"closed-without-record"}
    again = system.import_zones(outlines())
    assert again["new"] == again["changed"] == 0
    zone = zone_at(system, first_outline(outlines()))
    away = distances(shape(zone["geometry"]))
    inside = [cell for cell, metres in away.items() if metres < REACH_M - MARGIN_M]
    outside = [cell for cell, metres in away.items() if metres > REACH_M + MARGIN_M]
    edge = sorted(inside, key=lambda cell: -away[cell])[:8]
    beyond = sorted(outside, key=lambda cell: away[cell])[:12]
    own = sorted(inside, key=lambda cell: away[cell])[:8]
    wanted = [[cell] for cell in own + edge + beyond]
    wanted += [[beyond[0], edge[0], own[0]], [beyond[1], beyond[2]], [h3.latlng_to_cell(-30.0, -30.0, 7), edge[1]]]
    with ThreadPoolExecutor(6) as pool:
        asked = [(cells, LANGUAGES[n % len(LANGUAGES)]) for n, cells in enumerate(wanted)]
        phones = list(pool.map(lambda one: system.register(one[0], languages=[one[1]]), asked))
    alert = system.draft(zone["id"], reach_m=REACH_M)
    system.must("POST", f"/alerts/{alert}/submit", by="anna")
    refused = system.ask("POST", f"/alerts/{alert}/approve", by="anna")
    assert refused.status_code == 403
    system.must("POST", f"/alerts/{alert}/approve", by="borys")
    system.wait_until_sent(alert)
    sent = system.google.alerts()
    meant = {phone.address for phone in phones if set(phone.cells) & set(inside)}
    assert sorted(one["address"] for one in sent) == sorted(meant)
    check_words(sent, {phone.address: phone for phone in phones}, alert)
    check_receipts(system, sent, {phone.address: phone for phone in phones}, alert)


def check_words(sent: list[dict[str, Any]], phones: dict[str, Phone], alert: str) -> None:
    public = Signer(bytes.fromhex(SIGNING_KEY)).public
    for one in sent:
        data = one["message"]["data"]
        assert data["language"] == phones[one["address"]].languages[0]
        assert data["direction"] == ("rtl" if data["language"] == "ar" else "ltr")
        assert (data["alert"], data["exercise"]) == (alert, "0")
        assert verify(public, base64.urlsafe_b64decode(data["signature"] + "=="), canonical(data))


def check_receipts(system: System, sent: list[dict[str, Any]], phones: dict[str, Phone], alert: str) -> None:
    for one in sent:
        phone, batch = phones[one["address"]], int(one["message"]["data"]["batch"])
        assert system.send_receipt(phone, alert, batch).status_code == 202
        assert system.send_receipt(phone, alert, batch).status_code == 202
    stranger = phones[sent[0]["address"]]
    stranger.receipt_key = bytes(32)
    assert system.send_receipt(stranger, alert, None).status_code == 403
    counts = system.must("GET", f"/alerts/{alert}", by="anna")["counts"]
    assert counts["received"] == counts["planned"] == "<20"


def test_outside_means_outside_even_by_h3s_own_parents() -> None:
    """H3 parents do not contain their children, so the audience never goes by them: the hexagons differ."""
    cell = h3.latlng_to_cell(45.2, 17.0, 7)
    parent = hexagon(h3.cell_to_parent(cell, 5))
    assert any(not parent.contains(hexagon(child)) for child in h3.cell_to_children(h3.cell_to_parent(cell, 5), 7))


def test_the_outlines_of_this_test_are_as_dirty_as_real_ones() -> None:
    shapes = [shape(json.loads(line)["geometry"]) for line in outlines().read_text().splitlines()]
    assert any(not shapely.is_valid(one) for one in shapes)
    assert mapping(shapes[0])["type"] in {"Polygon", "MultiPolygon"}
