"""Builds what a process needs to take texts in; both programs, API and worker, do it alike."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from service.config import Settings
from service.conversations import actions
from service.conversations.allowances import Allowances
from service.conversations.callers import Callers
from service.conversations.hands import Hands
from service.conversations.inbox import Conversation, Inbox, Shelves, Watch
from service.conversations.loops import Purpose
from service.conversations.memory import Memory
from service.conversations.model import Meaning
from service.conversations.outbox import Outbox
from service.delivery.providers import Provider
from service.kit.house import House
from service.kit.limits import Limits
from service.kit.shared import Shared

_PURPOSES = {Meaning.STOP: Purpose.OPT_OUT, Meaning.FOUND: Purpose.URGENT, Meaning.CALL: Purpose.URGENT}
_CONNECTIONS_PER_HAND = 4


@asynccontextmanager
async def open_inbox(house: House, providers: Collection[Provider], *, alone: bool) -> AsyncIterator[None]:
    """Put inbox, outbox and the conversations' memory into the house while the block runs.

    The house holds `Settings`, `Limits`, and all that answers need. `alone` says that no other process of this kind
    takes texts in. A quarter of the database's connections are for texts that come in, the others never wait for them.
    """
    settings = house.get(Settings)
    shared = Shared(None if settings.redis_url is None else settings.redis_url.get_secret_value())
    house.put(Memory(shared, house.clock, house.keyring))
    house.put(Outbox(shared, house.clock, house.keyring))
    answerable = {one.name for one in providers if one.answerable}
    callers = Callers(settings.sms_countries, {settings.sms_number, *(one.sender for one in providers)} - {""})
    watch = Watch.over(house, shared, callers, Allowances(house.get(Limits), settings))
    conversation = Conversation(actions.answer, purpose_of, answerable.__contains__)
    hands = Hands(settings.pool_size // _CONNECTIONS_PER_HAND)
    house.put(Inbox(house, conversation, watch, Shelves.over(house, shared, alone=alone), hands))
    try:
        yield
    finally:
        await shared.close()


def purpose_of(text: str) -> Purpose:
    """Say what a text wants that must never wait: an end, or help."""
    return _PURPOSES.get(actions.meaning_of(text), Purpose.OTHER)
