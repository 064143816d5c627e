"""What texts cost: set aside before they are handed over, never beyond the budget, lifted by an admin with a reason."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from service.alerts import charging
from service.alerts.model import Alert
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery import queueing
from service.delivery.channels.sms import SmsChannel
from service.delivery.model import Severity
from service.delivery.sms import Answer, NotNow, NumberDead, TextRefused, Unanswered
from service.kit.db import transaction
from service.kit.errors import Refused
from service.kit.house import House
from tests.conftest import FixedClock
from tests.integration.texting_town import PRICE, TextingTown
from tests.integration.texts import Killed
from tests.integration.town import NORTH

TEXT = 3 * PRICE
"""What the warning costs in Ukrainian."""

FITS = 6
"""How many of these a budget of 1 allows."""


@pytest.fixture
async def town(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TextingTown:
    monkeypatch.setattr(queueing, "TEXTS_TOGETHER", 1)
    return await TextingTown.furnished(house, tmp_path)


async def a_crowd(town: TextingTown, count: int, *, name: str = "p", **more: object) -> list[str]:
    names = [f"{name}{index}" for index in range(count)]
    await town.phone(*names, **more)  # type: ignore[arg-type]  # cells
    await town.give_numbers(*names)
    for one in names:
        await town.do(
            "UPDATE registration SET platform = 'sms', address = NULL, address_hash = NULL, address_kind = 'sms'"
            " WHERE number = %s",
            town.number(one),
        )
    return names


async def waiting(town: TextingTown, alert: Alert) -> int:
    rows = await town.rows("SELECT FROM batch WHERE alert_id = %s AND parked_at IS NOT NULL", alert.id)
    return len(rows)


async def test_what_was_handed_over_is_paid_and_nothing_else(town: TextingTown) -> None:
    await a_crowd(town, 5)
    await town.warned()
    answers: list[Answer] = [NumberDead("unknown"), TextRefused("no"), NotNow(None, "busy"), Unanswered((), "lost")]
    town.operator.answers = iter(answers)
    await town.send_texts()
    # One was taken and one may have been; one waits, and what it costs stays set aside.
    assert await town.spent() == 4 * TEXT
    town.house.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]  # a clock that the test moves
    await town.send_texts()
    assert await town.spent() == 4 * TEXT, "the doubtful one was handed over twice, the busy one once"


async def test_a_budget_stops_in_mid_alert_and_the_nearest_have_had_it(town: TextingTown) -> None:
    town.set(sms_alert_budget=1)
    far = await a_crowd(town, 3, name="far", cells=[NORTH])
    near = await a_crowd(town, 5, name="near")
    alert = await town.warned(reach_m=20_000)
    assert len(await town.send_texts()) == FITS
    fates = await town.fates_of_texts(alert)
    assert {name for name in near if fates[name] == "a"} == set(near)
    assert sorted(fates[name] for name in far) == ["a", "w", "w"]
    assert await town.spent() == FITS * TEXT
    assert await waiting(town, alert) == 2
    async with transaction(town.house.pool) as tx:
        assert "budget of the alert" in (await delivery.status(tx)).trouble
    assert await town.go_on() == 0
    assert await town.send_texts() == [], "a stop is a stop, until somebody lifts it"


async def test_the_farthest_leave_the_budget_to_the_nearest_even_where_they_are_claimed_first(
    town: TextingTown,
) -> None:
    town.set(sms_alert_budget=1)
    await a_crowd(town, 3, name="far", cells=[NORTH])
    await a_crowd(town, FITS, name="near")
    alert = await town.warned(reach_m=20_000)
    rows = await town.rows("SELECT id, ring FROM batch WHERE alert_id = %s ORDER BY ring DESC, id", alert.id)
    claimed = {}
    for row in rows:
        async with transaction(town.house.pool) as tx:
            claimed[row["id"]] = await delivery.claim(tx, town.house, row["id"]) is not None
    near = min(row["ring"] for row in rows)
    assert [claimed[row["id"]] for row in rows] == [row["ring"] == near for row in rows]
    assert await town.spent() == FITS * TEXT


async def test_an_admin_lifts_the_budget_with_a_reason_and_it_goes_on_where_it_stopped(town: TextingTown) -> None:
    town.set(sms_alert_budget=1)
    await a_crowd(town, 9)
    alert = await town.warned()
    await town.send_texts()
    async with transaction(town.house.pool) as tx:
        made = await charging.lift(tx, town.house, town.people[0], alert.id, amount=5, reason="the far bank")
    assert (made.limit, made.currency) == ("6.00", "EUR")
    assert await town.go_on() == 3
    await town.send_texts()
    assert set((await town.fates_of_texts(alert)).values()) == {"a"}
    assert await town.spent() == 9 * TEXT
    [row] = await town.rows("SELECT detail FROM audit WHERE act = 'sms.lift-budget'")
    assert row["detail"] == {"amount": 5, "reason": "the far bank"}


async def test_where_there_is_no_budget_nothing_can_be_lifted(town: TextingTown) -> None:
    async with transaction(town.house.pool) as tx:
        with pytest.raises(Refused, match="nothing to lift"):
            await charging.lift(tx, town.house, town.people[0], None, amount=5, reason="the far bank")


async def test_the_budget_of_a_month_holds_for_all_alerts_and_the_next_month_has_its_own(
    town: TextingTown, clock: FixedClock
) -> None:
    town.set(sms_month_budget=1)
    await a_crowd(town, 4)
    first = await town.warned()
    second = await town.warned(Severity.EXTREME)
    await town.send_texts()
    assert list((await town.fates_of_texts(second)).values()) == ["a"] * 4, "the more severe has it first"
    assert await waiting(town, first) == 2
    clock.advance(timedelta(days=30))
    assert await town.go_on() == 2
    await town.send_texts()
    assert set((await town.fates_of_texts(first)).values()) <= {"a", "x"}
    assert await waiting(town, first) == 0


async def claimed(town: TextingTown, alert: Alert) -> int:
    """Let a worker take each batch of an alert's texts; return how many it may send."""
    rows = await town.rows("SELECT id FROM batch WHERE alert_id = %s AND channel = 'sms' ORDER BY ring, id", alert.id)
    found = 0
    for row in rows:
        async with transaction(town.house.pool) as tx:
            found += await delivery.claim(tx, town.house, row["id"]) is not None
    return found


