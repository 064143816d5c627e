"""The fleet loses, repeats and delays messages as networks do, and its phones end up informed all the same."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from service.demo.calls import AppCalls, Rejected, _square
from service.demo.fleet import Fleet
from service.demo.phone import Account, Phone
from service.demo.population import Network, Owner
from service.demo.refining import read_outline
from service.demo.spots import Place
from tests.unit.test_demo_phone import ALERT, BEYOND, KEY, SQUARE, ZONE, a_push, an_owner

LIVE = {"alert_id": ALERT, "revision": 1, "state": "live", "zone_id": ZONE, "reach_m": 2000, "texts": {"uk": {}}}


class Service:
    """Answers as the service would; keeps what it was asked."""

    def __init__(self) -> None:
        self.receipts: list[Mapping[str, Any]] = []
        self.fetched: list[str] = []
        self.synced: list[int] = []

    async def send_receipt(self, _: Phone, receipt: Mapping[str, Any]) -> None:
        self.receipts.append(receipt)

    async def fetch_outline(self, phone: Phone, zone: str) -> bool:
        self.fetched.append(zone)
        phone.pack[zone] = read_outline(SQUARE)
        return True

    async def live_alerts(self, phone: Phone) -> list[Mapping[str, Any]]:
        self.synced.append(phone.owner.number)
        return [LIVE] if phone.enrolled else []


def a_fleet(*owners: Owner) -> tuple[Fleet, Service]:
    service = Service()
    fleet = Fleet(owners, cast("AppCalls", service), service_key=KEY.public_key().public_bytes_raw(), seed=1)
    for phone in fleet.phones:
        phone.account = Account(ALERT, "secret", b"r" * 32)
        phone.enrolled = phone.owner.tester
        phone.pack[ZONE] = read_outline(SQUARE)
    return fleet, service


def a_message(**differently: Any) -> dict[str, Any]:
    return {"data": a_push(), "android": {"priority": "high"}} | differently


async def settled(fleet: Fleet) -> None:
    for _ in range(40):
        await asyncio.sleep(0)
    assert not fleet.busy


async def test_a_push_is_shown_and_acknowledged_and_its_repeat_dropped() -> None:
    fleet, service = a_fleet(an_owner())
    phone = fleet.phones[0]
    for _ in range(2):
        fleet.deliver(phone.address, a_message())
        await settled(fleet)
    assert phone.repeats_dropped >= 1
    assert [one["batch"] for one in service.receipts] == [42]


async def test_a_lost_push_is_made_good_by_the_next_sync() -> None:
    fleet, service = a_fleet(an_owner(loses_push=True))
    phone = fleet.phones[0]
    fleet.deliver(phone.address, a_message())
    await settled(fleet)
    assert not phone.shown
    await fleet.sync(fleet.phones, on_change=lambda _: None)
    assert not phone.shown[ALERT, 1].pushed
    assert [one["batch"] for one in service.receipts] == [None]


async def test_a_dozing_phone_is_woken_by_high_priority_only() -> None:
    fleet, _ = a_fleet(an_owner(network=Network.DOZING))
    phone = fleet.phones[0]
    fleet.deliver(phone.address, a_message(android={"priority": "normal"}))
    await settled(fleet)
    assert not phone.shown
    fleet.deliver(phone.address, a_message())
    await settled(fleet)
    assert phone.shown


async def test_a_phone_told_of_deleted_messages_syncs_at_once() -> None:
    fleet, service = a_fleet(an_owner(network=Network.CROWDED))
    fleet.told_of_deleted(fleet.phones[0].address)
    await settled(fleet)
    assert service.synced == [7]
    assert fleet.phones[0].shown


async def test_a_phone_without_the_outline_fetches_it_before_it_decides() -> None:
    fleet, service = a_fleet(an_owner(places=(BEYOND,)))
    phone = fleet.phones[0]
    phone.pack.clear()
    fleet.deliver(phone.address, a_message())
    await settled(fleet)
    assert service.fetched == [ZONE]
    assert not phone.shown


async def test_phones_that_hear_of_a_new_index_fetch_it_each_at_its_own_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    naps = naps_instead_of_sleep(monkeypatch)
    fleet, service = a_fleet(*(an_owner(number=number) for number in range(200)))
    for phone in fleet.phones:
        for _ in range(2):
            fleet.deliver(phone.address, a_message(data=a_push(pack="5", sync_within_s="600")))
    await settled(fleet)
    assert len(service.synced) == 200, "once each, not after each repeat"
    assert max(naps) <= 600
    assert all(sum(begin <= nap < begin + 60 for nap in naps) <= 50 for begin in range(0, 600, 60)), "spread evenly"
    assert all(phone.shown for phone in fleet.phones), "and nobody waits for it to be warned"


async def test_a_phone_that_knows_the_index_already_does_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet, service = a_fleet(an_owner())
    fleet.phones[0].index = 5
    fleet.deliver(fleet.phones[0].address, a_message(data=a_push(pack="5", sync_within_s="600")))
    await settled(fleet)
    assert service.synced == []


async def test_a_phone_that_lacks_the_outline_decides_within_ten_seconds_however_many_were_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    naps = naps_instead_of_sleep(monkeypatch)
    fleet, service = a_fleet(*(an_owner(number=number) for number in range(50)))
    for phone in fleet.phones:
        phone.pack.clear()
        fleet.deliver(phone.address, a_message(data=a_push(sync_within_s="3600")))
    await settled(fleet)
    assert set(service.fetched) == {ZONE}
    assert len(service.receipts) == 50
    assert 0 < max(naps) <= 10


def naps_instead_of_sleep(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the fleet's sleep take no time; return how long each would have been."""
    naps: list[float] = []
    sleep = asyncio.sleep

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        await sleep(0)

    monkeypatch.setattr("service.demo.fleet.asyncio", SimpleNamespace(**vars(asyncio) | {"sleep": nap}))
    return naps


