"""What integration tests of several features share."""

import pytest

from service.kit.db import Tx
from service.kit.house import House
from service.operators.model import Operator
from service.residents.actions import Joining
from tests.build import AlertsStub, an_admin


@pytest.fixture
def alerts(house: House) -> AlertsStub:
    """Alerts that plan nothing, in the house's place for them."""
    stub = AlertsStub()
    house.put(Joining(stub))
    return stub


@pytest.fixture
async def operator(tx: Tx) -> Operator:
    """An admin, alone."""
    return await an_admin(tx)
