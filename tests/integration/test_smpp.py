"""Texts by SMPP to a real SMSC in a process of its own: how they go out."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.delivery.provider_ways import Bind, Joining, Numbering
from service.delivery.sms import (
    Arrival,
    NotNow,
    Report,
    Taken,
)
from tests.carriers import CYRILLIC, LATIN, NUMBER, PASSWORD, Heard, a_carrier, an_smpp_provider, an_sms, until
from tests.smsc import RunningSmsc


async def test_a_text_is_taken_and_its_receipt_names_it(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        answer = await carrier.submit(an_sms("Danger"))
        await until(lambda: heard.reports)
    assert isinstance(answer, Taken)
    assert heard.reports == [Report("vodafone", answer.ids[-1], Arrival.DELIVERED, "000")]
    assert smsc.texts(NUMBER) == ["Danger"]


@pytest.mark.parametrize(
    "way",
    [
        {"joining": Joining.UDH_8},
        {"joining": Joining.UDH_16},
        {"joining": Joining.SAR},
        {"message_payload": True},
    ],
    ids=["8-bit headers", "16-bit headers", "SAR parameters", "message_payload"],
)
@pytest.mark.parametrize("text", [CYRILLIC, LATIN], ids=["UCS-2", "GSM-7"])
async def test_a_long_text_arrives_whole_however_the_smsc_wants_it(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path, way: dict[str, Any], text: str
) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path, **way), heard) as carrier:
        answer = await carrier.submit(an_sms(text))
    assert isinstance(answer, Taken)
    assert smsc.texts(NUMBER) == [text]
    seen = await smsc.asked("seen")
    assert len(seen) == len(answer.ids) == (1 if way.get("message_payload") else (3 if text == CYRILLIC else 2))
    assert [one["registered_delivery"] for one in seen] == [0] * (len(seen) - 1) + [1]


async def test_each_field_is_what_the_provider_asked_for(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    way = {
        "system_type": "ALERT",
        "service_type": "WAP",
        "source": Numbering(3, 9),
        "destination": Numbering(2, 8),
        "gsm7_coding": 0xF1,
        "ucs2_coding": 0x18,
    }
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path, sender="4555", **way), heard) as carrier:
        await carrier.submit(an_sms("Danger", urgent=True, validity=timedelta(days=2, hours=3, minutes=4, seconds=5)))
        await carrier.submit(an_sms("Небезпека"))
    first, second = await smsc.asked("seen")
    assert (first["source_addr"], first["source_addr_ton"], first["source_addr_npi"]) == ("4555", 3, 9)
    assert (first["destination_addr"], first["dest_addr_ton"], first["dest_addr_npi"]) == (NUMBER[1:], 2, 8)
    assert (first["service_type"], first["priority_flag"], second["priority_flag"]) == ("WAP", 1, 0)
    assert first["validity_period"] == "000002030405000R"
    assert (first["data_coding"], second["data_coding"]) == (0xF1, 0x18)
    bound = (await smsc.asked("wire"))["binds"][-1]
    assert (bound["system_id"], bound["password"], bound["system_type"]) == ("surefoot", PASSWORD, "ALERT")


async def test_gsm_septets_are_packed_where_the_smsc_wants_them_so(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path
) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path, gsm7_packed=True), heard) as carrier:
        await carrier.submit(an_sms("hellohello"))
    seen = await smsc.asked("seen")
    assert bytes.fromhex(seen[0]["short_message"]) == bytes.fromhex("E8329BFD4697D9EC37")  # 3GPP TS 23.038's packing


async def test_parts_go_in_order(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        await asyncio.gather(*(carrier.submit(an_sms(CYRILLIC, to=f"+38050111000{one}")) for one in range(5)))
    seen = await smsc.asked("seen")
    for one in range(5):
        parts = [
            bytes.fromhex(each["short_message"])[5] for each in seen if each["destination_addr"].endswith(str(one))
        ]
        assert parts == [1, 2, 3]


async def test_no_more_than_the_window_is_on_the_way(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path, window=3), heard, patience=1.0) as carrier:
        smsc.tell("rule", times=-1, silent=True)
        sending = [asyncio.create_task(carrier.submit(an_sms(str(one)))) for one in range(10)]
        await asyncio.sleep(0.5)
        assert len(await smsc.asked("seen")) == 3
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


async def test_a_bind_for_each_direction_works_as_one_for_both(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path, bind=Bind.PAIR), heard) as carrier:
        await until(lambda: smsc.tell("counts")["bound"] == 2)
        assert isinstance(await carrier.submit(an_sms()), Taken)
        await until(lambda: heard.reports)
        acknowledged = smsc.tell("wire")["commands"]["0x80000005"]
        # smpp34 does not see the answer of a session that was bound as a receiver; the front does.
        writing = asyncio.create_task(smsc.asked("write", source=NUMBER[1:], to="4555", octets=b"11".hex()))
        await until(lambda: smsc.tell("wire")["commands"]["0x80000005"] == acknowledged + 1)
        assert [one.text.reveal() for one in heard.texts] == ["11"]
    await writing
    assert {one["command"] for one in (await smsc.asked("wire"))["binds"]} >= {1, 2}


async def test_it_says_goodbye(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    before = smsc.tell("wire")["commands"].get("0x6", 0)
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        pass
    assert smsc.tell("wire")["commands"]["0x6"] == before + 1
    answer = await carrier.submit(an_sms())
    assert isinstance(answer, NotNow)
