"""What comes in by deliver_sm, well made or not: letters, parts, senders."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from service.delivery.channels.smpp_inbound import read_inbound
from service.delivery.channels.smpp_letters import pack, read, unpack
from service.delivery.channels.smpp_pdus import HEADER, BadPdu, Pdu
from service.delivery.provider_ways import Secret, SmppWay
from service.delivery.providers import Protocol, Provider
from service.delivery.sms import Arrival, Inbound, Part, Report
from service.kit.sms import encode_gsm

NOW = datetime(2026, 9, 23, 8, 0, tzinfo=UTC)
WAY = SmppWay("smsc.example", 2775, "surefoot", Secret(env="PASSWORD"))
PACKED = SmppWay("smsc.example", 2775, "surefoot", Secret(env="PASSWORD"), gsm7_packed=True)
PROVIDER = Provider("vodafone", Protocol.SMPP, "4555", 1, 10, Decimal(1), True, WAY)

LETTERS: list[tuple[str, bytes, int, str]] = [
    ("GSM-7", b"Stop \x00 \x1b\x65", 0, "Stop @ €"),
    ("GSM-7 that calls itself Latin-1", b"a\x00b\x1b\x65", 3, "a@b€"),
    ("GSM-7 that calls itself ASCII", b"a\x11b", 1, "a_b"),
    ("Latin-1", "¿dónde está?".encode("latin-1"), 3, "¿dónde está?"),
    ("Latin-1 without the flag", "está".encode("latin-1"), 0, "está"),
    ("UTF-8 without any flag", "стоп".encode(), 0, "стоп"),
    ("ASCII", b"user_name@x", 1, "user_name@x"),
    ("UCS-2", "Стоп".encode("utf-16-be"), 8, "Стоп"),
    ("UCS-2 with a class", "Стоп".encode("utf-16-be"), 0x18, "Стоп"),
    ("UCS-2 without the flag", "Стоп".encode("utf-16-be"), 0, "Стоп"),
    ("UCS-2 that calls itself octets", "قف".encode("utf-16-be"), 4, "قف"),
    ("UCS-2 that calls itself Latin-1", "11".encode("utf-16-be"), 3, "11"),
    ("Khmer without the flag", "ឈប់".encode("utf-16-be"), 0, "ឈប់"),
    ("UCS-2 in the other order", "Стоп".encode("utf-16-le"), 8, "Стоп"),
    ("UCS-2 with a mark of its order", b"\xff\xfe" + "Стоп".encode("utf-16-le"), 8, "Стоп"),
    ("ASCII that calls itself UCS-2", b"STOP", 8, "STOP"),
    ("an odd number of octets", "Стоп".encode("utf-16-be") + b"\0", 8, "Стоп"),
    ("emoji", "📵".encode("utf-16-be"), 8, "📵"),
    ("half of an emoji", "📵".encode("utf-16-be")[:2], 8, "\N{REPLACEMENT CHARACTER}"),
    ("Cyrillic of ISO 8859-5", "Стоп".encode("iso8859-5"), 6, "Стоп"),
    ("a digit", b"1", 0, "1"),
    ("nothing", b"", 8, ""),
]


@pytest.mark.parametrize(
    ("octets", "coding", "expected"), [row[1:] for row in LETTERS], ids=[row[0] for row in LETTERS]
)
def test_letters_are_read_whatever_data_coding_says(octets: bytes, coding: int, expected: str) -> None:
    assert read(octets, coding, WAY) == expected


@given(st.binary(max_size=260), st.integers(0, 255), st.booleans(), st.integers(0, 12))
def test_nothing_that_comes_in_makes_reading_fail(octets: bytes, coding: int, packed: bool, header: int) -> None:  # noqa: FBT001 - hypothesis gives it
    read(octets, coding, PACKED if packed else WAY, header=header).encode()


@given(
    st.text(alphabet="abcdefghijklmnopqrstuvwxyzABC 0123456789!?@£$èéù€[]{}", max_size=160), st.sampled_from([0, 6, 7])
)
def test_packed_septets_come_back(text: str, header: int) -> None:
    septets = encode_gsm(text)
    assert unpack(pack(septets, header), header).removesuffix(b"\0") == septets.removesuffix(b"\0")


def test_packed_letters_are_read() -> None:
    assert read(pack(encode_gsm("Ivanivka [17]")), 0, PACKED) == "Ivanivka [17]"


def deliver(octets: bytes = b"STOP", *, source: str = "380501112233", **more: Any) -> Pdu:
    """A deliver_sm as another implementation writes it."""
    more = {"source_addr_ton": 1, "source_addr_npi": 1} | more
    tlvs = [smpp34.Tlv(tag, value) for tag, value in more.pop("tlvs", {}).items()]
    made = smpp34.DeliverSm(source, "4555", octets, tlvs=tlvs, **more).encode()
    _, command, status, sequence = HEADER.unpack_from(made)
    return Pdu(command, status, sequence, made[HEADER.size :])


def heard(pdu: Pdu) -> Inbound:
    found = read_inbound(PROVIDER, WAY, pdu, now=NOW)
    assert isinstance(found, Inbound)
    return found


def test_a_text_has_its_sender_in_e164() -> None:
    found = heard(deliver())
    assert (found.sender.reveal(), found.to, found.text.reveal(), found.at, found.part) == (
        "+380501112233",
        "4555",
        "STOP",
        NOW,
        None,
    )


@pytest.mark.parametrize(
    ("source", "ton", "sender"),
    [
        ("380501112233", 0, "+380501112233"),
        ("00380501112233", 0, "+380501112233"),
        ("0501112", 2, "0501112"),
        ("4555", 3, "4555"),
        ("Vodafone", 5, "Vodafone"),
    ],
)
def test_short_codes_and_names_are_no_numbers(source: str, ton: int, sender: str) -> None:
    assert heard(deliver(source=source, source_addr_ton=ton)).sender.reveal() == sender


@pytest.mark.parametrize(
    ("octets", "more", "part", "text"),
    [
        (b"\5\0\3\x2a\2\1abc", {"esm_class": 0x40}, Part(0x2A, 1, 2), "abc"),
        (b"\6\x08\4\0\x2a\2\1abc", {"esm_class": 0x40}, Part(0x1002A, 1, 2), "abc"),
        (b"abc", {"tlvs": {0x020C: b"\0\x2a", 0x020E: b"\2", 0x020F: b"\1"}}, Part(0x2002A, 1, 2), "abc"),
        (b"abc", {"tlvs": {0x020C: b"\0\x2a", 0x020E: b"\2", 0x020F: b"\3"}}, None, "abc"),
        (b"\5\0\3\x2a\1\1abc", {"esm_class": 0x40}, None, "abc"),
        (b"\5\0\3\x2a\2\7abc", {"esm_class": 0x40}, None, "abc"),
        (b"\x0b\5\4\x15\x7c\0\0\0\3\x2a\2\1abc", {"esm_class": 0x40}, Part(0x2A, 1, 2), "abc"),
        (b"\xff\0", {"esm_class": 0x40}, None, ""),
    ],
    ids=["8 bits", "16 bits", "SAR", "SAR beyond its count", "one of one", "beyond its count", "with ports", "cut off"],
)
def test_parts_are_known_by_any_kind_of_header(
    octets: bytes, more: dict[str, Any], part: Part | None, text: str
) -> None:
    found = heard(deliver(octets, **more))
    assert (found.part, found.text.reveal()) == (part, text)


def test_a_long_text_may_come_as_one_payload() -> None:
    text = "Що робити? " * 40
    found = heard(deliver(b"", data_coding=8, tlvs={0x0424: text.encode("utf-16-be")}))
    assert found.text.reveal() == text


def test_a_text_that_looks_like_a_receipt_is_a_text_unless_the_smsc_calls_it_one() -> None:
    said = b"id:7 stat:DELIVRD err:000"
    assert heard(deliver(said)).text.reveal() == said.decode()
    report = read_inbound(PROVIDER, WAY, deliver(said, esm_class=4), now=NOW)
    assert report == Report("vodafone", "7", Arrival.DELIVERED, "000")


@pytest.mark.parametrize(
    "octets",
    [b"id:a_1$ stat:DELIVRD err:000", "id:a_1$ stat:DELIVRD err:000".encode("utf-16-be")],
    ids=["ASCII", "UCS-2"],
)
@pytest.mark.parametrize("coding", [0, 3, 8])
def test_a_receipt_is_ascii_whatever_its_data_coding_says(octets: bytes, coding: int) -> None:
    report = read_inbound(PROVIDER, WAY, deliver(octets, esm_class=4, data_coding=coding), now=NOW)
    assert report == Report("vodafone", "a_1$", Arrival.DELIVERED, "000")


@pytest.mark.parametrize("cut", range(30))
def test_what_is_cut_off_is_refused_by_name(cut: int) -> None:
    pdu = deliver(b"STOP")
    with pytest.raises(BadPdu) as refused:
        read_inbound(PROVIDER, WAY, Pdu(5, 0, 1, pdu.body[:cut]), now=NOW)
    assert "STOP" not in str(refused.value)


@given(body=st.binary(max_size=300), command=st.sampled_from([5, 0x103]))
def test_no_body_makes_anything_else_fail(body: bytes, command: int) -> None:
    try:
        read_inbound(PROVIDER, WAY, Pdu(command, 0, 1, body), now=NOW)
    except BadPdu:
        return
