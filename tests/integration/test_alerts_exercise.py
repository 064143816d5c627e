"""An exercise reaches testers only: filtered in planning and again at sending, each alone enough (R18, R27)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from service.alerts import actions, following, planning
from service.alerts.model import Alert, Draft
from service.alerts.paging import Mind
from service.alerts.records import Progress
from service.alerts.texts import Wrong
from service.delivery import actions as delivery
from service.delivery.model import Batch, Severity
from service.kit.crypto import Keyring
from service.kit.db import Tx, transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.residents import actions as residents
from service.residents import audience
from service.residents.model import Change, CodeOffer
from tests.build import (
    AWAY,
    FIRST_FID,
    NETWORK,
    SECOND_FID,
    AlertsStub,
    a_feature,
    a_newcomer,
    a_resident,
    a_square,
    a_zone,
    an_admin,
)
from tests.conftest import NOW, FixedClock
from tests.integration.acts import a_second, read_places


class Drill:
    """A tester and a neighbour who is none, in the area of an exercise that was approved."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def begin(self) -> None:
        async with transaction(self.house.pool) as tx:
            self.admin = await an_admin(tx)
            self.second = await a_second(tx, self.admin)
            self.tester, self.proof = await a_resident(tx, self.house, a_newcomer(FIRST_FID))
            self.neighbour, _ = await a_resident(tx, self.house, a_newcomer(SECOND_FID))
            offer = CodeOffer(9, timedelta(days=1))
            code = await residents.issue_code(tx, self.house, offer, issuer=self.admin, now=NOW)
            await residents.enrol(tx, self.house, self.tester.registration, code, now=NOW)
            zone = await a_zone(tx, self.admin, a_feature("E-1", a_square(30.515, 50.445)), exercise=True)
            wanted = Draft(
                zone.id, "hazard_near", Severity.SEVERE, exercise=True, reach_m=3000, place="X", place_names={}
            )
            self.alert = await self._approved(tx, (await actions.draft(tx, self.admin, wanted, now=NOW)).id)

    async def _approved(self, tx: Tx, alert_id: UUID) -> Alert:
        await actions.submit(tx, self.house, self.admin, alert_id)
        return await actions.approve(tx, self.house, self.second, alert_id)

    async def updated(self) -> Alert:
        async with transaction(self.house.pool) as tx:
            wanted = replace(self.alert.draft, template="update")
            drafted = await following.update(tx, self.admin, self.alert.id, wanted, now=NOW)
            return await self._approved(tx, drafted.id)

    async def corrected(self) -> Alert:
        """Take the warning back by the two calls of one person."""
        async with transaction(self.house.pool) as tx:
            asked = (tx, self.house, self.admin, self.alert.id)
            content = (await following.correction(*asked, wrong=Wrong.PLACE)).content.hash
            return await following.correct(*asked, wrong=Wrong.PLACE, reason="wrong bank", content=content)

    async def planned(self, alert: Alert | None = None) -> list[int]:
        """Plan to the end; return who stands in a batch."""
        alert = alert or self.alert
        mind, progress = Mind(), Progress.MORE
        while progress is Progress.MORE:
            async with transaction(self.house.pool) as tx:
                progress = await planning.plan_page(tx, self.house, alert.id, mind)
        return sorted(number for batch in await self._batches(alert) for number in batch["numbers"])

    async def _batches(self, alert: Alert) -> list[dict[str, Any]]:
        sql = (
            "SELECT id, numbers, fates FROM batch JOIN batch_audience ON batch_id = id "
            "WHERE alert_id = %s AND state <> 'done' ORDER BY id"
        )
        async with transaction(self.house.pool) as tx:
            return await (await tx.execute(sql, [alert.id])).fetchall()

    async def sent(self, alert: Alert | None = None) -> list[str]:
        """Claim every batch as a worker would; return the addresses that it would send to."""
        found: list[str] = []
        for row in await self._batches(alert or self.alert):
            async with transaction(self.house.pool) as tx:
                batch = await delivery.claim(tx, self.house, row["id"])
            assert isinstance(batch, Batch)
            found += [one.address.value.reveal() for one in batch.parcels()]
        return sorted(found)

    async def closed(self) -> list[str]:
        """Let a worker find the warning's batches; return the fates with which it closes them."""
        batches = await self._batches(self.alert)
        for row in batches:
            async with transaction(self.house.pool) as tx:
                assert await delivery.claim(tx, self.house, row["id"]) is None
        async with transaction(self.house.pool) as tx:
            ids = [row["id"] for row in batches]
            rows = await (await tx.execute("SELECT fates FROM batch WHERE id = ANY (%s)", [ids])).fetchall()
        return [row["fates"] for row in rows]

    async def leave(self) -> None:
        async with transaction(self.house.pool) as tx:
            await residents.leave(tx, await residents.recognise(tx, self.proof, now=NOW), now=NOW)


