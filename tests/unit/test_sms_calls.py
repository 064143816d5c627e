"""What gateways say when they call is read by the names of the file, and what cannot be meant is refused in words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.delivery import provider_calls, providers
from service.delivery.provider_calls import Call, Parameters
from service.delivery.provider_ways import Callback, InboundWay, Reads, ReportWay, Secret
from service.delivery.sms import Arrival, Part
from service.kit.errors import Kind, Refused
from tests.worked import WORKED

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SENDER, TEXT = "+380501234567", "Де укриття? STOP 🧨"


def callback(reads: Reads, *, header: str = "", query: str = "key", each: str = "") -> Callback:
    return Callback(Secret("S"), header, query, reads, each)


def call(query: str | bytes = b"", body: str | bytes = b"", headers: Mapping[str, str] | None = None) -> Call:
    raw_query, raw_body = (one.encode() if isinstance(one, str) else one for one in (query, body))
    return Call(raw_query, headers or {}, raw_body)


def inbound(**names: str) -> InboundWay:
    return replace(InboundWay(callback(Reads.QUERY), sender="from", text="text"), **names)  # type: ignore[arg-type]  # names


def given(**said: str | bytes) -> Parameters:
    made = {"from": SENDER, "text": "hello"} | {name.rstrip("_"): value for name, value in said.items()}
    return {name: value.encode() if isinstance(value, str) else value for name, value in made.items()}


@pytest.mark.parametrize(
    ("reads", "called", "found"),
    [
        (Reads.QUERY, call("id=a%26b&state=1&empty="), {"id": b"a&b", "state": b"1", "empty": b""}),
        (Reads.QUERY, call(b"text=%FF%00+x&a=\xe9"), {"text": b"\xff\x00 x", "a": b"\xe9"}),
        (Reads.FORM, call("id=query", "id=body&state=%31"), {"id": b"body", "state": b"1"}),
        (Reads.JSON, call(body='{"a": {"b": ["x", 1, true, null]}}'), {"a.b.0": b"x", "a.b.1": b"1", "a.b.2": b"true"}),
        (
            Reads.HEADERS,
            call(body=b"\xe4", headers={"x-from": "1", "content-type": 'text/plain; charset="ISO-8859-1"'}),
            {
                "x-from": b"1",
                "content-type": b'text/plain; charset="ISO-8859-1"',
                "body": b"\xe4",
                "charset": b"iso-8859-1",
            },
        ),
    ],
)
def test_parameters_are_read_where_the_file_says(reads: Reads, called: Call, found: Parameters) -> None:
    assert provider_calls.parameters(callback(reads), called) == (found,)


def test_one_call_may_say_several_things() -> None:
    body = '{"reports": {"all": [{"id": "1"}, {"id": "2"}]}}'
    (one, other) = provider_calls.parameters(callback(Reads.JSON, each="reports.all"), call(body=body))
    assert (one, other) == ({"id": b"1"}, {"id": b"2"})
    assert len(provider_calls.parameters(callback(Reads.JSON), call(body='[{"id": "1"}, {"id": "2"}]'))) == 2


@pytest.mark.parametrize(
    ("reads", "called"),
    [
        (Reads.QUERY, call("id=1&id=2")),
        (Reads.QUERY, call("&".join(f"a{n}=1" for n in range(500)))),
        (Reads.JSON, call(body="")),
        (Reads.JSON, call(body="{")),
        (Reads.JSON, call(body=b"\xff\xfe{}")),
        (Reads.JSON, call(body='"text"')),
        (Reads.JSON, call(body="[1]")),
        (Reads.JSON, call(body="[" * 50_000)),
        (Reads.JSON, call(body='{"a":' * 20 + "1" + "}" * 20)),
        (Reads.JSON, call(body='{"a": [' + ",".join(["1"] * 1000) + "]}")),
    ],
)
def test_a_call_of_another_form_is_refused(reads: Reads, called: Call) -> None:
    with pytest.raises(Refused) as caught:
        provider_calls.parameters(callback(reads), called)
    assert caught.value.kind is Kind.MALFORMED
    assert caught.value.remedy


def test_where_a_list_should_be_and_none_is_it_says_so() -> None:
    for body in ("{}", '{"reports": 5}', '{"reports": {"a": 1}}', "5"):
        with pytest.raises(Refused, match="no list at reports"):
            provider_calls.parameters(callback(Reads.JSON, each="reports"), call(body=body))


def test_a_secret_is_looked_for_where_the_file_says_and_nowhere_else() -> None:
    by_query = callback(Reads.QUERY, query="key")
    assert provider_calls.shown(by_query, call("a=1&key=s%2Fe")) == "s/e"
    assert provider_calls.shown(by_query, call("a=1", "key=secret", {"key": "secret"})) == ""
    by_header = callback(Reads.QUERY, header="x-key", query="")
    assert provider_calls.shown(by_header, call("x-key=secret")) == ""
    assert provider_calls.shown(by_header, call(headers={"x-key": "secret"})) == "secret"
    bearer = callback(Reads.JSON, header="authorization", query="")
    assert provider_calls.shown(bearer, call(headers={"authorization": "Bearer secret"})) == "secret"


def report(**more: object) -> ReportWay:
    states = {"1": Arrival.DELIVERED, "2": Arrival.FAILED, "8": Arrival.UNDERWAY}
    return ReportWay(callback(Reads.QUERY), "id", "state", states, **more)  # type: ignore[arg-type]  # as a test says


def test_kannels_reports_are_understood() -> None:
    way = next(one for one in providers.read(WORKED) if one.name == "kannel").report
    assert way is not None
    for state, answer, arrival, error in [
        ("8", "ACK/", Arrival.UNDERWAY, ""),
        ("1", "id:1 sub:001 dlvrd:001 stat:DELIVRD err:000", Arrival.DELIVERED, "000"),
        ("2", "id:1 sub:001 dlvrd:000 stat:UNDELIV err:001 text:", Arrival.UNKNOWN_SUBSCRIBER, "001"),
        ("2", "id:1 stat:EXPIRED err:007", Arrival.FAILED, "007"),
        ("16", "NACK/0x0000000b/Invalid Destination Address", Arrival.UNKNOWN_SUBSCRIBER, "0x0000000b"),
        ("16", "NACK/", Arrival.FAILED, ""),
        ("77", "", Arrival.UNKNOWN, ""),
    ]:
        said = {"id": b"abc", "state": state.encode(), "answer": answer.encode()}
        found = provider_calls.read_report("kannel", way, said)
        assert (found.message_id, found.arrival, found.error) == ("abc", arrival, error)


def test_an_error_says_more_than_the_state_but_never_against_an_arrival() -> None:
    way = report(error="error", errors={"9": Arrival.OPTED_OUT})
    for state, arrival in (("2", Arrival.OPTED_OUT), ("?", Arrival.OPTED_OUT), ("1", Arrival.DELIVERED)):
        said = {"id": b"a", "state": state.encode(), "error": b"9"}
        assert provider_calls.read_report("p", way, said).arrival is arrival


@pytest.mark.parametrize("word", ["+380501234567", "number 0501234567 unknown", "x" * 40, "a b", ""])
def test_what_could_be_a_number_or_a_sentence_is_no_error_code(word: str) -> None:
    said = {"id": b"a", "state": b"2", "error": word.encode()}
    assert provider_calls.read_report("p", report(error="error"), said).error == ""


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"id": b"a"},
        {"state": b"1"},
        {"id": b"", "state": b"1"},
        {"id": b"a b", "state": b"1"},
        {"id": b"x" * 129, "state": b"1"},
        {"id": "ї".encode(), "state": b"1"},
    ],
)
def test_a_report_without_an_id_or_a_state_is_refused(said: Parameters) -> None:
    with pytest.raises(Refused) as caught:
        provider_calls.read_report("p", report(), said)
    assert caught.value.kind is Kind.MALFORMED


@pytest.mark.parametrize(
    ("charset", "said"),
    [
        ("", TEXT.encode()),
        ("UTF-8", TEXT.encode()),
        ("UTF-16BE", TEXT.encode("utf-16-be")),
        ("windows-1251", "Де укриття?".encode("cp1251")),
        ("ISO-8859-1", "Où êtes-vous?".encode("latin-1")),
    ],
)
def test_what_people_write_is_read_in_the_letters_that_the_gateway_names(charset: str, said: bytes) -> None:
    found = provider_calls.read_inbound("p", inbound(charset="charset"), given(text=said, charset=charset), now=NOW)
    assert found.text.reveal().encode(charset or "utf-8") == said
    assert (found.sender.reveal(), found.at, found.part) == (SENDER, NOW, None)


def test_r22_a_stop_among_bytes_that_are_no_letters_is_still_read() -> None:
    assert provider_calls.read_inbound("p", inbound(), given(text=b"STOP\xff"), now=NOW).text.reveal() == "STOP\ufffd"


@pytest.mark.parametrize(
    ("sender", "number"),
    [
        ("+380501234567", "+380501234567"),
        ("380501234567", "+380501234567"),
        ("00380501234567", "+380501234567"),
        ("0501234567", "0501234567"),
        ("4455", "4455"),
        ("BANK", "BANK"),
    ],
)
def test_a_number_without_its_plus_gets_it_back(sender: str, number: str) -> None:
    assert provider_calls.read_inbound("p", inbound(), given(from_=sender), now=NOW).sender.reveal() == number


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ({"udh": b"\x05\x00\x03\x07\x03\x02"}, Part(7, 2, 3)),
        ({"udh": "050003070302"}, Part(7, 2, 3)),
        ({"udh": "06080411220302"}, Part(0x1122, 2, 3)),
        ({"udh": "050003070101"}, None),
        ({"udh": ""}, None),
        ({"udh": "0500"}, None),
        ({}, None),
        ({"ref": "9", "no": "1", "of": "2"}, Part(9, 1, 2)),
        ({"ref": "9", "no": "1", "of": "1"}, None),
    ],
)
def test_a_part_of_a_longer_text_is_known_by_its_header_or_by_its_numbers(
    said: dict[str, str | bytes], part: Part | None
) -> None:
    way = inbound(udh="udh", reference="ref", number="no", of="of")
    assert provider_calls.read_inbound("p", way, given(**said), now=NOW).part == part


@pytest.mark.parametrize(
    "said",
    [
        {"from_": ""},
        {"from_": "a" * 30},
        {"from_": "+38050\n1234567"},
        {"text": "x" * 20_001},
        {"charset": "klingon"},
        {"charset": "rot13"},
        {"charset": "zlib"},
        {"charset": "\x00"},
        {"ref": "x", "no": "1", "of": "2"},
        {"ref": "1", "no": "3", "of": "2"},
        {"ref": "1", "no": "0", "of": "2"},
        {"ref": "1", "no": "1"},
    ],
)
def test_what_cannot_be_meant_is_refused_without_being_repeated(said: dict[str, str]) -> None:
    way = inbound(charset="charset", reference="ref", number="no", of="of")
    with pytest.raises(Refused) as caught:
        provider_calls.read_inbound("p", way, given(**said), now=NOW)
    assert caught.value.kind is Kind.MALFORMED
    assert SENDER not in repr((caught.value.detail, caught.value.remedy))
    with pytest.raises(Refused):
        provider_calls.read_inbound("p", way, {"from": SENDER.encode()}, now=NOW)


def test_kannels_inbound_texts_are_understood() -> None:
    kannel = next(one for one in providers.read(WORKED) if one.name == "kannel")
    headers = {
        "content-type": 'text/plain; charset="UTF-16BE"',
        "x-kannel-from": SENDER,
        "x-kannel-to": "1234",
        "x-kannel-udh": "050003070201",
    }
    assert kannel.inbound is not None
    called = call("key=s", TEXT.encode("utf-16-be"), headers)
    (said,) = provider_calls.parameters(kannel.inbound.callback, called)
    found = providers.read_inbound(kannel, said, now=NOW)
    assert (found.provider, found.to, found.text.reveal()) == ("kannel", "1234", TEXT)
    assert found.part == Part(7, 1, 2)
    assert TEXT not in repr(found)


def test_a_provider_that_hands_in_nothing_is_not_believed() -> None:
    operator = providers.read(WORKED)[0]
    with pytest.raises(Refused):
        providers.read_inbound(operator, given(), now=NOW)
