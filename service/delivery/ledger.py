"""The ledger of texts: each is written down before it is handed over, and once more with what became of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
_REFATED = {
    State.FAILED: (Fate.ACCEPTED.value, Fate.EXHAUSTED.value),
    State.DELIVERED: (Fate.EXHAUSTED.value, Fate.ACCEPTED.value),
}
"""What was thought of a recipient's text, and what is known now."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What was reported of a part of the text `text`."""

    text: int
    arrival: Arrival
    is_last: bool


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
    early = await store.answer(tx, values, _parts(answers) | {"now": now})
    await _hear(tx, [_Part(row["text_id"], Arrival(row["arrival"]), row["is_last"]) for row in early], now=now)
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


async def heard(tx: Tx, reports: Sequence[Report], *, now: datetime) -> list[None]:
    """Take in delivery reports: late, twice, or before the answer with their id; of strangers' texts nothing follows.

    Nothing comes of a line.
    """
    for some in _once_each([one for one in reports if one.arrival is not Arrival.UNKNOWN]):
        values = {
            "providers": [provider for provider, _ in some],
            "message_ids": [name for _, name in some],
            "arrivals": [one.value for one in some.values()],
            "now": now,
        }
        rows = await store.hear(tx, values)
        parts = [_Part(row["text_id"], some[row["provider"], row["message_id"]], row["is_last"]) for row in rows]
        await _hear(tx, parts, now=now)
    return [None] * len(reports)


def _once_each(reports: Sequence[Report]) -> list[dict[tuple[str, str], Arrival]]:
    """Return reports in groups, no two by one id in any: of those that come twice, each is heard in its turn."""
    groups: list[dict[tuple[str, str], Arrival]] = []
    seen: Counter[tuple[str, str]] = Counter()
    for one in reports:
        name = (one.provider, one.message_id)
        if seen[name] == len(groups):
            groups.append({})
        groups[seen[name]][name] = one.arrival
        seen[name] += 1
    return groups


async def _hear(tx: Tx, parts: Sequence[_Part], *, now: datetime) -> None:
    if not parts:
        return
    held = {row["id"]: row for row in await store.hold(tx, sorted({one.text for one in parts}))}
    states = {text: State(row["state"]) for text, row in held.items()}
    for one in parts:
        if one.text in states:
            states[one.text] = texts.heard(states[one.text], one.arrival, is_last=one.is_last)
    moved = {text: state for text, state in states.items() if state.value != held[text]["state"]}
    if moved:
        await store.move(tx, {text: state.value for text, state in moved.items()}, now=now)
    await _refate(tx, [(held[text]["batch_id"], held[text]["number"], state) for text, state in moved.items()])


async def _refate(tx: Tx, found: Sequence[tuple[int | None, int, State]]) -> None:
    """Let who was not reached after all not count as warned (R21), nor the other way round."""
    told = [(batch, number, *_REFATED[state]) for batch, number, state in found if batch and state in _REFATED]
    if not told:
        return
    batches, numbers, was, fates = (list(values) for values in zip(*told, strict=True))
    asked = {"batches": batches, "numbers": numbers, "was": was, "fates": fates}
    for row in await store.otherwise(tx, asked):
        await store.refate(tx, row["batch"], row["number"], was=row["was"], fate=row["fate"])


async def settled(tx: Tx, batch: int) -> None:
    """Let a batch that was just settled know what operators reported while its worker had it in hand."""
    rows = await store.reported(tx, batch)
    await _refate(tx, [(batch, row["number"], State(row["state"])) for row in rows])


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
