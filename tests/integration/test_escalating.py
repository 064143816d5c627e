"""Going on by text: whoever has a number and showed no sign of life, once; the nearest first, whoever is killed."""

from datetime import timedelta
from pathlib import Path

import h3
import pytest

from service.alerts import actions, escalating
from service.alerts.escalating import Memory
from service.alerts.texts import Wrong
from service.delivery.model import Severity
from service.kit.db import transaction
from service.kit.house import House
from tests.build import HERE
from tests.integration.texting_town import T, TextingTown
from tests.integration.texts import Killed
from tests.integration.town import NORTH

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def town(house: House, tmp_path: Path) -> TextingTown:
    return await TextingTown.furnished(house, tmp_path)


async def test_who_has_a_number_and_sends_no_receipt_gets_the_text_once(town: TextingTown) -> None:
    await town.phone("silent", "heard", "numberless")
    await town.give_numbers("silent", "heard")
    alert = await town.warned()
    await town.pushed(alert)
    await town.heard(alert, "heard")
    assert await town.later(T - MINUTE) == 0
    assert await town.later(MINUTE) == 1
    assert await town.texted(alert) == {"silent": "uk"}
    assert await town.later(10 * T) == 0


async def test_an_alert_without_a_policy_never_goes_on(town: TextingTown) -> None:
    town.escalate = None
    await town.phone("silent")
    await town.give_numbers("silent")
    alert = await town.warned()
    await town.pushed(alert)
    assert await town.later(10 * T) == 0


async def test_whom_a_push_cannot_reach_any_more_gets_the_text_at_once(town: TextingTown) -> None:
    fates = {"dead": "d", "refused": "r", "exhausted": "x", "gone": "g"}
    await town.phone(*fates, "accepted", "stopped")
    await town.give_numbers(*fates, "accepted", "stopped")
    alert = await town.warned()
    await town.pushed(alert, stopped="s", **fates)
    assert await town.later(MINUTE) == len(fates)
    assert set(await town.texted(alert)) == set(fates)
    assert await town.later() == 1
    assert set(await town.texted(alert)) == {*fates, "accepted"}


async def test_a_push_that_waits_in_an_outage_goes_on_after_the_same_time(town: TextingTown) -> None:
    await town.phone("waits")
    await town.give_numbers("waits")
    alert = await town.warned()
    assert await town.later(T - MINUTE) == 0
    assert await town.later(MINUTE) == 1
    await town.pushed(alert)
    assert await town.later(10 * T) == 0, "the push that got through later is no reason for a second text"


async def test_who_is_reached_by_text_alone_is_planned_by_text_at_once(town: TextingTown) -> None:
    await town.by_text_alone("plain")
    await town.phone("dead")
    await town.give_numbers("dead")
    await town.do(
        "UPDATE registration SET address = NULL, address_kind = NULL, address_hash = NULL, dead_at = now()"
        " WHERE number = %s",
        town.number("dead"),
    )
    town.escalate = None
    alert = await town.warned()
    assert await town.texted(alert) == {"plain": "uk", "dead": "uk"}
    assert len(await town.send_texts()) == 2
    assert await town.fates_of_texts(alert) == {"plain": "a", "dead": "a"}


async def test_the_most_severe_goes_on_first_and_in_it_the_nearest(town: TextingTown) -> None:
    await town.phone("far", cells=[NORTH])
    await town.phone("near", cells=[HERE])
    await town.give_numbers("far", "near")
    severe = await town.warned(Severity.SEVERE, reach_m=20_000)
    extreme = await town.warned(Severity.EXTREME, reach_m=20_000)
    await town.pushed(severe)
    await town.pushed(extreme)
    assert await town.later() == 4
    rows = await town.rows("SELECT alert_id, ring FROM batch WHERE channel = 'sms' ORDER BY id")
    assert [row["alert_id"] for row in rows] == [extreme.id, extreme.id, severe.id, severe.id]
    assert rows[0]["ring"] < rows[1]["ring"]
    jobs = await town.rows(
        "SELECT args->>'batch' AS batch FROM procrastinate_jobs WHERE queue_name LIKE '%%text%%'"
        " ORDER BY priority DESC, id"
    )
    batches = await town.rows("SELECT id FROM batch WHERE channel = 'sms' ORDER BY id")
    assert [int(row["batch"]) for row in jobs] == [row["id"] for row in batches]


async def _killed(town: TextingTown) -> None:
    async with transaction(town.house.pool) as tx:
        assert await escalating.page(tx, town.house, Memory()) is not None
        raise Killed


