"""Registrations on a real database: whose they are, what takes over, what is forgotten."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from service.kit.db import Pool, Tx, transaction
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from service.operators.model import Operator
from service.residents import actions, leaving, rules
from service.residents.model import (
    Change,
    CodeOffer,
    Entry,
)
from tests.build import (
    AWAY,
    FIRST_FID,
    HERE,
    NETWORK,
    SECOND_FID,
    AlertsStub,
    a_newcomer,
    a_resident,
    fid,
    verified,
)
from tests.conftest import NOW
from tests.integration.looks import addresses, audience, everything, refusal


async def test_a_registration_keeps_no_readable_address_secret_or_network(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    _, proof = await a_resident(tx, house)
    kept = await everything(tx)
    secret = proof.secret.reveal()
    for private in (FIRST_FID, FIRST_FID.encode().hex(), secret, secret.encode().hex(), "192.0.2"):
        assert private not in kept


async def test_the_push_of_the_code_is_deferred_with_the_registration_and_names_only_its_id(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    entry, _ = await a_resident(tx, house)
    jobs = await (await tx.execute("SELECT task_name, args FROM procrastinate_jobs")).fetchall()
    assert jobs == [{"task_name": "delivery:verify", "args": {"registration": str(entry.registration.id)}}]


async def test_only_the_secret_opens_a_registration_and_a_wrong_one_looks_like_an_unknown_id(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    entry, proof = await a_resident(tx, house)
    assert (await actions.recognise(tx, proof, now=NOW)).number == entry.registration.number
    names = []
    for wrong in (replace(proof, secret=Hidden("wrong")), replace(proof, id=uuid4())):
        with pytest.raises(Refused) as caught:
            await actions.recognise(tx, wrong, now=NOW)
        names.append((caught.value.kind, caught.value.name, caught.value.detail))
    assert names[0] == names[1]


async def test_until_the_code_comes_back_both_entries_of_an_address_are_warned_then_only_the_new_one(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    old, _ = await a_resident(tx, house)
    await verified(tx, house, old)
    new, _ = await a_resident(tx, house)
    assert await audience(tx, verified=True) == [old.registration.number]
    assert await audience(tx) == [new.registration.number]
    await verified(tx, house, new)
    assert await audience(tx, verified=True) == [new.registration.number]
    assert await audience(tx) == []


async def test_a_wrong_code_changes_nothing(tx: Tx, house: House, alerts: AlertsStub) -> None:
    old, _ = await a_resident(tx, house)
    new, _ = await a_resident(tx, house)
    of_old = rules.verification_code(house.keyring, old.registration.id, new.registration.held.hash)  # type: ignore[union-attr]  # it has an address
    wrong = actions.verify(tx, house, new.registration, Hidden(of_old), now=NOW)
    assert await refusal(wrong) == "code-wrong"
    assert await audience(tx) == [old.registration.number, new.registration.number]


async def test_the_old_secret_takes_over_at_once_and_a_verified_address_stays_verified(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    old, proof = await a_resident(tx, house)
    await verified(tx, house, old)
    new, _ = await a_resident(tx, house, a_newcomer(replaces=proof))
    assert new.registration.verified
    assert await audience(tx, verified=True) == [new.registration.number]


async def test_a_wrong_old_secret_is_refused_and_nothing_is_registered(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    old, proof = await a_resident(tx, house)
    wrong = replace(proof, secret=Hidden("wrong"))
    assert await refusal(a_resident(tx, house, a_newcomer(SECOND_FID, replaces=wrong))) == "registration-unknown"
    assert await audience(tx) == [old.registration.number]


async def test_another_address_of_the_old_owner_must_be_proved_anew(tx: Tx, house: House, alerts: AlertsStub) -> None:
    old, proof = await a_resident(tx, house)
    await verified(tx, house, old)
    new, _ = await a_resident(tx, house, a_newcomer(SECOND_FID, replaces=proof))
    assert not new.registration.verified


async def test_a_changed_address_is_unverified_and_has_another_code(tx: Tx, house: House, alerts: AlertsStub) -> None:
    entry, proof = await a_resident(tx, house)
    found = await actions.verification(tx, house.keyring, entry.registration.id)
    assert found is not None
    await verified(tx, house, entry)
    mine = await actions.recognise(tx, proof, now=NOW)
    wanted = Change(NETWORK, address=fid(SECOND_FID))
    changed = await actions.change(tx, house, mine, wanted, now=NOW)
    assert not changed.registration.verified
    assert await audience(tx) == [entry.registration.number]
    old_code = actions.verify(tx, house, changed.registration, Hidden(found[1]), now=NOW)
    assert await refusal(old_code) == "code-wrong"
    assert (await verified(tx, house, changed)).registration.verified


async def test_the_same_address_sent_again_stays_verified(tx: Tx, house: House, alerts: AlertsStub) -> None:
    entry, _ = await a_resident(tx, house)
    await verified(tx, house, entry)
    wanted = Change(NETWORK, address=fid(FIRST_FID), languages=("ar",))
    changed = await actions.change(tx, house, entry.registration, wanted, now=NOW)
    assert changed.registration.verified
    assert changed.registration.languages == ("ar",)


async def test_the_network_is_forgotten_once_verified(tx: Tx, house: House, alerts: AlertsStub) -> None:
    entry, _ = await a_resident(tx, house)
    assert entry.registration.network_hash is not None
    assert (await verified(tx, house, entry)).registration.network_hash is None


async def test_whoever_registers_changes_or_enrols_is_planned_into_live_alerts_and_told_them(
    tx: Tx, house: House, alerts: AlertsStub, operator: Operator
) -> None:
    alerts.alerts = [{"alert_id": "one"}]
    entry, _ = await a_resident(tx, house)
    assert entry.live_alerts == ({"alert_id": "one"},)
    wanted = Change(NETWORK, languages=("ar",))
    assert (await actions.change(tx, house, entry.registration, wanted, now=NOW)).live_alerts
    code = await actions.issue_code(tx, house, CodeOffer(1, timedelta(hours=1)), issuer=operator, now=NOW)
    assert (await actions.enrol(tx, house, entry.registration, code, now=NOW)).live_alerts
    assert [one.cells.reveal() for one in alerts.joined] == [tuple(sorted((HERE, AWAY)))] * 3
    assert alerts.joined[1].languages == ("ar",)
    assert alerts.joined[2].tester_until == NOW + timedelta(days=30)


async def test_forgetting_leaves_no_trace_but_a_number_that_names_nothing(
    tx: Tx, house: House, alerts: AlertsStub
) -> None:
    old, proof = await a_resident(tx, house)
    entry, proof = await a_resident(tx, house, a_newcomer(replaces=proof))
    await tx.execute("DELETE FROM procrastinate_events")
    await tx.execute("DELETE FROM procrastinate_jobs")
    await leaving.forget(tx, await actions.recognise(tx, proof, now=NOW))
    kept = await everything(tx)
    held = entry.registration.held
    assert held is not None
    traces = [str(entry.registration.id), held.hash.hex(), held.sealed.hex(), str(HERE), str(AWAY)]
    assert [trace for trace in traces if trace in kept] == []
    assert await addresses(tx, house, old.registration.number, entry.registration.number) == {}
    assert await actions.numbers_of(tx, [entry.registration.id]) == []
    again, _ = await a_resident(tx, house)
    assert again.registration.number > entry.registration.number


async def test_a_tester_s_code_is_used_up_expires_and_is_kept_only_as_a_hash(
    tx: Tx, house: House, alerts: AlertsStub, operator: Operator
) -> None:
    one = (await a_resident(tx, house))[0].registration
    code = await actions.issue_code(tx, house, CodeOffer(1, timedelta(hours=1)), issuer=operator, now=NOW)
    assert code.reveal() not in await everything(tx)
    late = NOW + timedelta(hours=1)
    assert await refusal(actions.enrol(tx, house, one, code, now=late)) == "tester-code-refused"
    await actions.enrol(tx, house, one, code, now=NOW)
    assert await refusal(actions.enrol(tx, house, one, code, now=NOW)) == "tester-code-refused"
    assert await refusal(actions.enrol(tx, house, one, Hidden("0000"), now=NOW)) == "tester-code-refused"


async def test_r17_issuing_a_tester_s_code_is_audited_without_the_code(
    tx: Tx, house: House, operator: Operator
) -> None:
    await actions.issue_code(tx, house, CodeOffer(5, timedelta(hours=2)), issuer=operator, now=NOW)
    rows = await (await tx.execute("SELECT operator_id, act, detail FROM audit ORDER BY id DESC LIMIT 1")).fetchall()
    detail = {"uses": 5, "hours": 2.0}
    assert rows == [{"operator_id": operator.id, "act": "residents.tester_code", "detail": detail}]


async def test_two_entries_that_prove_one_address_at_the_same_time_leave_exactly_one(
    pool: Pool, house: House, alerts: AlertsStub
) -> None:
    async with transaction(pool) as tx:
        entries = [(await a_resident(tx, house))[0] for _ in range(4)]

    async def prove(entry: Entry) -> bool:
        async with transaction(pool) as tx:
            try:
                return (await verified(tx, house, entry)).registration.verified
            except (AssertionError, Refused):
                return False

    assert (await asyncio.gather(*map(prove, entries))).count(True) == 1
    async with transaction(pool) as tx:
        assert len(await audience(tx, verified=True)) + len(await audience(tx)) == 1


async def test_two_changes_at_the_same_time_both_hold(pool: Pool, house: House, alerts: AlertsStub) -> None:
    async with transaction(pool) as tx:
        entry, proof = await a_resident(tx, house)

    async def change(wanted: Change) -> None:
        async with transaction(pool) as tx:
            await actions.change(tx, house, entry.registration, wanted, now=NOW)

    await asyncio.gather(
        *(change(Change(NETWORK, cells=Hidden((HERE,)))) for _ in range(3)), change(Change(NETWORK, languages=("ar",)))
    )
    async with transaction(pool) as tx:
        mine = await actions.show(tx, await actions.recognise(tx, proof, now=NOW))
    assert (mine.registration.languages, mine.cells.reveal()) == (("ar",), (HERE,))
