"""Phones that nobody knows are warned by real processes; they are counted at the stub, not in our tables."""

import base64
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.demo.following import topics_of
from service.demo.phone import Phone, Verdict
from service.demo.population import Network, Owner, Platform
from service.demo.spots import Place
from service.kit.crypto import Signer
from tests.e2e.crowd import OUTLINES, rows
from tests.e2e.system import LANGUAGES, SIGNING_KEY, System, cell_at, running, wait_for
from tests.e2e.test_main_job import first_outline, zone_at
from tests.fakes import stub_of_google

SERVICE_KEY = Ed25519PublicKey.from_public_bytes(Signer(bytes.fromhex(SIGNING_KEY)).public)


@pytest.fixture
def system(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[System]:
    """An API with a few zones, and no worker yet."""
    with (
        stub_of_google(tmp_path, delay=0.02) as google,
        running(System(google, database_url, redis_url, tmp_path), worker=False) as system,
    ):
        system.import_zones(OUTLINES)
        yield system


def the_zone(system: System) -> str:
    return str(zone_at(system, first_outline(OUTLINES))["id"])


def told(system: System) -> dict[str, Any]:
    """What phones are told; this deployment signs no index, so the key is read where the index would find it."""

    def key() -> bytes | None:
        with psycopg.connect(system.database_url) as connection:
            row = connection.execute("SELECT key FROM topic_generation WHERE NOT exercise").fetchone()
            return None if row is None else bytes(row[0])

    found = base64.urlsafe_b64encode(wait_for(key, what="the first key")).rstrip(b"=").decode()
    return {
        "world": "live",
        "resolutions": [7, 5, 3],
        "languages": list(LANGUAGES),
        "default_language": "en",
        "generations": [{"number": 1, "key": found}],
    }


@contextmanager
def listening(system: System) -> Iterator[list[dict[str, Any]]]:
    """Hear at the stub what is carried to phones while the block runs."""
    events: list[dict[str, Any]] = []
    with httpx.stream("GET", f"{system.google.url}/_stub/stream", timeout=60) as stream:
        lines = stream.iter_lines()
        assert json.loads(next(lines)) == {"event": "listening"}
        yield events
        # A message of its own ends the hearing: what was carried before it has been heard by then.
        system.register([cell_at(-30.0, -30.0)], name="the-last", verify=False)
        for line in lines:
            event = json.loads(line)
            if event["address"].endswith("the-last"):
                break
            events.append(event)


def middle() -> tuple[float, float]:
    point = first_outline(OUTLINES).representative_point()
    return point.x, point.y


def a_follower(system: System, languages: tuple[str, ...], place: tuple[float, float]) -> None:
    name = f"{languages[0]} at {place[0]:.0f}"
    system.google.follow(**{name: topics_of(told(system), [place], languages)})


def test_a_phone_that_registers_nothing_is_warned_once_in_its_language_and_one_elsewhere_is_not(system: System) -> None:
    system.start("worker")
    zone = the_zone(system)
    for language in LANGUAGES:
        a_follower(system, (language,), middle())
    a_follower(system, ("zh-Hant", "pt"), middle())
    a_follower(system, ("uk",), (-30.0, -30.0))
    with listening(system) as events:
        system.wait_until_sent(system.warn(zone))
    heard = {event["address"]: event["message"]["data"]["language"] for event in events}
    here = f"at {middle()[0]:.0f}"
    assert heard == {f"{tag} {here}": tag for tag in LANGUAGES} | {f"zh-Hant {here}": "en"}
    assert len(events) == len(heard), "each once"


def test_a_worker_killed_in_mid_send_leaves_no_topic_out_and_phones_drop_the_repeats(system: System) -> None:
    zone = the_zone(system)
    system.google.fail({"status": 200, "delay": 0.7, "share": 1.0, "body": None})
    system.start("first", "worker")
    alert = system.warn(zone, reach_m=20_000)
    wait_for(lambda: len(system.google.letters()) > 5, what="the first letters")
    system.google.fail()
    system.kill("first")
    planned = rows(system, "SELECT count(*) FROM topic_letter")
    assert planned > 25
    assert rows(system, "SELECT count(*) FROM topic_letter WHERE state = 'done'") < planned, "the kill came too late"
    killed = time.monotonic()
    system.start("second", "worker")
    system.wait_until_sent(alert)
    assert time.monotonic() - killed < 30
    counted = Counter(one["address"] for one in system.google.letters())
    assert len(counted) == planned
    assert max(counted.values()) <= 2
    assert rows(system, "SELECT count(*) FROM topic_letter WHERE fate = 'a'") == planned


def test_r17_a_pause_holds_letters_too_and_resuming_loses_none(system: System) -> None:
    zone = the_zone(system)
    system.start("worker")
    system.must("POST", "/sending/pause", by="anna", json={"reason": "a test"})
    time.sleep(1)
    alert = system.warn(zone)
    time.sleep(3)
    assert system.google.letters() == []
    system.must("POST", "/sending/resume", by="borys", json={"reason": "a test"})
    system.wait_until_sent(alert)
    assert len(system.google.letters()) == rows(system, "SELECT count(*) FROM topic_letter") > 0


def test_a_phone_in_both_modes_shows_the_warning_once(system: System) -> None:
    system.start("worker")
    zone = the_zone(system)
    longitude, latitude = middle()
    registered = system.register([cell_at(latitude, longitude)])
    system.google.follow(**{registered.address: topics_of(told(system), [middle()], ["en"])})
    with listening(system) as events:
        alert = system.warn(zone)
        system.wait_until_sent(alert)
    assert [one["address"] for one in system.google.alerts()] == [registered.address]
    messages = [event["message"] for event in events if event["message"]["data"].get("kind") == "alert"]
    assert sorted("condition" in message for message in messages) == [False, True]
    owner = Owner(
        number=1,
        platform=Platform.ANDROID,
        kind="token",
        languages=("en",),
        speaks="en",
        places=(Place(*middle()),),
        decoys=(),
        tester=False,
        network=Network.ONLINE,
        loses_push=False,
        broken_extension=False,
        empty_pack=True,
    )
    phone = Phone(owner, registered.address, SERVICE_KEY)
    verdicts = []
    for message in messages:
        warned = phone.hear(message["data"])
        assert warned is not None
        verdicts.append(phone.decide(warned, online=False))
        phone.show(warned, at=0.0)
    assert verdicts == [Verdict.SHOW, Verdict.REPEAT]
    assert all(one.pushed for one in phone.shown.values())