async def test_r18_a_phone_that_is_not_enrolled_learns_of_no_exercise_by_sync() -> None:
    fleet, _ = a_fleet(an_owner(tester=False))
    await fleet.sync(fleet.phones, on_change=lambda _: None)
    assert not fleet.phones[0].shown


async def test_a_phone_that_is_gone_never_asks() -> None:
    fleet, service = a_fleet(an_owner(network=Network.GONE))
    await fleet.sync(fleet.phones, on_change=lambda _: None)
    assert service.synced == []


async def test_messages_of_other_senders_are_none_of_our_business() -> None:
    fleet, _ = a_fleet(an_owner())
    fleet.deliver(fleet.phones[0].address, {"data": {"kind": "other"}})
    await settled(fleet)
    assert not fleet.phones[0].forged


async def test_one_phones_trouble_is_that_phones_alone() -> None:
    fleet, service = a_fleet(an_owner(), an_owner(number=8))

    async def live_alerts(phone: Phone) -> list[Mapping[str, Any]]:
        if phone.owner.number == 7:
            raise Rejected("503")
        return [LIVE]

    service.live_alerts = live_alerts  # type: ignore[method-assign]  # the service fails for one
    await fleet.sync(fleet.phones, on_change=lambda _: None)
    assert [bool(phone.shown) for phone in fleet.phones] == [False, True]
    assert fleet.troubles == ["503"]


def test_a_pack_is_asked_for_by_a_square_that_tells_little_and_may_cross_180_degrees() -> None:
    assert _square(Place(10.02, 50.05)) == "9.8,49.9,10.2,50.2"
    assert _square(Place(179.95, 0.0)) == "179.8,-0.1,-179.9,0.1"


async def test_a_phone_that_registers_nothing_shows_what_its_topics_bring_once_and_sends_no_receipt() -> None:
    fleet, service = a_fleet(an_owner(registers=False))
    phone = fleet.phones[0]
    phone.account = None
    for _ in range(3):
        fleet.deliver(phone.address, a_message())
        await settled(fleet)
    assert phone.shown[ALERT, 1].pushed
    assert phone.repeats_dropped >= 2
    assert service.receipts == []


async def test_a_phone_that_registers_nothing_learns_at_a_sync_what_no_push_brought() -> None:
    fleet, _ = a_fleet(an_owner(registers=False))
    fleet.phones[0].account = None
    await fleet.sync(fleet.phones, on_change=lambda _: None)
    assert not fleet.phones[0].shown[ALERT, 1].pushed
