"""The ledger of texts: each is written down before it is handed over, and once more with what became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from service.delivery import texts
from service.delivery.model import Fate
from service.delivery.sms import Arrival, Report, Taken, Unanswered
from service.delivery.store import figures
from service.delivery.store import texts as store
from service.delivery.texts import Answered, Counted, Entry, Intent, State
from service.kit.db import Tx

_log = structlog.get_logger()
_EARLY = timedelta(hours=1)
_KEPT = timedelta(days=14)
_DOUBTED = timedelta(hours=1)


async def entries(tx: Tx, batch: int) -> dict[int, Entry]:
    """Return what is known of a batch's recipients; absent is to whom nothing was handed over yet."""
    return {row["number"]: _entry(row) for row in await store.of_batch(tx, batch)}


def _entry(row: Mapping[str, Any]) -> Entry:
    ids = tuple(row["ids"] or ())
    state = State(row["state"])
    return Entry(row["id"], row["provider"], state, row["handed"], row["asked_at"], ids, whole=row["whole"])


async def intend(tx: Tx, intents: Sequence[Intent], *, now: datetime) -> list[int | None]:
    """Write that these are about to be handed over; return the id of each, None where somebody else has it in hand."""
    values = {
        "batches": [one.batch for one in intents],
        "numbers": [one.number for one in intents],
        "templates": [one.template for one in intents],
        "revisions": [one.revision for one in intents],
        "providers": [one.provider for one in intents],
        "segments": [one.segments for one in intents],
        "before": [one.before for one in intents],
        "marks": [one.mark for one in intents],
        "doubted": now - texts.DOUBT,
        "now": now,
    }
    made = {(row["batch_id"], row["number"]): int(row["id"]) for row in await store.intend(tx, values)}
    repeats = sum(one.before > 0 for one in intents if (one.batch, one.number) in made)
    if repeats:
        await figures.add(tx, {("sms", "repeated", ""): repeats})
    return [made.get((one.batch, one.number)) for one in intents]


async def intend_alone(tx: Tx, template: str, provider: str, segments: int, *, now: datetime) -> int:
    """Write that a text outside of warnings is about to be handed over."""
    return await store.intend_alone(tx, {"template": template, "provider": provider, "segments": segments, "now": now})


async def answered(tx: Tx, answers: Sequence[Answered], *, now: datetime) -> list[None]:
    """Write what operators said, with their ids; reports that came before are heard now. Nothing comes of a line."""
    after = [texts.after(one.answer, one.handed) for one in answers]
    values = {
        "ids": [one.id for one in answers],
        "states": [state.value for state, _ in after],
        "handed": [one.handed for one in answers],
        "after": [handed for _, handed in after],
        "now": now,
    }
    for row in await store.answer(tx, values, _parts(answers) | {"now": now}):
        await _hear(tx, row, Arrival(row["arrival"]), now=now)
    return [None] * len(answers)


def _parts(answers: Sequence[Answered]) -> dict[str, Any]:
    found: dict[tuple[str, str], tuple[int, bool]] = {}
    for one in answers:
        last = texts.last_of(one.answer, one.segments, one_id=one.one_id)
        for name in one.answer.ids if isinstance(one.answer, Taken | Unanswered) else ():
            if name:
                found[one.provider, name] = (one.id, name == last)
    return {
        "providers": [provider for provider, _ in found],
        "message_ids": [name for _, name in found],
        "text_ids": [text for text, _ in found.values()],
        "lasts": [is_last for _, is_last in found.values()],
    }


async def heard(tx: Tx, report: Report, *, now: datetime) -> None:
    """Take in a delivery report: late, twice, or before the answer with its id; of strangers' texts nothing follows."""
    if report.arrival is Arrival.UNKNOWN:
        return
    values = {
        "provider": report.provider,
        "message_id": report.message_id,
        "arrival": report.arrival.value,
        "now": now,
    }
    row = await store.hear(tx, values)
    if row is not None:
        await _hear(tx, row, report.arrival, now=now)


async def _hear(tx: Tx, part: Mapping[str, Any], arrival: Arrival, *, now: datetime) -> None:
    text = await store.hold(tx, part["text_id"])
    if text is None:
        return
    before = State(text["state"])
    state = texts.heard(before, arrival, is_last=part["is_last"])
    if state is before:
        return
    await store.move(tx, text["id"], state.value, now=now)
    if text["batch_id"] is not None:
        await _refate(tx, text["batch_id"], text["number"], state)


async def _refate(tx: Tx, batch: int, number: int, state: State) -> None:
    """Let who was not reached after all not count as warned (R21), nor the other way round."""
    if state is State.FAILED:
        await store.refate(tx, batch, number, was=Fate.ACCEPTED.value, fate=Fate.EXHAUSTED.value)
    if state is State.DELIVERED:
        await store.refate(tx, batch, number, was=Fate.EXHAUSTED.value, fate=Fate.ACCEPTED.value)


async def settled(tx: Tx, batch: int) -> None:
    """Let a batch that was just settled know what operators reported while its worker had it in hand."""
    for row in await store.reported(tx, batch):
        await _refate(tx, batch, row["number"], State(row["state"]))


async def give_up(tx: Tx, entry: Entry, *, now: datetime) -> None:
    """Close a text that was handed over twice, and of which nobody could say anything either time."""
    await store.give_up(tx, entry.id, handed=entry.handed, now=now)


async def counts(tx: Tx, alert_id: UUID, revision: int) -> list[Counted]:
    """Return exact counts of a message's texts by state; whoever shows them to people blurs them (R26)."""
    rows = await store.counts(tx, alert_id, revision)
    return [Counted(**row | {"state": State(row["state"])}) for row in rows]


async def tidy(tx: Tx, *, now: datetime) -> None:
    """Drop what has had its time: reports of unknown texts after an hour, all but the warnings' lines after 14 days."""
    unknown = await store.prune_early(tx, before=now - _EARLY)
    if unknown:
        _log.warning("ledger.reports_of_unknown_texts", count=unknown)
        await figures.add(tx, {("sms", "report", "unknown-id"): unknown})
    await store.prune(tx, before=now - _KEPT)
    await store.close(tx, before=now - _DOUBTED, now=now)
