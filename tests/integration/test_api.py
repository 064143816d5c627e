"""The API's shell: refusals as problems, and a commit before every 2xx."""

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg_pool import PoolTimeout
from structlog.testing import capture_logs

from service import troubles
from service.kit.db import Pool, transaction
from service.kit.errors import Fault, Kind, Refused
from service.kit.http import PUBLIC, TxDep
from tests.build import an_admin_with_key

SECRET = "+380 67 123 45 67"


@pytest.fixture
async def key(pool: Pool) -> str:
    async with transaction(pool) as tx:
        return await an_admin_with_key(tx)


def demand_problem(answer: httpx.Response, status: int, name: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["type"], said["status"]) == (f"/problems/{name}", status)
    assert said["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_wrong_address_and_a_wrong_method_are_problems(api: httpx.AsyncClient) -> None:
    demand_problem(await api.get("/v1/nowhere"), 404, "not-found")
    wrong = await api.put("/v1/audit")
    demand_problem(wrong, 405, "method-not-allowed")
    assert wrong.headers["allow"] == "GET"


async def test_without_a_key_the_answer_says_which_kind_is_needed(api: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Basic abc"}):
        answer = await api.get("/v1/audit", headers=headers)
        demand_problem(answer, 401, "key-missing")
        assert answer.headers["www-authenticate"] == "Bearer"
    wrong = await api.get("/v1/audit", headers={"Authorization": "Bearer sf_wrong"})
    demand_problem(wrong, 401, "key-unknown")
    assert "sf_wrong" not in wrong.text


async def test_a_role_that_is_missing_is_named(api: httpx.AsyncClient, key: str) -> None:
    answer = await api.post("/v1/alerts", headers={"Authorization": f"Bearer {key}"}, json={})
    demand_problem(answer, 403, "role-missing")
    assert "author" in answer.json()["detail"]


async def test_a_malformed_body_is_told_by_field_and_never_repeated(api: httpx.AsyncClient, key: str) -> None:
    body = {"name": [SECRET], "roles": ["author", SECRET]}
    answer = await api.post("/v1/operators", headers={"Authorization": f"Bearer {key}"}, json=body)
    demand_problem(answer, 422, "malformed-request")
    assert {one["where"] for one in answer.json()["errors"]} == {"body.name", "body.roles.1"}
    assert SECRET not in answer.text
    broken = await api.post("/v1/operators", headers={"Authorization": f"Bearer {key}"}, content=f'{{"a": {SECRET}')
    demand_problem(broken, 422, "malformed-request")
    assert SECRET not in broken.text


def test_every_kind_of_refusal_has_a_status() -> None:
    assert set(troubles.STATUS) == set(Kind)
    assert all(400 <= status < 600 for status in troubles.STATUS.values())


async def test_a_refusal_says_what_is_wrong_where_and_how_to_mend_it(app: FastAPI, api: httpx.AsyncClient) -> None:
    fault = Fault("row 3", "It has no geometry.", "Give it one.")

    @app.get("/test/refused", dependencies=[PUBLIC])
    async def refused() -> None:
        raise Refused(Kind.TOO_MANY, "too-hot", "Too hot.", where="here", remedy="Wait.", faults=[fault], after=7)

    answer = await api.get("/test/refused")
    demand_problem(answer, 429, "too-hot")
    said = answer.json()
    assert (said["detail"], said["where"], said["remedy"]) == ("Too hot.", "here", "Wait.")
    assert said["errors"] == [{"where": "row 3", "detail": "It has no geometry.", "remedy": "Give it one."}]
    assert answer.headers["retry-after"] == "7"


async def test_a_surprise_tells_the_caller_nothing_and_the_log_where_it_happened(
    app: FastAPI, api: httpx.AsyncClient
) -> None:
    @app.get("/test/surprise", dependencies=[PUBLIC])
    async def surprise() -> None:
        raise ValueError(SECRET)

    with capture_logs() as logs:
        answer = await api.get("/test/surprise")
    demand_problem(answer, 500, "internal-error")
    assert SECRET not in answer.text
    assert SECRET not in repr(logs)
    told = next(line for line in logs if line["event"] == "api.surprise")
    assert told["error"] == "ValueError"
    assert "surprise" in told["at"][-1]


async def test_a_commit_that_fails_gives_500_and_no_2xx(app: FastAPI, api: httpx.AsyncClient) -> None:
    @app.post("/test/doomed", status_code=201, dependencies=[PUBLIC])
    async def doomed(tx: TxDep) -> str:
        await tx.execute("CREATE TABLE doomed (id int PRIMARY KEY, of int REFERENCES doomed INITIALLY DEFERRED)")
        await tx.execute("INSERT INTO doomed VALUES (1, 2)")
        return "made"

    answer = await api.post("/test/doomed")
    demand_problem(answer, 500, "internal-error")
    assert "made" not in answer.text
    assert "doomed" not in answer.text


async def test_nothing_stays_of_a_request_that_was_refused(app: FastAPI, api: httpx.AsyncClient, pool: Pool) -> None:
    @app.post("/test/half", dependencies=[PUBLIC])
    async def half(tx: TxDep) -> None:
        await tx.execute("CREATE TABLE half_done ()")
        raise Refused(Kind.CONFLICT, "too-late", "Too late.")

    demand_problem(await api.post("/test/half"), 409, "too-late")
    async with transaction(pool) as tx:
        found = await tx.execute("SELECT FROM pg_tables WHERE tablename = 'half_done'")
        assert found.rowcount == 0


@pytest.mark.parametrize("error", [psycopg.OperationalError(SECRET), PoolTimeout(SECRET)])
async def test_a_database_that_is_away_is_a_503_that_says_when_to_ask_again(
    app: FastAPI, api: httpx.AsyncClient, error: Exception
) -> None:
    @app.get("/test/away", dependencies=[PUBLIC])
    async def away() -> None:
        raise error

    answer = await api.get("/test/away")
    demand_problem(answer, 503, "database-away")
    assert int(answer.headers["retry-after"]) > 0
    assert SECRET not in answer.text
