"""A process killed in the middle of an import leaves nothing half done, and the same import works afterwards."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from tests.build import a_feature, a_square, an_admin_with_key
from tests.conftest import SERVER_KEY

ROWS = 4_000
TABLES = ("zone", "zone_revision", "zone_import", "import_line", "quarantine", "zone_source_row")


async def _key(url: str) -> str:
    async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as tx:
        return await an_admin_with_key(tx)


def _count(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        query = sql.SQL("SELECT count(*) FROM {}")
        rows = {name: connection.execute(query.format(sql.Identifier(name))).fetchone() for name in TABLES}
    return {name: int(row[0]) for name, row in rows.items() if row is not None}


def _is_keeping(url: str) -> bool:
    """Whether somebody holds the record's lock: the import has begun to keep."""
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            connection.execute("SELECT version FROM zones_version FOR UPDATE NOWAIT")
        except psycopg.errors.LockNotAvailable:
            return True
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_import_leaves_nothing_and_works_the_second_time(
    database_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    file = tmp_path / "zones.geojsonl"
    squares = (a_square(10 + at % 100 / 20, 40 + at // 100 / 20) for at in range(ROWS))
    rows = [json.dumps(a_feature(f"Z-{at}", shape)) for at, shape in enumerate(squares)]
    file.write_text("\n".join(rows))
    command = [sys.executable, "-m", "service", "zones", "import", str(file), "--authority", "Centre"]
    command += ["--dated", "2026-07-31", "--json"]
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "SUREFOOT_SERVER_KEY": SERVER_KEY.hex(),
        "SUREFOOT_KEY": asyncio.run(_key(database_url)),
    }
    before = _count(database_url)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not _is_keeping(database_url):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert _count(database_url) == before
    done = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=120)
    assert json.loads(done.stdout)["new"] == ROWS
    assert _count(database_url)["zone"] == ROWS
