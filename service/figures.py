"""What an alarm needs to know of the whole house, for Prometheus: no person, no place, no text."""

import time
from typing import Annotated

import psycopg
import structlog
from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from service.alerts import progress
from service.config import Settings
from service.conversations.tally import TALLY
from service.delivery import figures as delivery
from service.delivery.receiving import Desk
from service.guidance.following import Following
from service.kit.counts import steps
from service.kit.crypto import same
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.http import HouseDep, decides_access
from service.kit.limits import Limits
from service.operators import actions as operators
from service.operators.model import STAFF
from service.publication import actions as publication

router = APIRouter(tags=["about"])
_log = structlog.get_logger()
_bearer = HTTPBearer(auto_error=False, description="SUREFOOT_METRICS_KEY, or an operator's key")
_STEADY_SECONDS = 10.0
_AWAY = (psycopg.Error, PoolTimeout)


class _Told(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


class Figures:
    """A process's own state, as it is; counts of people and of the database, at most every 10 s anew (R26)."""

    def __init__(self, requests: CollectorRegistry) -> None:
        self._requests = requests
        self._told: list[Metric] = []
        self._until = 0.0

    async def text(self, house: House) -> bytes:
        """Return everything in Prometheus's text format."""
        if time.monotonic() >= self._until:
            self._told = await _told(house)
            self._until = time.monotonic() + _STEADY_SECONDS
        registry = CollectorRegistry()
        registry.register(_Told([*await _own(house), *self._told]))
        return generate_latest(self._requests) + generate_latest(registry)


async def _own(house: House) -> list[Metric]:
    listeners, limits = house.get(progress.Listeners).count, house.get(Limits)
    own = [GaugeMetricFamily("surefoot_progress_listeners", "Who follow an alert in this process", value=listeners)]
    if limits.has_redis:
        answers = await limits.redis_answers()
        own.append(GaugeMetricFamily("surefoot_redis_up", "1 if Redis answers; absent without one", value=answers))
    refused = house.get(Following).trouble is not None
    own.append(GaugeMetricFamily("surefoot_words_refused", "1 while newer words cannot be read", value=refused))
    return [*own, *TALLY.collect()]


async def _told(house: House) -> list[Metric]:
    heard = steps(house.get(Desk).written)
    own = GaugeMetricFamily("surefoot_receipts", "Receipts this process wrote, in steps of ten", value=heard)
    try:
        return [own, *await _in_database(house), _up(there=True)]
    except _AWAY as error:
        _log.warning("figures.database_away", error=type(error).__name__)
        return [own, _up(there=False)]


def _up(*, there: bool) -> Metric:
    return GaugeMetricFamily("surefoot_database_up", "1 if the database answers", value=there)


async def _in_database(house: House) -> list[Metric]:
    now = house.clock.now()
    async with transaction(house.pool) as tx:
        index = GaugeMetricFamily("surefoot_index_age_seconds", "Since the index was made", labels=["world"])
        for world, made in (await publication.made(tx)).items():
            index.add_metric([world.value], (now - made).total_seconds())
        soon = await progress.expiring(tx, now=now)
        expiring = GaugeMetricFamily(
            "surefoot_alerts_expiring", "Warnings out of date within 7 days, or already", value=soon
        )
        return [*await delivery.told(tx, epoch=house.get(Settings).epoch, now=now), index, expiring]


@decides_access
async def may_read(
    house: HouseDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> None:
    """Let in whoever shows the key of the settings, for which no database is needed, and operators."""
    shown, key = credentials.credentials if credentials else "", house.get(Settings).metrics_key
    if key is not None and shown and same(shown.encode(), key.get_secret_value().encode()):
        return
    async with transaction(house.pool) as tx:
        operators.demand(await operators.authenticate(tx, Hidden(shown)), STAFF)


@router.get("/metrics", response_class=PlainTextResponse, dependencies=[Depends(may_read)])
async def metrics(house: HouseDep) -> PlainTextResponse:
    """Return figures for Prometheus: this process's requests, and the state of the whole house."""
    made = await house.get(Figures).text(house)
    return PlainTextResponse(made, media_type="text/plain; version=0.0.4")
