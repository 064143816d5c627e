"""Whom imports may ask: allowed hosts of the open internet, whatever a name or an address pretends."""

import asyncio
import socket
from contextlib import aclosing
from typing import Any

import pytest

from service.config import Settings
from service.intake import featureserver, outside
from service.kit import internet
from service.kit.errors import Refused


@pytest.mark.parametrize(
    ("url", "hosts", "name"),
    [
        ("http://gis.example.org/x/FeatureServer/0", ["gis.example.org"], "url-not-https"),
        ("https://gis.example.org/x/FeatureServer/0", [], "host-not-allowed"),
        ("https://evil.example.org/x/FeatureServer/0", ["gis.example.org"], "host-not-allowed"),
        ("https://gis.example.org.evil.com/x/FeatureServer/0", ["gis.example.org"], "host-not-allowed"),
        ("https://gis.example.org@evil.com/x/FeatureServer/0", ["gis.example.org", "evil.com"], "url-unfit"),
        ("https://127.0.0.1/x/FeatureServer/0", ["127.0.0.1"], "address-not-public"),
        ("https://[::1]/x/FeatureServer/0", ["::1"], "address-not-public"),
        ("https://localhost/x/FeatureServer/0", ["localhost"], "address-not-public"),
        ("https://169.254.169.254/x/FeatureServer/0", ["169.254.169.254"], "address-not-public"),
        ("https://2130706433/x/FeatureServer/0", ["2130706433"], "address-not-public"),
        ("https://gis.example.org/x/FeatureServer", ["gis.example.org"], "url-unfit"),
        ("file:///etc/passwd", [], "url-unfit"),
        ("https://gis.example.org:99999/x/FeatureServer/0", ["gis.example.org"], "url-unfit"),
    ],
)
async def test_only_allowed_hosts_of_the_open_internet_are_asked(url: str, hosts: list[str], name: str) -> None:
    with pytest.raises(Refused) as refused:
        async with aclosing(featureserver.read(url, hosts)) as pages:  # type: ignore[type-var]  # an async generator
            await anext(pages)
    assert refused.value.name == name


async def test_a_name_that_leads_inside_as_well_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    async def found(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, 0, 0, "", (address, 443)) for address in ("93.184.215.14", "10.0.0.7")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    with pytest.raises(Refused) as refused:
        await outside.Outside.to("https://gis.example.org/x/FeatureServer/0", ["gis.example.org"])
    assert refused.value.name == "address-not-public"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True), ("2606:2800:21f:cb07::1", True), ("10.1.2.3", False), ("172.16.0.1", False),
        ("192.168.1.1", False), ("127.0.0.1", False), ("169.254.169.254", False), ("100.64.0.1", False),
        ("0.0.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False), ("::1", False), ("fe80::1%eth0", False),
        ("fd00:ec2::254", False), ("::ffff:127.0.0.1", False), ("::ffff:93.184.215.14", True), ("2002:7f00:1::", False),
        ("64:ff9b::a9fe:a9fe", False), ("::", False),
        ("::127.0.0.1", False), ("64:ff9b:1::7f00:1", False), ("fec0::1", False), ("::ffff:0:7f00:1", False),
        ("2001::f5ff:fffe", False), ("ff02::1", False), ("192.0.0.170", False), ("198.18.0.1", False),
    ],
)  # fmt: skip  # a table reads better in lines
def test_an_address_inside_is_known_in_every_spelling(address: str, *, public: bool) -> None:
    assert internet.is_public(address) is public


def test_hosts_are_named_in_the_settings() -> None:
    assert Settings().intake_hosts == ()
    told = Settings(intake_hosts="gis.example.org, other.example.org")
    assert told.intake_hosts == ("gis.example.org", "other.example.org")
