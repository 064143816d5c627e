"""Every command_status that matters, by what follows from it: one row each."""

import pytest
from aiosmpplib import SmppCommandStatus as Status

from service.delivery.channels.smpp_answers import is_ours, judge, name_of, took, waits
from service.delivery.provider_ways import Meaning
from service.delivery.sms import Answer, NotNow, NumberDead, OptedOut, TextRefused, Unanswered

OWN = {0x0401: Meaning.OPTED_OUT, 0x0402: Meaning.UNANSWERED, 0x0045: Meaning.NUMBER_DEAD, 0x0058: Meaning.NOT_NOW}

ROWS: list[tuple[int, Answer, Answer]] = [
    # status, nothing taken before, two parts taken before
    (0x0B, NumberDead("ESME_RINVDSTADR"), NumberDead("ESME_RINVDSTADR")),
    (0x01, TextRefused("ESME_RINVMSGLEN"), TextRefused("ESME_RINVMSGLEN")),
    (0x0A, NotNow(None, "ESME_RINVSRCADR", ours=True), Unanswered(("1", "2"), "ESME_RINVSRCADR")),
    (0x50, NotNow(None, "ESME_RINVDSTTON", ours=True), Unanswered(("1", "2"), "ESME_RINVDSTTON")),
    (0x08, NotNow(None, "ESME_RSYSERR"), Unanswered(("1", "2"), "ESME_RSYSERR")),
    (0x14, NotNow(None, "ESME_RMSGQFUL"), Unanswered(("1", "2"), "ESME_RMSGQFUL")),
    (0xFF, NotNow(None, "ESME_RUNKNOWNERR"), Unanswered(("1", "2"), "ESME_RUNKNOWNERR")),
    (0x0999, NotNow(None, "0x00000999"), Unanswered(("1", "2"), "0x00000999")),
    (0x0401, OptedOut("0x00000401"), OptedOut("0x00000401")),
    (0x0402, Unanswered((), "0x00000402"), Unanswered(("1", "2"), "0x00000402")),
    (0x0045, NumberDead("ESME_RSUBMITFAIL"), NumberDead("ESME_RSUBMITFAIL")),
]


@pytest.mark.parametrize(("status", "nothing", "some"), ROWS, ids=[f"0x{row[0]:04X}" for row in ROWS])
def test_each_status_has_its_consequence(status: int, nothing: Answer, some: Answer) -> None:
    assert judge(status, (), OWN) == nothing
    assert judge(status, ("1", "2"), OWN) == some


@pytest.mark.parametrize("status", [int(one) for one in Status if one != Status.ESME_ROK])
def test_no_refusal_of_the_standard_buries_a_number_but_that_which_names_it(status: int) -> None:
    assert isinstance(judge(status, (), {}), NumberDead) == (status == Status.ESME_RINVDSTADR)


def test_only_too_much_is_waited_for_and_a_providers_table_counts_first() -> None:
    assert waits(0x58, {})
    assert waits(0x14, {})
    assert not waits(0x58, OWN)
    assert not waits(0x08, {})


def test_an_operator_may_have_a_status_of_his_own_for_taken() -> None:
    assert took(0, {})
    assert not took(8, {})
    assert took(0x0440, {0x0440: Meaning.TAKEN})


def test_a_refused_name_or_password_is_ours_to_mend_and_an_old_session_is_not() -> None:
    assert is_ours(Status.ESME_RINVPASWD)
    assert is_ours(Status.ESME_RINVSYSID)
    assert not is_ours(Status.ESME_RALYBND)
    assert name_of(0x0E) == "ESME_RINVPASWD"
