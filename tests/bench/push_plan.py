"""Planning at the size of a country: how fast, how compact, and how soon the first batch waits to be sent."""

import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import h3
import psycopg
import shapely
from psycopg.types.json import Jsonb

from service.alerts import planning, warned
from service.alerts.model import Area
from service.alerts.paging import Mind
from service.alerts.records import Progress
from service.alerts.store import plans
from service.delivery import actions as delivery
from service.delivery.model import Bulletin, Fate, Message, Severity, Text
from service.delivery.store import batches
from service.guidance.opening import open_words
from service.kit import geo
from service.kit.crypto import Keyring
from service.kit.db import Pool, Tx, open_pool, transaction
from service.kit.house import House
from service.kit.ids import new_id
from service.operators import actions as operators
from service.operators.model import Done, Role
from tests.bench.load import cpu_seconds
from tests.bench.push_receipts import postmaster
from tests.bench.registrations import Crowd
from tests.bench.system import System, add_zones, say, system
from tests.bench.target import Target
from tests.build import an_admin

TARGETS = {
    "plan_per_s": Target(least=100_000),
    "bytes_per_recipient": Target(most=40),
    "warned_ms": Target(most=20),
}
_ASKED = 200
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TABLES = (
    "alert", "alert_event", "alert_cell", "alert_plan", "alert_skip", "dispatch", "dispatch_text", "batch",
    "batch_audience", "batch_receipt", "procrastinate_jobs", "procrastinate_events",
)  # fmt: skip
_INNER, _WHOLE = 0.285, 0.52  # of the country's radius: about 100,000 and 300,000 of a million have a cell within
_SPOKEN = ("uk", "ru", "en", "ar")

# What a worker does to the rows of a batch and of its job, but for the sending.
_FETCH: LiteralString = "SELECT * FROM procrastinate_fetch_job_v2(ARRAY['urgent', 'delivery'], %s)"
_FINISH: LiteralString = "SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)"
_WORKER: LiteralString = "SELECT worker_id AS id FROM procrastinate_register_worker_v1()"
_SIZE: LiteralString = (
    "SELECT sum(pg_total_relation_size(name::regclass))::bigint AS size FROM unnest(%s::text[]) AS name"
)
_APPROVED: LiteralString = """
INSERT INTO alert (id, lineage, state, exercise, severity, template, zone_id, reach_m, place, author_id, approver_id,
                   created_at, approved_at, expires_at, snapshot)
VALUES (%(id)s, %(id)s, 'approved', false, %(severity)s, 'hazard_near', (SELECT id FROM zone LIMIT 1), 5000, 'Here',
        %(author)s, %(approver)s, %(now)s, %(now)s, %(until)s, %(snapshot)s)
RETURNING zone_id
"""


