"""What people write is taken once, whole, within limits, and never from machines; with Redis and without."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from random import Random
from urllib.parse import urlsplit

import psycopg
import pytest
import redis.asyncio

from service.conversations.inbox import Back
from service.conversations.outbox import KEPT, Letter
from service.conversations.parts import GAP, LEASE, MOST_OF_SENDER, PATIENCE
from service.kit.errors import Refused
from tests.conftest import FixedClock
from tests.e2e.relay import Relay
from tests.integration.letterbox import SENDER, Letterbox, Talk, part, text

Open = Callable[..., Letterbox]
NOWHERE = "redis://127.0.0.1:9"


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
