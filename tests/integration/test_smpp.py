"""Texts by SMPP to a real SMSC in a process of its own."""

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from service.delivery.provider_ways import Bind, IdBase, Joining, Meaning, Numbering
from service.delivery.sms import (
    Arrival,
    NotNow,
    NumberDead,
    OptedOut,
    Report,
    Taken,
    TextRefused,
    Unanswered,
)
from tests.carriers import NUMBER, PASSWORD, Heard, a_carrier, an_smpp_provider, an_sms, until
from tests.smsc import RunningSmsc, an_smsc

CYRILLIC = "Небезпечна ділянка: Іванівка 23.09.2026. Не йдіть туди. Поверніться тим шляхом, яким прийшли. 📵 " * 2
LATIN = "Danger near Ivanivka [23.09.2026/17]. Do not go there. Go back the way you came. {Call 101} " * 3


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSmsc]:
    with an_smsc() as smsc:
        yield smsc


@pytest.fixture
def smsc(running: RunningSmsc) -> RunningSmsc:
    running.tell("forget")
    return running


@pytest.fixture
def heard() -> Heard:
    return Heard()


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


@pytest.mark.parametrize("status", [0x58, 0x14], ids=["throttled", "queue full"])
async def test_a_part_that_is_too_much_waits_and_is_tried_again_within_its_text(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path, status: int
) -> None:
    smsc.tell("rule", times=1, status=status)
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        answers = await asyncio.gather(
            carrier.submit(an_sms(CYRILLIC)), carrier.submit(an_sms("b", to="+380502223344"))
        )
    assert all(isinstance(answer, Taken) for answer in answers)
    assert smsc.texts(NUMBER) == [CYRILLIC]
    assert smsc.texts("+380502223344") == ["b"]
    assert (await smsc.asked("counts"))["refused"] == 1


async def test_parts_go_in_order(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        await asyncio.gather(*(carrier.submit(an_sms(CYRILLIC, to=f"+38050111000{one}")) for one in range(5)))
    seen = await smsc.asked("seen")
    for one in range(5):
        parts = [
            bytes.fromhex(each["short_message"])[5] for each in seen if each["destination_addr"].endswith(str(one))
        ]
        assert parts == [1, 2, 3]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0x0B, NumberDead("ESME_RINVDSTADR")),
        (0x01, TextRefused("ESME_RINVMSGLEN")),
        (0x0A, NotNow(None, "ESME_RINVSRCADR", ours=True)),
        (0x08, NotNow(None, "ESME_RSYSERR")),
        (0x45, NotNow(None, "ESME_RSUBMITFAIL")),
        (0x040B, OptedOut("0x0000040B")),
        (0x04FF, NotNow(None, "0x000004FF")),
    ],
)
async def test_each_refusal_has_its_consequence(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path, status: int, expected: object
) -> None:
    smsc.tell("faults", status=status)
    provider = an_smpp_provider(smsc.port, tmp_path, statuses={0x040B: Meaning.OPTED_OUT})
    async with a_carrier(provider, heard) as carrier:
        assert await carrier.submit(an_sms()) == expected
        assert isinstance(await carrier.submit(an_sms()), Taken)  # the session goes on


async def test_a_text_of_which_only_a_part_was_taken_is_unanswered(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path
) -> None:
    smsc.tell("rule", times=1, skip=1, status=0x08)
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        answer = await carrier.submit(an_sms(CYRILLIC))
    assert isinstance(answer, Unanswered)
    assert (len(answer.ids), answer.reason) == (1, "ESME_RSYSERR")


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_connection_lost_between_text_and_response_leaves_it_unanswered(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path, when: str
) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        smsc.tell("faults", **{when: 1})
        answer = await carrier.submit(an_sms("Danger"))
        assert answer == Unanswered((), "connection lost")
        assert smsc.texts(NUMBER) == ([] if when == "before" else ["Danger"])
        await until(lambda: carrier.ready)  # it comes back by itself
        assert isinstance(await carrier.submit(an_sms("again")), Taken)


async def test_ids_of_parts_that_were_taken_before_the_loss_are_told(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path
) -> None:
    smsc.tell("rule", times=1, skip=2, silent=True)
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        sending = asyncio.create_task(carrier.submit(an_sms(CYRILLIC)))
        await until(lambda: len(smsc.tell("seen")) == 3)
        smsc.tell("drop")
        answer = await sending
    assert isinstance(answer, Unanswered)
    assert (len(answer.ids), answer.reason) == (2, "connection lost")


async def test_while_the_smsc_is_away_nothing_is_taken_and_it_is_not_ready(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path
) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        smsc.tell("away")
        try:
            await until(lambda: not carrier.ready)
            answer = await carrier.submit(an_sms())
            assert isinstance(answer, NotNow)
            assert answer.after is not None
            assert answer.after >= timedelta(seconds=1)
            assert not answer.ours
            before = (await smsc.asked("wire"))["commands"]
            await asyncio.sleep(1)
            assert (await smsc.asked("wire"))["commands"] == before
        finally:
            smsc.tell("back")
        await until(lambda: carrier.ready, seconds=20)
        assert isinstance(await carrier.submit(an_sms()), Taken)


async def test_a_password_that_is_refused_is_for_an_operator_to_mend(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path
) -> None:
    smsc.tell("faults", bind=0x0E)
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard, bound=False) as carrier:
        await until(lambda: smsc.tell("wire")["binds"])
        await asyncio.sleep(0.2)
        answer = await carrier.submit(an_sms())
        assert isinstance(answer, NotNow)
        assert (answer.reason, answer.ours) == ("bind refused: ESME_RINVPASWD", True)
        smsc.tell("faults")
        await until(lambda: carrier.ready)


async def test_an_smsc_that_never_answers_leaves_the_text_unanswered(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path
) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard, patience=0.5) as carrier:
        smsc.tell("rule", times=1, silent=True)
        assert await carrier.submit(an_sms()) == Unanswered((), "no answer")
        assert isinstance(await carrier.submit(an_sms()), Taken)


async def test_an_smsc_that_is_dumb_is_noticed_by_enquire_link_and_left(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path
) -> None:
    provider = an_smpp_provider(smsc.port, tmp_path, enquire_link_s=1)
    async with a_carrier(provider, heard, patience=0.5) as carrier:
        await until(lambda: smsc.tell("wire")["commands"].get("0x15", 0) >= 1)
        assert carrier.ready
        smsc.tell("faults", hang=True)
        await until(lambda: not carrier.ready)
        smsc.tell("faults")
        await until(lambda: carrier.ready)


async def test_no_more_than_the_window_is_on_the_way(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path, window=3), heard, patience=1.0) as carrier:
        smsc.tell("rule", times=-1, silent=True)
        sending = [asyncio.create_task(carrier.submit(an_sms(str(one)))) for one in range(10)]
        await asyncio.sleep(0.5)
        assert len(await smsc.asked("seen")) == 3
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


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
