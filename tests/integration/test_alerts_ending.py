"""A warning ends by release records of its zone and by nothing else, and says by which method (R2, R3, R19)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from service.alerts import actions, following
from service.alerts.model import Alert, Draft, LiveAlert, Phase
from service.alerts.texts import Wrong
from service.delivery.model import Message, Severity
from service.kit import geo
from service.kit.db import Tx
from service.kit.errors import Refused
from service.kit.house import House
from service.operators.model import Operator
from service.zones import releasing
from service.zones.model import ReleaseKind, Zone
from service.zones.records import Releasing
from tests.build import CORNER, a_zone
from tests.conftest import NOW
from tests.integration.acts import EAST, WEST, a_second, cleared, decided, read_places

HERE = geo.cell_at(CORNER[0] + 0.005, CORNER[1] + 0.005, 7)
SAID = {
    ReleaseKind.CANCELLED: "off the list after a survey (Authority, 1 October 2026). Deminers did not search it.",
    ReleaseKind.REDUCED: "after a technical survey (Authority, 1 October 2026). Specialists searched only parts",
    ReleaseKind.CLEARED: "searched by deminers to a depth of 20 cm (Authority, 1 October 2026). Something may",
}


@dataclass
class Two:
    """Who writes and who approves, a zone, and a warning about it that was told."""

    tx: Tx
    house: House
    pair: tuple[Operator, Operator]
    zone: Zone
    alert: Alert

    async def record(self, kind: ReleaseKind, **stated: Any) -> None:
        """Keep a release record of the zone, by both."""
        depth = {} if kind is ReleaseKind.CLEARED else {"depth_cm": None}
        wanted: Releasing = cleared(**{"outline": None, "kind": kind, **depth, **stated})
        await decided(self.tx, self.pair, [self.zone.id], wanted)

    async def drafted_end(self) -> Alert:
        return await following.end(self.tx, self.pair[0], self.alert.id, now=NOW)

    async def end(self) -> LiveAlert:
        """End the warning by both; return what phones pull then."""
        await approved(self.tx, self.house, self.pair, (await self.drafted_end()).id)
        return await self.told()

    async def told(self) -> LiveAlert:
        (told,) = await actions.live(self.tx, [HERE], exercise=False, now=NOW)
        return told


async def approved(tx: Tx, house: House, pair: tuple[Operator, Operator], alert_id: UUID) -> Alert:
    await actions.submit(tx, house, pair[0], alert_id)
    return await actions.approve(tx, house, pair[1], alert_id)


@pytest.fixture
async def two(tx: Tx, house: House, operator: Operator) -> Two:
    await read_places(house)
    pair = (operator, await a_second(tx, operator))
    zone = await a_zone(tx, operator)
    wanted = Draft(zone.id, "hazard_near", Severity.SEVERE, exercise=False, reach_m=3000, place="Nove", place_names={})
    made = await actions.draft(tx, operator, wanted, now=NOW)
    return Two(tx, house, pair, zone, await approved(tx, house, pair, made.id))


def english(told: LiveAlert) -> str:
    return next(text.body for text in told.texts if text.language == "en")


@pytest.mark.parametrize("kind", list(ReleaseKind))
async def test_r3_r19_an_end_names_authority_date_part_method_and_what_remains(two: Two, kind: ReleaseKind) -> None:
    await two.record(kind)
    told = await two.end()
    assert (told.phase, told.bulletin.message, told.replaces) == (Phase.ENDED, Message.END, 1)
    body = english(told)
    assert SAID[kind] in body
    assert not any(other in body for name, other in SAID.items() if name is not kind)
    assert "The whole dangerous area near Nove" in body
    assert "None of it is on the list any more" in body
    assert "this does not mean that there is no danger: other dangerous areas may exist" in body
    assert {text.language for text in told.texts} == {"en", "uk", "ru", "es", "ar"}


async def test_r2_nothing_but_a_release_record_ends_a_warning(two: Two) -> None:
    with pytest.raises(Refused) as refused:
        await two.drafted_end()
    assert refused.value.name == "no-release-record"
    assert "Keep the authority's record first" in (refused.value.remedy or "")
    assert await actions.newest(two.tx, before=None, limit=9) == [two.alert]


async def test_r2_a_warning_does_not_end_while_a_part_of_its_zone_remains(two: Two) -> None:
    await two.record(ReleaseKind.CLEARED, outline=EAST)
    with pytest.raises(Refused) as refused:
        await two.drafted_end()
    assert refused.value.name == "zone-still-dangerous"
    assert "Update the warning" in (refused.value.remedy or "")
    await two.record(ReleaseKind.REDUCED, outline=WEST)
    body = english(await two.end())
    assert "each in its own way" in body, "cleared here and reduced there is neither cleared nor reduced (R3)"
    assert "Deminers did not search all of it" in body


async def test_of_several_searches_the_shallowest_is_told(two: Two) -> None:
    await two.record(ReleaseKind.CLEARED, outline=EAST, depth_cm=50)
    await two.record(ReleaseKind.CLEARED, outline=WEST, depth_cm=13)
    assert "to a depth of 13 cm" in english(await two.end())


async def test_r17_a_record_that_falls_before_the_second_person_decides_ends_nothing(two: Two) -> None:
    await two.record(ReleaseKind.CLEARED)
    drafted = await two.drafted_end()
    await actions.submit(two.tx, two.house, two.pair[0], drafted.id)
    (kept,) = await releasing.of(two.tx, two.zone.id)
    await releasing.revoke(two.tx, two.pair[0], kept.id, why="the wrong field", now=NOW)
    with pytest.raises(Refused) as refused:
        await actions.approve(two.tx, two.house, two.pair[1], drafted.id)
    assert refused.value.name == "no-release-record"
    told = await two.told()
    assert (told.phase, told.bulletin.message) == (Phase.LIVE, Message.WARNING)


async def test_r17_an_end_needs_a_second_person(two: Two) -> None:
    await two.record(ReleaseKind.CLEARED)
    drafted = await two.drafted_end()
    await actions.submit(two.tx, two.house, two.pair[0], drafted.id)
    with pytest.raises(Refused, match="cannot approve it"):
        await actions.approve(two.tx, two.house, two.pair[0], drafted.id)


async def test_an_end_that_was_sent_by_mistake_is_taken_back_by_one_person(two: Two) -> None:
    await two.record(ReleaseKind.CLEARED)
    end = (await two.end()).bulletin.alert_id
    anna, mistake = two.pair[0], Wrong.MISTAKE
    content = (await following.correction(two.tx, two.house, anna, end, wrong=mistake)).content.hash
    await following.correct(two.tx, two.house, anna, end, wrong=mistake, reason="wrong field", content=content)
    told = await two.told()
    assert (told.phase, told.bulletin.revision) == (Phase.LIVE, 3)
    assert "The warning about Nove stands. Do not go there." in english(told)


async def test_an_end_whose_zone_is_dangerous_again_is_brought_to_operators_until_it_is_corrected(two: Two) -> None:
    await two.record(ReleaseKind.CLEARED)
    end = (await two.end()).bulletin.alert_id
    assert await following.expiring(two.tx, within=timedelta(days=14), now=NOW) == []
    assert await following.remind(two.tx, two.house) == []
    (kept,) = await releasing.of(two.tx, two.zone.id)
    await releasing.revoke(two.tx, two.pair[0], kept.id, why="the wrong field", now=NOW)
    assert [one.id for one in await following.expiring(two.tx, within=timedelta(days=14), now=NOW)] == [end]
    assert await following.remind(two.tx, two.house) == [end]
    assert await following.remind(two.tx, two.house) == []
    anna, mistake = two.pair[0], Wrong.MISTAKE
    content = (await following.correction(two.tx, two.house, anna, end, wrong=mistake)).content.hash
    await following.correct(two.tx, two.house, anna, end, wrong=mistake, reason="it was revoked", content=content)
    assert await following.expiring(two.tx, within=timedelta(days=14), now=NOW) == []


async def test_what_an_end_says_cannot_be_written_by_hand(two: Two) -> None:
    await two.record(ReleaseKind.CLEARED)
    drafted = await two.drafted_end()
    with pytest.raises(Refused, match="comes from the release record"):
        await actions.change(two.tx, two.pair[0], drafted.id, two.alert.draft, now=NOW)


async def test_r19_an_end_is_found_wherever_its_warning_was(two: Two) -> None:
    cells = "SELECT cell, ring FROM alert_cell WHERE alert_id = %s ORDER BY cell"
    before = await (await two.tx.execute(cells, [two.alert.id])).fetchall()
    await two.record(ReleaseKind.CLEARED)
    end = (await two.end()).bulletin.alert_id
    assert await (await two.tx.execute(cells, [end])).fetchall() == before != []
