"""Whose a number is: proved by a code or by its owner's own text, given up at once, never inherited by a stranger."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from service.kit.crypto import SealKeys
from service.kit.db import transaction
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.residents import actions, phones
from service.residents import audience as asking
from service.residents.model import AddressKind, Dead, Group, Sorting
from service.residents.numbers import NumberOpener
from service.residents.phones import Subscriber
from tests import unseen
from tests.conftest import FixedClock
from tests.integration.street import OURS, THEIRS, Handset, Street

NUMBER = Hidden(OURS)


@pytest.fixture
async def street(app: FastAPI, api: httpx.AsyncClient, database_url: str, clock: FixedClock) -> Street:
    return await Street.opened(app, api, database_url, clock)


async def subscribe(street: Street, *codes: str, number: Hidden[str] = NUMBER, language: str = "uk") -> Subscriber:
    async with transaction(street.pool) as tx:
        units = [UUID(street.atoll.place(code)) for code in codes or ("XA211",)]
        said = {"language": language, "places": units, "wording": "sms.subscribed", "now": street.clock.now()}
        return await phones.subscribe_by_text(tx, street.house, number, **said)  # type: ignore[arg-type]  # as named


async def known(street: Street, number: Hidden[str] = NUMBER) -> Subscriber | None:
    async with transaction(street.pool) as tx:
        return await phones.known(tx, street.house, number)


async def opt_out(street: Street, number: Hidden[str] = NUMBER, *, by_operator: bool = False) -> bool:
    async with transaction(street.pool) as tx:
        return await phones.opt_out(tx, street.house, number, by_operator=by_operator, now=street.clock.now())


async def sorted_as(street: Street, *numbers: int, capped: bool = False) -> list[Group]:
    async with transaction(street.pool) as tx:
        how = Sorting(exercise=False, since="0", capped=capped)
        return await asking.sort(tx, dict.fromkeys(numbers, 0), how, now=street.clock.now())


async def destinations(street: Street, numbers: Sequence[int]) -> dict[int, str]:
    async with transaction(street.pool) as tx:
        found = await phones.to_text(tx, street.house, numbers, exercise=False, now=street.clock.now())
        assert await phones.with_number(tx, numbers) == list(found)
    return {number: one.address.value.reveal() for number, one in found.items()}


async def number_of(one: Handset) -> int:
    return int((await one.registered())["number"])


async def lapse(street: Street, number: int) -> None:
    async with transaction(street.pool) as tx:
        found = await phones.to_text(tx, street.house, [number], exercise=False, now=street.clock.now())
        await phones.bury(tx, [found[number].witness], now=street.clock.now())


async def test_its_own_text_proves_a_number_and_no_code_is_sent(street: Street) -> None:
    one = await subscribe(street)
    assert (one.languages, one.by_text, await known(street)) == (("uk",), True, one)
    assert await destinations(street, [one.number]) == {one.number: OURS}
    await street.work()
    assert street.network.sent == []


async def test_places_are_added_by_text_and_too_many_or_a_village_change_nothing(street: Street) -> None:
    one = await subscribe(street, "XA211")
    both = await subscribe(street, "XA11", language="ar")
    assert both.number == one.number
    assert set(both.places.reveal()) == {UUID(street.atoll.place(code)) for code in ("XA211", "XA11")}
    assert both.languages[0] == "ar"
    with pytest.raises(Refused, match="smaller than a municipality"):
        await subscribe(street, "XA1131")
    assert await known(street) == both


async def test_whoever_is_reached_by_text_is_told_by_text_once_proved_and_never_before(street: Street) -> None:
    one = await street.by_text()
    number = await number_of(one)
    for capped in (False, True):
        [group] = await sorted_as(street, number, capped=capped)
        assert (group.reason, group.verified) == ("capped", False)
    assert await destinations(street, [number]) == {}
    await street.work()
    since = await street.rows("SELECT pg_current_xact_id()::text AS here")
    await one.prove()
    [group] = await sorted_as(street, number)
    assert (group.reason, group.kind, group.verified) == (None, AddressKind.SMS, True)
    written = "SELECT written >= %s::xid8 AS late FROM registration"
    assert await street.rows(written, [since[0]["here"]]) == [{"late": True}], "or planning's second pass misses it"


async def test_a_push_that_died_or_is_not_proved_gives_way_to_a_proved_number(street: Street) -> None:
    app = await street.by_push()
    await app.names(OURS)
    await street.work()
    await app.prove()
    number, kept = await number_of(app), await app.registered()
    [group] = await sorted_as(street, number)
    assert (group.kind, group.verified) == (AddressKind.FID, False)
    await street.rows("UPDATE registration SET capped = true RETURNING number")
    [group] = await sorted_as(street, number)
    assert (group.kind, group.verified, group.reason) == (AddressKind.SMS, True, None)
    async with transaction(street.pool) as tx:
        dead = {number: Dead(bytes(kept["address_hash"]), "unregistered")}
        await actions.bury(tx, dead, now=street.clock.now())
    [group] = await sorted_as(street, number)
    assert (group.kind, group.reason) == (AddressKind.SMS, None)
    assert await destinations(street, [number]) == {number: OURS}
    await opt_out(street)
    [group] = await sorted_as(street, number)
    assert (group.kind, group.reason) == (None, "no-address")


async def test_stop_acts_at_once_wherever_the_number_stands_and_leaves_its_hash_alone(street: Street) -> None:
    by_text = await street.proved()
    app = await street.by_push()
    await app.names(OURS)
    number = await number_of(by_text)
    assert await opt_out(street)
    assert not await opt_out(street), "nothing ends twice"
    assert await destinations(street, [number]) == {}
    assert await known(street) is None
    assert (await by_text.asks("GET")).status_code == 404
    async with transaction(street.pool) as tx:
        assert await unseen.in_tables(tx, unseen.of_number(OURS)) == []
    kept = await street.rows("SELECT hash, by_operator FROM opted_out")
    assert [one["by_operator"] for one in kept] == [False]
    [claim] = await street.rows("SELECT sealed, key_id, hash, wanted FROM phone_claim")
    assert (bytes(claim["sealed"]), claim["key_id"], claim["wanted"]) == (b"", "", False)
    assert claim["hash"] != kept[0]["hash"]
    await street.work()
    assert len(street.network.sent) == 1


async def test_an_operators_word_is_a_stop_too_and_only_the_owners_own_text_undoes_it(street: Street) -> None:
    await street.proved()
    await opt_out(street, by_operator=True)
    again = await street.by_text()
    await street.work()
    assert len(street.network.sent) == 1
    async with transaction(street.pool) as tx:
        assert await phones.is_out(tx, street.house, NUMBER)
        assert await phones.come_back(tx, street.house, NUMBER, now=street.clock.now())
        assert not await phones.come_back(tx, street.house, NUMBER, now=street.clock.now())
    street.clock.advance(timedelta(minutes=2))
    await again.names(OURS)
    await street.work()
    assert (await again.prove())["phone"] == "proved"


async def test_subscribing_by_text_undoes_a_stop(street: Street) -> None:
    await opt_out(street)
    one = await subscribe(street)
    assert await destinations(street, [one.number]) == {one.number: OURS}
    assert await street.rows("SELECT FROM opted_out") == []


async def test_who_leaves_by_text_is_forgotten_and_may_be_named_again(street: Street) -> None:
    await subscribe(street)
    async with transaction(street.pool) as tx:
        assert await phones.leave_by_text(tx, street.house, NUMBER, now=street.clock.now())
        assert not await phones.leave_by_text(tx, street.house, NUMBER, now=street.clock.now())
    assert await street.rows("SELECT FROM registration UNION ALL SELECT FROM opted_out") == []
    await street.proved()


async def test_an_app_that_proves_the_number_takes_a_registration_by_text_over_with_its_places(street: Street) -> None:
    past = await subscribe(street, "XA211")
    app = await street.by_push(cells=["871e6e4d9ffffff"])
    await app.names(OURS)
    await street.work()
    proved = await app.prove()
    assert proved["places"] == [street.atoll.place("XA211")], "nothing that was asked for by text is lost"
    number = await number_of(app)
    assert await destinations(street, [past.number, number]) == {past.number: OURS, number: OURS}, "R19: by the heir"
    found = await known(street)
    assert found is not None
    assert (found.number, found.by_text) == (number, False)


async def test_two_apps_never_share_a_number_the_later_proof_has_it(street: Street) -> None:
    first, second = await street.by_push(), await street.by_push("dXs2kLq9RbGm4Tn7Vw1YzB")
    for app in (first, second):
        await app.names(OURS)
        await street.work()
        await app.prove()
    states = [(await app.asks("GET")).json()["phone"] for app in (first, second)]
    assert states == [None, "proved"]


async def test_a_number_goes_on_with_the_registration_that_takes_over(street: Street) -> None:
    old = await street.by_push()
    await old.names(OURS)
    await street.work()
    await old.prove()
    past = await number_of(old)
    replaces = {"id": old.body["id"], "secret": old.body["secret"]}
    new = await street.by_push("dXs2kLq9RbGm4Tn7Vw1YzB", replaces=replaces)
    number = await number_of(new)
    assert await destinations(street, [past, number]) == {past: OURS, number: OURS}


async def test_a_number_that_nobody_has_is_texted_no_more_until_its_code_comes_back_by_text(street: Street) -> None:
    one = await subscribe(street)
    await lapse(street, one.number)
    assert await destinations(street, [one.number]) == {}
    [group] = await sorted_as(street, one.number, capped=True)
    assert group.reason == "capped"
    assert await known(street) is None
    async with transaction(street.pool) as tx:
        await phones.alive(tx, street.house, NUMBER, now=street.clock.now())
        await phones.alive(tx, street.house, NUMBER, now=street.clock.now())
    await street.work()
    [text] = street.network.to(OURS)
    code = "".join(letter for letter in text if letter.isdigit())[:6]
    async with transaction(street.pool) as tx:
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        assert not await phones.verify_by_text(tx, street.house, NUMBER, wrong, now=street.clock.now())
        assert not await phones.verify_by_text(tx, street.house, Hidden(THEIRS), code, now=street.clock.now())
        assert await phones.verify_by_text(tx, street.house, NUMBER, code, now=street.clock.now())
    assert await destinations(street, [one.number]) == {one.number: OURS}


async def test_whoever_got_a_lapsed_number_anew_inherits_nothing_of_its_last_owner(street: Street) -> None:
    last = await subscribe(street, "XA211")
    await lapse(street, last.number)
    new = await subscribe(street, "XA11")
    assert new.number != last.number
    assert new.places.reveal() == (UUID(street.atoll.place("XA11")),)
    assert len(await street.rows("SELECT FROM registration")) == 1


async def test_a_report_on_the_number_before_does_not_end_the_present_one(street: Street) -> None:
    app = await street.by_push()
    await app.names(THEIRS)
    await street.work()
    await app.prove(THEIRS)
    number = await number_of(app)
    async with transaction(street.pool) as tx:
        found = await phones.to_text(tx, street.house, [number], exercise=False, now=street.clock.now())
    street.clock.advance(timedelta(minutes=2))
    await app.names(OURS)
    await street.work()
    await app.prove(OURS)
    async with transaction(street.pool) as tx:
        await phones.bury(tx, [found[number].witness], now=street.clock.now())
    assert await destinations(street, [number]) == {number: OURS}


async def test_the_language_of_a_stranger_is_nobodys(street: Street) -> None:
    async with transaction(street.pool) as tx:
        assert not await phones.set_language(tx, street.house, NUMBER, "ar", now=street.clock.now())
    await subscribe(street)
    async with transaction(street.pool) as tx:
        assert await phones.set_language(tx, street.house, NUMBER, "ar", now=street.clock.now())
    found = await known(street)
    assert found is not None
    assert found.languages == ("ar",)


async def test_a_missing_key_makes_texts_wait_and_one_damaged_number_holds_back_nobody(street: Street) -> None:
    one, other = await subscribe(street), await subscribe(street, number=Hidden(THEIRS))
    street.house.put(NumberOpener(SealKeys([])))
    with pytest.raises(Exception, match="cannot be read"):
        await destinations(street, [one.number])
    street.house.put(NumberOpener(SealKeys([("first", bytes(range(64, 96)))])))
    await street.rows("UPDATE phone SET sealed = 'x' WHERE number = %s RETURNING number", [one.number])
    async with transaction(street.pool) as tx:
        asked = [one.number, other.number]
        found = await phones.to_text(tx, street.house, asked, exercise=False, now=street.clock.now())
    assert list(found) == [other.number]