@dataclass(frozen=True)
class Office:
    """A system with a crowd, and two operators."""

    house: House
    pool: Pool
    crowd: Crowd
    people: tuple[UUID, UUID]
    server: int

    async def approve(self, cells: Sequence[int], severity: Severity = Severity.SEVERE) -> UUID:
        """Put an approved alert about the one zone into the record, as `alerts.actions.approve` does."""
        now = self.house.clock.now()
        alert_id, until = new_id(now=now), now + timedelta(days=90)
        texts = [Text(tag, "ltr", "Mine danger near", "Stop. " * 30) for tag in _SPOKEN]
        snapshot = [{**vars_of(text), "draft": False} for text in texts]
        values = {"id": alert_id, "severity": int(severity), "now": now, "until": until, "snapshot": Jsonb(snapshot)}
        values |= {"author": self.people[0], "approver": self.people[1]}
        async with transaction(self.pool) as tx:
            row = await (await tx.execute(_APPROVED, values)).fetchone()
            assert row is not None
            middle = {cell: h3.grid_distance(h3.int_to_str(cells[0]), h3.int_to_str(cell)) for cell in cells}
            nowhere = geo.areal(shapely.box(0, 0, 1, 1))
            await plans.insert_cells(tx, alert_id, Area(middle, frozenset(), (), nowhere))
            await plans.start_plan(tx, alert_id, last_ring=max(middle.values()))
            about = Bulletin(
                alert_id=alert_id,
                lineage=alert_id,
                revision=1,
                message=Message.WARNING,
                severity=severity,
                exercise=False,
                zone_id=row["zone_id"],
                reach_m=5000,
                issued_at=now,
                expires_at=until,
            )
            await delivery.announce(tx, about, texts)
        return alert_id

    async def plan(self, alert_id: UUID) -> tuple[float, float]:
        """Plan it to its end, as the job does; give the seconds until the first and the last commit."""
        mind, began, ends = Mind(), time.perf_counter(), []
        progress = Progress.MORE
        while progress is not Progress.DONE:
            async with transaction(self.pool) as tx:
                progress = await planning.plan_page(tx, self.house, alert_id, mind)
            ends.append(time.perf_counter() - began)
        return ends[0], ends[-1]

    async def send(self) -> None:
        """Claim and settle every batch that waits, everybody accepted."""
        async with self.pool.connection() as tx:
            worker = (await (await tx.execute(_WORKER)).fetchone() or {})["id"]
        while True:
            async with transaction(self.pool) as tx:
                job = await (await tx.execute(_FETCH, (worker,))).fetchone()
            if job is None or job["id"] is None:
                return
            async with transaction(self.pool) as tx:
                row = await batches.claim(tx, job["args"]["batch"])
            assert row is not None
            async with transaction(self.pool) as tx:
                await batches.settle(tx, self._settled(row))
            async with transaction(self.pool) as tx:
                await tx.execute(_FINISH, (job["id"],))

    def cost(self) -> float:
        """Return the processor seconds used so far, the server's too: fair also on a machine that is busy."""
        return time.process_time() + cpu_seconds(self.server)

    async def ask(self) -> float:
        """Ask of registrations here and there whether they were warned; return the median in milliseconds."""
        taken = []
        for number in range(1, self.crowd.count, self.crowd.count // _ASKED):
            async with transaction(self.pool) as tx:
                began = time.perf_counter()
                await warned.of_phone(tx, UUID(int=number), now=NOW)
                taken.append(time.perf_counter() - began)
        return 1000 * statistics.median(taken)

    def _settled(self, row: Mapping[str, Any]) -> dict[str, Any]:
        now, fates = self.house.clock.now(), Fate.ACCEPTED * len(row["fates"])
        told = {"id": row["id"], "attempts": row["attempts"], "state": "done", "fates": fates}
        return told | {"due_at": now, "finished_at": now}


def vars_of(text: Text) -> dict[str, str]:
    return {"language": text.language, "direction": text.direction, "title": text.title, "body": text.body}


@asynccontextmanager
async def office(made: System, crowd: Crowd) -> AsyncIterator[Office]:
    """Fill a system's tables and open it."""
    settings = made.settings
    keyring = Keyring(settings.need_server_key())
    add_zones(made, 1)
    say(f"{crowd.count:,} registrations go into the record")
    crowd.write(made.database, keyring, now=NOW)
    pool = await open_pool(made.database, size=4)
    async with transaction(pool) as tx:
        people = await _people(tx)
    house = House(pool, settings.make_clock(), keyring)
    house.put(settings)
    open_words(settings).into(house)
    yield Office(house, pool, crowd, people, postmaster(made))
    await pool.close()


async def _people(tx: Tx) -> tuple[UUID, UUID]:
    first = await an_admin(tx)
    done = await operators.add(tx, first, "Borys", frozenset({Role.ADMIN, Role.APPROVER}), now=NOW)
    assert isinstance(done, Done)
    return first.id, done.operator.id


def size_of(url: str) -> int:
    with psycopg.connect(url) as tx:
        row = tx.execute(_SIZE, (list(TABLES),)).fetchone()
    return int(row[0]) if row else 0


async def run(*, quick: bool) -> dict[str, float]:
    """Warn a third of the area, send it, then warn all of it of the same."""
    crowd = Crowd(20_000 if quick else 1_000_000)
    with system() as made:
        async with office(made, crowd) as desk:
            return await measured(desk, made.database)


async def measured(desk: Office, url: str) -> dict[str, float]:
    """Return what planning and its record cost."""
    inner, whole = (desk.crowd.cells(round(desk.crowd.radius * part)) for part in (_INNER, _WHOLE))
    await desk.plan(await desk.approve(inner))
    await desk.send()
    before = size_of(url)
    alert_id = await desk.approve(whole)
    spent = desk.cost()
    first, last = await desk.plan(alert_id)
    spent = desk.cost() - spent
    async with transaction(desk.pool) as tx:
        told, over = await _counts(tx, alert_id)
    await desk.send()
    after = size_of(url)
    warned_ms = await desk.ask()
    return {
        "plan_per_s": (told + over) / last,
        "bytes_per_recipient": (after - before) / told,
        "warned_ms": warned_ms,
        "plan_per_cpu_s": (told + over) / spent,
        "plan_first_page_s": first,
        "plan_matched": float(told + over),
        "plan_passed_over": float(over),
    }


_COUNTS: LiteralString = """
SELECT (SELECT sum(size)::int FROM batch WHERE alert_id = %(id)s) AS told,
       (SELECT coalesce(sum(cardinality(numbers)), 0)::int FROM alert_skip WHERE alert_id = %(id)s) AS passed_over
"""


async def _counts(tx: Tx, alert_id: UUID) -> tuple[int, int]:
    row = await (await tx.execute(_COUNTS, {"id": alert_id})).fetchone()
    assert row is not None
    return row["told"], row["passed_over"]
