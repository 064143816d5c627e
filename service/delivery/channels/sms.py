"""Texts: each written down before it is handed to an operator, so that he takes it once and none is lost."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.delivery import ledger, texts
from service.delivery.channels.sms_book import Book, Unwritten
from service.delivery.channels.sms_lines import Line, Lines, NoTurn, Patience
from service.delivery.model import (
    Accepted,
    AddressDead,
    ChannelName,
    MessageRefused,
    Outcome,
    Parcel,
    Payload,
    Severity,
    TryLater,
    Unproved,
)
from service.delivery.rules import HELD
from service.delivery.sms import Arrival, NotNow, OptedOut, Report, Sms
from service.delivery.texts import Answered, Ask, Close, Entry, Hand, Intent, State
from service.kit.clock import Clock
from service.kit.db import Pool, transaction
from service.kit.hidden import Hidden
from service.kit.sms import split

_log = structlog.get_logger()
PATIENCE_SECONDS = 5.0
"""What had no turn within so long goes back to where the most severe is taken first."""

AWAY_SECONDS = 10.0
"""For how much longer texts stand in the row while no operator is there: when one is back, the most severe go first."""

AT_ONCE = 64
"""Texts of one batch that stand in the row at once, or are on their way."""

_SOON = timedelta(seconds=1)
_NO_TEXT, _NOT_WRITTEN, _ELSEWHERE, _CROWDED, _AWAY = (
    "no-text",
    "not-written",
    "in-another-hand",
    "crowded",
    "no-operator",
)
_STEP = 10_000  # of `rules.priority`: what lies between two severities
_PATIENT, _URGENT = _STEP * Severity.MODERATE, _STEP * Severity.EXTREME
_DATABASE_AWAY = (psycopg.Error, PoolTimeout, TimeoutError)


@dataclass(frozen=True, slots=True)
class _Errand:
    """One call of `send`: how many segments each payload has, how long they wait, and whether to go on."""

    segments: Mapping[int, int]
    patience: Patience
    shut: Callable[[], bool]


class SmsChannel:
    """Sends texts, and says single things at once.

    A text whose answer was lost waits a minute for a report, then goes out once more, and never a third time.
    `opted_out` is told of numbers whose owners told their operator to stop.
    """

    name = ChannelName.SMS
    batch_size = 500

    def __init__(
        self, lines: Lines, pool: Pool, *, clock: Clock, opted_out: Callable[[Hidden[str]], Awaitable[None]]
    ) -> None:
        self.lines = lines
        self._pool = pool
        self._clock = clock
        self._book = Book(pool, clock=clock)
        self._opted_out = opted_out

    async def send(self, parcels: Sequence[Parcel], *, shut: Callable[[], bool]) -> list[Outcome]:
        """Hand over each text that the ledger does not know yet, and return one outcome each, in order."""
        try:
            known = await self._known({one.batch for one in parcels})
        except _DATABASE_AWAY:
            return [TryLater(None, _NOT_WRITTEN) for _ in parcels]
        bodies = {id(one.payload): one.payload for one in parcels}
        segments = {key: split(one.body).segments if one.body else 0 for key, one in bodies.items()}
        errand = _Errand(segments, Patience.of(PATIENCE_SECONDS, away=AWAY_SECONDS), shut)
        outcomes: dict[int, Outcome] = {}
        waiting = iter(enumerate(parcels))

        async def work() -> None:
            for place, parcel in waiting:
                outcomes[place] = await self._one(errand, parcel, known.get((parcel.batch, parcel.number)))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(len(parcels), AT_ONCE)):
                group.create_task(work())
        _log_counts(outcomes.values())
        return _soonest([outcomes[place] for place in range(len(parcels))])

    async def _known(self, batches: Iterable[int]) -> dict[tuple[int, int], Entry]:
        async with transaction(self._pool) as tx:
            return {
                (batch, number): entry
                for batch in batches
                for number, entry in (await ledger.entries(tx, batch)).items()
            }

    async def _one(self, errand: _Errand, parcel: Parcel, entry: Entry | None) -> Outcome:
        step = texts.next_step(entry, now=self._clock.now())
        if isinstance(step, Ask):
            step = await self._asked(step)
        if isinstance(step, Close):
            async with transaction(self._pool) as tx:
                await ledger.give_up(tx, step.entry, now=self._clock.now())
            return Unproved(State.UNKNOWN.value)
        if not isinstance(step, Hand):
            return step
        if not errand.segments[id(parcel.payload)]:
            return MessageRefused(_NO_TEXT)
        return await self._hand(errand, parcel, step.handed)

    async def _asked(self, step: Ask) -> Outcome | Hand | Close:
        """Ask the operator about a text in doubt, and go by what he says."""
        report = await self.lines.ask(step.entry.provider, step.entry.ids)
        if report is None or report.arrival is Arrival.UNKNOWN:
            return step.otherwise
        now, name = self._clock.now(), step.entry.ids[-1]
        async with transaction(self._pool) as tx:
            await ledger.heard(tx, [Report(step.entry.provider, name, report.arrival)], now=now)
        if report.arrival is Arrival.UNKNOWN_SUBSCRIBER:
            return AddressDead(report.arrival.value)
        if report.arrival is Arrival.OPTED_OUT:
            return AddressDead(texts.OPTED_OUT)
        if not step.entry.whole:
            return step.otherwise  # of a text whose rest is in doubt, a part says nothing
        if report.arrival in {Arrival.DELIVERED, Arrival.UNDERWAY}:
            return Accepted(name)
        return Unproved(State.FAILED.value)

    async def _hand(self, errand: _Errand, parcel: Parcel, before: int) -> Outcome:
        """Hand over one text when its turn comes, unless the gate shuts before."""
        payload = parcel.payload
        segments = errand.segments[id(payload)]
        if errand.shut():
            return _held(before)
        try:
            async with self.lines.turn(segments, rank=payload.rank, patience=errand.patience) as line:
                # Looked at once more: much may have happened while it waited for its turn.
                if errand.shut():
                    line.turn.unused = True
                    return _held(before)
                intent = _intent(parcel, line, segments, before)
                answered = await self._dial(line, intent, _sms(payload, parcel.address.value), errand.shut)
                line.turn.unused = not isinstance(answered, Answered) or answered.answer == _HELD
                if isinstance(answered, Answered):
                    # Within the turn: no more texts are in doubt after a crash than have their turn at once.
                    await self._book.answer(answered)
        except NoTurn as none:
            return TryLater(_SOON, _AWAY if none.away else _CROWDED)
        if not isinstance(answered, Answered):
            return answered
        return _held(before) if answered.answer == _HELD else texts.outcome_of(answered.answer)

    async def _dial(self, line: Line, intent: Intent, sms: Sms, shut: Callable[[], bool]) -> Answered | TryLater:
        """Commit the intent and dial; TryLater where the intent could not be written, or is another worker's."""
        try:
            made = await self._book.intend(intent)
        except Unwritten:
            return TryLater(None, _NOT_WRITTEN)
        if made is None:
            return TryLater(texts.DOUBT, _ELSEWHERE)
        # The commit may have taken long: a withdrawal since then still counts.
        answer = _HELD if shut() else await self.lines.hand(line, sms)
        return Answered(made, intent.before + 1, line.provider.name, intent.segments, line.one_id, answer)

    async def say(self, sms: Sms, *, template: str, provider: str | None = None) -> Outcome:
        """Hand over a text by `provider`, or by whichever is best; what is kept is the template and the outcome."""
        segments = split(sms.text.reveal()).segments
        rank, patience = _URGENT if sms.urgent else _PATIENT, Patience.of(PATIENCE_SECONDS)
        try:
            async with self.lines.turn(segments, rank=rank, patience=patience, named=provider) as line:
                answered = await self._say(line, sms, template, segments)
                if isinstance(answered, Answered):
                    await self._book.answer(answered)
        except NoTurn as none:
            return TryLater(_SOON, _AWAY if none.away else _CROWDED)
        if not isinstance(answered, Answered):
            return answered
        if isinstance(answered.answer, OptedOut):
            await self._opted_out(sms.to)
        return texts.outcome_of(answered.answer)

    async def _say(self, line: Line, sms: Sms, template: str, segments: int) -> Answered | TryLater:
        name, now = line.provider.name, self._clock.now()
        try:
            async with transaction(self._pool) as tx:
                made = await ledger.intend_alone(tx, template, name, segments, now=now)
        except _DATABASE_AWAY:
            line.turn.unused = True
            return TryLater(None, _NOT_WRITTEN)
        answer = await self.lines.hand(line, sms)
        return Answered(made, 1, name, segments, line.one_id, answer)

    async def close(self) -> None:
        """Write what was said, close every connection."""
        await self._book.close()
        await self.lines.close()