async def test_a_worker_killed_between_pages_repeats_nothing_and_loses_nobody(
    town: TextingTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"p{index}" for index in range(6)]
    around = [h3.str_to_int(cell) for cell in h3.grid_disk(h3.int_to_str(HERE), 1)]
    for name, cell in zip(names, around, strict=False):
        await town.phone(name, cells=[cell])
    await town.give_numbers(*names)
    alert = await town.warned()
    await town.pushed(alert)
    monkeypatch.setattr(escalating, "PUSHES_TOGETHER", 1)

    town.house.clock.advance(T)  # type: ignore[attr-defined]  # a clock that the test moves
    async with transaction(town.house.pool) as tx:
        done = await escalating.page(tx, town.house, Memory())
    with pytest.raises(Killed):
        await _killed(town)
    assert done
    assert len(await town.texted(alert)) == done
    assert await town.later() == len(names) - done
    assert set(await town.texted(alert)) == set(names)


async def test_two_workers_at_once_write_every_text_once(town: TextingTown) -> None:
    names = [f"p{index}" for index in range(4)]
    await town.phone(*names[:2])
    await town.phone(*names[2:], cells=[NORTH])
    await town.give_numbers(*names)
    alert = await town.warned(reach_m=20_000)
    await town.pushed(alert)
    town.house.clock.advance(T)  # type: ignore[attr-defined]  # a clock that the test moves
    async with transaction(town.house.pool) as one:
        assert await escalating.page(one, town.house, Memory()) == len(names)
        assert await escalating.sweep(town.house) == 0, "what another has in hand is not waited for"
    assert set(await town.texted(alert)) == set(names)


async def test_r21_a_receipt_cancels_the_text_that_waits(town: TextingTown) -> None:
    await town.phone("late", "silent")
    await town.give_numbers("late", "silent")
    alert = await town.warned()
    await town.pushed(alert)
    assert await town.later() == 2
    await town.heard(alert, "late")
    assert len(await town.send_texts()) == 1
    assert await town.fates_of_texts(alert) == {"late": "h", "silent": "a"}


async def test_r21_a_text_that_was_accepted_counts_as_a_warning(town: TextingTown) -> None:
    await town.by_text_alone("plain")
    await town.warned()
    await town.send_texts()
    second = await town.warned()
    assert await town.passed_over(second) == {"plain": "already-warned"}


@pytest.mark.parametrize("how", ["withdrawn", "corrected", "updated"])
async def test_what_has_not_gone_stays_where_the_alert_is_stopped(town: TextingTown, how: str) -> None:
    await town.phone("silent")
    await town.give_numbers("silent")
    alert = await town.warned()
    await town.pushed(alert)
    assert await town.later() == 1
    if how == "withdrawn":
        async with transaction(town.house.pool) as tx:
            await actions.withdraw(tx, town.house, town.people[0], alert.id, wrong=Wrong.MISTAKE, reason="a mistake")
    else:
        await (town.corrected(alert) if how == "corrected" else town.updated(alert))
    assert await town.send_texts() == []
    assert await town.fates_of_texts(alert) == {"silent": "s"}
    assert await town.spent() == 0
    await town.phone("another")
    await town.give_numbers("another")
    assert await town.later(10 * T) == 0, "nobody goes on with what is told no more"


async def test_r19_whoever_had_the_text_gets_the_correction_by_text_beside_the_push(town: TextingTown) -> None:
    await town.phone("texted", "pushed", "waited")
    await town.give_numbers("texted", "pushed", "waited")
    await town.by_text_alone("plain")
    alert = await town.warned()
    await town.pushed(alert)
    await town.heard(alert, "pushed")
    assert await town.later() == 2
    await town.heard(alert, "waited")
    assert len(await town.send_texts()) == 2
    correction = await town.corrected(alert)
    assert await town.plan_both(correction) == {
        ("texted", "fcm"), ("texted", "sms"), ("pushed", "fcm"), ("waited", "fcm"), ("plain", "sms"),
    }  # fmt: skip
    await town.pushed(correction)
    await town.heard(correction, "texted")
    assert len(await town.send_texts()) == 2, "the correction of a text goes by text, whatever the app showed"


async def test_r19_an_update_texts_nobody_twice_however_silent_the_phone_stays(town: TextingTown) -> None:
    await town.phone("texted", "new")
    await town.give_numbers("texted")
    alert = await town.warned()
    await town.pushed(alert)
    await town.later()
    await town.send_texts()
    await town.give_numbers("new")
    update = await town.updated(alert)
    assert await town.plan_both(update) == {("texted", "fcm"), ("texted", "sms"), ("new", "fcm")}
    await town.pushed(update)
    assert await town.later() == 1
    assert set(await town.texted(update)) == {"texted", "new"}


async def test_who_says_stop_meanwhile_is_not_texted_and_who_has_no_number_is_on_record(town: TextingTown) -> None:
    await town.phone("stops", "numberless")
    await town.give_numbers("stops")
    alert = await town.warned()
    await town.pushed(alert)
    assert await town.later() == 1
    await town.do("DELETE FROM phone")
    await town.do("UPDATE registration SET numbered = false")
    assert await town.send_texts() == []
    assert await town.fates_of_texts(alert) == {"stops": "g"}
    assert await town.passed_over(alert) == {"numberless": "no-number"}
