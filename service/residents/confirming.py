"""Numbers change hands: who was silent for long is asked, and who does not answer is texted no more."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.config import Settings
from service.kit.db import Tx
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.jobs import Job, Queue, defer
from service.residents import leaving, owning
from service.residents.model import ANSWER_WITHIN, ASK_JOB, CLAIM_LIFE, SILENCE, ask_alone
from service.residents.numbers import NumberOpener, Sealed
from service.residents.store import claims, silence
from service.residents.store import phones as store

PAGE = 100
"""How many are asked or forgotten in one round: a clock that jumps cannot ask, or forget, everybody."""


@dataclass(frozen=True, slots=True)
class ToAsk:
    """Whom to ask whether this is still his number; `number` is whose, by the registration's number."""

    number: int
    to: Hidden[str]
    hash: bytes
    languages: tuple[str, ...]


async def keep_up(tx: Tx, house: House, *, now: datetime) -> None:
    """Ask a few of the silent; let lapse, and later forget, those who do not answer; forget what nobody proved."""
    await claims.drop_counts(tx, before=now.date())
    await _forget_unproved(tx, now=now)
    await silence.answered(tx)
    life = house.get(Settings).registration_life
    dead = now - max(life, SILENCE) - 2 * ANSWER_WITHIN
    await leaving.lapse(tx, await silence.unanswered(tx, asked=now - ANSWER_WITHIN, dead=dead, limit=PAGE), now=now)
    gone = await silence.lapsed(tx, lapsed=now - (life - SILENCE), alive=now - life, limit=PAGE)
    await owning.drop(tx, await store.hold(tx, gone))
    if not house.get(Settings).number_keyring:
        return
    for registration in await silence.silent(tx, since=now - SILENCE, limit=PAGE):
        job = Job(ASK_JOB, Queue.DELIVERY, {"registration": str(registration)}, alone=ask_alone(registration))
        await defer(tx, job, clock=house.clock)


async def _forget_unproved(tx: Tx, *, now: datetime) -> None:
    old = await claims.old(tx, since=now - CLAIM_LIFE, limit=PAGE)
    await claims.drop(tx, old)
    await owning.forget_unreached(tx, old)


async def to_ask(tx: Tx, house: House, registration: UUID, *, now: datetime) -> ToAsk | None:
    """Return whom to ask for a registration; None if its number showed a sign of life meanwhile."""
    row = await silence.to_ask(tx, registration, since=now - SILENCE)
    if row is None:
        return None
    one = Sealed(bytes(row["sealed"]), row["key_id"], bytes(row["hash"]))
    return ToAsk(row["number"], house.get(NumberOpener).open(one), one.hash, tuple(row["languages"]))


async def was_asked(tx: Tx, asked: ToAsk, *, now: datetime) -> None:
    await silence.asked(tx, asked.number, asked.hash, now=now)
