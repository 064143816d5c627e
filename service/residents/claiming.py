"""Numbers that somebody names: how many codes may go out for them, and the code that goes to each."""

import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

import structlog

from service.config import Settings
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.jobs import Job, Queue, defer
from service.residents import numbers, rules
from service.residents.model import (
    CODE_DIGITS,
    CODE_JOB,
    CODE_LIFE,
    CODE_REST,
    CODE_TRIES,
    Consent,
    PhoneState,
    Registration,
    code_alone,
)
from service.residents.numbers import NumberOpener, Sealed
from service.residents.store import claims
from service.residents.store import phones as store

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CodeToSend:
    """A code for a number; `number` is whose, by the registration's number."""

    number: int
    to: Hidden[str]
    code: Hidden[str]
    languages: tuple[str, ...]


async def claim(  # noqa: PLR0913 - whose number, what was agreed to, and who asks
    tx: Tx,
    house: House,
    one: Registration,
    said: Hidden[str],
    *,
    consent: Consent,
    network: Hidden[str],
    now: datetime,
) -> None:
    """Keep the number that a registration names as its owner wrote it, unproved, and have a code sent there.

    Nothing here depends on whether the number is known, proved elsewhere or has said stop. Refused for what cannot be
    texted, and, saying when to try again, when too many codes were asked for.
    """
    keys = numbers.offered(house.get(Settings))
    number = numbers.e164(said.reveal(), house.get(Settings).sms_countries)
    before = await claims.named_at(tx, one.number)
    if before is not None and now - before < CODE_REST:
        detail = "A code was asked for within the last minute."
        wait = before + CODE_REST - now
        raise Refused(Kind.TOO_MANY, "code-too-soon", detail, remedy="Wait a minute.", after=_seconds(wait))
    await _take_from_budgets(tx, house, number, network, now=now)
    kept = numbers.seal(house.keyring, keys, number)
    await claims.name(tx, row_of(one.number, kept, consent) | {"now": now})
    await want_code(tx, house, one.id)


async def want_code(tx: Tx, house: House, registration: UUID) -> None:
    job = Job(CODE_JOB, Queue.DELIVERY, {"registration": str(registration)}, alone=code_alone(registration))
    await defer(tx, job, clock=house.clock)


def row_of(number: int, kept: Sealed, consent: Consent) -> dict[str, object]:
    """Return what is kept of a number that a registration has or names."""
    return {
        "number": number,
        "sealed": kept.sealed,
        "key_id": kept.key_id,
        "hash": kept.hash,
        "consent_wording": consent.wording,
        "consent_language": consent.language,
        "consent_at": consent.at,
    }


async def _take_from_budgets(tx: Tx, house: House, number: Hidden[str], network: Hidden[str], *, now: datetime) -> None:
    """Count a code in all, for numbers like this and for the caller's network; the first that is full refuses all."""
    settings = house.get(Settings)
    budgets = (
        ("all", "", settings.codes_a_day),
        ("range", numbers.range_of(number), settings.codes_a_range),
        ("network", network.reveal(), settings.codes_a_network),
    )
    for what, value, most in budgets:
        if not await _count(tx, house, what, value, most=most, now=now):
            _log.warning("residents.codes_exhausted", budget=what)
            detail = "No more codes can be sent by text today."
            tomorrow = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
            remedy = "Try again tomorrow. Texts from the phone itself need no code."
            raise Refused(Kind.TOO_MANY, "codes-exhausted", detail, remedy=remedy, after=_seconds(tomorrow - now))


async def _count(tx: Tx, house: House, what: str, value: str, *, most: int, now: datetime) -> bool:  # noqa: PLR0913 - what is counted, whose, how far
    bucket = numbers.bucket(house.keyring, what, value, now.date())
    return await claims.count(tx, bucket, most=most, day=now.date())


def _seconds(span: timedelta) -> int:
    return max(1, round(span.total_seconds()))


async def new_code(tx: Tx, house: House, registration: UUID, *, now: datetime) -> CodeToSend | None:
    """Make the code that goes out now to the number that a registration names; None if none is to be sent.

    None goes to who said stop, nor to a number that had its codes of today: whoever asked is not told so.
    """
    row = await claims.wanted(tx, registration)
    if row is None:
        return None
    number, hashed, first_try = row["number"], bytes(row["hash"]), row["code_hash"] is None
    most = house.get(Settings).codes_a_number
    allowed = not await store.is_out(tx, hashed) and (
        not first_try or await _count(tx, house, "number", hashed.hex(), most=most, now=now)
    )
    if not allowed:
        await claims.went(tx, number)
        return None
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    await claims.code(tx, number, rules.code_hash(house.keyring, registration, code), now=now)
    to = house.get(NumberOpener).open(Sealed(bytes(row["sealed"]), row["key_id"], hashed))
    return CodeToSend(number, to, Hidden(code), tuple(row["languages"]))


async def code_went(tx: Tx, sent: CodeToSend) -> None:
    """Note that the code needs not be sent again."""
    await claims.went(tx, sent.number)


async def try_code(tx: Tx, house: House, one: Registration, code: Hidden[str], *, now: datetime) -> bytes | None:
    """Return the hash of the code that was sent for a registration, if this is it; the caller commits the try."""
    kept = await claims.try_code(tx, one.number, tries=CODE_TRIES, since=now - CODE_LIFE)
    return kept if rules.is_code(house.keyring, one.id, code.reveal(), kept) else None


async def sent_back(tx: Tx, house: House, number: Hidden[str], code: str, *, now: datetime) -> tuple[int, bytes] | None:
    """Return the registration (its number) whose code went to this number and comes back from there, and its hash."""
    hashed = numbers.hashed(house.keyring, number)
    for row in await claims.try_all(tx, hashed, tries=CODE_TRIES, since=now - CODE_LIFE):
        kept = bytes(row["code_hash"])
        if rules.is_code(house.keyring, row["id"], code, kept):
            return int(row["number"]), kept
    return None


async def state(tx: Tx, number: int) -> PhoneState | None:
    """Return how far a registration's number is; of one that it names anew nothing is told while another serves it."""
    kept = await store.of(tx, number)
    if kept is not None:
        return PhoneState.LAPSED if kept["lapsed_at"] else PhoneState.PROVED
    return PhoneState.UNPROVED if await claims.named_at(tx, number) else None
