"""How residents, which stand below alerts, have a registration planned into what is live."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.alerts import planning
from service.alerts.schemas import LiveOut
from service.kit.db import Tx
from service.kit.house import House
from service.residents.actions import AlertsOfCells
from service.residents.model import Resident


def into(house: House) -> AlertsOfCells:
    """Return the function that plans a registration into live alerts and returns these ready for JSON."""

    async def join(tx: Tx, resident: Resident, *, now: datetime) -> Sequence[Mapping[str, Any]]:
        told = await planning.join(tx, house, resident, now=now)
        return [LiveOut.of(one).model_dump(mode="json") for one in told]

    return join
