"""Places on a real database and over HTTP: loaded, followed, found, never logged."""

import logging
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import structlog
from fastapi import FastAPI
from psycopg import sql

from service.kit.db import Pool, Tx, transaction
from service.operators import actions as operators
from service.operators.model import Operator
from service.places import actions
from service.places.following import PlaceIndex
from service.places.model import Effect, Report, Stated
from tests.conftest import NOW
from tests.island import MAP, OUTLINES, REGISTER, STATED
from tests.unit.test_places_sources import UA, codifier, topology


async def load(tx: Tx, operator: Operator, content: bytes = REGISTER, stated: Stated = STATED) -> Report:
    said = MAP if content.startswith(b"code,") else None
    return await actions.run_load(tx, operator, {"file": content}, stated, said, now=NOW)


def shorter() -> bytes:
    return b"".join(line for line in REGISTER.splitlines(keepends=True) if not line.startswith(b"XA1112,"))


async def test_what_was_loaded_is_read_back_whole(tx: Tx, operator: Operator) -> None:
    assert (await load(tx, operator)).counts[Effect.NEW] == 30
    assert (await load(tx, operator, OUTLINES)).counts[Effect.NEW] == 2
    gazetteer = await actions.gazetteer(tx)
    place = gazetteer.find("Стаханове", exercise=True).groups[0].places[0]
    assert [one.name.text for one in gazetteer.above(place)] == ["Човнярська", "Затоцький", "Приморська"]
    region = gazetteer.find("XA1", exercise=True).only
    assert region is not None
    assert region.outline is not None
    assert gazetteer.places() == ()


async def test_r6_a_vanished_place_is_marked_and_still_found(tx: Tx, operator: Operator) -> None:
    await load(tx, operator)
    before = (await actions.gazetteer(tx)).find("Чайкине", exercise=True).only
    assert (await load(tx, operator, shorter())).counts[Effect.MISSING] == 1
    after = (await actions.gazetteer(tx)).find("Чайкине", exercise=True).only
    assert before is not None
    assert after is not None
    assert (after.id, after.missing) == (before.id, True)
    assert (await load(tx, operator, shorter())).counts[Effect.MISSING] == 0
    assert (await load(tx, operator)).counts[Effect.CHANGED] == 1
    back = (await actions.gazetteer(tx)).find("Чайкине", exercise=True).only
    assert back == before


@pytest.mark.parametrize("table", ["place", "place_statement"])
async def test_r6_the_database_deletes_no_place(tx: Tx, operator: Operator, table: str) -> None:
    await load(tx, operator)
    with pytest.raises(psycopg.errors.RaiseException, match="never deleted"):
        await tx.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


async def test_a_dry_run_writes_nothing(tx: Tx) -> None:
    report = await actions.plan_load(tx, {"file": REGISTER}, STATED, MAP, now=NOW)
    assert (report.counts[Effect.NEW], report.dry_run) == (30, True)
    assert await actions.version(tx) == 0
    assert (await actions.gazetteer(tx)).places(exercise=True) == ()


async def test_r17_a_load_is_on_the_audit_trail(tx: Tx, operator: Operator) -> None:
    await load(tx, operator)
    entry = (await operators.trail(tx, before=None, limit=1))[0]
    assert (entry.act, entry.detail["new"], entry.detail["source"]) == (
        "places.load",
        30,
        "Register of the invented island",
    )


async def test_r27_an_invented_place_on_real_ground_is_left_out(tx: Tx, operator: Operator) -> None:
    """The country's square lies at 20 to 21 degrees east, 40 to 41 north."""
    await load(tx, operator, topology(), UA)
    report = await load(tx, operator, REGISTER.replace(b"-24.12,-36.01", b"20.5,40.5"))
    assert [fault.where for fault in report.faults] == ["file, line 29"]
    assert "real ground" in report.faults[0].detail


async def test_real_and_invented_places_are_never_mixed(tx: Tx, operator: Operator) -> None:
    await load(tx, operator)
    await load(tx, operator, codifier(), UA)
    gazetteer = await actions.gazetteer(tx)
    assert {place.country for place in gazetteer.places()} == {"UA"}
    assert {place.country for place in gazetteer.places(exercise=True)} == {"XA"}
    assert gazetteer.find("Чайкине").groups == ()
    assert gazetteer.find("Ніде", exercise=True).only is None


async def test_a_country_stands_above_its_regions(tx: Tx, operator: Operator) -> None:
    await load(tx, operator, codifier(), UA)
    await load(tx, operator, topology(), UA)
    gazetteer = await actions.gazetteer(tx)
    village = gazetteer.find("Ніде").only
    assert village is not None
    assert [one.level for one in gazetteer.above(village)] == [3, 2, 1, 0]
    answering = gazetteer.answering_for(village.id)
    assert answering is not None
    assert answering.unit.level == 0
    assert gazetteer.area(answering).bounds == (20, 40, 21, 41)


@pytest.fixture
async def served(app: FastAPI, pool: Pool) -> PlaceIndex:
    """The real app after the island was loaded."""
    async with transaction(pool) as tx:
        admin = (await operators.add(tx, None, "Ana", frozenset(operators.Role), now=NOW)).operator  # type: ignore[union-attr, attr-defined]  # the first one is made at once
        await load(tx, admin)
    index: PlaceIndex = app.state.house.get(PlaceIndex)
    await index.look(pool)
    return index


