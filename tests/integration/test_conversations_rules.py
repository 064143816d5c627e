"""What answers to texts promise: ends, finds, places that tell nothing more, silence, and nothing left behind."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import psycopg
import pytest
import redis.asyncio

from service.alerts import sms_texts
from service.conversations import texts
from service.conversations.memory import Memory
from service.i18n import forbidden, lengths
from service.i18n.catalogues import Catalogues
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.operators import actions as operators
from service.zones.model import Publication
from tests.conftest import LOCALES, SHARED
from tests.integration.talking import Person, a_person, a_zone_at, opened, place

INTERNATIONAL = [
    "STOP", "stopall", "Unsubscribe", "CANCEL", "end", "Quit", "ARRET", "Arrêt", "ALTO", "parar", "СТОП", "توقف", "قف",
    "ឈប់", "ရပ်", "«стоп».", '"STOP"', "  stop!!! ", "S\u200bTOP", "00", "٠٠", "００", "។ឈប់។", "*STOP*",
]  # fmt: skip  # a table
FINDS = [
    "I found something strange near the river", "there is a wire across the path", "Знайшла якийсь предмет",
    "нашли мину", "bombe dans le champ", "Encontré una granada", "achei uma mina", "našao sam granatu u polju",
    "وجدت قنبلة", "ماین دیدم", "ماين مې وموند", "ខ្ញុំឃើញមីន", "မိုင်းတွေ့တယ်", "33 мина", "UXO", "Мiна лежить",
]  # fmt: skip  # a table


@pytest.fixture
async def talking(house: House, redis_url: str) -> AsyncIterator[House]:
    async with opened(house, redis_url) as made:
        yield made


@pytest.fixture
def person(talking: House) -> Person:
    return a_person(talking)


async def subscribed(person: Person) -> None:
    await person.writes("33 Чайкине")
    template, _ = await person.gets("1")
    assert template == texts.BEGUN.id
    known = await person.known()
    assert known is not None
    assert known.places.reveal() == (place(person.house, "XA111"),)


@pytest.mark.parametrize("word", INTERNATIONAL)
async def test_an_end_acts_at_once_in_any_language_whatever_was_asked(person: Person, word: str) -> None:
    await subscribed(person)
    await person.writes("33 Камянка")
    template, text = await person.gets(word)
    assert template == texts.ENDED.id
    assert "33" in text
    assert "112" in text
    assert await person.is_out()
    assert await person.known() is None


async def test_who_ended_it_comes_back_by_the_code_that_he_was_told(person: Person) -> None:
    await subscribed(person)
    await person.writes("00")
    assert await person.is_out()
    await subscribed(person)
    assert not await person.is_out()


async def test_an_end_that_could_not_be_kept_is_not_confirmed(person: Person) -> None:
    await subscribed(person)
    await person.house.pool.close()
    with pytest.raises(psycopg.Error):
        await person.writes("STOP")


@pytest.mark.parametrize("words", FINDS)
async def test_r22_who_found_something_is_told_that_nobody_knows_and_asked_nothing(person: Person, words: str) -> None:
    await person.writes("33")
    template, text = await person.gets(f"{words} xyzzy")
    assert template == texts.FOUND
    assert "112" in text
    assert "xyzzy" not in text


async def test_r10a_a_find_is_answered_while_database_and_redis_are_away(house: House) -> None:
    async with opened(house, "redis://127.0.0.1:1/0") as made:
        await made.pool.close()
        assert (await a_person(made).gets("Я бачу міну"))[0] == texts.FOUND


async def test_unknown_text_is_answered_once_and_then_nothing_for_an_hour(person: Person) -> None:
    assert (await person.gets("блаблабла"))[0] == texts.MENU.id
    assert await person.gets("інше блаблабла") == ("", "")
    other = a_person(person.house)
    assert (await other.gets("блаблабла"))[0] == texts.MENU.id


async def test_r8_what_an_authority_withholds_changes_no_answer(person: Person) -> None:
    before = await person.gets("33 Орлине Гніздо")
    async with transaction(person.house.pool) as tx:
        admin = (await operators.everybody(tx))[0]
        await a_zone_at(tx, admin, (-24.12, -36.01), publication=Publication.WITHHELD)
    assert before[0] == texts.UNRECORDED
    assert await person.gets("33 Орлине Гніздо") == before


async def test_r27_an_exercise_changes_no_answer(person: Person) -> None:
    async with transaction(person.house.pool) as tx:
        admin = (await operators.everybody(tx))[0]
        await a_zone_at(tx, admin, (-24.12, -36.01), exercise=True)
    assert (await person.gets("33 Орлине Гніздо"))[0] == texts.UNRECORDED


async def test_r5_both_answers_are_as_long_and_say_no_more_than_one_thing(person: Person) -> None:
    there, elsewhere = [await person.gets(f"33 {name}") for name in ("Чайкине", "Орлине Гніздо")]
    assert (there[0], elsewhere[0]) == (texts.RECORDED, texts.UNRECORDED)
    assert abs(len(there[1]) - len(elsewhere[1])) <= min(len(there[1]), len(elsewhere[1])) / 5
    for _, text in (there, elsewhere):
        assert "31.07.2026" in text
        assert "Mine service" in text
        assert "SHA" not in text
        assert " км" not in text


async def test_r5_without_any_data_nothing_is_said_of_a_place(person: Person) -> None:
    async with transaction(person.house.pool) as tx:
        await tx.execute("ALTER TABLE zone DISABLE TRIGGER ALL")
        await tx.execute(
            "UPDATE zone SET publication = 'withheld', public = NULL,"
            " west = NULL, south = NULL, east = NULL, north = NULL"
        )
    assert (await person.gets("33 Чайкине"))[0] == texts.LATER.id


async def test_r5_an_unreadable_record_is_no_answer_about_a_place(person: Person) -> None:
    await person.house.pool.close()
    assert (await person.gets("33 Чайкине"))[0] == texts.LATER.id


async def test_a_village_is_never_subscribed_to_but_its_municipality(person: Person) -> None:
    await person.writes("33 Чайкине")
    _, text = await person.gets("1")
    assert "Чайкинська громада" in text
    assert "Чайкине" not in text


async def test_more_areas_than_a_number_may_have_are_not_promised(person: Person) -> None:
    codes = ["XA111", "XA112", "XA113", "XA114", "XA121", "XA122", "XA211", "XA212", "XA11", "XA12", "XA21"]
    answers = []
    for code in codes:
        await person.writes(f"33 {code}")
        answers.append((await person.gets("1"))[0])
    assert answers == [texts.BEGUN.id] * 10 + [texts.FULL.id]


async def test_where_nobody_is_texted_no_warnings_are_offered(house: House, redis_url: str) -> None:
    async with opened(house, redis_url, number_keys=None) as made:
        person = a_person(made)
        template, text = await person.gets("33 Чайкине")
        assert (template, "\n" in text) == (texts.RECORDED, False)
        assert (await person.gets("1"))[0] == texts.AGAIN.id


async def test_a_list_stays_open_while_something_else_is_asked(person: Person) -> None:
    await person.writes("33 Камянка")
    for code in ("11", "22", "55", "меню", "бачу міну"):
        await person.writes(code)
    assert (await person.gets("1"))[0] == texts.UNRECORDED


async def test_warnings_in_force_are_named_by_their_numbers_the_newest_first(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = [f"02.11.2026/{number}" for number in range(40, 0, -1)]

    async def codes(*_: object) -> list[str]:
        return live

    monkeypatch.setattr(sms_texts, "live_codes", codes)
    template, text = await person.gets("55")
    assert template == texts.REAL_SOME.id
    assert "02.11.2026/40, 02.11.2026/39" in text
    live[:] = live[:2]
    assert (await person.gets("55"))[0] == texts.REAL.id


async def test_without_redis_a_list_is_asked_for_again_and_a_place_still_answered(house: House) -> None:
    async with opened(house, None) as made:
        person = a_person(made)
        assert (await person.gets("33 Камянка"))[0] == texts.WHICH.id
        assert (await person.gets("1"))[0] == texts.AGAIN.id
        assert (await person.gets("33 Камянка, Орлина"))[0] == texts.UNRECORDED
        assert (await person.gets("ґґґ"))[0] == texts.MENU.id
        assert await person.gets("ґґґ") == ("", "")


async def test_the_language_that_was_chosen_stays(person: Person) -> None:
    await person.writes("44")
    languages = (await person.house.get(Memory).recall(_hidden(person))).options
    assert {"en", "uk", "ru", "es", "ar", "km"} == set(languages)
    await person.writes(str(languages.index("es") + 1))
    assert person.replies[-1].language == "es"
    assert (await person.writes("11")).language == "es"  # type: ignore[union-attr]  # the menu is always answered
    await person.writes("33 Чайкине")
    await person.writes("1")
    known = await person.known()
    assert known is not None
    assert known.languages == ("es",)


async def test_drafts_go_out_only_where_a_deployment_named_the_language(house: House, redis_url: str) -> None:
    async with opened(house, redis_url, default_language="en") as made:
        made.put(Catalogues.load(LOCALES, confirmed=frozenset()))
        reply = await a_person(made).writes("Я знайшов міну")
        assert reply is not None
        assert (reply.template, reply.language) == (texts.FOUND, "en")


async def test_nothing_of_a_conversation_lies_readable_in_redis_and_nothing_for_long(
    person: Person, redis_url: str
) -> None:
    await person.writes("33 Камянка")
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        found = {key: await client.get(key) or b"" async for key in client.scan_iter("surefoot:talk:*")}
        lives = [await client.ttl(key) for key in found]
    assert found
    kept = repr(found)
    for secret in (person.number, str(place(person.house, "XA111")), "which"):
        assert secret not in kept
    assert all(0 < left <= timedelta(minutes=15).total_seconds() for left in lives)


async def test_what_lies_under_another_number_is_not_believed(person: Person, redis_url: str) -> None:
    memory = person.house.get(Memory)
    await person.writes("33 Камянка")
    other = a_person(person.house)
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        mine, theirs = (memory._key("talk", _hidden(one)) for one in (person, other))
        await client.set(theirs, await client.get(mine) or b"")
    assert (await other.gets("1"))[0] == texts.AGAIN.id


def _naughty() -> list[str]:
    file = SHARED / "misuse" / "blns.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else ["' OR 1=1 --"]


async def demand_harmless(person: Person, text: str) -> None:
    """An answer or silence; short; no claim; none of the sender's own words."""
    reply = await person.writes(text)
    if reply is None:
        return
    said = reply.text.reveal()
    assert lengths.measure(said).fits
    assert not forbidden.find(said, reply.language)
    if reply.template not in {texts.WHICH.id, texts.ALIKE.id, texts.MANY.id, texts.RECORDED, texts.UNRECORDED}:
        assert len(text) < 25 or text not in said


async def test_any_text_whatever_is_answered_harmlessly_or_not_at_all(person: Person) -> None:
    for number, text in enumerate(_naughty()):
        await demand_harmless(Person(person.house, f"+38067{number % 40:07d}"), text)


def _hidden(person: Person) -> Hidden[str]:
    return Hidden(person.number)
