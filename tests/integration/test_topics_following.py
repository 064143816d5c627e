"""What follows an alert reaches the topics that the alert went to, whatever has changed since (R19)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from service.delivery import actions as delivery
from service.delivery import posting
from service.delivery.model import Accepted, Bulletin, Message, Severity, Text
from service.delivery.topics import Claimed, Spread
from service.kit.db import transaction
from service.kit.house import House
from tests.build import AWAY, HERE
from tests.conftest import NOW, FixedClock
from tests.integration.desk import Desk, add_operators
from tests.integration.office import Office, names

ORIGINAL = Bulletin(
    UUID(int=1), UUID(int=1), 1, Message.WARNING, Severity.SEVERE, exercise=False, zone_id=UUID(int=2), reach_m=5000,
    issued_at=NOW, expires_at=NOW + timedelta(days=90),
)  # fmt: skip
SPOKEN = {"en": "en", "uk": "uk"}
TEXTS = (Text("en", "ltr", "Mines", "Stop."), Text("uk", "ltr", "Міни", "Зупиніться."))


@pytest.fixture
def office(house: House, database_url: str) -> Office:
    return Office(house, database_url)


@pytest.fixture
async def desk(api: httpx.AsyncClient, database_url: str) -> Desk:
    return Desk(api, await add_operators(api, database_url))


def after(message: Message) -> Bulletin:
    return replace(ORIGINAL, alert_id=uuid4(), revision=2, message=message)


async def written(office: Office, bulletin: Bulletin, *cells: int, texts: Sequence[Text] = TEXTS) -> None:
    spoken = {tag: tag if tag in {text.language for text in texts} else "en" for tag in SPOKEN}
    async with transaction(office.house.pool) as tx:
        await delivery.announce(tx, bulletin, texts)
        found = Spread(dict.fromkeys(cells, 0), 0.0)
        await posting.spread(tx, bulletin, found, spoken=spoken, clock=office.house.clock)


async def told(office: Office, bulletin: Bulletin, *cells: int, texts: Sequence[Text] = TEXTS) -> list[Claimed]:
    await written(office, bulletin, *cells, texts=texts)
    return await office.send_all()


@pytest.mark.parametrize("message", [Message.CORRECTION, Message.END])
async def test_r19_a_correction_or_end_goes_to_the_same_topics_and_to_no_others(
    office: Office, desk: Desk, clock: FixedClock, message: Message
) -> None:
    first = set(names(await told(office, ORIGINAL, HERE)))
    await office.rotate(desk)
    clock.advance(timedelta(days=60))
    assert set(names(await told(office, after(message), AWAY))) == first


async def test_r19_an_update_goes_to_the_same_topics_and_to_those_newly_inside_in_all_generations(
    office: Office, desk: Desk
) -> None:
    first = set(names(await told(office, ORIGINAL, HERE)))
    await office.rotate(desk)
    newest, oldest = await office.generations()
    again = set(names(await told(office, after(Message.UPDATE), AWAY)))
    assert first < again
    assert again - first == {one.name(AWAY, tag) for one in (newest, oldest) for tag in SPOKEN}


async def test_r19_a_correction_reaches_the_topics_of_a_generation_that_new_alerts_go_to_no_more(
    office: Office, desk: Desk, clock: FixedClock
) -> None:
    first = set(names(await told(office, replace(ORIGINAL, expires_at=NOW + timedelta(days=360)), HERE)))
    await office.rotate(desk)
    clock.advance(timedelta(days=271))
    later = replace(after(Message.CORRECTION), expires_at=NOW + timedelta(days=360))
    assert set(names(await told(office, later))) == first
    fresh = replace(later, alert_id=uuid4(), lineage=uuid4(), revision=1, message=Message.WARNING)
    assert not set(names(await told(office, fresh, HERE))) & first


async def test_r19_what_was_never_sent_is_not_corrected_and_what_may_have_been_is(office: Office) -> None:
    far = [HERE, *(HERE + n for n in range(1, 60))]  # no cells, but numbers as good
    await written(office, ORIGINAL, *far)
    under_way = await office.claim()
    assert under_way is not None
    async with transaction(office.house.pool) as tx:
        await delivery.stop(tx, ORIGINAL.alert_id, 1, now=NOW)
    assert set(names(await told(office, after(Message.CORRECTION)))) == set(names(under_way.letters))


async def test_a_correction_is_told_in_what_there_is_when_a_language_has_no_text_any_more(office: Office) -> None:
    await told(office, ORIGINAL, HERE)
    again = await told(office, after(Message.CORRECTION), texts=TEXTS[:1])
    assert {dict(one.payload.data)["language"] for one in again} == {"en"}
    assert len(names(again)) == 2


async def test_an_end_of_what_no_topic_was_told_goes_to_none(office: Office) -> None:
    assert await told(office, after(Message.END), HERE) == []


async def test_a_repeat_of_the_same_claim_changes_nothing(office: Office) -> None:
    await written(office, ORIGINAL, HERE)
    taken = await office.claim()
    assert taken is not None
    for _ in range(2):
        await office.settle(taken, [Accepted("x")] * len(taken.letters))
    assert await office.claim() is None