@pytest.fixture
async def drill(house: House, alerts: AlertsStub) -> Drill:
    await read_places(house)
    made = Drill(house)
    await made.begin()
    return made


async def test_r18_an_exercise_is_planned_for_testers_and_sent_to_them(drill: Drill) -> None:
    assert await drill.planned() == [drill.tester.registration.number]
    assert await drill.sent() == [FIRST_FID]


async def test_r18_a_tester_who_leaves_between_planning_and_sending_is_sent_nothing(drill: Drill) -> None:
    assert await drill.planned() == [drill.tester.registration.number]
    await drill.leave()
    assert await drill.sent() == []


async def test_r18_a_tester_whose_time_is_over_is_sent_nothing(drill: Drill, clock: FixedClock) -> None:
    await drill.planned()
    clock.advance(timedelta(days=30))
    assert await drill.sent() == []


async def test_r18_if_planning_forgot_the_filter_sending_would_still_keep_to_testers(
    drill: Drill, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = audience.sort

    async def without(tx: Tx, wanted: Any, how: Any, *, now: datetime) -> Any:
        return await whole(tx, wanted, replace(how, exercise=False), now=now)

    monkeypatch.setattr(audience, "sort", without)
    both = sorted([drill.tester.registration.number, drill.neighbour.registration.number])
    assert await drill.planned() == both, "the filter of planning is off"
    assert await drill.sent() == [FIRST_FID]


async def test_r18_if_sending_forgot_the_filter_planning_would_still_keep_to_testers(
    drill: Drill, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = residents.addresses

    async def without(
        tx: Tx, keyring: Keyring, numbers: Sequence[int], *, exercise: bool, now: datetime
    ) -> Mapping[int, Any]:
        return await whole(tx, keyring, numbers, exercise=False, now=now)

    monkeypatch.setattr(residents, "addresses", without)
    await drill.planned()
    assert await drill.sent() == [FIRST_FID]


async def test_r18_a_tester_who_left_gets_no_update_of_an_exercise(drill: Drill) -> None:
    await drill.planned()
    await drill.sent()
    update = await drill.updated()
    await drill.leave()
    await drill.planned(update)
    assert await drill.sent(update) == []


async def test_r19_a_correction_reaches_whom_a_killed_worker_may_have_sent_the_warning_wherever_they_are_now(
    drill: Drill, house: House
) -> None:
    await drill.planned()
    assert await drill.sent() == [FIRST_FID], "claimed, and nobody knows what went out"
    async with transaction(house.pool) as tx:
        away = Change(NETWORK, cells=Hidden((AWAY,)))
        await residents.change(tx, house, drill.tester.registration, away, now=NOW)
    correction = await drill.corrected()
    assert await drill.planned(correction) == [drill.tester.registration.number]
    assert await drill.sent(correction) == [FIRST_FID]
    assert await drill.closed() == ["x"], "the warning itself is over"


async def test_r19_who_was_never_sent_the_warning_is_sent_no_correction(drill: Drill) -> None:
    await drill.planned()
    correction = await drill.corrected()
    assert await drill.planned(correction) == []
    assert await drill.closed() == ["s"]
