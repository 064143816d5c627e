"""Pushes that brought no sign of life: who of them goes on by text, and when. The texts themselves are others' work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from service.delivery import rules
from service.delivery.store import silent
from service.kit.db import Tx


@dataclass(frozen=True, slots=True)
class Policy:
    """After how long without a receipt a message goes on by text."""

    alert_id: UUID
    revision: int
    patience: timedelta


@dataclass(frozen=True, slots=True)
class Silent:
    """A push, held until the transaction ends: to `numbers` a text goes now, `decided` is kept with it."""

    batch: int
    alert_id: UUID
    ring: int
    language: str
    numbers: Sequence[int]
    decided: str


async def due(tx: Tx, policies: Sequence[Policy], *, limit: int, now: datetime) -> list[Silent]:
    """Return the next pushes to decide on, of the most severe message first and in it the nearest.

    The caller writes the texts and calls `decide` in the same transaction. Two who ask at once get different pushes.
    """
    asked = {
        "alert_ids": [one.alert_id for one in policies],
        "revisions": [one.revision for one in policies],
        "patience": [one.patience for one in policies],
        "limit": limit,
        "now": now,
    }
    patience = {one.alert_id: one.patience for one in policies}
    found = []
    for row in await silent.due(tx, asked):
        sent = rules.Sent(row["fates"], row["received"], row["decided"], row["created_at"], row["finished_at"])
        going, decided = rules.goes_on(sent, patience=patience[row["alert_id"]], now=now)
        numbers = [row["numbers"][place] for place in going]
        found.append(Silent(row["id"], row["alert_id"], row["ring"], row["language"], numbers, decided))
    return found


async def decide(tx: Tx, pushes: Sequence[Silent], *, now: datetime) -> None:
    """Keep that it is decided: whoever goes on by text is never looked at again."""
    await silent.decide(tx, [(one.batch, one.decided) for one in pushes], now=now)


async def undecided(tx: Tx, alert_id: UUID, revision: int) -> int:
    """Return how many pushes of a message may still go on by text; those of a message without a policy all count."""
    return await silent.undecided(tx, alert_id, revision)
