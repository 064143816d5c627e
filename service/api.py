"""Builds the HTTP app. It can send nothing and signs nothing."""

import contextlib
import os
import socket
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from fastapi import FastAPI
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from service import about, figures, troubles
from service.alerts import joining
from service.alerts import routes as alerts
from service.alerts.progress import Listeners
from service.atlas import routes as atlas
from service.atlas.index import ZoneIndex
from service.atlas.serving import CheckInFront
from service.atlas.tiles import TileCache
from service.config import Settings
from service.conversations import routes as conversations
from service.conversations.gateways import Gateways
from service.conversations.receiving import receiving
from service.delivery import providers
from service.delivery import routes as delivery
from service.delivery.receiving import Desk
from service.delivery.sms_reports import Reporters
from service.guidance import routes as guidance
from service.guidance.following import Following, call_children
from service.guidance.serving import GuidanceInFront
from service.i18n import routes as i18n
from service.imports import routes as imports
from service.incidents import routes as incidents
from service.kit import log
from service.kit.asgi import PROBLEM, BodyLimit, Envelope, Metrics, Receive, Scope, Send
from service.kit.crypto import Keyring
from service.kit.db import open_pool
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.kit.internet import Names
from service.kit.limits import Limits
from service.kit.processes import die_with_parent
from service.lessons import routes as lessons
from service.lessons.opening import open_words
from service.lessons.press import Press
from service.lessons.serving import LessonsInFront
from service.operators import routes as operators
from service.outreach import routes as outreach
from service.outreach.crossing import FromPages
from service.places import routes as places
from service.places.following import PlaceIndex
from service.prints import routes as prints
from service.publication import routes as publication
from service.publication.serving import PacksInFront
from service.publication.shelf import Shelf
from service.residents import routes as residents
from service.residents.actions import Joining
from service.residents.app_check import AppCheck
from service.zones import routes as zones

BODY_LIMIT = 64 * 1024
BODY_LIMITS = {"/v1/zones/imports": 200 * 1024 * 1024, "/v1/incidents/imports": 50 * 1024 * 1024}
# The server's own troubles go where all logs go.
_GRANIAN_LOG = {"handlers": {}, "loggers": {"_granian": {"propagate": True}}}
_PROBLEM = {"content": {PROBLEM.decode(): {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "What is wrong with the request, and how to mend it", **_PROBLEM},
    "5XX": {"description": "What is wrong with the service, and when to ask again", **_PROBLEM},
}
_ROUTERS = (
    imports.router,
    incidents.router,
    zones.router,  # before the map: /zones/proposals is no zone's id
    atlas.router,
    residents.router,
    alerts.router,
    publication.router,
    guidance.router,
    prints.router,
    outreach.router,  # before lessons: /lessons/reports/… is no course
    lessons.router,
    delivery.router,
    alerts.receipts,
    alerts.phones,
    conversations.router,
    operators.router,
    places.router,
    i18n.router,
)


class _Described(FastAPI):
    """Adds to the description what every route can answer; what lies ready is answered before anything else is done."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for front in self.state.fronts:
                if await front.answers(scope, send):
                    return
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        problem = about.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        described["components"]["schemas"] |= problem.pop("$defs") | {"Problem": problem}
        return described


def build(settings: Settings) -> FastAPI:
    """Return the app; its house opens and closes with it."""
    app = _Described(
        title="Surefoot",
        version="1",
        summary="Warns people of mines and other explosive ordnance near them.",
        description="No record is not safety: no answer of this API says that a place is free of danger.",
        lifespan=partial(_lifespan, settings),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses=_PROBLEMS,
    )
    metrics = Metrics()
    app.state.metrics = metrics
    for router in _ROUTERS:
        app.include_router(router, prefix="/v1")
    app.include_router(about.router)
    app.include_router(figures.router)
    app.add_middleware(CheckInFront)
    app.add_middleware(BodyLimit, limit=BODY_LIMIT, exceptions=BODY_LIMITS)
    app.add_middleware(FromPages)
    app.add_middleware(Envelope, metrics=metrics, surprise=troubles.surprise)
    app.state.packs, app.state.guidance = PacksInFront(metrics), GuidanceInFront(metrics)
    app.state.lessons = LessonsInFront(metrics)
    app.state.fronts = (app.state.packs, app.state.guidance, app.state.lessons)
    troubles.answer(app)
    return app


@contextlib.asynccontextmanager
async def _lifespan(settings: Settings, app: FastAPI) -> AsyncIterator[None]:
    pool = await open_pool(settings.need_database(), size=settings.pool_size)
    house = House(pool, settings.make_clock(), Keyring(settings.need_server_key()))
    redis_url = None if settings.redis_url is None else settings.redis_url.get_secret_value()
    for part in (settings, prints.Press(), Listeners()):
        house.put(part)
    open_words(settings).into(house)
    house.put(words := Following(house, opened=open_words))
    limits = Limits(redis_url, house.keyring, trusted_proxies=settings.trusted_proxies)
    house.put(limits)
    app_check = AppCheck.open(settings)
    house.put(app_check)
    house.put(packages := Press.open(settings))
    house.put(Names(loopback_only=settings.loopback_only))
    house.put(Joining(joining.into(house)))
    desk = Desk(pool)
    house.put(desk)
    house.put(Reporters.open(providers.of(settings)))
    house.put(figures.Figures(app.state.metrics.registry))
    house.put(index := ZoneIndex())
    house.put(places_index := PlaceIndex())
    house.put(TileCache())
    app.state.house = house
    app.state.packs.shelf = Shelf(pool)
    app.state.guidance.open(house)
    app.state.lessons.open(house)
    try:
        async with index.following(pool, house.clock), places_index.following(pool), receiving(house), words.running():
            yield
    finally:
        await packages.close()
        await desk.close()
        await app_check.close()
        await limits.close()
        await pool.close()


def served() -> FastAPI:
    """Return the app of a server process, which reads the settings itself."""
    die_with_parent()  # granian's main process may be killed without a word to its workers
    settings = Settings()
    log.configure(level=settings.log_level)
    return build(settings)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Refused when a setting is missing or wrong, or the port is taken."""
    settings.need_database()
    settings.need_server_key()
    open_words(settings)
    known = providers.of(settings)
    Reporters.open(known)
    Gateways.open(known)
    _demand_free(settings.host, settings.port)
    server = Granian(
        "service.api:served",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.api_processes,
        log_access=False,
        log_level=LogLevels.warning,
        log_dictconfig=_GRANIAN_LOG,
        websockets=False,
        workers_kill_timeout=10,
    )
    server.on_startup(call_children)
    server.serve()


def _demand_free(host: str, port: int) -> None:
    """Refuse a port that another program has: ours would share it, and each get some of the callers."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        words = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        detail = f"Cannot listen at {host}:{port}: {words}."
        remedy = "Stop what listens there, or set SUREFOOT_HOST and SUREFOOT_PORT."
        raise Refused(Kind.CONFLICT, "port-in-use", detail, where="SUREFOOT_PORT", remedy=remedy) from error
