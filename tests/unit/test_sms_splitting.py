"""Texts as phones send them: which alphabet, how many parts, and that no letter is cut."""

# ruff: noqa: RUF001 - letters are written in their own alphabets here

import csv
from pathlib import Path

import pytest
import smsutil
import smsutil.codecs

from service.kit.errors import Refused
from service.kit.sms import (
    BadHeader,
    Concatenation,
    Encoding,
    HeaderFault,
    NotGsm,
    decode_gsm,
    encode_gsm,
    foreign,
    join,
    read_header,
    split,
)

GSM, UCS = Encoding.GSM_7, Encoding.UCS_2
FAMILY = "👨\u200d👩\u200d👧"  # 8 units
KSHA = "क\u094dष"


def bodies(text: str, *, wide: bool = False) -> list[str]:
    """Read every part by itself: what is cut between two parts cannot be read in either."""
    found = split(text, wide=wide)
    parts = [read_header(part)[1] if found.header else part for part in found.parts]
    return [join({1: part}, found.encoding) for part in parts]


def lengths(text: str, *, wide: bool = False) -> list[int]:
    found = split(text, wide=wide)
    size = 1 if found.encoding is GSM else 2
    return [(len(part) - found.header) // size for part in found.parts]


def test_the_alphabet_is_the_one_of_the_standard(shared: Path) -> None:
    with (shared / "sms/gsm0338_perl_encode.tsv").open(encoding="utf-8", newline="") as file:
        table = {
            chr(int(row["codepoint"].removeprefix("U+"), 16)): row["gsm_hex"]
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        }
    ours = {chr(code): encode_gsm(chr(code)).hex() for code in range(0x110000) if not foreign(chr(code))}
    # Perl also takes ESC for a letter, and writes the small cedilla where 23.038 has the capital one
    assert {letter: code for letter, code in table.items() if letter in ours} == ours
    assert set(table) - set(ours) <= {"\x1b", "ç"}


@pytest.mark.parametrize("text", ["hello @£$", "^{}\\[~]|€", "Ωμέγα"[:1], "\r\n\f", "ÄÖÑÜ§¿äöñüà"])
def test_smsutil_writes_the_same_septets(text: str) -> None:
    assert encode_gsm(text) == text.encode("gsm0338")
    assert decode_gsm(encode_gsm(text)) == text


def test_letters_that_the_alphabet_lacks_are_named() -> None:
    assert foreign("Así será, niño: ¿qué?") == "íá"
    with pytest.raises(NotGsm, match="'ш'") as refused:
        encode_gsm("ш!")
    assert refused.value.letters == "ш"


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"\x1b\x41", "A"),  # 23.038: a code that the extension lacks is the letter of the default table
        (b"\x1b\x1b\x41", " A"),
        (b"A\x1b", "A "),
        (b"\xe1\x80", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_whatever_comes_in_is_read(octets: bytes, text: str) -> None:
    assert decode_gsm(octets) == text


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", GSM, 0, [0]),
        ("a" * 160, GSM, 160, [160]),
        ("a" * 161, GSM, 161, [153, 8]),
        ("a" * 306, GSM, 306, [153, 153]),
        ("a" * 307, GSM, 307, [153, 153, 1]),
        ("€" * 80, GSM, 160, [160]),
        ("€" * 81, GSM, 162, [152, 10]),
        ("a" * 152 + "€" + "a" * 9, GSM, 163, [152, 11]),
        ("a" * 152 + "\r\n" + "a" * 9, GSM, 163, [152, 11]),
        ("ш" * 70, UCS, 70, [70]),
        ("ш" * 71, UCS, 71, [67, 4]),
        ("ш" * 201, UCS, 201, [67, 67, 67]),
        ("ш" * 202, UCS, 202, [67, 67, 67, 1]),
        ("ш" * 66 + "😀" + "ш" * 9, UCS, 77, [66, 11]),
        ("ш" * 66 + "е\u0301" + "ш" * 9, UCS, 77, [66, 11]),
        ("ш" * 60 + FAMILY + "ш" * 9, UCS, 77, [60, 17]),
        ("ш" * 65 + KSHA + "ш" * 9, UCS, 77, [65, 12]),
        ("ш" * 66 + "\r\n" + "ш" * 9, UCS, 77, [66, 11]),
        ("a" * 70 + "\x00", UCS, 71, [67, 4]),
        ("a" * 70 + "\x1b", UCS, 71, [67, 4]),
    ],
)
def test_a_text_is_counted_and_cut(text: str, encoding: Encoding, units: int, parts: list[int]) -> None:
    found = split(text)
    assert (found.encoding, found.units, lengths(text)) == (encoding, units, parts)
    assert found.segments == len(parts)
    assert found.header == (6 if len(parts) > 1 else 0)
    assert "".join(bodies(text)) == text


def test_a_reference_of_16_bits_takes_room_from_every_part() -> None:
    assert lengths("a" * 305, wide=True) == [152, 152, 1]
    assert lengths("ш" * 133, wide=True) == [66, 66, 1]
    assert split("a" * 160, wide=True).header == 0


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("Khmer", "ស\u17d2ត\u17d2រ\u17b8"),
        ("Burmese", "က\u1039က\u1030"),
        ("Devanagari", KSHA),
        ("Bengali", "ক\u09cdষ"),
        ("Arabic with its vowel", "ب\u0651\u064e"),
        ("Persian with a joiner", "ی\u200c"),
        ("a flag", "🇺🇦"),
        ("a skin", "👍🏽"),
        ("a key", "1\ufe0f\u20e3"),
        ("Hangul", "\u1112\u1161\u11ab"),
    ],
)
@pytest.mark.parametrize("wide", [False, True])
def test_what_is_one_letter_to_a_reader_stays_in_one_part(name: str, letter: str, wide: bool) -> None:  # noqa: FBT001 - a case of the table
    for before in range(60, 68):
        text = "ш" * before + letter + "ш" * 60
        assert sum(letter in body for body in bodies(text, wide=wide)) == 1, name


