"""Splitting and joining any text gives it back, in parts that fit and through no letter."""

# ruff: noqa: RUF001 - letters are written in their own alphabets here

import random
from itertools import accumulate, pairwise

import regex
from hypothesis import example, given
from hypothesis import strategies as st

from service.kit.sms import Encoding, Split, encode_gsm, join, read_header, split
from service.kit.sms.alphabet import ESCAPE, LETTERS
from service.kit.sms.splitting import PLAIN

GSM = st.text(st.sampled_from(sorted(LETTERS)), max_size=900)
PIECES = [
    *"аяїшґ aZ9.,é\n", "е\u0301", "😀", "👨\u200d👩\u200d👧", "🇺🇦", "👍🏽", "क\u094dष", "ស\u17d2ត\u17d2រ\u17b8",
    "က\u1039က", "\r\n", "ب\u0651\u064e", "\u200d", "\u0301", "\u1112\u1161\u11ab", "\U0001f1fa",
]  # fmt: skip
MIXED = st.lists(st.sampled_from(PIECES), max_size=400).map("".join)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=500)
TEXTS = GSM | MIXED | ANY
WIDE = st.booleans()


def taken_apart(found: Split) -> list[bytes]:
    return [read_header(part)[1] if found.header else part for part in found.parts]


@given(text=TEXTS, wide=WIDE, reference=st.none() | st.integers(0, 1 << 20), order=st.randoms(use_true_random=False))
@example(text="", wide=False, reference=None, order=random.Random(1))  # noqa: S311 - an order, no secret
def test_splitting_and_joining_gives_a_text_back(
    text: str,
    wide: bool,  # noqa: FBT001 - drawn
    reference: int | None,
    order: random.Random,
) -> None:
    found = split(text, reference=reference, wide=wide)
    parts = list(found.parts)
    order.shuffle(parts)
    if not found.header:
        assert join({1: parts[0]}, found.encoding) == text
        return
    read = [read_header(part) for part in [*parts, parts[0]]]  # one comes twice
    assert {head.of for head, _ in read if head} == {found.segments}
    assert join({head.number: rest for head, rest in read if head}, found.encoding) == text


@given(text=TEXTS, wide=WIDE)
def test_no_part_has_more_than_140_octets(text: str, wide: bool) -> None:  # noqa: FBT001 - drawn
    found = split(text, wide=wide)
    header = found.header
    assert header == (0 if found.segments == 1 else 7 if wide else 6)
    for body in taken_apart(found):
        filled = -(-header * 8 // 7) * 7 if found.encoding is Encoding.GSM_7 else header * 8  # bits, to a septet's end
        bits = filled + len(body) * (7 if found.encoding is Encoding.GSM_7 else 8)
        assert bits <= 140 * 8
        assert body or found.segments == 1


@given(text=MIXED | ANY | GSM, wide=WIDE)
def test_no_letter_is_cut(text: str, wide: bool) -> None:  # noqa: FBT001 - drawn
    found = split(text, wide=wide)
    rests = taken_apart(found)
    said = [join({1: rest}, found.encoding) for rest in rests]
    assert "".join(said) == text  # each is whole by itself: no pair of surrogates, no escape is cut
    if found.encoding is Encoding.GSM_7:
        assert all(rest[-1] != ESCAPE for rest in rests if rest)
        assert b"".join(rests) == encode_gsm(text)
    room = found.encoding.room(found.header)
    clusters = regex.findall(r"\X", text)
    if all(len(cluster.encode("utf-16-be")) <= room * 2 for cluster in clusters):
        assert set(accumulate(map(len, said))) <= set(accumulate(map(len, clusters))) | {0}


@given(text=TEXTS, wide=WIDE)
def test_no_part_could_have_held_the_next_letter(text: str, wide: bool) -> None:  # noqa: FBT001 - drawn
    found = split(text, wide=wide)
    room = found.encoding.room(found.header) * (1 if found.encoding is Encoding.GSM_7 else 2)
    rests = taken_apart(found)
    for this, following in pairwise(rests):
        first = regex.match(r"\X", join({1: following}, found.encoding))[0]
        more = encode_gsm(first) if found.encoding is Encoding.GSM_7 else first.encode("utf-16-be")
        assert len(this) + len(more) > room


@given(text=TEXTS, wide=WIDE)
def test_a_text_is_cut_where_looking_at_all_of_its_letters_would_cut_it(text: str, wide: bool) -> None:  # noqa: FBT001 - drawn
    found = split(text, wide=wide)
    room = found.encoding.room(found.header) * (1 if found.encoding is Encoding.GSM_7 else 2)
    write = encode_gsm if found.encoding is Encoding.GSM_7 else lambda letters: letters.encode("utf-16-be")
    letters = [write(letter) for letter in regex.findall(r"\X", text)]
    if found.header and all(len(letter) <= room for letter in letters):
        parts = [b""]
        for letter in letters:
            parts = [*parts, letter] if len(parts[-1] + letter) > room else [*parts[:-1], parts[-1] + letter]
        assert taken_apart(found) == parts


def test_letters_that_are_taken_for_plain_are_never_joined_to_each_other() -> None:
    for first in PLAIN:
        assert len(regex.findall(r"\X", "".join(first + second for second in PLAIN))) == 2 * len(PLAIN)
