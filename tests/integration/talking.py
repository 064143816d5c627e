"""Somebody who writes to us: the real answers, over a real database and Redis, on the invented island as a country."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from service.alerts import joining
from service.config import Settings
from service.conversations import actions
from service.conversations.memory import Memory
from service.conversations.model import Heard, Reply
from service.i18n.catalogues import Catalogues
from service.kit.db import Tx, transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.shared import Shared
from service.operators.model import Operator
from service.places import actions as places
from service.places.following import PlaceIndex
from service.residents import phones
from service.residents.actions import Joining
from service.residents.phones import Subscriber
from tests.build import a_feature, a_square, a_zone, an_admin
from tests.conftest import LOCALES, NOW
from tests.integration.acts import read_places
from tests.integration.atoll import AS_REAL
from tests.island import MAP, REGISTER

SPOKEN = frozenset({"uk", "ru", "es", "ar", "km"})
NEAR = (-25.05, -36.0)
"""A corner of a zone in the community Чайкинська, far from all others."""


@dataclass
class Person:
    """Writes from one number; `replies` are the answers so far."""

    house: House
    number: str
    replies: list[Reply] = field(default_factory=list)

    async def writes(self, text: str) -> Reply | None:
        heard = Heard("kannel", Hidden(self.number), Hidden(text), NOW)
        reply = await actions.answer(self.house, heard)
        self.replies += [reply] if reply is not None else []
        return reply

    async def gets(self, text: str) -> tuple[str, str]:
        """Return template and text of the answer; both are empty where none is given."""
        reply = await self.writes(text)
        return ("", "") if reply is None else (reply.template, reply.text.reveal())

    async def known(self) -> Subscriber | None:
        async with transaction(self.house.pool) as tx:
            return await phones.known(tx, self.house, Hidden(self.number))

    async def is_out(self) -> bool:
        async with transaction(self.house.pool) as tx:
            return await phones.is_out(tx, self.house, Hidden(self.number))


def a_person(house: House) -> Person:
    """Somebody whose number nobody had before: what Redis remembers outlives a test."""
    return Person(house, f"+38067{uuid4().int % 10_000_000:07d}")


def set_up(house: House, redis_url: str | None, **changes: object) -> Shared:
    """Give a house what answers need; the catalogues are those of a deployment that wants all drafts."""
    settings = house.get(Settings).model_copy(update={**_SETTINGS, **changes})
    house.put(settings)
    default = str(settings.default_language)
    house.put(Catalogues.load(LOCALES, confirmed=SPOKEN, default=default))
    shared = Shared(redis_url)
    house.put(Memory(shared, house.clock, house.keyring))
    house.put(Joining(joining.into(house)))
    return shared


@asynccontextmanager
async def opened(house: House, redis_url: str | None, **changes: object) -> AsyncIterator[House]:
    """A house that answers texts, with the island's places and one zone."""
    shared = set_up(house, redis_url, **changes)
    async with transaction(house.pool) as tx:
        operator = await an_admin(tx)
        await places.run_load(tx, operator, {"file": REGISTER}, AS_REAL, MAP, now=NOW)
        await a_zone_at(tx, operator, NEAR)
    await read_places(house)
    try:
        yield house
    finally:
        await shared.close()


async def a_zone_at(tx: Tx, operator: Operator, corner: tuple[float, float], **stated: Any) -> None:
    zone_id = f"Z{corner[0]}{stated.get('publication', '')}"
    await a_zone(tx, operator, a_feature(zone_id, a_square(*corner)), **stated)


def place(house: House, code: str) -> UUID:
    found = house.get(PlaceIndex).gazetteer.find(code).only
    assert found is not None
    return found.id


_SETTINGS = {
    "sms_countries": ("UA",),
    "number_keys": SecretStr(f"k1:{bytes(range(64, 96)).hex()}"),
    "authority_short": "Mine service",
    "default_language": "uk",
}
