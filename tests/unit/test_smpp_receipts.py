"""Receipts as SMSCs write them: one row each."""

import pytest

from service.delivery.channels.smpp_pdus import Delivery, Party, Tag
from service.delivery.channels.smpp_receipts import canonical, in_base, read_receipt, read_state
from service.delivery.provider_ways import IdBase, Numbering, Secret, SmppWay
from service.delivery.sms import Arrival, Report

NOBODY = Party("1", Numbering(1, 1))
DEFAULT = SmppWay("smsc.example", 2775, "surefoot", Secret(env="PASSWORD"))
TWO_BASES = SmppWay(
    "smsc.example",
    2775,
    "surefoot",
    Secret(env="PASSWORD"),
    submitted_ids=IdBase.HEX,
    reported_ids=IdBase.DECIMAL,
    errors={"27": Arrival.UNKNOWN_SUBSCRIBER, "0B1": Arrival.OPTED_OUT},
)


def a_receipt(tlvs: dict[int, bytes] | None = None) -> Delivery:
    return Delivery(NOBODY, NOBODY, 0x04, 0, b"", tlvs or {})


FULL = "id:{} sub:001 dlvrd:001 submit date:2609230800 done date:2609230801 stat:{} err:{} text:{}"

ROWS: list[tuple[str, str, dict[int, bytes], Report]] = [
    (
        "the standard's form",
        FULL.format("0A1b", "DELIVRD", "000", "Danger"),
        {},
        Report("p", "0A1b", Arrival.DELIVERED, "000"),
    ),
    (
        "small letters",
        FULL.format("7", "delivrd", "000", "").upper().lower(),
        {},
        Report("p", "7", Arrival.DELIVERED, "000"),
    ),
    ("capitals", FULL.format("7", "EXPIRED", "006", "").upper(), {}, Report("p", "7", Arrival.EXPIRED, "006")),
    ("a blank after the colon", "id: 77 stat: UNDELIV err: 1", {}, Report("p", "77", Arrival.FAILED, "1")),
    ("an id as a UUID", "id:9f1c-22aa-1 stat:REJECTD err:9", {}, Report("p", "9f1c-22aa-1", Arrival.FAILED, "9")),
    (
        "a text that claims more",
        "id:7 stat:UNDELIV err:5 text:stat:DELIVRD id:8",
        {},
        Report("p", "7", Arrival.FAILED, "5"),
    ),
    ("accepted is not arrived", "id:7 stat:ACCEPTD err:000", {}, Report("p", "7", Arrival.UNDERWAY, "000")),
    ("under way", "id:7 stat:ENROUTE", {}, Report("p", "7", Arrival.UNDERWAY)),
    ("a state of its own", "id:7 stat:BOUNCED err:3", {}, Report("p", "7", Arrival.UNKNOWN, "3")),
    ("no state at all", "id:7", {}, Report("p", "7", Arrival.UNKNOWN)),
    (
        "parameters alone",
        "",
        {Tag.RECEIPTED_MESSAGE_ID: b"7F\0", Tag.MESSAGE_STATE: b"\2"},
        Report("p", "7F", Arrival.DELIVERED),
    ),
    (
        "parameters count before the text",
        "id:127 stat:UNDELIV err:000",
        {Tag.RECEIPTED_MESSAGE_ID: b"7F\0", Tag.MESSAGE_STATE: b"\2"},
        Report("p", "7F", Arrival.DELIVERED, "000"),
    ),
    (
        "unknown subscriber by the network's code",
        "id:7 stat:UNDELIV",
        {Tag.NETWORK_ERROR_CODE: b"\3\0\1"},
        Report("p", "7", Arrival.UNKNOWN_SUBSCRIBER, "1"),
    ),
    (
        "the same code of another network",
        "id:7 stat:UNDELIV",
        {Tag.NETWORK_ERROR_CODE: b"\1\0\1"},
        Report("p", "7", Arrival.FAILED, "1"),
    ),
]


@pytest.mark.parametrize(("text", "tlvs", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_form_is_read(text: str, tlvs: dict[int, bytes], expected: Report) -> None:
    assert read_receipt("p", a_receipt(tlvs), text, DEFAULT) == expected


@pytest.mark.parametrize("text", ["", "stat:DELIVRD", "Thank you", "id: "])
def test_a_receipt_of_nothing_is_no_report(text: str) -> None:
    assert read_receipt("p", a_receipt(), text, DEFAULT) is None


def test_what_is_far_too_long_for_an_id_is_none() -> None:
    assert read_receipt("p", a_receipt(), FULL.format("9" * 129, "DELIVRD", "000", ""), DEFAULT) is None
    assert read_receipt("p", a_receipt({Tag.RECEIPTED_MESSAGE_ID: b"a" * 5000}), "", DEFAULT) is None


def test_an_id_is_known_again_in_the_other_base() -> None:
    submitted = canonical("0001E240", IdBase.HEX)
    report = read_receipt("p", a_receipt(), "id:0000123456 stat:DELIVRD err:000", TWO_BASES)
    assert report is not None
    assert report.message_id == submitted == "123456"
    assert in_base(submitted, IdBase.HEX) == "1E240"


def test_a_parameter_has_the_id_as_it_was_submitted() -> None:
    report = read_receipt("p", a_receipt({Tag.RECEIPTED_MESSAGE_ID: b"1e240\0"}), "id:123456 stat:DELIVRD", TWO_BASES)
    assert report is not None
    assert report.message_id == "123456"


@pytest.mark.parametrize("message_id", ["9f1c-22aa", "xyz", "", "12_3", "١٢"])
def test_an_id_that_is_no_number_is_left_as_it_is(message_id: str) -> None:
    assert canonical(message_id, IdBase.HEX) == message_id


def test_a_providers_table_says_more_of_what_failed_and_nothing_of_what_arrived() -> None:
    def arrival(text: str) -> Arrival:
        report = read_receipt("p", a_receipt(), text, TWO_BASES)
        assert report is not None
        return report.arrival

    assert arrival("id:1 stat:UNDELIV err:027") is Arrival.UNKNOWN_SUBSCRIBER
    assert arrival("id:1 stat:REJECTD err:0B1") is Arrival.OPTED_OUT
    assert arrival("id:1 stat:DELIVRD err:027") is Arrival.DELIVERED
    assert arrival("id:1 stat:UNDELIV err:001") is Arrival.FAILED


@pytest.mark.parametrize(
    ("state", "error", "arrival"),
    [(1, 0, Arrival.UNDERWAY), (2, 0, Arrival.DELIVERED), (3, 0, Arrival.EXPIRED), (5, 27, Arrival.UNKNOWN_SUBSCRIBER)],
)
def test_query_sm_says_the_same_in_numbers(state: int, error: int, arrival: Arrival) -> None:
    assert read_state("p", "7", state, error, TWO_BASES).arrival is arrival