_HELD = NotNow(None, HELD)


def _held(before: int) -> TryLater:
    """Say that the gate is shut; who may have been reached before does not count as never sent to (R19)."""
    return TryLater(None, texts.UNANSWERED if before else HELD)


def _intent(parcel: Parcel, line: Line, segments: int, before: int) -> Intent:
    said = dict(parcel.payload.data)
    return Intent(
        batch=parcel.batch,
        number=parcel.number,
        template=said["template"],
        revision=int(said["revision"]),
        provider=line.provider.name,
        segments=segments,
        before=before,
        mark=texts.mark_of(parcel.witness),
    )


def _sms(payload: Payload, to: Hidden[str]) -> Sms:
    return Sms(to, Hidden(payload.body), payload.ttl, urgent=payload.urgent)


def _soonest(outcomes: list[Outcome]) -> list[Outcome]:
    """Let no text in doubt hold back the others of its batch: it is tried again when its first may be.

    Whoever is in doubt for longer is asked about in the ledger then, and waits on.
    """
    waits = [one.after for one in outcomes if isinstance(one, TryLater)]
    soonest = None if None in waits else texts.soonest(outcomes)
    return [replace(one, after=soonest) if isinstance(one, TryLater) else one for one in outcomes]


def _log_counts(outcomes: Iterable[Outcome]) -> None:
    troubles = Counter(one.reason for one in outcomes if not isinstance(one, Accepted))
    if troubles:
        _log.info("sms.not_accepted", **troubles)
