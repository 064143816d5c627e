"""Imports over HTTP: put down at once, run by a worker, followed, cancelled, decided."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from service.imports import carrying, crew, sifting
from service.imports.records import Step
from service.imports.store import plans
from service.intake import reading
from service.intake.model import Record
from service.kit.db import transaction
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Done, Role
from tests.build import a_feature, a_file, a_square, an_admin_with_key
from tests.conftest import NOW, FixedClock

STATED = {"authority": "Mine Action Centre", "dated": "2026-07-31", "name": "zones.geojson"}


@pytest.fixture
def home(app: FastAPI) -> House:
    house: House = app.state.house
    return house


@pytest.fixture
async def key(home: House) -> dict[str, str]:
    async with transaction(home.pool) as tx:
        return {"Authorization": f"Bearer {await an_admin_with_key(tx)}"}


@pytest.fixture
async def second(home: House, key: dict[str, str]) -> dict[str, str]:
    async with transaction(home.pool) as tx:
        admin = (await operators.everybody(tx))[0]
        done = await operators.add(tx, admin, "Borys", frozenset({Role.APPROVER, Role.ADMIN}), now=NOW)
    assert isinstance(done, Done)
    assert done.key is not None
    return {"Authorization": f"Bearer {done.key.reveal()}"}


async def _put(api: httpx.AsyncClient, key: dict[str, str], *features: Any, **stated: Any) -> httpx.Response:
    content = a_file(*features)
    return await api.post("/v1/zones/imports", params={**STATED, **stated}, content=content, headers=key)


async def _run(api: httpx.AsyncClient, home: House, key: dict[str, str], answer: httpx.Response) -> dict[str, Any]:
    await carrying.carry_out(home, answer.json()["import_id"])
    report: dict[str, Any] = (await api.get(answer.headers["location"], headers=key)).json()
    return report


async def test_an_upload_is_put_down_and_followed_to_its_end(
    api: httpx.AsyncClient, home: House, key: dict[str, str]
) -> None:
    answer = await _put(api, key, a_feature(), a_feature(None))
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["new"]) == ("waiting", 0)
    async with transaction(home.pool) as tx:
        jobs = await (await tx.execute("SELECT task_name, queue_name FROM procrastinate_jobs")).fetchall()
    assert jobs == [{"task_name": "imports:run", "queue_name": "slow"}]
    report = await _run(api, home, key, answer)
    assert (report["state"], report["new"], report["in_doubt"], report["rows_total"]) == ("applied", 1, 1, 2)
    assert [one["reason"] for one in report["quarantined"]] == ["id-missing"]
    async with transaction(home.pool) as tx:
        assert await (await tx.execute("SELECT * FROM import_file")).fetchall() == []
    again = await _run(api, home, key, answer)
    assert again == report, "an import runs once"


async def test_a_file_that_is_unfit_fails_with_words_and_leaves_nothing(
    api: httpx.AsyncClient, home: House, key: dict[str, str]
) -> None:
    answer = await api.post("/v1/zones/imports", params=STATED, content=b"%PDF-1.7", headers=key)
    report = await _run(api, home, key, answer)
    assert report["state"] == "failed"
    assert report["trouble"]["name"] == "format-unsupported"
    assert report["trouble"]["remedy"]
    assert (await api.get("/v1/zones/records", headers=key)).json() == []


async def test_a_file_that_cannot_be_read_for_now_says_why_it_waits_and_is_given_up_after_a_day(
    api: httpx.AsyncClient, home: House, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: Any, **__: Any) -> AsyncIterator[Record]:
        raise Refused(Kind.UNAVAILABLE, "reading-killed", "It was killed.", remedy="Try again.")
        yield

    answer = await _put(api, key, a_feature())
    with monkeypatch.context() as broken:
        broken.setattr(reading, "read", killed)
        with pytest.raises(Refused):
            await _run(api, home, key, answer)
    waits = (await api.get(answer.headers["location"], headers=key)).json()
    assert (waits["state"], waits["trouble"]["name"]) == ("waiting", "reading-killed")
    report = await _run(api, home, key, answer)
    assert (report["state"], report["trouble"], report["new"]) == ("applied", None, 1)
    answer = await _put(api, key, a_feature("other"))
    monkeypatch.setattr(reading, "read", killed)
    with pytest.raises(Refused):
        await _run(api, home, key, answer)
    assert isinstance(home.clock, FixedClock)
    home.clock.moment += timedelta(hours=24)
    report = await _run(api, home, key, answer)
    assert (report["state"], report["trouble"]["name"]) == ("failed", "import-given-up")
    assert "It was killed." in report["trouble"]["detail"]
    async with transaction(home.pool) as tx:
        assert await (await tx.execute("SELECT * FROM import_file")).fetchall() == []


async def test_it_is_told_how_much_of_a_file_was_read(
    api: httpx.AsyncClient, home: House, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = a_file(a_feature())
    steps: list[Step] = []

    async def stuck(_: Any, *__: Any, progress: reading.Progress, **___: Any) -> AsyncIterator[Record]:
        progress(len(content) // 2, len(content))
        await until_told.wait()
        raise Refused(Kind.INVALID, "it-is-enough", "It is enough.")
        yield

    async def step(_: Any, __: Any, at: Step) -> None:
        steps.append(at)
        if at.bytes:
            until_told.set()

    until_told = asyncio.Event()
    answer = await _put(api, key, a_feature())
    monkeypatch.setattr(carrying, "_TELL_SECONDS", 0.01)
    monkeypatch.setattr(reading, "read", stuck)
    monkeypatch.setattr(plans, "step", step)
    await _run(api, home, key, answer)
    assert (steps[-1].bytes, steps[-1].bytes_total) == (len(content) // 2, len(content))


async def test_a_cancelled_import_leaves_nothing(api: httpx.AsyncClient, home: House, key: dict[str, str]) -> None:
    answer = await _put(api, key, a_feature())
    cancelled = await api.post(f"{answer.headers['location']}/cancel", headers=key)
    assert cancelled.json()["trouble"]["name"] == "import-cancelled"
    report = await _run(api, home, key, answer)
    assert report["state"] == "failed"
    assert (await api.get("/v1/zones/records", headers=key)).json() == []
    assert (await api.post(f"{answer.headers['location']}/cancel", headers=key)).status_code == 409


async def test_the_plan_of_a_dry_run_is_downloaded(api: httpx.AsyncClient, home: House, key: dict[str, str]) -> None:
    answer = await _put(api, key, a_feature("@x"), dry_run=True)
    report = await _run(api, home, key, answer)
    assert report["state"] == "planned"
    text = (await api.get(f"{answer.headers['location']}/plan.csv", headers=key)).content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["kind"], row["external_id"]) == ("new", "'@x")
    drawn = (await api.get(f"{answer.headers['location']}/plan.geojson", headers=key)).json()
    assert drawn["features"][0]["geometry"] == a_square()
    assert (await api.get(f"{answer.headers['location']}/plan.pdf", headers=key)).status_code == 422
    assert (await api.get("/v1/zones/records", headers=key)).json() == []


async def test_r6_r17_what_waits_is_decided_over_http_by_another_person(
    api: httpx.AsyncClient, key: dict[str, str], second: dict[str, str]
) -> None:
    await _put(api, key, a_feature(geometry=a_square(size=0.02)), wait=True)
    shrunk = await _put(api, key, a_feature(geometry=a_square(size=0.01)), wait=True)
    assert (shrunk.status_code, shrunk.json()["shrunk"]) == (200, 1)
    (entry,) = (await api.get("/v1/zones/quarantine", headers=key)).json()["waiting"]
    verdict: dict[str, Any] = {"ids": [entry["id"]], "decision": "released", "reason": "report 5"}
    verdict |= {"release": "cleared", "dated": "2026-08-01", "depth_cm": 20}
    url = "/v1/zones/quarantine/decisions"
    assert (await api.post(url, json=verdict, headers=key)).status_code == 403
    assert (await api.post(url, json={**verdict, "depth_cm": None}, headers=second)).status_code == 422
    decided = await api.post(url, json=verdict, headers=second)
    assert [one["decision"] for one in decided.json()["decided"]] == ["released"]
    (zone,) = (await api.get("/v1/zones/records", headers=key)).json()
    assert zone["state"] == "active"
    assert (await api.get("/v1/zones/quarantine", headers=key)).json()["waiting"] == []


async def test_a_mapping_is_kept_for_a_source_and_used(
    api: httpx.AsyncClient, home: House, key: dict[str, str]
) -> None:
    source = {"authority": "Mine Action Centre"}
    text = "columns:\n  id: KEY\n  class: KIND\nvalues:\n  class:\n    hot: cha\n"
    kept = await api.put("/v1/zones/mapping", params=source, content=text.encode(), headers=key)
    assert kept.status_code == 204
    assert (await api.get("/v1/zones/mapping", params=source, headers=key)).json() == {"text": text}
    broken = await api.put("/v1/zones/mapping", params=source, content=b"columns:\n  idd: KEY\n", headers=key)
    assert (broken.status_code, broken.json()["where"]) == (422, "mapping, line 2")
    row = {"type": "Feature", "properties": {"KEY": "A", "KIND": "Hot"}, "geometry": a_square()}
    report = await _run(api, home, key, await _put(api, key, row))
    assert report["new"] == 1
    (zone,) = (await api.get("/v1/zones/records", headers=key)).json()
    assert (zone["external_id"], zone["class"]) == ("A", "cha")


async def test_a_long_file_is_judged_by_processes_that_end_with_it(
    api: httpx.AsyncClient, home: House, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sifting, "BATCH", 10)
    monkeypatch.setattr(sifting, "_ALONE", 30)
    rows = [a_feature(f"Z-{number}", a_square(17 + number / 50)) for number in range(95)]
    report = await _run(api, home, key, await _put(api, key, *rows))
    assert (report["state"], report["new"], report["rows_done"]) == ("applied", 95, 95)

    heard = crew._heard

    async def died(stdout: asyncio.StreamReader) -> bytes:
        await heard(stdout)
        raise asyncio.IncompleteReadError(b"", None)

    monkeypatch.setattr(crew, "_heard", died)
    answer = await _put(api, key, *rows, feed="other", authority="Another")
    with pytest.raises(Refused, match="before its time"):
        await carrying.carry_out(home, answer.json()["import_id"])
    records = (await api.get("/v1/zones/records", params={"limit": 200}, headers=key)).json()
    assert len(records) == 95, "nothing half done"


async def test_what_ended_is_never_rewritten(api: httpx.AsyncClient, home: House, key: dict[str, str]) -> None:
    await _put(api, key, a_feature(), wait=True)
    with pytest.raises(psycopg.errors.RaiseException):
        async with transaction(home.pool) as tx:
            await tx.execute("UPDATE zone_import SET counts = '{}'")
