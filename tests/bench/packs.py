"""Packs: how large, how soon a phone sees a change, what serving costs against a server that can nothing else."""

import asyncio
import base64
import contextlib
import hashlib
import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import shapely

from service.atlas.words import CAVEAT
from service.i18n.catalogues import Catalogues
from service.kit import geo
from service.kit.db import open_pool, transaction
from service.kit.documents import Document
from service.kit.encodings import SMALLER, Effort, Encoding, compress
from service.kit.geo import Area
from service.kit.ids import new_id
from service.kit.processes import child, free_port
from service.operators import actions as operators
from service.operators.model import Done, Operator, Role
from service.publication import deltas, geojson, store
from service.publication.model import Kept, World
from service.zones.model import PublicZone
from service.zones.words import LABEL
from tests.bench.bare import bare_server
from tests.bench.load import requests_a_cpu_second
from tests.bench.system import System, add_zones, say, system
from tests.bench.target import Target
from tests.build import a_feature, a_file, a_square, an_import
from tests.conftest import LOCALES, SHARED

TARGETS = {
    "pack_kb": Target(most=140),
    "delta_kb": Target(most=1.5),
    "index_s": Target(most=2),
    "index300_s": Target(most=120),
    "serve_vs_bare": Target(least=0.7),
}
CELL = "841e1c7ffffffff"
_FIRST = datetime(2026, 11, 1, tzinfo=UTC)
_PATIENCE = 600.0


async def run(*, quick: bool) -> dict[str, float]:
    """Measure everything; quick: a fiftieth of the zones."""
    rng = random.Random(1)  # noqa: S311 - the same pack at every run
    before = zones(outlines(rng), rng)
    pack = geojson.pack(content(before), cell=CELL, world=World.LIVE, version=1)
    figures = {"pack_kb": packed_kb(pack), "delta_kb": packed_kb(delta_of_ten(before, pack, rng))}
    say(f"{len(before)} zones, {len(pack) / 1000:.0f} kB of GeoJSON")
    with system() as running:
        cells = add_zones(running, 2_000 if quick else 100_000)
        say(f"zones in {cells} cells")
        figures |= await soon(running)
        figures |= await serving(running, pack, seconds=1 if quick else 5)
    return figures


# --- how large


def outlines(rng: random.Random) -> list[Area]:
    """Return 2,000 public outlines: the 300 real ones, shifted, widened by 30 m as the service does it."""
    lines = (SHARED / "hazards" / "formats" / "bih300.geojsonl").read_text().splitlines()
    shapes = [geo.areal(shapely.geometry.shape(json.loads(line)["geometry"]).buffer(0)) for line in lines]
    moved = []
    for number in range(2_000):
        by = (rng.uniform(-0.15, 0.15), rng.uniform(-0.1, 0.1))
        moved.append(geo.outward(shapely.transform(shapes[number % len(shapes)], lambda at, by=by: at + by), 30))
    return moved


def zones(shapes: list[Area], rng: random.Random) -> list[PublicZone]:
    """Give each outline every field that a zone in a pack has."""
    return [
        PublicZone(
            id=UUID(int=new_id(now=_FIRST).int >> 74 << 74 | rng.getrandbits(74)),
            revision=rng.choice((1, 1, 1, 2, 3)),
            exercise=False,
            authority=rng.choice(("BHMAC", "Mine Action Centre", "Norwegian People's Aid")),
            data_as_of=date(2024, 7, 31) - timedelta(days=rng.choice((0, 0, 0, rng.randrange(4000)))),
            accuracy_m=30.0,
            stale=rng.random() < 0.05,
            outline=shape,
        )
        for shape in shapes
    ]


def content(shown: list[PublicZone]) -> geojson.Content:
    catalogues = Catalogues.load(LOCALES, confirmed=frozenset({"uk", "ru", "es", "ar"}))
    messages = (LABEL, CAVEAT)
    return geojson.Content(
        [catalogues.render_together(messages, tag) for tag in catalogues.sendable(messages)], zones=shown
    )


def delta_of_ten(before: list[PublicZone], pack: bytes, rng: random.Random) -> bytes:
    """Let the authority redraw ten zones: new outlines, new date, new revision."""
    changed = list(before)
    for at in rng.sample(range(len(before)), 10):
        zone = before[at]
        redrawn = geo.outward(shapely.transform(zone.outline, lambda at: np.add(at, 0.0004)), 5)
        changed[at] = PublicZone(
            zone.id, zone.revision + 1, False, zone.authority, date(2026, 11, 1), zone.accuracy_m, False, redrawn
        )
    new = geojson.pack(content(changed), cell=CELL, world=World.LIVE, version=2)
    return deltas.as_bytes(deltas.between(pack, new, cell=CELL, world=World.LIVE, versions=(1, 2)))


def packed_kb(document: bytes) -> float:
    effort = Effort.GOOD if document.startswith(b'{"surefoot"') else Effort.BEST
    return len(compress(document, Encoding.BR, effort)) / 1000


# --- how soon


