"""What phones, planning and sending may do with registrations."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from service.kit.crypto import Keyring, digest, new_secret, same
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.ids import new_id
from service.kit.jobs import Job, Queue, defer
from service.operators.actions import record
from service.operators.model import Operator
from service.residents import admitting, claiming, leaving, rules, subscribing
from service.residents.model import (
    TESTER_LIFE,
    VERIFY_JOB,
    Address,
    Change,
    CodeOffer,
    Dead,
    Destination,
    Entry,
    Held,
    Newcomer,
    Proof,
    Registration,
    Resident,
    verify_alone,
)
from service.residents.store import registrations as store
from service.residents.store import web_push as keys

_NO_SECRET = bytes(32)
# Crockford's base 32: no letter is taken for another; 12 of them are 60 bits.
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_GROUPS = 3
_CODE_GROUP = 4


class AlertsOfCells(Protocol):
    """Plans a registration into the live alerts of its cells and returns those alerts, ready for JSON."""

    async def __call__(self, tx: Tx, resident: Resident, /, *, now: datetime) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Joining:
    """Put into the house by whoever knows alerts: residents stand below them."""

    join: AlertsOfCells


async def register(tx: Tx, house: House, newcomer: Newcomer, *, now: datetime) -> tuple[Entry, Hidden[str]]:
    """Keep a new registration, defer the push of its code, plan it; return it with its secret, shown only now.

    Whoever shows the secret of an older registration takes it over at once. Refused when that secret is wrong.
    """
    older = await _replaced(tx, newcomer.replaces, now=now)
    secret = Hidden(new_secret())
    new = Registration(
        id=new_id(now=now),
        number=0,
        secret_hash=digest(secret.reveal()),
        platform=newcomer.platform,
        held=None,
        languages=newcomer.languages,
        verified=False,
        capped=False,
        network_hash=None,
        tester_until=None,
        created_at=now,
    )
    new = await admitting.at_address(tx, house, new, newcomer.address, newcomer.network)
    if older is not None and older.verified and admitting.same(house, older.held, newcomer.address):
        new = replace(new, verified=True, capped=False, network_hash=None)
    await admitting.refuse_a_crowd(tx, house, new, now=now)
    new = replace(new, number=await store.insert(tx, new))
    if older is not None:
        await leaving.take_over(tx, [older.number], heir=new.number)
    await subscribing.subscribe(tx, house, new.number, newcomer.cells, newcomer.places)
    await _ask_for_proof(tx, house, new, newcomer, now=now)
    return await joined(tx, house, new, now=now), secret


async def _replaced(tx: Tx, proof: Proof | None, *, now: datetime) -> Registration | None:
    if proof is None:
        return None
    try:
        return (await _hold(tx, await recognise(tx, proof, now=now)))[0]
    except Refused as refusal:
        remedy = "Register without `replaces`."
        raise Refused(refusal.kind, refusal.name, refusal.detail, where="replaces", remedy=remedy) from None


async def _ask_for_proof(tx: Tx, house: House, new: Registration, newcomer: Newcomer, *, now: datetime) -> None:
    """Have the code sent by which the new registration's address or number is proved."""
    if newcomer.consent is None:
        await _push_code(tx, house, new)
        return
    number, network = newcomer.address.value, newcomer.network
    await claiming.claim(tx, house, new, number, consent=newcomer.consent, network=network, now=now)


async def _push_code(tx: Tx, house: House, one: Registration) -> None:
    if not one.verified:
        job = Job(VERIFY_JOB, Queue.DELIVERY, {"registration": str(one.id)}, alone=verify_alone(one.id))
        await defer(tx, job, clock=house.clock)


async def joined(tx: Tx, house: House, one: Registration, *, now: datetime) -> Entry:
    """Plan a registration that was just written into the live alerts of its cells and show both."""
    cells, places = await subscribing.wanted(tx, one.number)
    alerts = await house.get(Joining).join(tx, Resident.of(one, cells), now=now)
    return Entry(one, cells, tuple(alerts), places, await claiming.state(tx, one.number))