def test_flags_are_paired_from_the_start_and_not_from_the_cut() -> None:
    assert [len(body) for body in bodies("🇺🇦" * 40)] == [32, 32, 16]


def test_a_letter_longer_than_a_part_is_cut_between_code_points() -> None:
    text = "a" + "\u0301" * 100 + "😀" + "\u0302" * 80
    assert "".join(bodies(text)) == text
    assert max(lengths(text)) == 67


def test_half_of_a_pair_is_replaced_and_whole_pairs_are_mended() -> None:
    assert bodies("a\ud83db\ude00") == ["a\ufffdb\ufffd"]
    assert bodies("\ud83d\ude00") == ["😀"]


def test_parts_say_which_they_are_by_8_or_by_16_bits() -> None:
    for wide, kept in ((False, 0xCD), (True, 0xABCD)):
        found = split("ш" * 700, reference=0xABCD, wide=wide)
        heads = [read_header(part)[0] for part in found.parts]
        assert heads == [Concatenation(kept, number, 11, wide=wide) for number in range(1, 12)]


def test_a_text_without_a_reference_is_the_same_parts_each_time() -> None:
    assert split("ш" * 100).parts == split("ш" * 100).parts
    assert split("ш" * 100).parts[0][3] != split("щ" * 100).parts[0][3]


def test_255_parts_are_the_most() -> None:
    assert split("ш" * 67 * 255).segments == 255
    with pytest.raises(Refused, match="256 parts") as refused:
        split("ш" * 67 * 255 + "!")
    assert refused.value.name == "text-too-long"


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("0500031f0302", Concatenation(0x1F, 2, 3)),
        ("060804abcd0302", Concatenation(0xABCD, 2, 3, wide=True)),
        ("0b0504158a00000003ff0101", Concatenation(0xFF, 1, 1)),  # an element for ports before it
        ("0a240301010200031f0302", Concatenation(0x1F, 2, 3)),
        ("0b00031f0302080400100401", Concatenation(0x10, 1, 4, wide=True)),  # the last one counts
        ("06050415b30000", None),
        ("00", None),
        ("022500", None),
    ],
)
def test_a_header_says_which_part_this_is(header: str, part: Concatenation | None) -> None:
    assert read_header(bytes.fromhex(header) + b"rest") == (part, b"rest")


@pytest.mark.parametrize(
    ("message", "fault", "rest"),
    [
        ("", HeaderFault.CUT_OFF, b""),
        ("05", HeaderFault.CUT_OFF, b""),
        ("0500031f03", HeaderFault.CUT_OFF, b""),
        ("0500041f030241", HeaderFault.ELEMENT_CUT_OFF, b"A"),
        ("010041", HeaderFault.ELEMENT_CUT_OFF, b"A"),
        ("0400021f0341", HeaderFault.WRONG_LENGTH, b"A"),
        ("0508031f030241", HeaderFault.WRONG_LENGTH, b"A"),
        ("0500031f030041", HeaderFault.NO_SUCH_PART, b"A"),
        ("0500031f030441", HeaderFault.NO_SUCH_PART, b"A"),
        ("0500031f000041", HeaderFault.NO_SUCH_PART, b"A"),
    ],
)
def test_bad_headers_are_told_apart_and_what_stands_behind_is_kept(
    message: str, fault: HeaderFault, rest: bytes
) -> None:
    with pytest.raises(BadHeader) as refused:
        read_header(bytes.fromhex(message))
    assert (refused.value.fault, refused.value.rest) == (fault, rest)


def test_parts_are_joined_in_any_order_even_where_others_cut_through_letters() -> None:
    smile = "😀".encode("utf-16-be")
    assert join({2: smile[2:], 1: b"\x04\x48" + smile[:2]}, UCS) == "ш😀"
    assert join({2: b"\x65", 1: b"5\x1b"}, GSM) == "5€"
    assert join({1: b"\x04"}, UCS) == "\ufffd"


@pytest.mark.parametrize(("parts", "missing"), [({}, 1), ({2: b"b"}, 1), ({1: b"a", 3: b"c"}, 2), ({0: b"a"}, 1)])
def test_a_text_with_a_gap_is_not_joined(parts: dict[int, bytes], missing: int) -> None:
    with pytest.raises(ValueError, match=f"part {missing} is missing"):
        join(parts, GSM)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 160,
        "Take care. " * 30,
        ("a" * 152 + "€") * 4,
        "[" * 200,
        "Не йдіть туди. " * 12,
        "ш" * 66 + "😀" * 40,
        "لا تذهبوا إليها. " * 10,
    ],
)
def test_smsutil_cuts_these_alike(text: str) -> None:
    assert bodies(text) == [part.content for part in smsutil.split(text).parts]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ш" * 66 + "е\u0301" + "ш" * 9, "it cuts between a letter and its accent"),
        ("ш" * 60 + FAMILY + "ш" * 9, "it cuts a joined emoji"),
        ("ш" * 65 + KSHA + "ш" * 9, "it cuts a conjunct"),
        ("a" * 152 + "\r\n" + "a" * 9, "it cuts between CR and LF"),
        ("ш" * 66 + "\ud83d\ude00" + "ш" * 9, "it takes the halves of a pair for two letters, and cuts between them"),
    ],
)
def test_where_smsutil_is_wrong_we_differ(text: str, why: str) -> None:
    assert bodies(text) != [part.content for part in smsutil.split(text).parts], why
