"""Takes what people write: each text once, whole, within limits, and nothing of machines."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.conversations import loops, parts
from service.conversations.allowances import Allowances
from service.conversations.callers import Callers
from service.conversations.claims import Claim, Claims, State
from service.conversations.hands import Busy, Hands
from service.conversations.loops import Purpose, Traces
from service.conversations.model import Heard, Reply
from service.conversations.outbox import KEPT, Letter, read, written
from service.conversations.parts import Collected, Fate, OwnShelf, Shelf
from service.conversations.parts_shared import SharedShelf
from service.conversations.tally import TALLY, Became
from service.conversations.traces import Memories, Seen
from service.delivery.sms import Inbound
from service.kit.crypto import Unreadable
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.shared import Away, Shared

_log = structlog.get_logger()
_AGAIN_SECONDS = 10
_OVERDUE_AT_ONCE = 20
_AWAY = (psycopg.OperationalError, PoolTimeout)

Answer: TypeAlias = Callable[[House, Heard], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class Conversation:
    """How a whole text is understood and answered, and which providers can carry an answer."""

    answer: Answer
    purpose: Callable[[str], Purpose]
    answerable: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Back:
    """How an answer goes back.

    In the response to the operator's call: his own repeat then gets the same answer again, as the response was lost. Or
    by `post`, which says whether it could take it: if not, the operator must deliver the text again.
    """

    in_response: bool = False
    post: Callable[[Letter], Awaitable[bool]] | None = None


LATER = Back()
"""Whoever asked sends it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is counted and remembered of numbers."""

    callers: Callers
    allowances: Allowances
    claims: Claims
    memories: Memories

    @classmethod
    def over(cls, house: House, shared: Shared, callers: Callers, allowances: Allowances) -> "Watch":
        claims, memories = Claims(shared, house.clock), Memories(shared, house.clock, house.keyring)
        return cls(callers, allowances, claims, memories)


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where parts wait: for all processes, and for this one while Redis is away.

    `alone` says that no other process takes texts in, so that parts can be joined here.
    """

    far: Shelf
    near: Shelf
    alone: bool = True

    @classmethod
    def over(cls, house: House, shared: Shared, *, alone: bool) -> "Shelves":
        return cls(SharedShelf(shared, house.clock), OwnShelf(), alone)


