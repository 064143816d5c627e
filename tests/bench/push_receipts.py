"""Receipts over HTTP: one a request, its bit committed, against the same route that answers with a constant."""

import asyncio
import base64
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from fastapi import FastAPI
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from pyreqwest.client import ClientBuilder

from service import api
from service.delivery import receiving
from service.kit.crypto import Keyring, mac
from service.kit.processes import child, die_with_parent, free_port
from service.residents.actions import receipt_key
from tests.bench.load import cpu_seconds
from tests.bench.system import System, say, system
from tests.bench.target import Target
from tests.bench.zones import WRK, await_ready

TARGETS = {"receipts_vs_constant": Target(least=0.5), "receipts_lost": Target(most=0)}
_CONSTANT = "BENCH_CONSTANT"
_BATCH = 500
_CONNECTIONS = 64
_REPEATED = 100  # one of so many is sent twice
_A_TURN = 20_000
_ALERT = UUID(int=1)


async def run(*, quick: bool) -> dict[str, float]:
    """Press both in turns, then send what is counted one by one."""
    if shutil.which("wrk") is None:
        raise RuntimeError(WRK)
    turns, seconds, counted = (2, 1.0, 500) if quick else (9, 2.0, 20_000)
    with system() as made:
        say(f"{turns * _A_TURN + counted:,} registrations in batches of {_BATCH}")
        bodies = fill(made, turns * _A_TURN + counted)
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            whole, constant = (stack.enter_context(worker(made, kind, folder)) for kind in ("whole", "constant"))
            figures = pressed_in_turns(made, (whole, constant), (bodies[counted:], folder), seconds)
            return figures | {"receipts_lost": await lost(made, whole[0], bodies[:counted])}


def fill(made: System, count: int) -> list[bytes]:
    """Put registrations and their batches into the tables by SQL; return a receipt of each."""
    now = datetime.now(UTC)
    said = (_ALERT, _ALERT, 1, 3, False, uuid4(), 3000, now, now + timedelta(days=1))
    ids = [uuid4() for _ in range(count)]
    with psycopg.connect(made.database) as tx, tx.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dispatch (alert_id, lineage, revision, severity, exercise, zone_id, reach_m, issued_at,"
            " expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            said,
        )
        cursor.execute("INSERT INTO dispatch_text VALUES (%s, 1, 'en', 'ltr', 'Mines', 'Stop.')", [_ALERT])
        with cursor.copy(
            "COPY registration (id, secret_hash, platform, languages, created_at, changed_at, seen_at, dead_at)"
            " FROM STDIN"
        ) as rows:
            for one in ids:
                rows.write_row((one, bytes(32), "android", ["en"], now, now, now, now))
        cursor.execute(
            "INSERT INTO batch (alert_id, revision, ring, language, lowest, highest, size, due_at, created_at, fates)"
            " SELECT %s, 1, 0, 'en', min(number), max(number), count(*), %s, %s, repeat('a', count(*)::int)"
            " FROM registration GROUP BY (number - 1) / %s ORDER BY 1",
            (_ALERT, now, now, _BATCH),
        )
        cursor.execute(
            "INSERT INTO batch_audience SELECT batch.id, array_agg(number ORDER BY number)"
            " FROM batch JOIN registration ON number BETWEEN lowest AND highest GROUP BY batch.id"
        )
        cursor.execute(
            "SELECT registration.id, batch.id FROM registration JOIN batch ON number BETWEEN lowest AND highest"
            " ORDER BY md5(registration.id::text)"
        )
        keyring = Keyring(made.settings.need_server_key())
        bodies = [body(keyring, one, batch) for one, batch in cursor]
    with psycopg.connect(made.database, autocommit=True) as tx:
        tx.execute("ANALYZE")
    return bodies


def body(keyring: Keyring, registration: UUID, batch: int) -> bytes:
    parts = (_ALERT.bytes, (1).to_bytes(4, "big"), batch.to_bytes(8, "big"))
    made = base64.urlsafe_b64encode(mac(receipt_key(keyring, registration), *parts)).rstrip(b"=").decode()
    told: dict[str, Any] = {"registration": str(registration), "alert": str(_ALERT), "revision": 1}
    return json.dumps(told | {"batch": batch, "mac": made}).encode()


def pressed_in_turns(
    made: System, servers: tuple[tuple[str, int], tuple[str, int]], told: tuple[Sequence[bytes], Path], seconds: float
) -> dict[str, float]:
    """Compare the processor time of an answer, PostgreSQL's once with and once without."""
    (bodies, folder), keeper = told, postmaster(made)
    ratios, whole_ratios, walls, costs = [], [], [], []
    for at in range(0, len(bodies), _A_TURN):
        script = written(folder, bodies[at : at + _A_TURN])
        before = cpu_seconds(keeper)
        wall, cost, answered = pressed(servers[0], script, seconds)
        kept = (cpu_seconds(keeper) - before) / answered
        _, constant, _ = pressed(servers[1], script, seconds)
        ratios.append(constant / cost)
        whole_ratios.append(constant / (cost + kept))
        walls.append(wall)
        costs.append(cost)
    return {
        "receipts_vs_constant": statistics.median(ratios),
        "receipts_vs_constant_with_postgres": statistics.median(whole_ratios),
        "receipts_per_s": max(walls),
        "receipts_per_cpu_s": 1 / statistics.median(costs),
    }


