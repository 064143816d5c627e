"""What the API says of itself, and how it lives without database or Redis."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser

import httpx
from fastapi import Depends, FastAPI
from pydantic import SecretStr

from service import api as program
from service.config import Settings
from service.kit.db import Pool, transaction
from service.kit.http import PUBLIC
from service.kit.limits import limited
from service.kit.processes import free_port
from tests.conftest import METRICS
from tests.integration.test_api import demand_problem

SECRET = "+380 67 123 45 67"


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


async def test_alive_and_ready_are_told_to_everybody_and_figures_to_who_shows_a_key(api: httpx.AsyncClient) -> None:
    assert (await api.get("/healthz")).status_code == 200
    ready = await api.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"database": True, "migrations": True, "redis": True, "words": True}
    await api.get("/v1/operators", params={"q": SECRET})
    figures = (await api.get("/metrics", headers=METRICS)).text
    assert 'surefoot_http_requests_total{method="GET",route="/v1/operators",status="401"} 1.0' in figures
    assert SECRET not in figures


async def test_a_process_whose_database_lacks_tables_is_alive_but_not_ready(settings: Settings, pool: Pool) -> None:
    async with transaction(pool) as tx:
        await tx.execute("DELETE FROM _yoyo_migration WHERE migration_id = '0006_alert'")
    async with serving(program.build(settings)) as api:
        ready = await api.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["migrations"] is False


async def test_the_program_starts_while_database_and_redis_are_away(settings: Settings) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    away = settings.model_copy(
        update={
            "database_url": SecretStr(f"postgresql://surefoot@{nowhere}/x"),
            "redis_url": SecretStr(f"redis://{nowhere}/0"),
        }
    )
    async with serving(program.build(away)) as api:
        assert (await api.get("/healthz")).status_code == 200
        # Together: each waits as long as the pool gives a database to come back.
        ready, asked = await asyncio.gather(api.get("/readyz"), api.get("/v1/audit"))
        assert (ready.status_code, ready.json()["database"]) == (503, False)
        demand_problem(asked, 503, "database-away")


class Links(HTMLParser):
    """Collects what a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href", "action"}]


async def test_the_documentation_is_one_page_that_fetches_nothing_from_elsewhere(api: httpx.AsyncClient) -> None:
    page = await api.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    links = Links()
    links.feed(page.text)
    assert not links.tags & {"script", "link", "img", "iframe", "object"}
    assert [one for one in links.fetched if not one.startswith("/")] == []
    assert "url(" not in page.text
    assert "/v1/operators" in page.text
    assert (await api.get("/")).headers["location"] == "/docs"


async def test_the_description_is_openapi_3_1_and_promises_problems(api: httpx.AsyncClient) -> None:
    described = (await api.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    for path, verbs in described["paths"].items():
        for verb, route in verbs.items():
            promised = route["responses"]
            assert route["description"], (verb, path)
            assert {"4XX", "5XX"} <= promised.keys(), (verb, path)
            assert promised["4XX"]["content"].keys() == {"application/problem+json"}, (verb, path)
    assert "HTTPValidationError" not in described["components"]["schemas"]
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described)):
        part = described
        for name in reference.split("/"):
            part = part[name]


async def test_every_body_that_is_asked_for_has_an_example(api: httpx.AsyncClient) -> None:
    described = (await api.get("/openapi.json")).json()
    schemas = described["components"]["schemas"]
    for path, verbs in described["paths"].items():
        for verb, route in verbs.items():
            schema = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            if "$ref" in schema:
                assert schemas[schema["$ref"].rpartition("/")[2]].get("examples"), (verb, path)


async def test_a_problems_type_leads_to_words(api: httpx.AsyncClient) -> None:
    answer = await api.get("/problems/same-person")
    assert answer.status_code == 200
    assert "same-person" in answer.text
    assert re.search(r"RFC 9457", answer.text)


async def test_limits_hold_with_redis_and_without(settings: Settings) -> None:
    away = settings.model_copy(update={"redis_url": SecretStr(f"redis://127.0.0.1:{free_port()}/0")})
    none = settings.model_copy(update={"redis_url": None})
    for number, one in enumerate((settings, away, none)):
        app = program.build(one)

        @app.get("/test/limited", dependencies=[PUBLIC, Depends(limited(f"test-{settings.epoch}-{number}", "2/hour"))])
        async def often() -> None:
            """Answer nothing."""

        async with serving(app) as api:
            assert [(await api.get("/test/limited")).status_code for _ in range(2)] == [200, 200]
            refused = await api.get("/test/limited")
            demand_problem(refused, 429, "too-many-calls")
            assert 0 < int(refused.headers["retry-after"]) <= 3600
