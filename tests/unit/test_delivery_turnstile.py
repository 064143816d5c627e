"""Messages go one by one: the most severe first, within the budget, so many at a time."""

import asyncio

from service.delivery.channels.turnstile import Turnstile


class Purse:
    """A budget that a test fills by hand."""

    lease = 100

    def __init__(self, left: int = 1_000_000) -> None:
        self.left = left
        self.asked = 0

    async def grant(self, wanted: int) -> tuple[int, float]:
        self.asked += 1
        await asyncio.sleep(0)
        granted = min(wanted, self.left)
        self.left -= granted
        return granted, 0.01


def a_turnstile(purse: Purse, *, places: int = 1000) -> Turnstile:
    return Turnstile(purse, places=places)  # type: ignore[arg-type]  # a purse that the test fills


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_the_most_severe_goes_first_however_late_it_comes() -> None:
    purse = Purse(left=0)
    turnstile, went = a_turnstile(purse), []

    async def one(name: str, rank: int) -> None:
        await turnstile.enter(rank)
        went.append(name)

    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(one(f"minor {number}", 1))
        await settle()
        group.create_task(one("extreme", 4))
        await settle()
        purse.left = 10
    assert went == ["extreme", "minor 0", "minor 1", "minor 2"]


async def test_no_more_than_so_many_are_on_the_way() -> None:
    turnstile, inside, most = a_turnstile(Purse(), places=7), 0, 0

    async def one() -> None:
        nonlocal inside, most
        await turnstile.enter(0)
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.001)
        inside -= 1
        turnstile.leave()

    async with asyncio.TaskGroup() as group:
        for _ in range(100):
            group.create_task(one())
    assert most == 7


async def test_the_budget_is_asked_for_many_at_a_time() -> None:
    purse = Purse()
    turnstile = a_turnstile(purse)
    await asyncio.gather(*(turnstile.enter(0) for _ in range(1000)))
    assert purse.asked <= 11


async def test_what_was_not_sent_goes_back_so_a_stopped_batch_costs_the_others_nothing() -> None:
    purse = Purse(left=1)
    turnstile, stopped = a_turnstile(purse), 0

    async def one_of_a_withdrawn_alert() -> None:
        nonlocal stopped
        await turnstile.enter(1)
        stopped += 1
        turnstile.leave(unused=True)

    async with asyncio.TaskGroup() as group:
        for _ in range(500):
            group.create_task(one_of_a_withdrawn_alert())
    assert stopped == 500, "one message's worth let all of them through"


async def test_whoever_gives_up_waiting_takes_nothing_along() -> None:
    purse = Purse(left=0)
    turnstile = a_turnstile(purse, places=1)
    given_up = asyncio.create_task(turnstile.enter(4))
    await settle()
    given_up.cancel()
    purse.left = 1
    await asyncio.wait_for(turnstile.enter(0), 1)


async def test_a_text_of_three_segments_takes_three_even_where_they_come_one_by_one() -> None:
    purse = Purse(left=0)
    turnstile, went = a_turnstile(purse), []

    async def one(name: str, rank: int, amount: int) -> None:
        await turnstile.enter(rank, amount=amount)
        went.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(one("long", 1, 3))
        group.create_task(one("short", 1, 1))
        for _ in range(3):
            await settle()
            assert went == []
            purse.left = 1
            await asyncio.sleep(0.3)  # longer than anything is lent for
        assert went == ["long"]
        purse.left = 1
    assert went == ["long", "short"]
    assert purse.left == 0


async def test_of_a_long_text_that_was_not_sent_all_goes_back() -> None:
    turnstile = a_turnstile(Purse(left=3))
    await turnstile.enter(1, amount=3)
    turnstile.leave(unused=True, amount=3)
    await asyncio.wait_for(asyncio.gather(*(turnstile.enter(1) for _ in range(3))), 1)
