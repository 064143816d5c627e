"""How much people may write, and machines: bounds on answers, and who is never answered."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from service.conversations.model import Reply
from service.kit.errors import Refused
from service.kit.house import House
from tests.conftest import FixedClock
from tests.integration.letterbox import OUR_NUMBER, Letterbox, Talk, letterbox, own_keys, text

Open = Callable[..., Letterbox]
NOWHERE = "redis://127.0.0.1:9"


async def test_a_number_gets_so_many_answers_an_hour_but_never_waits_with_a_find_or_an_end(
    box: Letterbox, talk: Talk, clock: FixedClock
) -> None:
    got = [await slowly(box, clock, f"village {number}") for number in range(12)]
    assert [one is not None for one in got] == [True] * 10 + [False] * 2
    assert len(talk.heard) == 10, "what is not answered costs nothing"
    assert await box.inbox.take(text("I found a MINE")) is not None
    assert await box.inbox.take(text("STOP")) is None
    assert talk.heard[-1] == "STOP", "obeyed, though nothing is said"
    assert await box.inbox.take(text("village", sender="+380671234568")) is not None


async def slowly(box: Letterbox, clock: FixedClock, words: str) -> Reply | None:
    """As a person writes: not before our last answer was read."""
    clock.advance(timedelta(minutes=3))
    return await box.inbox.take(text(words))


async def test_what_we_say_nothing_to_takes_no_answer_away(box: Letterbox, talk: Talk, clock: FixedClock) -> None:
    for _ in range(4):
        await slowly(box, clock, "hush")
    got = [await slowly(box, clock, f"village {number}") for number in range(10)]
    assert all(got)


async def test_a_flood_of_all_numbers_waits_at_the_operators_but_no_find_does(
    house: House, talk: Talk, redis_url: str
) -> None:
    own = own_keys(house)
    box = letterbox(own, talk, None)
    refused = 0
    for number in range(610):
        try:
            await box.inbox.take(text("village", sender=f"+38067{1000000 + number}"))
        except Refused:
            refused += 1
    assert (len(talk.heard), refused) == (600, 10)
    assert await box.inbox.take(text("a mine!")) is not None
    assert await box.inbox.take(text("stop", sender="+380671234569")) is not None
    await box.close()


async def test_a_machine_that_sends_our_own_words_back_is_not_answered(box: Letterbox, talk: Talk) -> None:
    reply = await box.inbox.take(text("Testovo"))
    assert reply is not None
    assert await box.inbox.take(text(f"RE: {reply.text.reveal()}, mine")) is None
    assert talk.heard == ["Testovo"]


async def test_a_machine_that_answers_at_once_is_left_alone_after_a_few(
    box: Letterbox, talk: Talk, clock: FixedClock
) -> None:
    got = []
    for number in range(6):
        got.append(await box.inbox.take(text(f"ticket {number} was opened")))
        clock.advance(timedelta(seconds=2))
    assert [one is not None for one in got] == [True, True, True, False, False, False]
    assert await box.inbox.take(text("a mine")) is not None, "it may be a person in haste"
    clock.advance(timedelta(minutes=10))
    assert await box.inbox.take(text("where is Testovo")) is not None, "who may ask again after a while"


@pytest.mark.parametrize("sender", [OUR_NUMBER, "5433", "Bank", "+380900123456", "+33612345678"])
async def test_services_are_never_answered(box: Letterbox, talk: Talk, sender: str) -> None:
    assert await box.inbox.take(text("I found a mine", sender=sender)) is None
    assert talk.heard == []


async def test_by_a_one_way_provider_nothing_is_answered_but_an_end_is_an_end(box: Letterbox, talk: Talk) -> None:
    talk.one_way = ("kannel",)
    assert await box.inbox.take(text("Testovo")) is None
    assert await box.inbox.take(text("Stop")) is None
    assert talk.heard == ["Stop"]
