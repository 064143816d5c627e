"""What every request passes, whatever the route."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from structlog.testing import capture_logs

from service.kit.asgi import BodyLimit, Envelope, Metrics

METRICS = Metrics()
JSON = {"Content-Type": "application/json"}


async def sorry(_: Request, error: Exception) -> Response:
    return Response(type(error).__name__, 500)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app, router = FastAPI(), APIRouter(prefix="/things")

    @app.post("/echo")
    async def echo(body: dict[str, str]) -> dict[str, str]:
        return body

    @app.post("/large")
    async def large(request: Request) -> int:
        return len(await request.body())

    @router.get("/{name}")
    async def thing(name: str) -> str:
        return name

    @app.get("/broken")
    async def broken() -> None:
        raise LookupError

    app.include_router(router, prefix="/v1")
    app.add_middleware(BodyLimit, limit=100, exceptions={"/large": 1000})
    app.add_middleware(Envelope, metrics=METRICS, surprise=sorry)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def in_pieces(total: int) -> AsyncIterator[bytes]:
    yield b'{"a":"'
    for _ in range(total // 10):
        yield b"x" * 10
    yield b'"}'


async def test_a_body_over_the_limit_is_refused_by_its_announced_length(client: httpx.AsyncClient) -> None:
    answer = await client.post("/echo", json={"a": "x" * 200})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/body-too-large"


async def test_a_body_that_hides_its_length_is_counted_while_it_comes(client: httpx.AsyncClient) -> None:
    assert (await client.post("/echo", content=in_pieces(80), headers=JSON)).status_code == 200
    answer = await client.post("/echo", content=in_pieces(200), headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/body-too-large"


async def test_a_route_with_a_limit_of_its_own_takes_more(client: httpx.AsyncClient) -> None:
    assert (await client.post("/large", content=in_pieces(500))).status_code == 200
    assert (await client.post("/large", content=in_pieces(2000))).status_code == 413


async def test_a_length_that_is_no_number_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/echo", content=b"{}", headers={"Content-Length": "-2"})).status_code == 413


async def test_every_answer_carries_an_id_and_safe_headers(client: httpx.AsyncClient) -> None:
    for path in ("/v1/things/a", "/nowhere", "/broken"):
        answer = await client.get(path)
        assert len(answer.headers["x-request-id"]) == 32
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("given", "kept"), [("abc-123_x.y", True), ("short", False), ("a b c d e f", False)])
async def test_a_request_id_is_taken_over_if_it_is_one(client: httpx.AsyncClient, given: str, *, kept: bool) -> None:
    answer = await client.get("/v1/things/a", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept


async def test_the_access_log_knows_routes_but_neither_paths_nor_queries_nor_addresses(
    client: httpx.AsyncClient,
) -> None:
    with capture_logs() as logs:
        await client.get("/v1/things/50.45,30.52", params={"q": "secret"})
    assert [set(line) - {"log_level"} for line in logs] == [{"event", "method", "route", "status", "ms"}]
    assert logs[0]["route"] == "/v1/things/{name}"
    assert "50.45" not in json.dumps(logs)
    assert "secret" not in json.dumps(logs)


async def test_figures_do_not_grow_with_what_callers_invent(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await client.request(f"INVENTED{number}", f"/nowhere/{number}")
    counted = [one for family in METRICS.registry.collect() for one in family.samples]
    assert {one.labels["method"] for one in counted if "method" in one.labels} <= {"GET", "POST", "other"}
    assert {one.labels["route"] for one in counted} <= {"unknown", "/echo", "/large", "/broken", "/v1/things/{name}"}
