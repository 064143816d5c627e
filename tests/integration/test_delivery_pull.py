"""What a push says of fetching: the signed index at the moment of sending, spread by the size of the audience."""

import base64
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from service import worker
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery import payload, queueing
from service.delivery.channels.budget import Budget
from service.delivery.model import (
    Batch,
    Bulletin,
    ChannelName,
    Channels,
    Gate,
    Lot,
    Message,
    Payload,
    Published,
    Severity,
    Text,
)
from service.kit.crypto import Signer, verify
from service.kit.db import Pool, Tx, transaction
from service.kit.house import House
from tests.build import AlertsStub, a_newcomer, a_verified_resident
from tests.conftest import NOW

ALERT = UUID(int=7)
TOLD = Bulletin(
    ALERT, ALERT, 1, Message.WARNING, Severity.SEVERE, exercise=False, zone_id=UUID(int=8), reach_m=5000,
    issued_at=NOW, expires_at=NOW + timedelta(days=90),
)  # fmt: skip
TEXT = Text("uk", "ltr", "Мінна небезпека", "Зупиніться.")


async def claimed(tx: Tx, house: House, told: Bulletin) -> Payload:
    """Plan three phones, claim their batch, return what it says."""
    numbers = []
    for letter in "abc":
        entry, _ = await a_verified_resident(tx, house, a_newcomer(f"{told.alert_id.hex[-1]}{letter}" * 11))
        numbers.append(entry.registration.number)
    await delivery.announce(tx, told, [TEXT])
    lot = Lot(0, verified=True, channel=ChannelName.FCM, language="uk", numbers=tuple(numbers))
    await queueing.enqueue(tx, told, [lot], clock=house.clock)
    row = await (await tx.execute("SELECT max(id) AS id FROM batch")).fetchone()
    assert row is not None
    batch = await delivery.claim(tx, house, row["id"])
    assert isinstance(batch, Batch)
    assert len(batch.destinations) == 3
    return batch.payload


async def test_a_push_names_the_index_of_its_world_as_it_is_when_it_is_sent(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    house.get(Published).live = 41
    house.get(Published).exercise = 7
    said = dict((await claimed(tx, house, TOLD)).data)
    assert said["pack"] == "41"
    signature = base64.urlsafe_b64decode(said["signature"] + "==")
    assert verify(house.get(Signer).public, signature, payload.canonical(said)), "and signs it"


async def test_the_larger_the_audience_the_longer_its_fetching_is_spread(
    tx: Tx, house: House, settings: Settings, alerts: AlertsStub
) -> None:
    house.put(settings.model_copy(update={"syncs_per_second": 1}))
    assert dict((await claimed(tx, house, TOLD)).data)["sync_within_s"] == "3"
    house.put(settings)
    other = UUID(int=9)
    said = await claimed(tx, house, replace(TOLD, alert_id=other, lineage=other))
    assert dict(said.data)["sync_within_s"] == "1"


async def test_the_more_urgent_goes_first_where_messages_wait_for_each_other_and_a_correction_before_all(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    said = [(Severity.MINOR, Message.WARNING), (Severity.EXTREME, Message.UPDATE), (Severity.MINOR, Message.CORRECTION)]
    ranks = []
    for number, (severity, message) in enumerate(said, 1):
        told = replace(TOLD, alert_id=UUID(int=number), lineage=UUID(int=number), severity=severity, message=message)
        ranks.append((await claimed(tx, house, told)).rank)
    assert ranks == sorted(ranks)
    assert ranks[0] > payload.encode_code("x").rank


async def test_a_worker_learns_of_a_new_index_and_of_other_senders(pool: Pool, house: House) -> None:
    async with transaction(pool) as tx:
        await tx.execute("UPDATE publication_index SET version = 5 WHERE world = 'exercise'")
        await delivery.beat(tx, uuid4())
    budget = Budget("test", 600_000)
    alone = budget.speed
    for part in (Channels({}, Gate(held=True)), budget):
        house.put(part)
    await worker._look(house)
    await worker._beat(house, uuid4())
    assert house.get(Published) == Published(live=0, exercise=5)
    assert budget._own.pace.parts == 2
    assert budget.speed == alone, "the two together"
