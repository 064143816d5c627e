"""Somebody without data and somebody with an app are told by text, ask and end it, by the real programs and an SMSC."""

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h3
import httpx
import pytest

from tests.e2e import by_text
from tests.e2e.system import Phone, System, wait_for
from tests.smsc import RunningSmsc, an_smsc

SPEED = 10  # a minute without a receipt is over in six seconds
LONGITUDE, LATITUDE = 17.0, 45.2
NUMBERED = re.compile(r"\b\d{2}\.\d{2}\.\d{4}/\d+\b")
MAP = """
scheme = "test"
code = "code"
source = "Register of the Test"
licence = "CC0-1.0"
category = "community"
longitude = "longitude"
latitude = "latitude"
radius_m = "radius_m"
names = {en = "name", uk = "name_uk"}
"""
PLACES = f"""code,name,name_uk,longitude,latitude,radius_m
1,Testovo,Тестове,{LONGITUDE},{LATITUDE},3000
2,Novo,Нове,{LONGITUDE + 1},{LATITUDE},3000
3,Elsewhere,Деінде,{LONGITUDE + 2},{LATITUDE},3000
"""


def square(name: str, east: float) -> str:
    west, south = LONGITUDE + east, LATITUDE
    ring = [[west, south], [west + 0.005, south], [west + 0.005, south + 0.005], [west, south + 0.005], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return (
        json.dumps(
            {
                "type": "Feature",
                "properties": {"zone_id": name, "name": name, "status": "CHA", "reported": "2024-07-31"},
                "geometry": geometry,
            }
        )
        + "\n"
    )


@dataclass
class World:
    """The running programs, and how people write to them and read what comes."""

    system: System
    smsc: RunningSmsc
    zones: dict[str, str]

    def write(self, number: str, text: str) -> None:
        assert by_text.write(self.smsc, number, text) == 0

    def texts(self, number: str) -> list[str]:
        return self.smsc.texts(number)

    def next(self, number: str, after: int, seconds: float = 20) -> str:
        """Return the text that comes after so many others, and see that no second one does at the same moment."""
        wait_for(lambda: len(self.texts(number)) > after, seconds, what=f"text {after + 1}")
        assert len(self.texts(number)) == after + 1
        return self.texts(number)[after]

    def ask(self, number: str, text: str) -> str:
        """Write, and return the one answer."""
        before = len(self.texts(number))
        self.write(number, text)
        return self.next(number, before)

    def warn(self, zone: str, *, reach_m: int = 1000) -> dict[str, Any]:
        """Warn of a zone as two people do; return the warning as it was approved."""
        system = self.system
        body = {
            "zone_id": self.zones[zone],
            "template": "hazard_near",
            "severity": "severe",
            "exercise": False,
            "reach_m": reach_m,
            "place": "Testovo",
            "place_names": {"uk": "Тестове"},
            "escalate_after_minutes": 1,
        }
        alert = system.must("POST", "/alerts", by="anna", json=body)
        system.must("POST", f"/alerts/{alert['id']}/submit", by="anna")
        approved: dict[str, Any] = system.must("POST", f"/alerts/{alert['id']}/approve", by="borys")
        return approved


@pytest.fixture(scope="module")
def world(ground: by_text.Ground) -> Iterator[World]:
    clock = f"{datetime.now(UTC).isoformat()}@{time.time()}x{SPEED}"
    with (
        an_smsc() as smsc,
        by_text.a_system(ground, by_text.an_operator(smsc), by_text.SECRETS, clock=clock) as system,
    ):
        yield opened(system, smsc, ground.folder)


def opened(system: System, smsc: RunningSmsc, folder: Path) -> World:
    """Load places and zones, and wait until both programs know them."""
    (folder / "map.toml").write_text(MAP)
    (folder / "places.csv").write_text(PLACES)
    words = ("--country", "BA", "--map", str(folder / "map.toml"), "--dated", "2026-01-01")
    loaded = system.command("places", "load", str(folder / "places.csv"), *words, key="anna")
    assert loaded.returncode == 0, loaded.stderr
    (folder / "zones.geojsonl").write_text(square("first", 0.0) + square("second", 0.01) + square("third", 1.0))
    report = system.import_zones(folder / "zones.geojsonl")
    assert report["new"] == 3, report["quarantined"]
    box = f"{LONGITUDE - 0.1},{LATITUDE - 0.1},{LONGITUDE + 1.1},{LATITUDE + 0.1}"

    def listed() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = system.must("GET", f"/zones?bbox={box}")["features"]
        return found if len(found) > 2 else []

    on_the_map = wait_for(listed, what="the zones on the map")
    by_name = {
        system.must("GET", f"/zones/{one['id']}/record", by="anna")["external_id"]: one["id"] for one in on_the_map
    }
    world = World(system, smsc, by_name)
    wait_for(lambda: by_text.write(smsc, "Bank", "hello") == 0, what="a session")
    # API and worker read a register anew every five seconds; whoever asks the worker too early is told so.
    tries = iter(range(38067_900_0000, 38067_900_0100))
    wait_for(lambda: system.must("GET", "/places", params={"name": "Testovo"})["groups"], what="the API's register")
    wait_for(lambda: "1: " in world.ask(f"+{next(tries)}", "33 Testovo"), what="the worker's register")
    return world


def test_somebody_without_data_registers_by_text_is_warned_asks_ends_it_and_hears_no_more(world: World) -> None:
    somebody, neighbour = "+380671000001", "+380671000002"
    for number, place in ((somebody, "33 Тестове"), (neighbour, "33 Testovo")):
        about = world.ask(number, place)
        assert place.removeprefix("33 ") in about
        assert "112" in about
        begun = world.ask(number, "1")
        assert place.removeprefix("33 ") in begun
    code = world.warn("first")["code"]
    warning = world.next(somebody, 2)
    assert "Тестове" in warning
    assert "112" in warning
    stamp = NUMBERED.search(warning)
    assert stamp is not None
    assert stamp[0].endswith(f"/{code}")
    assert "Testovo" in world.next(neighbour, 2)
    assert stamp[0] in world.ask(somebody, "55"), "who asks whether it is real is told its number"
    ended = world.ask(somebody, "STOP")
    assert "33" in ended
    assert "небезпека лишається" in ended
    second = world.warn("second")
    assert "Testovo" in world.next(neighbour, 3)
    world.system.wait_until_sent(second["id"])
    world.write(somebody, "stop")
    time.sleep(1)
    assert len(world.texts(somebody)) == 5, "nothing after the end, not even a second answer"


def test_apps_without_a_receipt_and_people_without_data_get_the_text_once_and_who_showed_it_none(world: World) -> None:
    system = world.system
    near, far = (h3.latlng_to_cell(LATITUDE, LONGITUDE + east, 7) for east in (1.0, 2.0))
    units = {place["name"]: place["id"] for place in _units(system)}
    shows, silent, away = (system.register([cell]) for cell in (near, near, far))
    apps = dict(zip(("+380672000001", "+380672000002", "+380672000003"), (shows, silent, away), strict=True))
    for number, phone in apps.items():
        own(world, phone, "PUT", "phone", {"number": number, "consent": {"wording": "test", "language": "en"}})
        prove(world, phone, number)
    by_text = {"+380673000001": "Novo", "+380673000002": "Elsewhere"}
    for number, place in by_text.items():
        register_by_text(world, number, units[place])
    alert = world.warn("third")["id"]
    pushed = {one["address"]: one for one in wait_for(lambda: _pushed(system, alert, 2), what="the pushes")}
    assert set(pushed) == {shows.address, silent.address}
    batch = int(pushed[shows.address]["message"]["data"]["batch"])
    assert system.send_receipt(shows, alert, batch).status_code == 202
    assert "Testovo" in world.next("+380673000001", 1), "who has no data is told at once"
    assert len(world.texts("+380672000002")) == 1, "who has an app is given time for a receipt"
    assert "Testovo" in world.next("+380672000002", 1)
    time.sleep(2)
    got = {number: len(world.texts(number)) - 1 for number in (*apps, *by_text)}
    assert got == {
        "+380672000001": 0, "+380672000002": 1, "+380672000003": 0, "+380673000001": 1, "+380673000002": 0
    }  # fmt: skip  # apps, and those without data


def _units(system: System) -> list[dict[str, Any]]:
    found = [system.must("GET", "/places", params={"name": name}) for name in ("Novo", "Elsewhere")]
    return [place for one in found for place in one["groups"][0]["districts"][0]["places"]]


def _pushed(system: System, alert: str, many: int) -> list[dict[str, Any]]:
    found = [one for one in system.google.alerts() if one["message"]["data"]["alert"] == alert]
    return found if len(found) >= many else []


def register_by_text(world: World, number: str, unit: str) -> None:
    """Register a number by HTTP, as a helper does for somebody."""
    body = {
        "address": {"kind": "sms", "number": number},
        "consent": {"wording": "test", "language": "en"},
        "languages": ["en"],
        "places": [unit],
        "platform": "sms",
    }
    made = world.system.must("POST", "/registrations", json=body)
    key = base64.urlsafe_b64decode(made["receipt_key"] + "==")
    prove(world, Phone(number, [], ["en"], made["id"], made["secret"], key, []), number)


def prove(world: World, phone: Phone, number: str) -> None:
    """Show the code that came to a number by text."""
    own(world, phone, "POST", "phone/verify", {"code": re.findall(r"\d{6}", world.next(number, 0))[0]})


def own(world: World, phone: Phone, method: str, path: str, body: dict[str, Any]) -> None:
    url = f"{world.system.url}/v1/registrations/{phone.id}/{path}"
    answer = httpx.request(method, url, headers=phone.headers, json=body, timeout=20)
    assert answer.status_code < 300, answer.text
