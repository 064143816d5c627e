"""Numbers through the real doors: named, proved, taken back; what is refused, and what nobody learns by it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.kit.db import transaction
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.residents import claiming, owning, phones
from tests.conftest import FixedClock
from tests.integration.street import CONSENT, OURS, THEIRS, Handset, Street


@pytest.fixture
async def street(app: FastAPI, api: httpx.AsyncClient, database_url: str, clock: FixedClock) -> Street:
    return await Street.opened(app, api, database_url, clock)


async def test_a_number_is_registered_gets_one_neutral_code_and_is_texted_once_it_came_back(street: Street) -> None:
    one = await street.by_text()
    assert (one.body["phone"], one.body["verified"], one.body["capped"]) == ("unproved", False, True)
    await street.work()
    [text] = street.network.to(OURS)
    code = one.code()
    assert text.replace(code, "") != text
    assert [template for _, _, template in street.network.sent] == ["guidance.sms.code"]
    proved = await one.prove()
    assert (proved["phone"], proved["verified"], proved["capped"]) == ("proved", True, False)
    await street.work()
    assert len(street.network.sent) == 1


async def test_r22_the_code_tells_nobody_what_it_is_for(street: Street) -> None:
    for place, language in enumerate(["en", "uk", "ru", "es", "ar"]):
        number = f"+38067123456{place}"
        await street.by_text(number, languages=[language])
        await street.work()
        [text] = street.network.to(number)
        for telling in ("http", " mine", "міна", "мины", "minas", "ألغام", "surefoot", "subscri", "підпис", "exercise"):
            assert telling not in text.lower()


async def test_a_wrong_code_is_counted_and_after_five_the_right_one_is_refused_too(street: Street) -> None:
    one = await street.by_text()
    await street.work()
    right = one.code()
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(5):
        refused = await one.asks("POST", "/phone/verify", code=wrong)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/code-wrong")
    late = await one.asks("POST", "/phone/verify", code=right)
    assert {**late.json(), "request_id": ""} == {**refused.json(), "request_id": ""}


async def test_a_code_is_good_for_15_minutes_and_in_digits_of_any_script(street: Street) -> None:
    one = await street.by_text()
    await street.work()
    street.clock.advance(timedelta(minutes=15))
    assert (await one.asks("POST", "/phone/verify", code=one.code())).status_code == 422
    await one.names(OURS)
    await street.work()
    khmer = one.code().translate({ord("0") + digit: ord("០") + digit for digit in range(10)})
    assert (await one.asks("POST", "/phone/verify", code=khmer)).status_code == 200


async def test_the_code_of_one_number_never_proves_another_that_was_named_meanwhile(street: Street) -> None:
    one = await street.by_text()
    await street.work()
    code = one.code()
    street.clock.advance(timedelta(minutes=2))
    assert (await one.names(THEIRS)).status_code == 202
    assert (await one.asks("POST", "/phone/verify", code=code)).status_code == 422


async def test_an_app_names_a_fallback_and_keeps_the_old_number_until_the_new_one_is_proved(street: Street) -> None:
    one = await street.by_push()
    assert one.body["phone"] is None
    assert (await one.names(OURS)).json()["phone"] == "unproved"
    await street.work()
    assert (await one.prove())["phone"] == "proved"
    street.clock.advance(timedelta(minutes=2))
    assert (await one.names(THEIRS)).json()["phone"] == "proved"
    await street.work()
    assert await texted(street, one) == OURS
    await one.prove(THEIRS)
    assert await texted(street, one) == THEIRS


async def texted(street: Street, one: Handset) -> str | None:
    """Return where a text to this registration would go."""
    number = (await one.registered())["number"]
    async with transaction(street.pool) as tx:
        found = await phones.to_text(tx, street.house, [number], exercise=False, now=street.clock.now())
    return found[number].address.value.reveal() if number in found else None


async def test_taking_the_number_back_leaves_the_app_and_ends_who_is_reached_by_text_alone(street: Street) -> None:
    app = await street.by_push()
    await app.names(OURS)
    await street.work()
    await app.prove()
    assert (await app.asks("DELETE", "/phone")).status_code == 204
    assert (await app.asks("GET")).json()["phone"] is None
    by_text = await street.proved(THEIRS)
    assert (await by_text.asks("DELETE", "/phone")).status_code == 204
    assert (await by_text.asks("GET")).status_code == 404
    assert await street.rows("SELECT FROM phone UNION ALL SELECT FROM phone_claim") == []


@pytest.mark.parametrize(
    ("changed", "problem", "where"),
    [
        ({"cells": ["871e6e4d9ffffff"]}, "cells-by-text", "cells"),
        ({"consent": None}, "consent-unfit", "consent"),
        ({"platform": "android"}, "platform-unfit", "platform"),
        ({"address": {"kind": "fid", "value": "dXs2kLq9RbGm4Tn7Vw1YzA"}}, "platform-unfit", "platform"),
        ({"address": {"kind": "sms", "number": "112"}}, "number-short", "number"),
        ({"address": {"kind": "sms", "number": "+380442345678"}}, "number-no-mobile", "number"),
        ({"address": {"kind": "sms", "number": "+48601234567"}}, "number-foreign", "number"),
        ({"address": {"kind": "sms", "number": "nokia"}}, "number-malformed", "number"),
        ({"address": {"kind": "sms", "number": "+" + "3" * 60}}, "malformed-request", None),
        ({"consent": {"wording": "", "language": "uk"}}, "malformed-request", None),
        ({"consent": {"wording": "x", "language": "zz-nothing"}}, "languages-unknown", "languages"),
        ({"replaces": {"id": "01a19467-e800-7868-b436-da5d834d5295", "secret": "x"}}, "replaces-by-text", "replaces"),
        ({"places": []}, "cells-number", "cells"),
    ],
)
async def test_what_cannot_be_texted_is_refused_clearly_and_never_repeated(
    street: Street, changed: dict[str, Any], problem: str, where: str | None
) -> None:
    answer = await street.api.post("/v1/registrations", json=street.wish(**changed))
    told = answer.json()
    assert (answer.status_code, told["type"]) == (422, f"/problems/{problem}")
    assert where is None or told["where"] == where
    for private in (OURS, "380442345678", "48601234567", "nokia", "3333", "zz-nothing"):
        assert private not in answer.text
    assert await street.rows("SELECT FROM registration") == []


async def test_a_village_is_refused_beside_a_number(street: Street) -> None:
    village = street.atoll.place("XA1131")
    refused = await street.api.post("/v1/registrations", json=street.wish(places=[village]))
    assert refused.json()["type"] == "/problems/places-refused"


async def test_who_is_reached_by_text_alone_never_gets_cells_or_another_address(street: Street) -> None:
    one = await street.by_text()
    cells = await one.asks("PATCH", cells=["871e6e4d9ffffff"])
    address = await one.asks("PATCH", address={"kind": "fid", "value": "dXs2kLq9RbGm4Tn7Vw1YzA"})
    number = await one.asks("PATCH", address={"kind": "sms", "number": THEIRS})
    told = [answer.json()["type"].removeprefix("/problems/") for answer in (cells, address, number)]
    assert told == ["cells-by-text", "address-by-text", "malformed-request"]
    assert (await one.asks("PATCH", places=[street.atoll.place("XA11")], languages=["ar"])).status_code == 200
    assert (await one.asks("POST", "/verification", code="x" * 22)).status_code == 422


async def test_without_keys_or_countries_texts_are_not_offered(street: Street) -> None:
    app = await street.by_push()
    for off in ({"number_keys": None}, {"sms_countries": ()}):
        street.set(**off)
        for answer in (await street.api.post("/v1/registrations", json=street.wish()), await app.names(OURS)):
            assert (answer.status_code, answer.json()["type"]) == (409, "/problems/sms-not-offered")
            assert "SUREFOOT_NUMBER_KEYS" in answer.text


async def test_nobody_learns_whether_a_number_is_known_proved_elsewhere_or_has_said_stop(street: Street) -> None:
    await street.proved(OURS)
    async with transaction(street.pool) as tx:
        await phones.opt_out(tx, street.house, Hidden("+380671234569"), by_operator=False, now=street.clock.now())
    told = []
    for number in (OURS, "+380671234569", THEIRS):
        by_text = await street.by_text(number)
        kept = {"id": "", "secret": "", "receipt_key": "", "created_at": ""}
        app = await street.by_push(f"dXs2kLq9RbGm4Tn7Vw{number[-4:]}")
        named = await app.names(number)
        await street.work()
        answers = (by_text.body, named.json(), (await by_text.asks("GET")).json(), (await app.asks("GET")).json())
        told.append([{**one, **{key: "" for key in kept if key in one}} for one in answers])
        wrong = await by_text.asks("POST", "/phone/verify", code="000000")
        told[-1].append({**wrong.json(), "request_id": ""})
    assert told[0] == told[1] == told[2]


async def test_who_said_stop_gets_no_code_and_nothing_in_the_answers_tells_it_later(street: Street) -> None:
    one = await street.by_text()
    await street.work()
    code = one.code()
    async with transaction(street.pool) as tx:
        await phones.opt_out(tx, street.house, one.hidden, by_operator=False, now=street.clock.now())
    assert (await one.asks("GET")).json()["phone"] == "unproved"
    assert (await one.asks("POST", "/phone/verify", code=code)).status_code == 422
    street.clock.advance(timedelta(minutes=2))
    assert (await one.names(OURS)).status_code == 202
    await street.work()
    assert len(street.network.sent) == 1


async def test_a_second_code_within_a_minute_is_refused_saying_when(street: Street) -> None:
    one = await street.by_text()
    street.clock.advance(timedelta(seconds=50))
    refused = await one.names(OURS)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/code-too-soon")
    assert refused.headers["retry-after"] == "10"


@pytest.mark.parametrize("budget", ["codes_a_day", "codes_a_range", "codes_a_network"])
async def test_toll_fraud_ends_at_a_days_budget_told_in_the_same_words_whichever_it_is(
    street: Street, budget: str
) -> None:
    street.set(**{budget: 2})
    await street.by_text("+380671234561")
    await street.by_text("+380671234562")
    refused = await street.api.post("/v1/registrations", json=street.wish("+380671234563"))
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/codes-exhausted")
    assert refused.json()["detail"] == "No more codes can be sent by text today."
    assert refused.headers["retry-after"] == str(15 * 3600)
    await street.work()
    assert len(street.network.sent) == 2
    street.clock.advance(timedelta(hours=15))
    assert (await street.api.post("/v1/registrations", json=street.wish("+380671234563"))).status_code == 201


async def test_a_number_gets_so_many_codes_a_day_whoever_asks_and_nobody_is_told(street: Street) -> None:
    street.set(codes_a_number=3)
    for asked in range(5):
        one = await street.by_text(OURS, places=[street.atoll.place("XA11")])
        assert one.body["phone"] == "unproved", asked
        await street.work()
    assert len(street.network.sent) == 3
    assert (await one.asks("POST", "/phone/verify", code=one.code())).status_code == 422


async def test_a_lost_redis_and_a_restart_change_no_budget(street: Street) -> None:
    street.set(codes_a_network=20)
    await street.by_text()
    kept = await street.rows("SELECT sum(codes) AS codes, count(*) AS buckets FROM code_count")
    assert kept == [{"codes": 3, "buckets": 3}]


async def test_a_tester_by_text_hears_exercises_and_others_do_not(street: Street) -> None:
    one = await street.proved()
    number = (await one.registered())["number"]
    async with transaction(street.pool) as tx:
        now = street.clock.now()
        assert await phones.to_text(tx, street.house, [number], exercise=True, now=now) == {}
        await tx.execute("UPDATE registration SET tester_until = %s", [now + timedelta(days=1)])
        assert list(await phones.to_text(tx, street.house, [number], exercise=True, now=now)) == [number]


async def test_consent_is_kept_with_its_wording_language_and_time(street: Street) -> None:
    one = await street.proved()
    [kept] = await street.rows("SELECT consent_wording, consent_language, consent_at FROM phone")
    assert kept == {"consent_wording": "sms-1", "consent_language": "uk", "consent_at": street.clock.now()}
    assert CONSENT == {"wording": "sms-1", "language": "uk"}
    assert one.body["platform"] == "sms"


async def test_a_number_that_is_named_between_the_code_and_its_proof_is_not_proved_by_it(street: Street) -> None:
    app = await street.by_push()
    await app.names(THEIRS)
    await street.work()
    async with transaction(street.pool) as tx:
        one = await owning.registration(tx, int((await app.registered())["number"]))
        now, code = street.clock.now(), Hidden(app.code(THEIRS))
        kept = await claiming.try_code(tx, street.house, one, code, now=now)
    assert kept is not None
    street.clock.advance(timedelta(minutes=2))
    await app.names(OURS)
    async with transaction(street.pool) as tx:
        with pytest.raises(Refused):
            await owning.settle(tx, street.house, one.number, kept, now=now)
