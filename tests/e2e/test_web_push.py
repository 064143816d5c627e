"""A phone without Google, against the real processes: it subscribes, proves itself, is warned, answers, and goes."""

import base64
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.delivery.channels.web_push_vapid import create
from service.delivery.payload import canonical
from service.kit.crypto import Signer, verify
from tests.e2e.crowd import OUTLINES, a_zone, sent_to
from tests.e2e.system import SIGNING_KEY, Phone, System, running, wait_for
from tests.fakes import stub_of_google
from tests.push_service import Answer, PushService, push_service_beside
from tests.subscribing import Subscriber, decoded


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service_beside() as one:
        yield one


@pytest.fixture
def system(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[System]:
    more = {"SUREFOOT_VAPID_KEY": create().hex(), "SUREFOOT_VAPID_CONTACT": "mailto:push@example.org"}
    with ExitStack() as stack:
        google = stack.enter_context(stub_of_google(tmp_path))
        made = System(google, database_url, redis_url, tmp_path, more=more)
        system = stack.enter_context(running(made))
        system.import_zones(OUTLINES)
        yield system


def offered(system: System) -> bytes:
    """Return the key to subscribe with, once a worker told it."""

    def asked() -> bytes | None:
        answer = system.ask("GET", "/web-push")
        return decoded(answer.json()["public_key"]) if answer.status_code == 200 else None

    key: bytes = wait_for(asked, what="the offer of a key")
    return key


def said_to(service: PushService, phone: Subscriber, kind: str) -> list[dict[str, str]]:
    path = phone.endpoint.removeprefix(service.url)
    read = [phone.read(one.body) for one in service.to(path)]
    return [one for one in read if one["kind"] == kind]


def register(system: System, phone: Subscriber, cell: str) -> Phone:
    body = {"address": phone.as_json(), "languages": ["uk"], "cells": [cell], "platform": "web"}
    answer = httpx.post(f"{system.url}/v1/registrations", json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    key = base64.urlsafe_b64decode(made["receipt_key"] + "==")
    return Phone(phone.endpoint, [cell], ["uk"], made["id"], made["secret"], key, made["live_alerts"])


def test_a_phone_without_google_is_warned_once_it_proved_itself_and_leaves_when_it_wishes(
    system: System, service: PushService
) -> None:
    zone, cell = a_zone(system)
    assert len(offered(system)) == 65
    proved, unproved = Subscriber(f"{service.url}/proved"), Subscriber(f"{service.url}/unproved")
    phone, other = register(system, proved, cell), register(system, unproved, cell)
    by_google = system.register([cell])
    for one in (proved, unproved):
        wait_for(partial(said_to, service, one, "verify"), what="the code")
    code = {"code": said_to(service, proved, "verify")[0]["code"]}
    url = f"{system.url}/v1/registrations/{phone.id}"
    assert httpx.post(f"{url}/verification", json=code, headers=phone.headers).status_code == 200

    alert = system.warn(zone)
    [told] = wait_for(lambda: said_to(service, proved, "alert"), what="the warning")
    system.wait_until_sent(alert)
    assert (told["alert"], told["language"]) == (alert, "uk")
    assert verify(Signer(bytes.fromhex(SIGNING_KEY)).public, decoded(told["signature"]), canonical(told))
    assert said_to(service, unproved, "alert") == [], "nothing is pushed to an address that nobody proved"
    assert {one: times for one, times in sent_to(system, alert).items() if " in topics" not in one} == {
        by_google.address: 1
    }
    assert system.send_receipt(phone, alert, int(told["batch"])).status_code == 202

    assert httpx.delete(url, headers=phone.headers).status_code == 204
    assert httpx.get(url, headers=phone.headers).status_code == 404
    assert httpx.get(f"{system.url}/v1/registrations/{other.id}", headers=other.headers).json()["capped"] is True


def test_a_push_service_that_hangs_keeps_nobody_else_waiting(system: System, service: PushService) -> None:
    zone, cell = a_zone(system)
    offered(system)
    with push_service_beside() as stuck:
        slow = [Subscriber(f"{stuck.url}/{number}") for number in range(20)]
        fast = Subscriber(f"{service.url}/fast")
        for one in (*slow, fast):
            phone = register(system, one, cell)
            at = stuck if one in slow else service
            wait_for(partial(said_to, at, one, "verify"), what="the code")
            code = {"code": said_to(at, one, "verify")[0]["code"]}
            url = f"{system.url}/v1/registrations/{phone.id}/verification"
            assert httpx.post(url, json=code, headers=phone.headers).status_code == 200
        by_google = system.register([cell])
        stuck.answer = lambda _: Answer(delay=600)
        began = time.monotonic()
        alert = system.warn(zone)
        wait_for(lambda: said_to(service, fast, "alert"), 8, what="the warning at the other server")
        wait_for(lambda: by_google.address in sent_to(system, alert), 8, what="Google's message")
        assert time.monotonic() - began < 8
        stuck.answer = lambda _: Answer()
        wait_for(lambda: all(said_to(stuck, one, "alert") for one in slow), 110, what="the rest after it came back")
