"""The other side of looking up a place: PostGIS 3, a GiST index, a prepared statement over a Unix socket."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import shapely

from service.kit.geo import Area
from service.kit.processes import NOBODY, child
from tests.bench.system import say

INSTALL = "PostGIS is not installed: apt-get install --no-install-recommends postgresql-15-postgis-3"
_HOMES = "/usr/lib/postgresql/*/bin/postgres"
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_PATIENCE_SECONDS = 30.0
_SETTINGS = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "jit=off", "-c", "shared_buffers=512MB"]

# The sphere's distance, as ours; the spheroid's is measured by PostGIS at the same rate.
WITHIN: LiteralString = """
    SELECT id, ST_Distance(area, ST_MakePoint(%s, %s)::geography, false) AS metres
    FROM zone WHERE ST_DWithin(area, ST_MakePoint(%s, %s)::geography, 2000, false) ORDER BY metres
"""


def programs() -> Path | None:
    """Return the folder of a PostgreSQL that has PostGIS."""
    for postgres in sorted(Path("/").glob(_HOMES.removeprefix("/"))):
        version = postgres.parents[1].name
        if Path(f"/usr/share/postgresql/{version}/extension/postgis.control").is_file():
            return postgres.parent
    return None


@contextlib.contextmanager
def running() -> Iterator["PostGis"]:
    """Run a server of its own on a socket in a temporary folder. RuntimeError says how to install it."""
    found = programs()
    if found is None:
        raise RuntimeError(INSTALL)
    folder = Path(tempfile.mkdtemp())
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    words = ["-D", "cluster", "-U", "bench", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"]
    made = child([found / "initdb", *words], _ENVIRONMENT, drop=True, **quiet)
    if made.wait(_PATIENCE_SECONDS) != 0:
        raise RuntimeError("initdb of PostGIS's PostgreSQL failed")
    server = child([found / "postgres", "-D", "cluster", "-k", str(folder), *_SETTINGS], _ENVIRONMENT,
                   ends_by=signal.SIGINT, drop=True, **quiet)  # fmt: skip
    try:
        with _connected(folder) as connection:
            yield PostGis(connection)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(_PATIENCE_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _connected(folder: Path) -> psycopg.Connection:
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up:
        with contextlib.suppress(psycopg.OperationalError):
            return psycopg.connect(host=str(folder), user="bench", dbname="postgres", autocommit=True)
        time.sleep(0.1)
    raise RuntimeError("PostGIS does not start")


class PostGis:
    """A table of zones, and the question for those within 2 km."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor(binary=True)
        self.process = connection.info.backend_pid

    def fill(self, batches: Iterable[list[Area]]) -> None:
        say("PostGIS takes the same zones")
        run = self._connection.execute
        run("CREATE EXTENSION postgis")
        run("CREATE TABLE zone (id integer PRIMARY KEY, area geography NOT NULL)")
        number = 0
        with self._connection.cursor() as cursor, cursor.copy("COPY zone FROM STDIN") as rows:
            for batch in batches:
                for area in shapely.to_wkt(batch, rounding_precision=6):
                    rows.write_row((number, f"SRID=4326;{area}"))
                    number += 1
        run("CREATE INDEX ON zone USING gist (area)")
        run("VACUUM ANALYZE zone")

    def within(self, longitude: float, latitude: float) -> list[tuple[int, float]]:
        """Return the number and the metres of every zone within 2 km, the nearest first."""
        place = (longitude, latitude, longitude, latitude)
        return self._cursor.execute(WITHIN, place, prepare=True).fetchall()