async def recognise(tx: Tx, proof: Proof, *, now: datetime) -> Registration:
    """Return the registration whose secret is shown and note a sign of life.

    Refused in the same words and the same time whether the id or the secret is wrong.
    """
    found = await store.find(tx, proof.id)
    right = same(digest(proof.secret.reveal()), found.secret_hash if found else _NO_SECRET)
    if found is None or not right:
        raise unknown()
    await store.seen(tx, found.number, now=now)
    return found


def unknown() -> Refused:
    detail = "There is no registration with this id and secret."
    return Refused(Kind.NOT_FOUND, "registration-unknown", detail, remedy="Register again.")


async def _hold(tx: Tx, one: Registration, *, peers: bool = False) -> tuple[Registration, list[int]]:
    """Return the registration as it is now that nobody else can change it, and the numbers of all that are held.

    With `peers` those of the same address are held too. Refused if it is gone meanwhile.
    """
    numbers = await store.hold(tx, one.id, hashed=one.held.hash if peers and one.held else None)
    now_held = await store.find(tx, one.id)
    if now_held is None:
        raise unknown()
    return now_held, numbers


async def show(tx: Tx, one: Registration) -> Entry:
    cells, places = await subscribing.wanted(tx, one.number)
    return Entry(one, cells, places=places, phone=await claiming.state(tx, one.number))


async def change(tx: Tx, house: House, one: Registration, wanted: Change, *, now: datetime) -> Entry:
    """Change what the phone asks; a new address is unverified until it echoes its code."""
    mine, _ = await _hold(tx, one)
    rules.demand_reached(mine, wanted)
    if wanted.address is not None and not admitting.same(house, mine.held, wanted.address):
        mine = await admitting.at_address(tx, house, mine, wanted.address, wanted.network)
        await admitting.refuse_a_crowd(tx, house, mine, now=now)
        await _push_code(tx, house, mine)
    if wanted.languages is not None:
        mine = replace(mine, languages=wanted.languages)
    await subscribing.subscribe(tx, house, mine.number, wanted.cells, wanted.places)
    await store.save(tx, mine, now=now)
    return await joined(tx, house, mine, now=now)


async def verify(tx: Tx, house: House, one: Registration, code: Hidden[str], *, now: datetime) -> Entry:
    """Believe that the address is the caller's, who shows the code that was pushed to it.

    Every other registration of the address is forgotten then. Refused, changing nothing, when the code is another.
    """
    mine, numbers = await _hold(tx, one, peers=True)
    if mine.held is None or one.held is None or mine.by_text or mine.held.hash != one.held.hash:
        raise _wrong_code()
    right = rules.verification_code(house.keyring, mine.id, mine.held.hash)
    if not same(code.reveal().encode(), right.encode()):
        raise _wrong_code()
    if not mine.verified:
        await leaving.take_over(tx, [number for number in numbers if number != mine.number], heir=mine.number)
        mine = replace(mine, verified=True, capped=False, network_hash=None)
        await store.save(tx, mine, now=now)
    return await joined(tx, house, mine, now=now)


def _wrong_code() -> Refused:
    detail = "This is not the code that was last pushed to this registration's address."
    return Refused(Kind.INVALID, "code-wrong", detail, where="code", remedy="Echo the code from the latest push.")


async def enrol(tx: Tx, house: House, one: Registration, code: Hidden[str], *, now: datetime) -> Entry:
    """Let exercises reach this phone for 30 days (R18). Refused when the code is unknown, used up or expired."""
    if not await store.use_code(tx, rules.tester_hash(house.keyring, code.reveal()), now=now):
        detail = "This tester's code is unknown, used up or expired."
        remedy = "Ask whoever runs the exercise for another code."
        raise Refused(Kind.INVALID, "tester-code-refused", detail, where="code", remedy=remedy)
    mine, _ = await _hold(tx, one)
    mine = replace(mine, tester_until=now + TESTER_LIFE)
    await store.save(tx, mine, now=now)
    return await joined(tx, house, mine, now=now)


