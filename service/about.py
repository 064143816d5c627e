"""What the API says of itself: whether it lives and can work, its figures, its documentation, its problems."""

import asyncio
import json
from html import escape
from typing import Any

import psycopg
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, Field

from service.config import MIGRATIONS, Settings
from service.guidance.following import Following
from service.kit.db import Pool, pending, transaction
from service.kit.errors import Fault
from service.kit.http import PUBLIC, HouseDep
from service.kit.limits import Limits


class Problem(BaseModel):
    """A refusal after RFC 9457."""

    type: str = Field(description="stable; an address on this server that explains it", examples=["/problems/gone"])
    title: str
    status: int
    detail: str = Field(description="what is wrong, a whole sentence")
    request_id: str | None = None
    where: str | None = Field(default=None, description="which part of the request, or which role or setting")
    remedy: str | None = Field(default=None, description="how to mend it")
    errors: list[Fault] = Field(default=[], description="each of several faults")


router = APIRouter(tags=["about"], dependencies=[PUBLIC])

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h2{border-bottom:2px solid #111;margin-top:2.5rem}h3{margin:1.5rem 0 0;font:600 1rem ui-monospace,monospace}
pre{background:#f3f3f3;padding:.8rem;overflow:auto;font-size:.85rem}.verb{display:inline-block;min-width:4.5rem}
@media(prefers-color-scheme:dark){body{color:#eee;background:#111}pre{background:#222}h2{border-color:#eee}}
"""


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that this process answers."""
    return {"process": "answers"}


@router.get("/readyz", responses={503: {"description": "the database is away, or lacks migrations"}})
async def readyz(request: Request, house: HouseDep) -> JSONResponse:
    """Say whether this process can do its work: the database is needed, Redis only helps."""
    database = await _answers(house.pool)
    state = request.app.state
    # Migrations only go forward: once they are all there, they stay.
    state.migrated = getattr(state, "migrated", False) or (database and await _migrated(house.get(Settings)))
    ready = {"database": database, "migrations": state.migrated, "redis": await house.get(Limits).redis_answers()}
    ready["words"] = house.get(Following).trouble is None  # else earlier ones are in force, which are fit
    return JSONResponse(ready, 200 if database and state.migrated else 503)


async def _answers(pool: Pool) -> bool:
    try:
        async with transaction(pool):  # the pool asks the server before it lends a connection
            pass
    except (psycopg.OperationalError, PoolTimeout):
        return False
    return True


async def _migrated(settings: Settings) -> bool:
    try:
        return not await asyncio.to_thread(pending, settings.need_database(), MIGRATIONS)
    except psycopg.Error:
        return False


@router.get("/", include_in_schema=False)
async def front() -> RedirectResponse:
    """Lead to the documentation."""
    return RedirectResponse("/docs")


@router.get("/problems/{name}", response_class=PlainTextResponse)
async def problem(name: str) -> PlainTextResponse:
    """Say what a problem's `type` is for."""
    text = (
        f"{name}\n\nEvery refusal of this API is a problem after RFC 9457. `type` (this address) is stable; `detail`"
        " says what is wrong, `where` in which field, `remedy` how to mend it, `errors` lists several faults.\n"
    )
    return PlainTextResponse(text)


@router.get("/docs", include_in_schema=False, response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """Show the documentation: one page, no script, nothing from elsewhere."""
    return HTMLResponse(page(request.app.openapi()))


def page(schema: dict[str, Any]) -> str:
    """Return an OpenAPI document as one HTML page."""
    groups: dict[str, list[str]] = {}
    for path, verbs in schema["paths"].items():
        for verb, route in verbs.items():
            groups.setdefault(route.get("tags", ["other"])[0], []).append(_route(schema, path, verb, route))
    info = schema["info"]
    parts = [f"<h2>{escape(tag)}</h2>{''.join(routes)}" for tag, routes in groups.items()]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(info['title'])} API</title>"
        "<meta name=viewport content='width=device-width'>"
        f"<style>{_STYLE}</style><h1>{escape(info['title'])} API</h1><p>{escape(info['summary'])}"
        f" {escape(info['description'])}</p><p>For programs: <a href=/openapi.json>openapi.json</a> (OpenAPI 3.1)."
        f" Errors are problems after RFC 9457.</p>{''.join(parts)}</html>"
    )


def _route(schema: dict[str, Any], path: str, verb: str, route: dict[str, Any]) -> str:
    words = escape(route.get("description", ""))
    asked = "".join(
        f"<li><code>{escape(one['name'])}</code> ({escape(one['in'])}{', required' if one.get('required') else ''})"
        f" {escape(one.get('description', ''))}"
        for one in route.get("parameters", ())
    )
    example = _example(schema, route)
    key = "" if not route.get("security") else "<p>Needs <code>Authorization: Bearer …</code></p>"
    shown = f"<pre>{escape(example)}</pre>" if example else ""
    title = f"<h3><span class=verb>{verb.upper()}</span>{escape(path)}</h3>"
    return f"{title}<p>{words}</p>{key}{f'<ul>{asked}</ul>' if asked else ''}{shown}"


def _example(schema: dict[str, Any], route: dict[str, Any]) -> str:
    """Return the example body that a route's own schema gives."""
    content = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = content.get("$ref", "").rpartition("/")[2]
    examples = schema.get("components", {}).get("schemas", {}).get(name, {}).get("examples", [])
    return json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else ""
