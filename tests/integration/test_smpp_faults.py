"""What becomes of a text when the SMSC refuses, is silent, cuts the connection or is away."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from service.delivery.channels import smpp
from service.delivery.provider_ways import Meaning
from service.delivery.sms import (
    NotNow,
    NumberDead,
    OptedOut,
    Taken,
    TextRefused,
    Unanswered,
)
from tests.carriers import CYRILLIC, NUMBER, Heard, a_carrier, an_smpp_provider, an_sms, until
from tests.smsc import RunningSmsc


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


async def test_an_smsc_for_which_it_is_always_too_much_gets_the_text_later(
    smsc: RunningSmsc, heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smpp, "PATIENCE_SECONDS", 1.0)
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        smsc.tell("rule", times=-1, status=0x58)
        assert await carrier.submit(an_sms(CYRILLIC)) == NotNow(None, "ESME_RTHROTTLED")
    smsc.tell("forget")
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        smsc.tell("rule", times=-1, skip=1, status=0x58)
        answer = await carrier.submit(an_sms(CYRILLIC))
    assert isinstance(answer, Unanswered)
    assert (len(answer.ids), answer.reason) == (1, "ESME_RTHROTTLED")


async def test_a_text_without_validity_is_not_sent_late(smsc: RunningSmsc, heard: Heard, tmp_path: Path) -> None:
    async with a_carrier(an_smpp_provider(smsc.port, tmp_path), heard) as carrier:
        smsc.tell("rule", times=-1, status=0x58)
        answer = await carrier.submit(an_sms(validity=timedelta(seconds=1.2)))
        assert isinstance(answer, NotNow)
        assert await carrier.submit(an_sms(validity=timedelta(0))) == NotNow(None, "too late")
    assert smsc.texts(NUMBER) == []


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
