"""Where a name leads, and what is made of DNS's answers and its silence."""

import asyncio
import socket
import threading

import pytest

from service.kit import internet
from service.kit.internet import Names, NamesAway, NameUnknown, look_up


def says(*addresses: str) -> internet.LookUp:
    async def answer(_: str) -> list[str]:
        return list(addresses)

    return answer


async def test_a_name_is_asked_at_its_first_address_if_all_of_them_may_be() -> None:
    names = Names(says("93.184.215.14", "2606:2800:21f:cb07::1"))
    assert await names.address("push.example.org") == "93.184.215.14"


@pytest.mark.parametrize("trap", ["10.0.0.1", "::1", "::ffff:10.0.0.1", "169.254.169.254", "fe80::1%eth0", "0.0.0.1"])
async def test_a_name_that_leads_inside_as_well_is_refused_whole(trap: str) -> None:
    for found in ((trap,), ("93.184.215.14", trap), (trap, "93.184.215.14")):
        assert await Names(says(*found)).address("push.example.org") is None


async def test_in_the_demo_a_name_may_lead_to_this_machine_and_nowhere_else() -> None:
    assert await Names(says("127.0.0.1"), loopback_only=True).address("push") == "127.0.0.1"
    for found in (["93.184.215.14"], ["10.0.0.1"], ["127.0.0.1", "10.0.0.1"]):
        assert await Names(says(*found), loopback_only=True).address("push") is None


async def test_no_address_at_all_is_an_unknown_name() -> None:
    with pytest.raises(NameUnknown):
        await Names(says()).address("push.example.org")


async def test_the_machines_own_resolver_is_asked() -> None:
    assert set(await look_up("127.0.0.1")) == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        (socket.EAI_AGAIN, NamesAway),
        (socket.EAI_NONAME, NameUnknown),
        (socket.EAI_FAIL, NameUnknown),
        (socket.EAI_NODATA, NameUnknown),
    ],
)
async def test_what_dns_does_not_know_differs_from_its_silence(
    monkeypatch: pytest.MonkeyPatch, number: int, outcome: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise socket.gaierror(number, "no")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(outcome):
        await look_up("push.example.org")


async def test_a_name_server_that_hangs_holds_up_its_own_threads_only(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def hang(*_: object) -> list[object]:
        go_on.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(internet, "_PATIENCE_SECONDS", 0.2)
    try:
        found = await asyncio.gather(*(look_up("slow.example.org") for _ in range(40)), return_exceptions=True)
        assert {type(one) for one in found} == {NamesAway}
        assert await asyncio.to_thread(lambda: "free") == "free"
    finally:
        go_on.set()
