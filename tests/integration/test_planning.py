"""Whom a message is planned for: once, nearest first, whoever was killed or came meanwhile; and who is passed over."""

from datetime import timedelta

import h3
import psycopg
import pytest

from service.alerts import actions, paging, showing
from service.alerts.paging import Mind
from service.alerts.records import Progress
from service.alerts.texts import Wrong
from service.delivery.model import Severity
from service.kit.db import transaction
from service.kit.house import House
from tests.build import AWAY, HERE
from tests.conftest import FixedClock
from tests.integration.town import NORTH, Town

AROUND = [h3.str_to_int(cell) for cell in h3.grid_disk(h3.int_to_str(HERE), 1)]


@pytest.fixture
async def town(house: House) -> Town:
    return await Town.opened(house)


async def test_whoever_names_several_cells_of_the_area_is_planned_once_in_any_pages(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"p{index}" for index in range(7)]
    await town.phone(*names[:4], cells=AROUND)
    await town.phone(*names[4:], cells=AROUND[:3])
    await town.phone("away", cells=[AWAY])
    for size, cells in ((1, 5000), (2, 3), (5, 1), (1000, 4)):
        town.set(plan_page=size)
        monkeypatch.setattr(paging, "CELLS_TOGETHER", cells)
        assert set(await town.plan(await town.approved(repeat="again"))) == set(names)


async def test_each_stands_in_the_ring_of_the_nearest_cell_and_the_nearest_are_planned_first(town: Town) -> None:
    await town.phone("far", cells=[NORTH])
    await town.phone("both", cells=[NORTH, HERE])
    await town.phone("near", cells=[HERE])
    alert = await town.warned(reach_m=20_000)
    rows = await town.rows("SELECT ring, size FROM batch WHERE alert_id = %s ORDER BY id", alert.id)
    assert [row["size"] for row in rows] == [2, 1]
    assert rows[0]["ring"] == 0 < rows[1]["ring"]


async def test_a_planner_killed_between_pages_leaves_nobody_out_and_plans_nobody_twice(town: Town) -> None:
    names = {f"p{index}" for index in range(6)}
    await town.phone(*names, cells=AROUND)
    town.set(plan_page=5)
    alert = await town.approved()
    for _ in range(5):
        await town.page(alert, Mind())
    assert set(await town.plan(alert)) == names


async def test_two_planners_at_once_plan_everybody_once(town: Town) -> None:
    names = {f"p{index}" for index in range(6)}
    await town.phone(*names, cells=AROUND)
    town.set(plan_page=4)
    alert, minds, progress = await town.approved(), (Mind(), Mind()), Progress.MORE
    while progress is Progress.MORE:
        for mind in minds:
            progress = await town.page(alert, mind)
    assert set(await town.planned(alert)) == names


async def test_who_comes_or_moves_while_planning_goes_on_is_planned_once(town: Town) -> None:
    await town.phone("first", "last", cells=AROUND[:4])
    town.set(plan_page=2)
    alert, mind = await town.approved(), Mind()
    await town.page(alert, mind)
    await town.phone("new", cells=AROUND)
    await town.move("last", *AROUND)
    await town.move("first", AROUND[-1])
    while await town.page(alert, mind) is Progress.MORE:
        pass
    assert set(await town.planned(alert)) == {"first", "last", "new"}


async def test_a_registration_that_no_page_could_see_is_planned_once_it_can_be(town: Town) -> None:
    await town.phone("seen", "moved")
    async with town.house.pool.connection() as slow:
        moved = town.number("moved")
        await slow.execute("UPDATE registration SET written = pg_current_xact_id() WHERE number = %s", [moved])
        await slow.execute("UPDATE registration_cell SET cell = %s WHERE number = %s", [AROUND[1], moved])
        alert, mind = await town.approved(), Mind()
        while (progress := await town.page(alert, mind)) is Progress.MORE:
            pass
        assert progress is Progress.WAITS
        await slow.commit()
    while await town.page(alert, mind) is Progress.MORE:
        pass
    assert set(await town.planned(alert)) == {"seen", "moved"}


async def test_what_a_worker_from_before_planned_in_rings_is_looked_at_again(town: Town) -> None:
    await town.phone("one", "two")
    alert = await town.warned()
    await town.do(
        "UPDATE alert_plan SET pass = 0, ring = 1, place = 0, number = 0, settled_at = NULL WHERE alert_id = %s",
        alert.id,
    )
    await town.do("DELETE FROM batch_audience")
    await town.do("DELETE FROM batch")
    assert set(await town.plan(alert)) == {"one", "two"}


async def test_r21_who_was_warned_of_the_same_thing_is_passed_over_and_the_reason_is_kept(town: Town) -> None:
    fates = {"accepted": "a", "dead": "d", "refused": "r", "exhausted": "x", "unknown": "w", "stopped": "s"}
    await town.phone(*fates, "heard")
    first = await town.warned()
    await town.outcomes(first, fates)
    await town.heard(first, "heard")
    second = await town.warned()
    assert set(await town.planned(second)) == fates.keys() - {"accepted"}
    assert await town.passed_over(second) == {"accepted": "already-warned", "heard": "already-warned"}


