"""A warning that was planned, without the operators and the zone behind it, and phones that answer it."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from service.delivery import actions, queueing
from service.delivery.model import Bulletin, ChannelName, Lot, Message, Severity, Text
from service.kit.crypto import mac
from service.kit.db import Tx
from service.kit.house import House
from service.residents.actions import receipt_key

SPOKEN = ("en", "uk")


@dataclass(frozen=True)
class Phone:
    """A registration as its phone knows it, and what its receipts say."""

    registration: UUID
    key: bytes

    @classmethod
    def of(cls, house: House, registration: UUID) -> "Phone":
        return cls(registration, receipt_key(house.keyring, registration))

    def receipt(self, lineage: UUID, batch: int | None) -> dict[str, Any]:
        parts = (lineage.bytes, (1).to_bytes(4, "big"), (batch or 0).to_bytes(8, "big"))
        made = base64.urlsafe_b64encode(mac(self.key, *parts)).decode().rstrip("=")
        named = {"alert": str(lineage), "revision": 1}
        return named | {"registration": str(self.registration), "batch": batch, "mac": made}


async def a_bulletin(tx: Tx, house: House) -> Bulletin:
    """Announce a warning in two languages."""
    now, one = house.clock.now(), uuid4()
    said = Bulletin(
        alert_id=one,
        lineage=one,
        revision=1,
        message=Message.WARNING,
        severity=Severity.SEVERE,
        exercise=False,
        zone_id=uuid4(),
        reach_m=3000,
        issued_at=now,
        expires_at=now + timedelta(days=1),
    )
    await actions.announce(tx, said, [Text(tag, "ltr", "Mines", "Stop.") for tag in SPOKEN])
    return said


async def planned(
    tx: Tx, house: House, said: Bulletin, numbers: Sequence[int], place: tuple[int, str] = (0, "en")
) -> list[int]:
    """Plan these numbers and return the ids of their batches, all of this message's."""
    ring, language = place
    lot = Lot(ring, verified=True, channel=ChannelName.FCM, language=language, numbers=tuple(numbers))
    await queueing.enqueue(tx, said, [lot], clock=house.clock)
    query = "SELECT id FROM batch WHERE alert_id = %s ORDER BY id"
    return [row["id"] for row in await (await tx.execute(query, [said.alert_id])).fetchall()]


async def received(tx: Tx) -> dict[int, list[int]]:
    """Return the places whose bits are set, by batch."""
    query = "SELECT batch_id, received::text AS bits FROM batch_receipt ORDER BY batch_id"
    rows = await (await tx.execute(query)).fetchall()
    return {row["batch_id"]: [at for at, bit in enumerate(row["bits"]) if bit == "1"] for row in rows}
