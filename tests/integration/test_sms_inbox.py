"""What people write is taken once, whole, within limits, and never from machines; with Redis and without."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from random import Random
from urllib.parse import urlsplit

import psycopg
import pytest
import redis.asyncio

from service.conversations.inbox import Back
from service.conversations.model import Reply
from service.conversations.outbox import KEPT, Letter
from service.conversations.parts import GAP, LEASE, MOST_OF_SENDER, PATIENCE
from service.kit.errors import Refused
from service.kit.house import House
from tests.conftest import FixedClock
from tests.e2e.relay import Relay
from tests.integration.letterbox import OUR_NUMBER, SENDER, Letterbox, Talk, letterbox, own_keys, part, text

Open = Callable[..., Letterbox]
NOWHERE = "redis://127.0.0.1:9"


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
async def opened(house: House, talk: Talk, redis_url: str) -> AsyncIterator[Open]:
    """Opens as many inboxes as a test wants, each as if in a process of its own."""
    own, made_on_redis = own_keys(house), []
    async with AsyncExitStack() as stack:

        def open_one(url: str | None = redis_url, **more: bool) -> Letterbox:
            made = letterbox(own, talk, url, **more)
            stack.push_async_callback(made.close)
            made_on_redis.extend([made] if url == redis_url else [])
            return made

        yield open_one
        assert all(one.shared.there for one in made_on_redis), "Redis took every script"


@pytest.fixture(params=["redis", "no redis"])
def box(request: pytest.FixtureRequest, opened: Open, redis_url: str) -> Letterbox:
    return opened(redis_url if request.param == "redis" else NOWHERE)


async def test_a_text_is_answered(box: Letterbox, talk: Talk) -> None:
    reply = await box.inbox.take(text("Testovo"))
    assert reply is not None
    assert (reply.template, talk.heard) == ("talk.test", ["Testovo"])


async def test_what_an_operator_delivers_twice_is_answered_once(
    box: Letterbox, opened: Open, talk: Talk, clock: FixedClock
) -> None:
    for one in (text("Testovo", name="a1"), text("Testovo", name="a1"), text("Testovo", name="b2"), text("Testovo")):
        await box.inbox.take(one)
    assert talk.heard == ["Testovo"]
    await box.inbox.take(text("Testovo", sender="+380671234568"))
    assert len(talk.heard) == 2, "nobody else is meant"


async def test_another_process_knows_what_was_answered(opened: Open, talk: Talk) -> None:
    await opened().inbox.take(text("Testovo", name="a1"))
    assert await opened().inbox.take(text("Testovo", name="a1")) is None
    assert talk.heard == ["Testovo"]


async def test_who_picks_the_first_line_of_two_lists_in_turn_is_heard_twice(box: Letterbox, talk: Talk) -> None:
    await box.inbox.take(text("1", name="a1"))
    await box.inbox.take(text("1", name="b2"))
    await box.inbox.take(text("1", name="b2"))
    assert talk.heard == ["1", "1"]


async def test_a_response_that_got_lost_is_given_again(box: Letterbox, talk: Talk) -> None:
    back = Back(in_response=True)
    first = await box.inbox.write(text("Testovo", name="a1"), back)
    again = await box.inbox.write(text("Testovo", name="a1"), back)
    assert first is not None
    assert again == first
    assert await box.inbox.write(text("Testovo", name="b2"), back) is None, "that one has its own response"
    assert talk.heard == ["Testovo"]


async def test_a_text_whose_answer_could_not_be_left_anywhere_is_delivered_again(box: Letterbox, talk: Talk) -> None:
    room: list[bool] = [False, True]

    async def post(_: Letter) -> bool:
        return room.pop(0)

    with pytest.raises(Refused, match="cannot be looked at now"):
        await box.inbox.write(text("Testovo", name="a1"), Back(post=post))
    assert await box.inbox.write(text("Testovo", name="a1"), Back(post=post)) is not None


async def test_a_text_that_could_not_be_answered_is_taken_when_it_comes_again(box: Letterbox, talk: Talk) -> None:
    talk.troubles = [psycopg.OperationalError("the database is away"), psycopg.OperationalError("still")] * 5
    for _ in range(10):
        with pytest.raises(Refused) as no:
            await box.inbox.take(text("Testovo, where I live", name="a1"))
        assert (no.value.name, no.value.after) == ("text-put-off", 10)
    assert await box.inbox.take(text("Testovo, where I live", name="a1")) is not None
    assert talk.heard == ["Testovo, where I live"], "and that is no machine's"


async def test_two_processes_that_get_one_text_at_once_answer_it_once(opened: Open, talk: Talk) -> None:
    boxes = [opened() for _ in range(4)]
    got = await asyncio.gather(*(one.inbox.take(text("Testovo", name="a1")) for one in boxes), return_exceptions=True)
    assert talk.heard == ["Testovo"]
    assert len([one for one in got if one is not None and not isinstance(one, Refused)]) == 1


async def test_a_text_of_many_parts_in_any_order_over_many_processes_is_answered_once(opened: Open, talk: Talk) -> None:
    boxes = [opened() for _ in range(4)]
    words = [f"part {number} " for number in range(1, 41)]
    arriving = [part(one, number, 40) for number, one in enumerate(words, 1)] * 2
    Random(7).shuffle(arriving)  # noqa: S311 - a test's order
    got = await asyncio.gather(
        *(boxes[number % 4].inbox.take(one) for number, one in enumerate(arriving)), return_exceptions=True
    )
    assert talk.heard == ["".join(words)]
    assert len([one for one in got if one is not None and not isinstance(one, Refused)]) == 1
    assert all(isinstance(one, Refused) for one in got if isinstance(one, Exception))
    assert await boxes[0].inbox.take(part(words[3], 4, 40)) is None
    assert len(talk.heard) == 1, "a repeat that comes late begins nothing"


async def test_a_text_of_255_parts_is_whole(box: Letterbox, talk: Talk) -> None:
    for number in range(255, 0, -1):
        await box.inbox.take(part(f"{number} ", number, 255))
    assert talk.heard == ["".join(f"{number} " for number in range(1, 256))]


async def test_a_text_whose_rest_never_comes_is_answered_as_it_stands(
    box: Letterbox, talk: Talk, clock: FixedClock
) -> None:
    assert await box.inbox.take(part("I found a mine in", 1, 3)) is None
    clock.advance(PATIENCE - timedelta(seconds=1))
    assert [one async for one in box.inbox.overdue()] == []
    clock.advance(timedelta(seconds=1))
    (letter,) = [one async for one in box.inbox.overdue()]
    assert (letter.to.reveal(), letter.provider, letter.urgent) == (SENDER, "kannel", True)
    assert talk.heard == [f"I found a mine in {GAP}  {GAP} "]
    clock.advance(LEASE)
    assert [one async for one in box.inbox.overdue()] == []
    assert await box.inbox.take(part("the field", 2, 3)) is None
    assert await box.inbox.take(part(" of Ivan", 3, 3)) is None
    assert len(talk.heard) == 1


async def test_a_whole_text_that_a_killed_process_left_is_answered_by_another(
    opened: Open, talk: Talk, clock: FixedClock
) -> None:
    first, second = opened(), opened()
    await first.inbox.take(part("Test", 1, 2))
    talk.troubles = [RuntimeError("killed")]
    with pytest.raises(RuntimeError):
        await first.inbox.take(part("ovo", 2, 2))
    with pytest.raises(Refused, match="cannot be looked at now"):
        await second.inbox.take(part("ovo", 2, 2))
    assert [one async for one in second.inbox.overdue()] == []
    clock.advance(LEASE)
    (letter,) = [one async for one in second.inbox.overdue()]
    assert letter.to.reveal() == SENDER
    assert talk.heard == ["Testovo"]


async def test_without_redis_and_with_other_processes_a_first_part_is_answered_at_once(
    opened: Open, talk: Talk
) -> None:
    box = opened(NOWHERE, alone=False)
    assert await box.inbox.take(part("I found a thing", 1, 2)) is not None
    assert await box.inbox.take(part("in the field", 2, 2)) is None
    assert talk.heard == [f"I found a thing {GAP}"]


async def test_nobody_fills_the_house_with_parts(box: Letterbox, talk: Talk) -> None:
    for number in range(1, 201):
        await box.inbox.take(part("x y z", number, 255, reference=1))
    for number in range(1, MOST_OF_SENDER - 200 + 1):
        await box.inbox.take(part("x y z", number, 255, reference=2))
    assert talk.heard == []
    assert await box.inbox.take(part("where is Testovo", 1, 2, reference=3)) is not None, "the first part is answered"
    assert await box.inbox.take(part("please", 2, 2, reference=3)) is None
    assert await box.inbox.take(part("nobody else", 1, 2, sender="+380671234568")) is None
    assert talk.heard == [f"where is Testovo {GAP}"]


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


async def test_redis_holds_no_number_no_word_and_nothing_for_longer_than_an_hour(
    opened: Open, talk: Talk, redis_url: str
) -> None:
    box = opened()
    client = redis.asyncio.Redis.from_url(redis_url)
    before = {key async for key in client.scan_iter()}
    letter = await box.inbox.write(text("the village of Testovo", name="message-77"), Back(in_response=True))
    await box.inbox.take(part("I live in Ivanivka", 1, 2))
    assert letter is not None
    await box.outbox.put(letter)
    found = [key async for key in client.scan_iter() if key not in before]
    kept = b"".join([key + await client.dump(key) for key in found])
    for secret in (SENDER[1:], "671234567", "Testovo", "Ivanivka", "village", "message-77", letter.reply.text.reveal()):
        for form in (secret.encode(), secret.encode("utf-16-be"), secret.encode().hex().encode()):
            assert form not in kept, secret
    assert found
    lives = [await client.ttl(key) for key in found if b"LIMITS" not in key]
    assert all(0 < life <= 3600 for life in lives)
    await client.aclose()


async def test_what_the_api_leaves_is_taken_once_and_not_too_late(opened: Open, clock: FixedClock) -> None:
    box, other = opened(), opened()
    await box.outbox.take(1000, now=clock.now())  # what other tests left
    reply = await box.inbox.take(text("Testovo"))
    assert reply is not None
    letters = [Letter("kannel", text("").sender, reply, clock.now() + span) for span in (KEPT, timedelta(seconds=1))]
    assert [await box.outbox.put(one) for one in letters] == [True, True]
    clock.advance(timedelta(seconds=2))
    first, second = await asyncio.gather(box.outbox.take(9, now=clock.now()), other.outbox.take(9, now=clock.now()))
    assert [one.reply for one in (*first[0], *second[0])] == [reply]
    assert first[1] + second[1] == 1
    assert not await opened(NOWHERE).outbox.has_room()
    assert not await opened(NOWHERE).outbox.put(letters[0])


async def test_redis_that_goes_away_in_the_middle_loses_nobodys_text(opened: Open, talk: Talk, redis_url: str) -> None:
    with Relay(urlsplit(redis_url).port) as relay:
        box = opened(relay.url(redis_url))
        assert await box.inbox.take(text("one")) is not None
        relay.turn(None)
        assert await box.inbox.take(text("two")) is not None
        assert await box.inbox.take(part("thr", 1, 2)) is None
        assert await box.inbox.take(part("ee", 2, 2)) is not None
        assert await box.inbox.take(text("one")) is None, "it is remembered here too"
    assert talk.heard == ["one", "two", "three"]
