"""100,000 phones stay silent: how soon their texts wait to be sent, in which order, and what was foreseen."""

import itertools
import json
import time
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import h3
import psycopg

from service.alerts import escalating
from service.alerts.costing import Cost, ForecastOut, Texted, forecast
from service.alerts.escalating import Memory
from service.delivery.model import Severity
from service.delivery.purse import Purse, Tariff, segments
from service.kit.db import transaction
from tests.bench.push_plan import Office, office
from tests.bench.registrations import MIDDLE, Crowd
from tests.bench.system import say, system
from tests.bench.target import Target

TARGETS = {"escalate_missed": Target(most=0), "escalate_out_of_order": Target(most=0)}
_TEXTED = 100_000
_A_SECOND, _PRICE = 100, 50_000
_SMS = {
    "uk": "Мінна небезпека біля Дубця. Зупиніться, дзвоніть. " * 3,
    "ru": "Минная опасность около Дубца. Стойте, звоните. " * 3,
    "en": "Mine danger near Novyi Dubets. Do not go there. " * 4,
    "ar": "خطر ألغام قرب نوفي دوبيتس. لا تذهبوا إلى هناك. " * 3,
}
_PATIENCE = timedelta(minutes=10)

_NUMBERED: LiteralString = "UPDATE registration SET numbered = number % 10 <> 0"
_POLICY: LiteralString = """
UPDATE alert SET escalate_minutes = 10,
       snapshot = (SELECT jsonb_agg(text || jsonb_build_object('sms', %(sms)s::jsonb ->> (text ->> 'language')))
                     FROM jsonb_array_elements(snapshot) AS text)
 WHERE id = %(id)s
"""
# Half of the pushes were taken and stay silent, the rest found nobody.
_SILENT: LiteralString = """
UPDATE batch SET state = 'done', attempts = 1, finished_at = %(at)s,
       fates = repeat('a', size / 2) || repeat('d', size - size / 2)
 WHERE alert_id = %(id)s
"""
_MISSED: LiteralString = """
SELECT count(*)::int AS missed FROM (
    SELECT unnest(numbers) AS number FROM batch JOIN batch_audience ON batch_id = id
     WHERE alert_id = %(id)s AND channel <> 'sms') AS pushed JOIN registration USING (number)
 WHERE registration.numbered AND number NOT IN (
    SELECT unnest(numbers) FROM batch JOIN batch_audience ON batch_id = id
     WHERE alert_id = %(id)s AND channel = 'sms')
"""
_ORDER: LiteralString = """
SELECT ring, size FROM batch WHERE alert_id = %(id)s AND channel = 'sms' ORDER BY id
"""


async def run(*, quick: bool) -> dict[str, float]:
    """Warn a crowd by push, let it stay silent, and go on by text."""
    crowd = Crowd(10_000 if quick else 120_000)
    with system() as made:
        async with office(made, crowd) as desk:
            alert_id = await _silent(desk, made.database)
            return await _measured(desk, made.database, alert_id)


async def _silent(desk: Office, url: str) -> UUID:
    cells = desk.crowd.cells()
    assert h3.latlng_to_cell(*MIDDLE, 7) == h3.int_to_str(cells[0])
    alert_id = await desk.approve(cells, Severity.SEVERE)
    with psycopg.connect(url) as tx:
        tx.execute("SET LOCAL session_replication_role = replica")  # an approved alert does not change
        tx.execute(_POLICY, {"id": alert_id, "sms": json.dumps(_SMS)})
        tx.execute(_NUMBERED)
    await desk.plan(alert_id)
    with psycopg.connect(url) as tx:
        tx.execute(_SILENT, {"id": alert_id, "at": desk.house.clock.now() - _PATIENCE})
    with psycopg.connect(url, autocommit=True) as tx:
        tx.execute("VACUUM ANALYZE")
    return alert_id


async def _measured(desk: Office, url: str, alert_id: UUID) -> dict[str, float]:
    began, spent = time.perf_counter(), desk.cost()
    async with transaction(desk.pool) as tx:
        texts = await escalating.page(tx, desk.house, Memory()) or 0
    first = time.perf_counter() - began
    while written := await escalating.sweep(desk.house):
        texts += written
    took, spent = time.perf_counter() - began, desk.cost() - spent
    with psycopg.connect(url) as tx:
        rings = [row[0] for row in tx.execute(_ORDER, {"id": alert_id}).fetchall()]
        missed = tx.execute(_MISSED, {"id": alert_id}).fetchone()
    told = _foreseen()
    say(f"forecast for {_TEXTED:,}: {told.cost_at_most} {told.currency}, {told.seconds_at_most:,} s")
    return {
        "escalate_missed": float(missed[0] if missed else 0),
        "escalate_out_of_order": float(sum(later < before for before, later in itertools.pairwise(rings))),
        "escalated": float(texts),
        "escalate_per_s": texts / took,
        "escalate_per_cpu_s": texts / spent,
        "escalate_first_s": first,
        "escalate_s": took,
        "forecast_s": float(told.seconds_at_most or 0),
        "forecast_cost": float(told.cost_at_most),
    }


def _foreseen() -> ForecastOut:
    """Return what a preview says of 100,000 texts at 100 segments a second, from the blurred count."""
    unlimited, longest = Purse(0, 0, 0), max(map(segments, _SMS.values()))
    cost = Cost("EUR", Tariff(_PRICE, _A_SECOND), longest, unlimited, unlimited)
    return forecast(Texted(0, _TEXTED), cost, escalates=True, overdraws=False)