async def leave(tx: Tx, one: Registration, *, now: datetime) -> None:
    """Let no exercise reach this phone any more."""
    mine, _ = await _hold(tx, one)
    await store.save(tx, replace(mine, tester_until=None), now=now)


async def issue_code(tx: Tx, house: House, offer: CodeOffer, *, issuer: Operator, now: datetime) -> Hidden[str]:
    """Make a code by which phones enrol as testers, shown only now; who made it is audited."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_GROUPS * _CODE_GROUP))
    row = {
        "hash": rules.tester_hash(house.keyring, letters),
        "uses": offer.uses,
        "expires_at": now + offer.life,
        "issued_by": issuer.id,
        "now": now,
    }
    await store.keep_code(tx, row)
    detail = {"uses": offer.uses, "hours": offer.life.total_seconds() / 3600}
    await record(tx, issuer, "residents.tester_code", "tester-code", detail, now=now)
    return Hidden("-".join(letters[at : at + _CODE_GROUP] for at in range(0, len(letters), _CODE_GROUP)))


async def addresses(
    tx: Tx, keyring: Keyring, numbers: Sequence[int], *, exercise: bool, now: datetime
) -> dict[int, Destination]:
    """Return where to send, by the number asked for; absent are the forgotten, the dead and, in exercises, non-testers.

    A number that a later registration of the same phone took over leads there.
    """
    held = await store.addresses(tx, numbers, exercise=exercise, now=now)
    return {number: Destination(_unsealed(keyring, one), one.hash) for number, one in held.items()}


def _unsealed(keyring: Keyring, held: Held) -> Address:
    return Address(held.kind, Hidden(keyring.open("address", held.sealed).decode()))


async def bury(tx: Tx, dead: Mapping[int, Dead], *, now: datetime) -> None:
    """Forget dead addresses unless they changed since they were sent to; the phone can come back with another."""
    await store.bury(tx, dead, now=now)


async def numbers_of(tx: Tx, registrations: Sequence[UUID]) -> list[tuple[UUID, int]]:
    """Return each registration with its number and with every number that it took over; the unknown are absent."""
    return await store.numbers(tx, registrations)


async def verification(tx: Tx, keyring: Keyring, registration: UUID) -> tuple[Address, str] | None:
    """Return the address to prove and the code to push there; None when nothing is left to prove."""
    found = await store.find(tx, registration)
    if found is None or found.held is None or found.verified or found.by_text:
        return None
    return _unsealed(keyring, found.held), rules.verification_code(keyring, found.id, found.held.hash)


def receipt_key(keyring: Keyring, registration: UUID) -> bytes:
    """Return the 32 bytes with which this registration's phone makes its receipts; they need no look-up."""
    return keyring.mac("receipt-key", registration.bytes)


async def web_push_key(tx: Tx) -> bytes:
    """Return the public key to subscribe with. Refused where nobody pushes by Web Push."""
    found = await keys.key(tx)
    if found is None:
        detail = "This service does not push by Web Push."
        raise Refused(Kind.NOT_FOUND, "web-push-not-offered", detail, remedy="Register an address of FCM.")
    return found


async def offer_web_push(tx: Tx, public: bytes, *, now: datetime) -> bool:
    """Tell phones the key of the worker that pushes; False if it is known. With another one all must subscribe anew."""
    return await keys.keep_key(tx, public, now=now)


async def census(tx: Tx, *, now: datetime) -> dict[str, int]:
    """Return exact counts by state and the number of cells up to 3; whoever shows them blurs them (R26)."""
    return await store.census(tx, now=now)
