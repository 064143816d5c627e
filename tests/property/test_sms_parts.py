"""Parts of any texts, in any order, again and mixed with others': exactly the whole texts come out, each once."""

import asyncio
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from service.conversations.parts import GAP, KEPT, PATIENCE, Fate, OwnShelf, opened, slip
from service.delivery.sms import Inbound, Part
from service.kit.crypto import Keyring
from service.kit.hidden import Hidden
from tests.conftest import NOW, SERVER_KEY

KEYRING = Keyring(SERVER_KEY)
texts = st.lists(st.lists(st.text(min_size=1, max_size=20), min_size=2, max_size=15), min_size=1, max_size=4)


def part(words: str, number: int, of: int, *, reference: int = 7, sender: str = "+380671234567") -> Inbound:
    at = Part(reference, number, of)
    return Inbound("kannel", Hidden(sender), "4455", Hidden(words), NOW, at)


async def collect(arriving: list[Inbound], shelf: OwnShelf) -> list[str]:
    whole = []
    for number, one in enumerate(arriving):
        fate, text = await shelf.add(slip(one, KEYRING), str(number), now=NOW)
        if fate is Fate.WHOLE and text is not None:
            whole.append(opened(text, KEYRING).text.reveal())
            await shelf.close(text)
    return whole


@given(texts, st.randoms(use_true_random=False), st.integers(0, 5))
def test_any_order_doubling_and_mixing_gives_exactly_the_whole_texts(
    written: list[list[str]], random: Random, doubled: int
) -> None:
    arriving = [
        part(words, number, len(text), reference=reference)
        for reference, text in enumerate(written)
        for number, words in enumerate(text, 1)
    ]
    arriving += [random.choice(arriving) for _ in range(doubled)]
    random.shuffle(arriving)
    whole = asyncio.run(collect(arriving, OwnShelf()))
    assert sorted(whole) == sorted("".join(text) for text in written)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=2), st.integers(1, 400))
def test_a_character_cut_in_two_between_parts_is_whole_again(text: str, at: int) -> None:
    units = text.encode("utf-16-be")
    cut = 2 * (1 + at % max(1, len(units) // 2 - 1)) if len(units) > 2 else 0
    halves = [half.decode("utf-16-be", "surrogatepass") for half in (units[:cut], units[cut:])]
    whole = asyncio.run(collect([part(half, n, 2) for n, half in enumerate(halves, 1)], OwnShelf()))
    assert whole == [text]


async def test_two_people_who_use_one_reference_keep_their_texts_apart() -> None:
    anna, borys = "+380671234567", "+380671234568"
    arriving = [part("a1 ", 1, 2, sender=anna), part("b1 ", 1, 2, sender=borys)]
    arriving += [part("b2", 2, 2, sender=borys), part("a2", 2, 2, sender=anna)]
    assert await collect(arriving, OwnShelf()) == ["b1 b2", "a1 a2"]


async def test_a_reference_used_anew_begins_a_text_of_its_own() -> None:
    arriving = [part("old ", 1, 2), part("new ", 1, 2), part("text", 2, 2), part("third ", 1, 2), part("one", 2, 2)]
    assert await collect(arriving, OwnShelf()) == ["new text", "third one"]


async def test_a_part_that_never_comes_leaves_what_is_there_to_be_answered_once() -> None:
    shelf = OwnShelf()
    await collect([part("I found a ", 1, 3), part("in the field", 3, 3)], shelf)
    assert await shelf.overdue(9, now=NOW + PATIENCE - timedelta(seconds=1)) == []
    (text,) = await shelf.overdue(9, now=NOW + PATIENCE)
    assert opened(text, KEYRING).text.reveal() == f"I found a  {GAP} in the field"
    assert await shelf.overdue(9, now=NOW + PATIENCE) == [], "somebody has it"
    await shelf.close(text)
    assert await shelf.overdue(9, now=NOW + KEPT - timedelta(seconds=1)) == []
    assert await collect([part("mine", 2, 3)], shelf) == []


async def test_a_last_part_alone_never_reads_as_the_word_that_ends_warnings() -> None:
    shelf = OwnShelf()
    await collect([part("stop", 2, 2)], shelf)
    (text,) = await shelf.overdue(9, now=NOW + PATIENCE)
    assert opened(text, KEYRING).text.reveal() == GAP