class Inbox:
    """What a process does with texts that come in."""

    def __init__(self, house: House, conversation: Conversation, watch: Watch, shelves: Shelves, hands: Hands) -> None:
        self._house = house
        self._conversation = conversation
        self._watch = watch
        self._shelves = shelves
        self._hands = hands

    async def take(self, inbound: Inbound) -> Reply | None:
        """Return the answer to a text, as `write` does."""
        letter = await self.write(inbound)
        return None if letter is None else letter.reply

    async def write(self, inbound: Inbound, back: Back = LATER) -> Letter | None:
        """Answer a text, once; None for silence, for a repeat, and for a part that waits for the rest.

        Refused when it cannot be looked at now: nothing of it was kept, and the operator must deliver it again.
        """
        person = self._watch.callers.person(inbound.sender)
        if person is None:
            TALLY.note(Became.REFUSED)
            return None
        inbound = replace(inbound, sender=person)
        async with self._hand(inbound):
            if not parts.fits(inbound):
                return await self._once(inbound, back)
            return await self._take_part(inbound, back)

    def acts_at_once(self, inbound: Inbound) -> bool:
        """Say whether a text is obeyed even where nothing can be answered."""
        return not parts.fits(inbound) and self._conversation.purpose(inbound.text.reveal()) is Purpose.OPT_OUT

    async def overdue(self, *, everywhere: bool = True) -> AsyncIterator[Letter]:
        """Answer texts of which parts never came, as they stand, and those that a dead process left unanswered.

        Those of all processes, or only those in the memory of this one.
        """
        now = self._house.clock.now()
        for shelf in (self._shelves.far, self._shelves.near) if everywhere else (self._shelves.near,):
            for text in await _overdue(shelf, now):
                inbound = self._open(text)
                if inbound is None:
                    continue
                if len(text.sealed) < text.of:
                    TALLY.note(Became.BROKEN)
                async with self._hand(inbound):
                    letter = await self._finish(shelf, text, inbound)
                if letter is not None:
                    yield letter

    # --- parts

    async def _take_part(self, inbound: Inbound, back: Back) -> Letter | None:
        shelf, (fate, text) = await self._shelve(inbound)
        if fate is Fate.IN_HAND:
            raise _later()
        if fate is Fate.CROWDED:
            return await self._take_alone(inbound, back)
        if fate is not Fate.WHOLE or text is None:
            TALLY.note(Became.REPEATED if fate is Fate.REPEATED else Became.WAITS)
            return None
        whole = self._open(text)
        return None if whole is None else await self._finish(shelf, text, whole, back)

    async def _shelve(self, inbound: Inbound) -> tuple[Shelf, parts.Held]:
        slip, turn, now = parts.slip(inbound, self._house.keyring), secrets.token_hex(8), self._house.clock.now()
        try:
            return self._shelves.far, await self._shelves.far.add(slip, turn, now=now)
        except Away:
            # Another process may get the rest, and could not find this part.
            return self._shelves.near, await self._shelves.near.add(slip, turn, now=now) if self._shelves.alone else (
                Fate.CROWDED,
                None,
            )

    async def _take_alone(self, inbound: Inbound, back: Back) -> Letter | None:
        """Answer the first part as it stands, as there is no room where it could wait for the rest."""
        TALLY.note(Became.CROWDED)
        if inbound.part is None or inbound.part.number > 1:
            return None
        return await self._once(parts.fragment(inbound), back)

    def _open(self, text: Collected) -> Inbound | None:
        try:
            return parts.opened(text, self._house.keyring)
        except Unreadable:
            _log.error("inbox.parts_unreadable", remedy="all processes need the same SUREFOOT_SERVER_KEY")
            return None

    async def _finish(self, shelf: Shelf, text: Collected, inbound: Inbound, back: Back = LATER) -> Letter | None:
        """Answer a text and close it; what fails stays on the shelf, and is tried again when the lease is over."""
        letter = await self._once(inbound, back)
        with contextlib.suppress(Away):
            await shelf.close(text)
        return letter

    # --- whole texts

    async def _once(self, inbound: Inbound, back: Back) -> Letter | None:
        keyring, claims, now = self._house.keyring, self._watch.claims, self._house.clock.now()
        claim = Claim.on(inbound, keyring)
        found = await claims.take(claim, now=now)
        if found.state is State.IN_HAND:
            raise _later()
        if found.state is State.DONE:
            TALLY.note(Became.REPEATED)
            return read(keyring.open(parts.PURPOSE, found.kept)) if back.in_response and found.kept else None
        try:
            letter = await self._posted(inbound, back)
        except BaseException as error:
            await claims.drop(claim)
            if isinstance(error, _AWAY):
                _log.warning("inbox.database_away", error=type(error).__name__)
                raise _later() from None
            raise
        kept = keyring.seal(parts.PURPOSE, written(letter)) if back.in_response and letter else b""
        await claims.keep(claim, kept, now=now)
        return letter

    async def _posted(self, inbound: Inbound, back: Back) -> Letter | None:
        letter = await self._answer(inbound)
        if letter is not None and back.post is not None and not await back.post(letter):
            raise _later()
        return letter

    async def _answer(self, inbound: Inbound) -> Letter | None:
        """Decide, and count what was decided: a text that is put off instead leaves no trace."""
        text, now = inbound.text.reveal(), self._house.clock.now()
        purpose = self._conversation.purpose(text)
        traces = await self._watch.memories.look(inbound.sender, text, now=now)
        silent = await self._why_silent(inbound, purpose, traces)
        reply = None
        if silent is None or purpose is Purpose.OPT_OUT:
            reply = await self._ask(inbound)
        if silent is not None:
            reply = None
        seen = Seen(traces.soon, purpose is Purpose.URGENT, None if reply is None else reply.text.reveal())
        await self._watch.memories.note(inbound.sender, text, seen, now=now)
        await self._watch.allowances.note(inbound.sender, answered=reply is not None)
        TALLY.note(silent or (Became.SILENT if reply is None else Became.ANSWERED))
        if reply is None:
            return None
        urgent = purpose is Purpose.URGENT
        return Letter(inbound.provider, inbound.sender, reply, now + KEPT, urgent=urgent)

    async def _why_silent(self, inbound: Inbound, purpose: Purpose, traces: Traces) -> Became | None:
        """Say why nobody is answered, or None. Who found something is answered whatever the limits.

        Refused where all numbers together write more than is looked at in a minute; who opts out never waits.
        """
        if loops.judge(inbound.text.reveal(), traces, purpose) is not None:
            return Became.LOOPED
        if not self._conversation.answerable(inbound.provider):
            return Became.SILENT
        if purpose is Purpose.URGENT:
            return None
        if await self._watch.allowances.spent(inbound.sender):
            return Became.LIMITED
        wait = None if purpose is Purpose.OPT_OUT else await self._watch.allowances.wait_for_all()
        if wait is not None:
            raise _later(wait)
        return None

    async def _ask(self, inbound: Inbound) -> Reply | None:
        heard = Heard(inbound.provider, inbound.sender, inbound.text, inbound.at)
        return await self._conversation.answer(self._house, heard)

    @contextlib.asynccontextmanager
    async def _hand(self, inbound: Inbound) -> AsyncIterator[None]:
        urgent = self._conversation.purpose(inbound.text.reveal()) is not Purpose.OTHER
        async with contextlib.AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self._hands.free(urgent=urgent))
            except Busy:
                raise _later() from None
            yield


async def _overdue(shelf: Shelf, now: datetime) -> list[Collected]:
    try:
        return await shelf.overdue(_OVERDUE_AT_ONCE, now=now)
    except Away:
        return []


def _later(seconds: int = _AGAIN_SECONDS) -> Refused:
    TALLY.note(Became.PUT_OFF)
    detail = "The text cannot be looked at now; nothing of it was kept."
    return Refused(Kind.UNAVAILABLE, "text-put-off", detail, remedy="Deliver it again later.", after=seconds)
