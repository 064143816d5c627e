"""What integration tests of several features share."""

from collections.abc import Iterator

import pytest

from service.kit.db import Tx
from service.kit.house import House
from service.operators.model import Operator
from service.residents.actions import Joining
from tests.build import AlertsStub, an_admin
from tests.carriers import Heard
from tests.smsc import RunningSmsc, an_smsc


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


@pytest.fixture(scope="module")
def running_smsc() -> Iterator[RunningSmsc]:
    with an_smsc() as smsc:
        yield smsc


@pytest.fixture
def smsc(running_smsc: RunningSmsc) -> RunningSmsc:
    """An SMSC that has forgotten what other tests asked of it."""
    running_smsc.tell("forget")
    return running_smsc


@pytest.fixture
def heard() -> Heard:
    return Heard()