async def test_r21_a_rising_danger_is_never_held_back_by_a_recent_warning(town: Town) -> None:
    await town.phone("one")
    await town.outcomes(await town.warned(Severity.SEVERE), {"one": "a"})
    assert await town.passed_over(await town.warned(Severity.MODERATE)) == {"one": "already-warned"}
    assert set(await town.planned(await town.warned(Severity.EXTREME))) == {"one"}


async def test_r21_a_warning_that_was_withdrawn_or_is_out_of_date_warned_nobody(town: Town, clock: FixedClock) -> None:
    await town.phone("one")
    first = await town.warned()
    await town.outcomes(first, {"one": "a"})
    async with transaction(town.house.pool) as tx:
        await actions.withdraw(tx, town.house, town.people[0], first.id, wrong=Wrong.MISTAKE, reason="a mistake")
    second = await town.warned()
    assert set(await town.planned(second)) == {"one"}
    await town.outcomes(second, {"one": "a"})
    clock.advance(timedelta(days=400))
    assert set(await town.planned(await town.warned())) == {"one"}


async def test_r21_an_author_may_say_it_again_with_a_reason_that_the_second_person_approves(town: Town) -> None:
    await town.phone("one")
    await town.outcomes(await town.warned(), {"one": "a"})
    again = await town.warned(repeat="the river moved the mines")
    assert set(await town.planned(again)) == {"one"}
    with pytest.raises(psycopg.errors.RaiseException, match="does not change"):
        await town.do("UPDATE alert SET repeat = 'another' WHERE id = %s", again.id)


async def test_r21_who_moves_in_after_a_warning_of_the_same_thing_is_passed_over_too(town: Town) -> None:
    await town.phone("one")
    await town.outcomes(await town.warned(), {"one": "a"})
    await town.move("one", AWAY)
    second = await town.warned()
    await town.move("one", HERE)
    assert await town.planned(second) == {}
    assert await town.passed_over(second) == {"one": "already-warned"}


async def test_r19_an_update_reaches_first_who_heard_the_earlier_wherever_they_are_now(town: Town) -> None:
    await town.phone("moved", "unsure", "dead", "forgotten")
    first = await town.warned()
    await town.outcomes(first, {"moved": "a", "unsure": "w", "dead": "d", "forgotten": "a"})
    await town.move("moved", AWAY)
    await town.change("moved", languages=("ru",))
    await town.move("dead", AWAY)
    await town.forget("forgotten")
    await town.phone("new", cells=[NORTH])
    update = await town.updated(first, reach_m=20_000)
    assert await town.plan(update) == {"moved": "ru", "unsure": "uk", "new": "uk"}
    rows = await town.rows("SELECT numbers FROM batch_audience JOIN batch ON id = batch_id WHERE alert_id = %s"
                            " ORDER BY id", update.id)  # fmt: skip
    assert rows[-1]["numbers"] == [town.number("new")]


async def test_r19_a_correction_reaches_who_heard_or_may_have_heard_the_earlier_and_nobody_else(town: Town) -> None:
    fates = {"heard": "a", "unsure": "x", "dead": "d", "refused": "r", "stopped": "s", "gone": "g"}
    await town.phone(*fates)
    first = await town.warned()
    await town.outcomes(first, fates)
    await town.move("heard", AWAY)
    correction = await town.corrected(first)
    await town.phone("late")
    assert set(await town.plan(correction)) == {"heard", "unsure"}


async def test_r19_who_only_waited_in_a_batch_that_nobody_claimed_hears_no_correction(town: Town) -> None:
    await town.phone("waiting")
    first = await town.warned()
    assert await town.plan(await town.corrected(first)) == {}
    second = await town.warned()
    await town.outcomes(second, {"waiting": "w"}, state="claimed")
    assert set(await town.plan(await town.corrected(second))) == {"waiting"}


async def test_what_is_minor_waits_for_who_heard_enough_today_and_is_never_dropped(
    town: Town, clock: FixedClock
) -> None:
    await town.phone("one", "two")
    town.set(messages_a_day=1)
    for _ in range(3):
        await town.outcomes(await town.warned(repeat="again"), {"one": "a", "two": "d"})
    minor = await town.warned(Severity.MINOR, repeat="again")
    assert set(await town.planned(minor)) == {"two"}
    assert await town.passed_over(minor) == {"one": "delayed"}
    assert set(await town.planned(await town.warned(Severity.SEVERE, repeat="again"))) == {"one", "two"}
    clock.advance(timedelta(hours=2))
    assert set(await town.plan(minor)) == {"two"}
    clock.advance(timedelta(hours=22))
    assert set(await town.plan(minor)) == {"one", "two"}
    assert await town.passed_over(minor) == {}


async def test_the_preview_says_who_is_passed_over_and_that_what_is_minor_waits(house: House, town: Town) -> None:
    async def notes(severity: Severity, repeat: str = "") -> list[str]:
        async with transaction(house.pool) as tx:
            drafted = await actions.draft(tx, town.people[0], town.draft(severity, repeat), now=house.clock.now())
            return (await showing.preview(tx, house, town.people[0], drafted.id)).notes

    over, waits = await notes(Severity.MINOR)
    assert "passed over" in over
    assert waits.startswith("Who had 4 messages in a day or 15 in a week")
    assert await notes(Severity.EXTREME) == [over]
    assert await notes(Severity.EXTREME, "the river moved the mines") == []
