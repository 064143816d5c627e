"""Measures an import of 100,000 polygons: how long from the file to the commit, how much memory its processes take."""

import asyncio
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from service.config import MIGRATIONS
from service.imports import actions as imports
from service.imports.model import Declared, Kind
from service.intake import reading
from service.kit.data_folder import DataFolder
from service.kit.db import Pool, migrate, open_pool, transaction
from service.kit.embedded import EmbeddedServers
from service.operators.model import Operator
from tests.bench.target import Target
from tests.build import a_square, an_admin

TARGETS = {"import_s": Target(most=60), "import_mb": Target(most=1_000)}
REAL = Path(__file__).parents[3] / "shared" / "data" / "hazards" / "formats" / "bih300.geojsonl"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
MANY, FEW = 100_000, 3_000
_OURS = ("service.intake", "service.imports")
_MIB = 1024 * 1024


async def run(*, quick: bool) -> dict[str, float]:
    """Import the 300 real outlines, shifted, and once more as they are; PostgreSQL is the embedded one."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "zones.geojsonl"
        written = await asyncio.to_thread(_write, file, FEW if quick else MANY)
        # From the main thread: servers end with what starts them.
        with DataFolder.take(Path(folder) / "data", purpose="bench") as data, EmbeddedServers.start(data) as servers:
            await asyncio.to_thread(migrate, servers.database_url, MIGRATIONS)
            return await _measured(servers.database_url, file, written)


async def _measured(url: str, file: Path, written: int) -> dict[str, float]:
    pool = await open_pool(url, size=4)
    async with transaction(pool) as tx:
        operator = await an_admin(tx)
    with _memory() as most:
        first, kinds = await _import(pool, operator, file)
    assert kinds == {Kind.NEW: written}, kinds
    again, kinds = await _import(pool, operator, file)
    assert kinds == {Kind.UNCHANGED: written}, kinds
    await pool.close()
    return {"import_s": first, "import_mb": most[0] / _MIB, "again_s": again}


async def _import(pool: Pool, operator: Operator, file: Path) -> tuple[float, dict[Kind, int]]:
    began = time.perf_counter()
    order = imports.Order(Declared("Centre", date(2024, 7, 31), complete=True), origin=file.name)
    async with transaction(pool) as tx:
        report = await imports.run_import(tx, operator, reading.read(file), order, now=NOW)
    taken = time.perf_counter() - began
    return taken, {kind: len(report.plan.of(kind)) for kind in Kind if report.plan.of(kind)}


def _write(file: Path, wanted: int) -> int:
    outlines = _outlines()
    with file.open("w", encoding="utf-8") as opened:
        for number in range(wanted):
            block, at = divmod(number, len(outlines))
            feature = outlines[at]
            east, north = block % 20 * 0.5 - 5, block // 20 * 0.3 - 2
            geometry = {**feature["geometry"], "coordinates": _shifted(feature["geometry"]["coordinates"], east, north)}
            properties = {**feature["properties"], "zone_id": f"Z-{number:06d}"}
            opened.write(json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}) + "\n")
    return wanted


def _outlines() -> list[dict[str, Any]]:
    """Return the real outlines, or as many squares where they are absent."""
    if REAL.exists():
        return [json.loads(line) for line in REAL.read_text(encoding="utf-8").splitlines()]
    squares = (a_square(17 + at % 20 / 50, 45 + at // 20 / 50, 0.004) for at in range(300))
    return [{"properties": {"name": "Field", "status": "SHA"}, "geometry": square} for square in squares]


def _shifted(coordinates: Any, east: float, north: float) -> Any:
    if isinstance(coordinates[0], int | float):
        return [round(coordinates[0] + east, 7), round(coordinates[1] + north, 7)]
    return [_shifted(inner, east, north) for inner in coordinates]


@contextmanager
def _memory() -> Iterator[list[float]]:
    """Watch what this process and those that it started to read and judge hold together, in bytes."""
    most, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            most[0] = max(most[0], float(sum(map(_held, _processes()))))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield most
    finally:
        done.set()
        watching.join()


def _processes() -> list[Path]:
    found = [Path("/proc/self")]
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if any(name in (each / "cmdline").read_text() for name in _OURS):
                found.append(each)
        except OSError:
            continue
    return found


def _held(process: Path) -> int:
    try:
        told = (process / "smaps_rollup").read_text()
    except OSError:
        return 0
    pss = next((line for line in told.splitlines() if line.startswith("Pss:")), "Pss: 0 kB")
    return int(pss.split()[1]) * 1024
