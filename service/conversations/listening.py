"""The worker's door: hears what sessions bring, and sends answers, its own and those that the API left for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeAlias

import structlog

from service.config import Settings
from service.conversations.inbox import Inbox
from service.conversations.opening import open_inbox
from service.conversations.outbox import KEPT, Letter, Outbox
from service.conversations.tally import TALLY, Became
from service.delivery import providers
from service.delivery.model import Accepted, Outcome, TryLater
from service.delivery.sms import Inbound, Sms, SmsDesk
from service.kit import log
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.limits import Limits
from service.places.following import PlaceIndex

_log = structlog.get_logger()
Sending: TypeAlias = "asyncio.Task[None]"
MOST_SENDING = 200
_REST = timedelta(seconds=5)
_FINISH_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_UNANSWERED = "unanswered"


class Listener:
    """Sends each answer once: what may have gone out is never repeated, as a doubled answer confuses who reads it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._sending: set[Sending] = set()
        self._closing = asyncio.Event()

    async def hear(self, inbound: Inbound) -> None:
        """Take a text in; the session acknowledges it after this. Its answer goes out later, as it may have to wait.

        Refused when it cannot be taken now: the operator delivers it again.
        """
        if self._closing.is_set() or len(self._sending) >= MOST_SENDING:
            TALLY.note(Became.PUT_OFF)
            raise Refused(Kind.UNAVAILABLE, "text-put-off", "Too many answers wait to be sent.", after=10)
        letter = await self._house.get(Inbox).write(inbound)
        if letter is not None:
            self._post(letter)

    async def follow(self) -> None:
        """Look again and again, whatever happens: nobody else sends these answers."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - a single text must not end the answers to all others
                _log.error("inbound.look_failed", error=type(error).__name__, at=log.places(error))
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> None:
        """Send what the API left, and answer texts of which the rest never came."""
        room = MOST_SENDING - len(self._sending)
        if room <= 0:
            return
        letters, lost = await self._house.get(Outbox).take(room, now=self._house.clock.now())
        for letter in letters:
            self._post(letter)
        for _ in range(lost):
            TALLY.note(Became.LOST)
        try:
            async for letter in self._house.get(Inbox).overdue():
                self._post(letter)
        except Refused as no:
            _log.info("inbound.overdue_waits", reason=no.name)

    async def close(self) -> None:
        """Let answers that are being sent come to their end, for a few seconds; those that wait are left to others."""
        self._closing.set()
        if not self._sending:
            return
        _, late = await asyncio.wait(self._sending, timeout=_FINISH_SECONDS)
        for task in late:
            TALLY.note(Became.LOST)
            task.cancel()

    def _post(self, letter: Letter) -> None:
        task = asyncio.create_task(self._send(letter))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, letter: Letter) -> None:
        """Hand over an answer; one that was not taken is tried again while anybody may still wait for it."""
        clock = self._house.clock
        while (left := letter.until - clock.now()) > timedelta(0):
            outcome = await self._say(letter, left)
            if isinstance(outcome, Accepted) or (isinstance(outcome, TryLater) and outcome.reason == _UNANSWERED):
                return
            if not isinstance(outcome, TryLater):
                break
            if await self._closes_within(clock.really(max(_REST, min(outcome.after or _REST, KEPT)))):
                if await self._house.get(Outbox).put(letter):
                    return
                break
        TALLY.note(Became.LOST)

    async def _closes_within(self, span: timedelta) -> bool:
        try:
            await asyncio.wait_for(self._closing.wait(), span.total_seconds())
        except TimeoutError:
            return False
        return True

    async def _say(self, letter: Letter, left: timedelta) -> Outcome | None:
        sms = Sms(letter.to, letter.reply.text, left, urgent=letter.urgent)
        desk = self._house.get(SmsDesk)
        try:
            return await desk.texting.say(sms, template=letter.reply.template, provider=letter.provider)
        except Exception as error:  # noqa: BLE001 - whether it went out is not known, and nobody waits for this task
            _log.error("inbound.answer_failed", error=type(error).__name__, at=log.places(error))
            return None


@asynccontextmanager
async def listening(house: House) -> AsyncIterator[None]:
    """Let a sending worker take texts in and answer them while the block runs; one without providers has no ears."""
    settings = house.get(Settings)
    known = providers.of(settings)
    if not known:
        yield
        return
    redis_url = None if settings.redis_url is None else settings.redis_url.get_secret_value()
    limits, places = Limits(redis_url, house.keyring), PlaceIndex()
    house.put(limits)
    house.put(places)
    # Other workers may get parts of the same text; while Redis is away each answers what it has.
    async with places.following(house.pool), open_inbox(house, known, alone=True):
        listener = Listener(house)
        house.put(listener)
        task = asyncio.create_task(listener.follow())
        try:
            yield
        finally:
            task.cancel()
            await listener.close()
            await limits.close()