def postmaster(made: System) -> int:
    """Return the process of the database's server: the parent of any of its sessions."""
    with psycopg.connect(made.database) as tx:
        return int(Path(f"/proc/{tx.info.backend_pid}/stat").read_text().rpartition(")")[2].split()[1])


def written(folder: Path, bodies: Sequence[bytes]) -> Path:
    """Write receipts as wrk's script: each from a network of its own, one of a hundred twice."""
    lines = []
    for number, one in enumerate(bodies):
        lines += [f"bodies[#bodies + 1] = '{one.decode()}'"] * (2 if number % _REPEATED == 0 else 1)
    script = folder / "receipts.lua"
    script.write_text(
        "\n".join(["local bodies = {}", *lines, "local at = 0"])
        + f"\nfunction request() at = at % {len(lines)} + 1; local near = at % 60000;"
        ' return wrk.format("POST", "/v1/receipts", {["Content-Type"] = "application/json", ["X-Forwarded-For"] ='
        ' "10." .. math.floor(near / 250) .. "." .. near % 250 .. ".1"}, bodies[at]) end\n'
    )
    return script


def pressed(server: tuple[str, int], script: Path, seconds: float) -> tuple[float, float, int]:
    """Return the answers a second, the server's processor seconds for each, and how many there were."""
    url, pid = server
    before = cpu_seconds(pid)
    words = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds:.0f}s", "-s", str(script), url]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=seconds * 10 + 60).stdout
    answered = re.search(r"(\d+) requests in", said)
    a_second = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if answered is None or a_second is None or "Non-2xx" in said:
        raise RuntimeError(said)
    count = int(answered[1])
    return float(a_second[1]), (cpu_seconds(pid) - before) / count, count


async def lost(made: System, url: str, bodies: Sequence[bytes]) -> float:
    """Send each, some twice, and count the acknowledged ones whose bit is missing."""
    client = ClientBuilder().build()
    left = [*bodies, *bodies[::_REPEATED]]
    acknowledged: set[UUID] = set()

    async def send() -> None:
        while left:
            one = left.pop()
            network = f"172.{len(left) // 250 % 250}.{len(left) % 250}.1"
            headers = {"Content-Type": "application/json", "X-Forwarded-For": network}
            answer = await client.post(f"{url}/v1/receipts").headers(headers).body_bytes(one).build().send()
            if answer.status == 202:
                acknowledged.add(UUID(json.loads(one)["registration"]))

    async with client:
        await asyncio.gather(*(send() for _ in range(_CONNECTIONS)))
    if not acknowledged:
        raise RuntimeError("no receipt was taken")
    with psycopg.connect(made.database) as tx:
        rows = tx.execute(
            "SELECT registration.id FROM batch_receipt JOIN batch_audience USING (batch_id),"
            " unnest(numbers) WITH ORDINALITY AS one (number, place) JOIN registration USING (number)"
            " WHERE get_bit(received, place::int - 1) = 1"
        ).fetchall()
    return float(len(acknowledged - {row[0] for row in rows}))


@contextlib.contextmanager
def worker(made: System, kind: str, folder: Path) -> Iterator[tuple[str, int]]:
    """Run one worker with its log in a file; gives its address and its main process."""
    port = free_port()
    more = {"SUREFOOT_PORT": str(port), "SUREFOOT_LOG_LEVEL": "INFO", "SUREFOOT_TRUSTED_PROXIES": "127.0.0.1"}
    with (folder / f"{kind}.log").open("wb") as out:
        command = [sys.executable, "-m", "tests.bench.push_receipts", kind]
        process = child(command, made.environment | more, stderr=out)
    url = f"http://127.0.0.1:{port}"
    try:
        await_ready(process, url)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(30)


def served() -> FastAPI:
    """Return the app; with the variable set it takes any receipt of the right form for genuine and keeps none."""
    if os.environ.get(_CONSTANT):
        receiving.is_genuine = _yes
        receiving.Desk.keep = _kept  # type: ignore[method-assign]  # the constant in place of the answer
    return api.served()


def _yes(*_: object, **__: object) -> bool:
    return True


async def _kept(*_: object, **__: object) -> None: ...


def main() -> None:
    """Serve until told to stop: one worker, at the port that the settings name."""
    die_with_parent()
    if sys.argv[1] == "constant":
        os.environ[_CONSTANT] = "1"
    Granian(
        "tests.bench.push_receipts:served",
        factory=True,
        address="127.0.0.1",
        port=int(os.environ["SUREFOOT_PORT"]),
        interface=Interfaces.ASGI,
        workers=1,
        log_access=False,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