@contextlib.contextmanager
def program(running: System, *words: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as log:
        process = child(running.command(*words), running.environment | more, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


async def soon(running: System) -> dict[str, float]:
    """Time a change from its commit until a phone has the index and the pack that hold it."""
    port = free_port()
    operator = await an_editor(running)
    with program(running, "api", SUREFOOT_PORT=str(port)), program(running, "worker", "--queues", "slow"):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as phone:
            await until(phone, lambda _: True)
            await settled(running)
            say("all packs are made; now one zone at a time")
            one = [await change(running, operator, phone, [(30.0 + n / 10, 48.0)], f"one-{n}") for n in range(5)]
            await settled(running)
            say("and now an import over 300 cells")
            spots = [(22.5 + (n % 20) * 0.85, 44.8 + (n // 20) * 0.48) for n in range(300)]
            many = await change(running, operator, phone, spots, "many")
    return {"index_s": statistics.median(one), "index_worst_s": max(one), "index300_s": many}


async def an_editor(running: System) -> Operator:
    pool = await open_pool(running.database, size=1)
    async with transaction(pool) as tx:
        done = await operators.add(tx, None, "Ana", frozenset({Role.ADMIN, Role.EDITOR}), now=_FIRST)
    await pool.close()
    assert isinstance(done, Done)
    return done.operator


async def change(
    running: System, operator: Operator, phone: httpx.AsyncClient, spots: list[tuple[float, float]], name: str
) -> float:
    """Take in new zones; return the seconds until every pack that holds one can be fetched."""
    features = [a_feature(f"{name}-{number}", a_square(x, y)) for number, (x, y) in enumerate(spots)]
    before = (await the_index(phone))["packs"]
    pool = await open_pool(running.database, size=1)
    async with transaction(pool) as tx:
        await an_import(tx, operator, a_file(*features))
    began = time.perf_counter()
    await pool.close()
    cells = {geo.cell_text(geo.cell_at(x + 0.005, y + 0.005, 4)) for x, y in spots}
    index = await until(
        phone, lambda packs: all(packs.get(cell, {}).get("version", 0) > _version(before, cell) for cell in cells)
    )
    pack = await phone.get(f"/v1/packs/{min(cells)}/{index[min(cells)]['version']}.json")
    pack.raise_for_status()
    took = time.perf_counter() - began
    say(f"{name}: {took:.2f} s for {len(cells)} cells")
    return took


def _version(packs: dict[str, Any], cell: str) -> int:
    return int(packs.get(cell, {}).get("version", 0))


async def the_index(phone: httpx.AsyncClient) -> dict[str, Any]:
    answer = await phone.get("/v1/packs/index.json")
    answer.raise_for_status()
    payload = answer.json()["payload"]
    index: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return index


async def until(phone: httpx.AsyncClient, there: Any) -> dict[str, Any]:
    """Ask for the index until it says so."""
    give_up = time.perf_counter() + _PATIENCE
    while time.perf_counter() < give_up:
        with contextlib.suppress(httpx.HTTPError):
            packs: dict[str, Any] = (await the_index(phone))["packs"]
            if there(packs):
                return packs
        await asyncio.sleep(0.05)
    raise TimeoutError("the index never said so")


async def settled(running: System) -> None:
    """Wait until nothing is due and everything is as small as it gets."""
    pool = await open_pool(running.database, size=1)
    waiting = True
    while waiting:
        await asyncio.sleep(0.5)
        async with transaction(pool) as tx:
            cursor = await tx.execute(
                "SELECT (SELECT count(*) FROM publication_due) + (SELECT count(*) FROM publication_document"
                " WHERE NOT final AND superseded_at IS NULL) AS waits"
            )
            row: Any = await cursor.fetchone()
            waiting = row["waits"] > 0
    await pool.close()


# --- what serving costs


async def serving(running: System, pack: bytes, *, seconds: float) -> dict[str, float]:
    """Serve the pack of 2,000 zones in turns with a bare server that has the same bytes."""
    path = await shelve(running, pack)
    port = free_port()
    asked = {"accept-encoding": "br"}
    with program(running, "api", SUREFOOT_PORT=str(port), SUREFOOT_LOG_LEVEL="INFO") as api:
        url = f"http://127.0.0.1:{port}/v1/packs/{path}"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as phone:
            await until(phone, lambda _: True)
            async with phone.stream("GET", url, headers=asked) as answer:
                body = b"".join([chunk async for chunk in answer.aiter_raw()])
        with bare_server(body) as (bare, pid):
            ours, theirs = [], []
            for _ in range(3):
                ours.append(await requests_a_cpu_second(url, api.pid, asked, seconds=seconds))
                theirs.append(await requests_a_cpu_second(bare, pid, asked, seconds=seconds))
    say(f"{len(body) / 1000:.0f} kB: {statistics.median(ours):,.0f} against {statistics.median(theirs):,.0f}")
    ratio = statistics.median(ours) / statistics.median(theirs)
    return {"serve_vs_bare": ratio, "serve_per_cpu_s": statistics.median(ours)}


async def shelve(running: System, pack: bytes) -> str:
    """Put a pack among those that are served; return its path."""
    path = f"{CELL}/1000000.json"
    bodies = {encoding: compress(pack, encoding, Effort.BEST) for encoding in SMALLER}
    document = Document(path, hashlib.sha256(pack).hexdigest(), len(pack), bodies, final=True)
    pool = await open_pool(running.database, size=1)
    async with transaction(pool) as tx:
        await store.add(tx, [Kept(World.LIVE, CELL, None, 1_000_000, document)])
    await pool.close()
    return path