async def test_what_is_left_of_a_month_is_for_the_most_severe_alert_even_where_another_is_claimed_first(
    town: TextingTown,
) -> None:
    town.set(sms_month_budget=1)
    await a_crowd(town, 4)
    first = await town.warned()
    second = await town.warned(Severity.EXTREME)
    assert await claimed(town, first) == FITS - 4, "so many are left beside the four of the other alert"
    assert await claimed(town, second) == 4
    assert await town.spent() == FITS * TEXT
    assert await waiting(town, first) == 4 - (FITS - 4)


async def test_of_alerts_as_severe_the_nearest_people_come_first_in_a_month(town: TextingTown) -> None:
    town.set(sms_month_budget=1)
    await a_crowd(town, FITS, name="far", cells=[NORTH])
    far = await town.warned(reach_m=20_000)
    await a_crowd(town, FITS, name="near")
    near = await town.warned(reach_m=3_000)
    assert await claimed(town, far) == 0
    assert await claimed(town, near) == FITS


async def test_an_alert_that_has_spent_its_own_budget_keeps_the_month_from_nobody(town: TextingTown) -> None:
    town.set(sms_alert_budget=1, sms_month_budget=2)
    await a_crowd(town, 8)
    first = await town.warned(Severity.EXTREME)
    second = await town.warned()
    assert await claimed(town, first) == FITS
    assert await waiting(town, first) == 8 - FITS
    assert await claimed(town, second) == FITS


async def test_a_correction_goes_out_whatever_it_costs(town: TextingTown) -> None:
    town.set(sms_alert_budget=1, sms_month_budget=1)
    await a_crowd(town, FITS)
    alert = await town.warned()
    await town.send_texts()
    correction = await town.corrected(alert)
    await town.plan(correction)
    assert len(await town.send_texts()) == FITS
    assert await town.spent() == 2 * FITS * TEXT


async def test_a_worker_killed_before_it_settles_costs_nothing_twice(town: TextingTown) -> None:
    await a_crowd(town, 3)
    await town.warned()
    town.operator.dies = "after"
    with pytest.raises(BaseExceptionGroup) as killed:
        await town.send_texts()
    assert killed.group_contains(Killed)
    town.operator.dies = ""
    assert await town.spent() == TEXT
    town.house.clock.advance(timedelta(seconds=10))  # type: ignore[attr-defined]  # a clock that the test moves
    await town.send_texts()
    # The doubtful one may have been taken, and is set aside for once more.
    assert await town.spent() == 4 * TEXT
    town.house.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]  # a clock that the test moves
    await town.send_texts()
    assert await town.spent() == 4 * TEXT


async def test_withdrawing_gives_back_what_was_set_aside(town: TextingTown) -> None:
    await a_crowd(town, 2)
    alert = await town.warned()
    town.operator.answers = iter([NotNow(None, "busy")] * 2)
    await town.send_texts()
    assert await town.spent() == 2 * TEXT
    await town.corrected(alert)
    town.set(sms_alert_budget=1)
    await town.send_texts()
    rows = await town.rows("SELECT spent FROM sms_spending WHERE alert_id = %s", alert.id)
    assert [row["spent"] for row in rows] == [0]


async def test_no_two_workers_overspend_a_budget_however_their_claims_fall(town: TextingTown) -> None:
    town.set(sms_alert_budget=1, sms_month_budget=2)
    await a_crowd(town, 12)
    alerts = [await town.warned(severity) for severity in (Severity.SEVERE, Severity.EXTREME)]
    rows = await town.rows("SELECT id FROM batch WHERE channel = 'sms' ORDER BY id")
    channel = town.office().channel()
    await asyncio.gather(*(_work(town, channel, [row["id"] for row in some]) for some in (rows, rows[::-1], rows[::2])))
    # Two had the same batch in hand at times: what was set aside for both is given back, and goes to the next.
    for _ in range(5):
        await town.go_on()
        await town.send_texts()
        town.house.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]  # a clock that the test moves
    assert await town.spent() == 2 * FITS * TEXT
    for alert in alerts:
        taken = list((await town.fates_of_texts(alert)).values()).count("a")
        assert taken == FITS
        assert await waiting(town, alert) == 12 - FITS


async def _work(town: TextingTown, channel: SmsChannel, batches: list[int]) -> None:
    """Do what a worker's hands do, and look at the budget between any two steps."""
    limit = town.house.get(Settings).sms_month_budget * 1_000_000
    for batch in batches:
        async with transaction(town.house.pool) as tx:
            claimed = await delivery.claim(tx, town.house, batch)
        if claimed is None:
            continue
        assert await _of_month(town) <= limit
        outcomes = await channel.send(claimed.parcels(), shut=lambda: False)
        async with transaction(town.house.pool) as tx:
            answers = dict(zip(claimed.destinations, outcomes, strict=True))
            await delivery.settle(tx, town.house, claimed, answers, jitter=0)


async def _of_month(town: TextingTown) -> int:
    [row] = await town.rows("SELECT spent FROM sms_month")
    return int(row["spent"])
