"""The fleet loses, repeats and delays messages as networks do, and its phones end up informed all the same."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

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
    for _ in range(20):
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
