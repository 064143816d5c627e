"""What an SMSC tells: receipts, answers to query_sm, what people write; and what of it is logged."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from service.delivery.provider_ways import IdBase
from service.delivery.sms import (
    Arrival,
    Report,
    Taken,
)
from tests.carriers import CYRILLIC, LATIN, NUMBER, PASSWORD, Heard, a_carrier, an_smpp_provider, an_sms, until
from tests.smsc import RunningSmsc, an_smsc


async def test_receipts_early_late_and_twice_are_all_passed_on(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        smsc.tell("receipts", early=True)
        early = await carrier.submit(an_sms())
        assert isinstance(early, Taken)
        assert [one.message_id for one in heard.reports] == list(early.ids)  # it came before the answer
        smsc.tell("receipts", delay=0.5, copies=2, stat="UNDELIV", err="012")
        late = await carrier.submit(an_sms())
        assert isinstance(late, Taken)
        await until(lambda: len(heard.reports) == 3)
        assert heard.reports[1:] == [Report("vodafone", late.ids[0], Arrival.FAILED, "012")] * 2


@pytest.mark.parametrize("receipts", [{}, {"parameters": True}], ids=["text", "parameters"])
async def test_an_id_in_another_base_is_known_again(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path, receipts: dict[str, Any]
) -> None:
    provider = an_smpp_provider(
        smsc.port, tmp_path, submitted_ids=IdBase.HEX, reported_ids=IdBase.DECIMAL, errors={"12": Arrival.OPTED_OUT}
    )
    async with a_carrier(provider, heard) as carrier:
        smsc.tell("receipts", decimal=True, **receipts, stat="UNDELIV", err="012")
        answer = await carrier.submit(an_sms())
        assert isinstance(answer, Taken)
        await until(lambda: heard.reports)
        assert heard.reports[0].message_id == answer.ids[0]
        assert heard.reports[0].arrival is (Arrival.FAILED if receipts else Arrival.OPTED_OUT)
        asked = await carrier.ask(answer.ids)
        assert asked is not None
        assert (asked.message_id, asked.arrival) == (answer.ids[0], Arrival.FAILED)


async def test_query_sm_says_what_became_of_a_text(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        answer = await carrier.submit(an_sms(CYRILLIC))
        assert isinstance(answer, Taken)
        assert await carrier.ask(answer.ids) == Report("vodafone", answer.ids[-1], Arrival.DELIVERED)
        assert await carrier.ask(answer.ids[:1]) == Report("vodafone", answer.ids[0], Arrival.UNDERWAY)
        assert await carrier.ask(("FFFFFF",)) is None
        assert await carrier.ask(()) is None


async def test_what_people_write_is_acknowledged_only_once_it_was_heard(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path
) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard):
        said = {"source": NUMBER[1:], "to": "4555", "octets": b"STOP".hex()}
        assert await smsc.asked("write", **said) == 0
        heard.fails = True
        assert await smsc.asked("write", **said) == 0x64  # ESME_RX_T_APPN: the SMSC keeps it
        heard.fails = False
        assert await smsc.asked("write", **said) == 0
    assert [one.text.reveal() for one in heard.texts] == ["STOP", "STOP"]
    assert (heard.texts[0].sender.reveal(), heard.texts[0].to, heard.texts[0].part) == (NUMBER, "4555", None)


async def test_parts_that_come_out_of_order_keep_their_numbers(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard):
        for number in (11, 3, 1, 12, 2, 4, 5, 6, 7, 8, 9, 10):
            octets = bytes((6, 8, 4, 1, 2, 12, number)) + chr(0x430 + number).encode("utf-16-be")
            said = {"source": NUMBER[1:], "to": "4555", "octets": octets.hex(), "data_coding": 8, "esm_class": 0x40}
            assert await smsc.asked("write", **said) == 0
    parts = {one.part.number: one.text.reveal() for one in heard.texts if one.part is not None}
    assert parts == {number: chr(0x430 + number) for number in range(1, 13)}
    assert len({(one.part.reference, one.part.of) for one in heard.texts if one.part is not None}) == 1


async def test_the_demos_smsc_takes_texts_and_tells_who_listens(heard: Heard, tmp_path: Path) -> None:
    with an_smsc(program="service.demo.smsc") as bare:
        reader, writer = await asyncio.open_connection("127.0.0.1", bare.control)
        writer.write(b'{"do": "listen"}\n')
        assert json.loads(await reader.readline()) == {"event": "listening"}
        async with a_carrier(an_smpp_provider(bare.port, tmp_path), heard) as carrier:
            assert isinstance(await carrier.submit(an_sms(CYRILLIC)), Taken)
            await until(lambda: heard.reports)
        assert json.loads(await reader.readline()) == {"event": "text", "to": NUMBER[1:], "text": CYRILLIC}
        writer.close()


async def test_no_number_and_no_word_is_in_any_log_or_error(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = ("380501112233", "Іванівка", "Ivanivka", "STOPNOW", PASSWORD)
    with capture_logs() as logs:
        async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard, patience=0.5) as carrier:
            await carrier.submit(an_sms(CYRILLIC))
            await carrier.submit(an_sms(LATIN))
            heard.fails = True
            await smsc.asked("write", source=NUMBER[1:], to="4555", octets=b"STOPNOW".hex())
            await smsc.asked("write", source=NUMBER[1:], to="4555", octets=b"id: STOPNOW".hex(), esm_class=4)
            smsc.tell("rule", times=1, status=0x0B)
            answers = [await carrier.submit(an_sms(LATIN))]
            smsc.tell("rule", times=1, silent=True)
            answers.append(await carrier.submit(an_sms(LATIN)))
            smsc.tell("faults", after=1)
            answers.append(await carrier.submit(an_sms(CYRILLIC)))
    structlog.reset_defaults()
    said = json.dumps(logs, default=repr, ensure_ascii=False) + caplog.text + repr(answers) + repr(carrier.__dict__)
    assert "sms.inbound_failed" in said
    assert not [word for word in secret if word in said]