async def test_anybody_can_look_a_place_up(api: httpx.AsyncClient, served: PlaceIndex) -> None:
    answer = await api.get("/v1/places", params={"name": "камянка", "exercise": True, "lang": "en"})
    assert answer.status_code == 200
    group = answer.json()["groups"][0]
    assert (group["name"], group["language"], group["total"]) == ("Kamianka", "en", 5)
    assert [(one["district"]["name"], len(one["places"])) for one in group["districts"]] == [
        ("Vershynskyi", 1),
        ("Berezhanskyi", 3),
        ("Zatotskyi", 1),
    ]
    assert [one["name"] for one in group["districts"][2]["places"][0]["above"]] == [
        "Chovniarska",
        "Zatotskyi",
        "Prymorska",
    ]


async def test_anybody_can_look_at_one_place(api: httpx.AsyncClient, served: PlaceIndex) -> None:
    found = (await api.get("/v1/places", params={"name": "XA1113", "exercise": True})).json()
    place = found["groups"][0]["districts"][0]["places"][0]["id"]
    whole = (await api.get(f"/v1/places/{place}")).json()
    assert [one["name"] for one in whole["above"]] == ["Чайкинська", "Бережанський", "Приморська"]
    assert (whole["ground"]["name"], whole["centre"], whole["radius_m"] > 0) == ("Чайкинська", None, True)
    assert (whole["exercise"], whole["missing"], whole["sources"][0]["licence"]) == (True, False, "CC0 1.0")
    above = (await api.get(f"/v1/places/{whole['above'][0]['id']}", params={"lang": "en-GB"})).json()
    assert [one["name"] for one in above["below"]] == ["Verkhnoprybrezhne", "Kamianka", "Chaikyne"]


async def test_an_unknown_place_is_a_clear_404(api: httpx.AsyncClient, served: PlaceIndex) -> None:
    assert (await api.get(f"/v1/places/{uuid4()}")).status_code == 404
    assert (await api.get("/v1/places", params={"name": "Ніщо такого", "exercise": True})).json()["groups"] == []


@pytest.mark.parametrize("params", [{}, {"name": ""}, {"name": "x" * 161}, {"name": "x", "country": "ukraine"}])
async def test_an_unfit_question_is_a_422_that_repeats_nothing(
    api: httpx.AsyncClient, served: PlaceIndex, params: dict[str, str]
) -> None:
    answer = await api.get("/v1/places", params=params)
    assert answer.status_code == 422
    assert "xxx" not in answer.text
    assert "ukraine" not in answer.text


async def test_which_place_was_looked_up_is_logged_nowhere(
    api: httpx.AsyncClient, served: PlaceIndex, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as logged:
        await api.get("/v1/places", params={"name": "Жовтокам’яне", "exercise": True})
        await api.get("/v1/places", params={"name": "Жовтокам’яне" * 20})
    written = capfd.readouterr()
    ours = [record.getMessage() for record in caplog.records if record.name != "httpx"]  # the test's own client
    everything = f"{ours}{written.out}{written.err}{logged}"
    assert "http.request" in str(logged)
    assert "Жовто" not in everything
    assert "%D0%96" not in everything


async def test_a_network_is_held_to_a_number_of_calls(app: FastAPI, served: PlaceIndex) -> None:
    transport = httpx.ASGITransport(app, client=("203.0.113.7", 1))  # a network of its own: counts outlive a test
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as api:
        answers = [(await api.get(f"/v1/places/{UUID(int=1)}")).status_code for _ in range(241)]
    assert (answers[0], answers[-1]) == (404, 429)


async def test_before_the_first_reading_the_answer_is_a_503(api: httpx.AsyncClient, app: FastAPI) -> None:
    app.state.house.put(PlaceIndex())
    answer = await api.get("/v1/places", params={"name": "x"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_a_process_learns_of_a_load_and_answers_while_the_database_is_away(
    pool: Pool, operator: Operator, tx: Tx
) -> None:
    await tx.commit()
    index = PlaceIndex()
    await index.look(pool)
    first = index.gazetteer
    await index.look(pool)
    assert index.gazetteer is first, "nothing was loaded: nothing is read"
    async with transaction(pool) as other:
        await load(other, operator)
    await index.look(pool)
    assert index.gazetteer.find("Чайкине", exercise=True).only is not None
    await pool.close()
    await index._try(pool)
    assert index.gazetteer.find("Чайкине", exercise=True).only is not None


async def test_newer_data_of_the_same_source_takes_the_place_of_the_old(tx: Tx, operator: Operator) -> None:
    await load(tx, operator)
    newer = replace(STATED, dated=NOW.date() - timedelta(days=1))
    report = await load(tx, operator, REGISTER.replace("Чайкине".encode(), "Баклан".encode()), newer)
    assert report.counts[Effect.CHANGED] == 1
    gazetteer = await actions.gazetteer(tx)
    place = gazetteer.find("Баклан", exercise=True).only
    assert place is not None
    assert place.sources[0].data_as_of == newer.dated
