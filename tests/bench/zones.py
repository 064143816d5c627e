"""Looking up places: against PostGIS, over HTTP against a constant, and with a hundred times as many zones."""

import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import psycopg
import shapely

from service.atlas.chart import Chart
from service.atlas.layer import Growing
from service.kit.processes import child, free_port
from tests.bench import postgis
from tests.bench.load import cpu_seconds
from tests.bench.outlines import Country
from tests.bench.system import System, say, system
from tests.bench.target import Target

TARGETS = {
    "check_vs_postgis": Target(least=7),
    "check_http_vs_constant": Target(least=0.65),
    "check_http_per_s": Target(least=5_000),
    "check_growth": Target(most=2),
}
WRK = "wrk is not installed: apt-get install --no-install-recommends wrk"
_AROUND_M = 2_000.0
_ROUNDS = 7
_TURNS = 15
_FIRST = datetime(2026, 11, 1, tzinfo=UTC)
_PATIENCE = 300.0
_MEGABYTE = 1024 * 1024


async def run(*, quick: bool) -> dict[str, float]:
    """Measure everything; quick: a fiftieth of the zones."""
    size = 50 if quick else 1
    figures = against_postgis(Country(100_000 // size), questions=200 if quick else 2_000)
    figures |= growth(Country(10_000 // size), Country(1_000_000 // size), questions=2_000)
    with system() as made:
        fill(made, Country(100_000 // size))
        figures |= over_http(made, Country(100_000 // size), seconds=1.0 if quick else 2.0)
    with system() as made:
        fill(made, Country(1_000_000 // size))
        return figures | at_a_million(made)


def chart_of(country: Country) -> Chart:
    """Draw a chart batch by batch, as a process does that starts."""
    growing = Growing()
    for batch in country.zones():
        growing.add(batch)
    return Chart.drawn(growing.layer())


def against_postgis(country: Country, *, questions: int) -> dict[str, float]:
    """Compare the answers, then the rates, in turns."""
    asked = country.questions(questions)
    index = chart_of(country).base.index
    with postgis.running() as other:
        other.fill(country.areas())
        for place in asked[:300]:
            demand_same([(near.row, near.metres) for near in index.within(*place, _AROUND_M)], other.within(*place))
        ours, theirs = [], []
        for _ in range(_ROUNDS):
            ours.append(cost(lambda x, y: index.within(x, y, _AROUND_M), asked))
            theirs.append(cost(other.within, asked, served_by=other.process))
    ratios = [another / one for one, another in zip(ours, theirs, strict=True)]
    return {
        "check_vs_postgis": statistics.median(ratios),
        "check_per_cpu_s": 1 / statistics.median(ours),
        "postgis_per_cpu_s": 1 / statistics.median(theirs),
    }


def demand_same(ours: list[tuple[int, float]], theirs: list[tuple[int, float]]) -> None:
    """Refuse to compare the speed of different answers; at 2 km a decimetre may decide."""
    mine, other = dict(ours), dict(theirs)
    for row in mine.keys() | other.keys():
        away, there = mine.get(row, _AROUND_M), other.get(row, _AROUND_M)
        if abs(away - there) > 0.5:
            raise AssertionError(f"zone {row}: {away} m here, {there} m in PostGIS")


def cost(
    ask: Callable[[float, float], object], places: list[tuple[float, float]], *, served_by: int | None = None
) -> float:
    """Return the processor seconds of one question, a server's too: fair also on a machine that is busy."""
    began, server = time.process_time(), 0.0 if served_by is None else cpu_seconds(served_by)
    for x, y in places:
        ask(x, y)
    spent = time.process_time() - began
    return (spent if served_by is None else spent + cpu_seconds(served_by) - server) / len(places)


def growth(small: Country, large: Country, *, questions: int) -> dict[str, float]:
    """Measure what an answer costs with a hundred times the zones, as densely strewn."""
    charts = [(chart_of(country), country.questions(questions)) for country in (small, large)]
    ratios = []
    for _ in range(_ROUNDS):
        few, many = (cost(partial(chart.within, metres=_AROUND_M), asked) for chart, asked in charts)
        ratios.append(many / few)
    return {"check_growth": statistics.median(ratios)}


def fill(made: System, country: Country) -> None:
    """Put a country's zones into the record."""
    say(f"{country.count:,} zones go into the record")
    with psycopg.connect(made.database) as tx, tx.cursor() as cursor:
        with cursor.copy(
            "COPY zone (id, authority, external_id, key, exercise, class, hazards, data_as_of, accuracy_m, publication,"
            " official, public, west, south, east, north, attributes, content_hash, created_at, changed_at, version)"
            " FROM STDIN"
        ) as rows:
            for batch in country.zones():
                outlines = [zone.outline for zone in batch]
                bodies, boxes = shapely.to_wkb(outlines), shapely.bounds(outlines).tolist()
                for zone, body, box in zip(batch, bodies, boxes, strict=True):
                    name = str(zone.id.int)
                    kept = (zone.id, zone.authority, name, name, False, "sha", ["unknown"], zone.data_as_of, 30.0)
                    rows.write_row((*kept, "outline", body, body, *box, "{}", bytes(32), _FIRST, _FIRST, 1))
        cursor.execute("UPDATE zones_version SET version = 1")


def over_http(made: System, country: Country, *, seconds: float) -> dict[str, float]:
    """Ask a real worker and one that answers with a constant, in many short turns; wrk asks, 16 at a time.

    The rate is that of a whole machine, with a worker for each processor; one worker's own stands beside it.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError(WRK)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        script = written(Path(folder), country.questions(1_000))
        whole, constant = (
            stack.enter_context(worker(made, kind, Path(folder, f"{kind}.log"))) for kind in ("whole", "constant")
        )
        walls, ratios, costs = [], [], []
        for _ in range(_TURNS):
            wall, cost = pressed(whole, script, seconds)
            walls.append(wall)
            costs.append(cost)
            ratios.append(pressed(constant, script, seconds)[1] / cost)
        processors = len(os.sched_getaffinity(0))
        machine = stack.enter_context(worker(made, "whole", Path(folder, "machine.log"), processes=processors))
        rates = [pressed(machine, script, seconds)[0] for _ in range(_ROUNDS)]
    return {
        "check_http_vs_constant": statistics.median(ratios),
        "check_http_per_s": max(rates),
        "check_http_per_s_of_one": max(walls),
        "check_http_per_cpu_s": 1 / statistics.median(costs),
    }


def written(folder: Path, places: list[tuple[float, float]]) -> Path:
    """Write the questions as wrk's script."""
    bodies = [json.dumps({"lat": y, "lon": x, "radius_m": _AROUND_M}) for x, y in places]
    lines = [f"bodies[{number}] = '{body}'" for number, body in enumerate(bodies, 1)]
    script = folder / "check.lua"
    script.write_text(
        "\n".join(["local bodies = {}", *lines, "local at = 0"]) + f"\nfunction request() at = at % {len(bodies)} + 1; "
        'return wrk.format("POST", "/v1/check", {["Content-Type"] = "application/json"}, bodies[at]) end\n'
    )
    return script


@contextlib.contextmanager
def worker(made: System, kind: str, log: Path, *, processes: int = 1) -> Iterator[tuple[str, int]]:
    """Run the API with its log in a file; give its address and its main process."""
    port = free_port()
    environment = made.environment | {
        "SUREFOOT_PORT": str(port),
        "SUREFOOT_LOG_LEVEL": "INFO",
        "SUREFOOT_API_PROCESSES": str(processes),
    }
    with log.open("wb") as out:
        process = child([sys.executable, "-m", "tests.bench.constant", kind], environment, stderr=out)
    url = f"http://127.0.0.1:{port}"
    try:
        await_ready(process, url)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(30)


def await_ready(process: subprocess.Popen[bytes], url: str) -> None:
    give_up = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < give_up:
        with contextlib.suppress(httpx.TransportError):
            answer = httpx.post(f"{url}/v1/check", json={"lat": 0, "lon": 0}, timeout=5)
            if answer.status_code == 200 and answer.json()["coverage"] != "stale":
                return
        time.sleep(0.1)
    raise RuntimeError("the API does not answer")


def pressed(server: tuple[str, int], script: Path, seconds: float) -> tuple[float, float]:
    """Return the answers a second, and the server's processor seconds for each."""
    url, pid = server
    before = cpu_seconds(pid)
    words = ["wrk", "-t1", "-c16", f"-d{seconds:.0f}s", "-s", str(script), url]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=seconds * 10 + 30).stdout
    answered = re.search(r"(\d+) requests in", said)
    a_second = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if answered is None or a_second is None or "Non-2xx" in said:
        raise RuntimeError(said)
    return float(a_second[1]), (cpu_seconds(pid) - before) / int(answered[1])


def at_a_million(made: System) -> dict[str, float]:
    """Measure how long a process takes to start on a large record, and how much memory it holds."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, worker(made, "whole", Path(folder, "log")) as (_, pid):
        started = time.perf_counter() - began
        held = max(resident(one) for one in family(pid))
    return {"start_1m_s": started, "memory_1m_mb": held}


def family(pid: int) -> list[int]:
    found = [pid]
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [one for child_pid in file.read_text().split() for one in family(int(child_pid))]
    return found


def resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE
