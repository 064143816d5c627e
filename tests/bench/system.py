"""A whole system of its own for a bench: servers, tables, a great many zones, the service's own programs."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psycopg
import shapely
from rich.console import Console

from service.commands.servers import embedded_environment
from service.commands.session import settings_of
from service.config import MIGRATIONS, Settings
from service.kit import geo
from service.kit.data_folder import DataFolder
from service.kit.db import migrate
from service.kit.embedded import EmbeddedServers
from service.kit.ids import new_id
from service.zones.model import PACK_RESOLUTION

_FIRST = datetime(2026, 11, 1, tzinfo=UTC)
_SMALL = 0.0015
_ROUND = np.linspace(0, 2 * np.pi, 9)[:-1]
_FIVE_KM = 0.06


@dataclass(frozen=True)
class System:
    """Servers that run, and the environment for programs that use them."""

    settings: Settings
    environment: dict[str, str]

    @property
    def database(self) -> str:
        return self.settings.need_database()

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "service", *words]


@contextlib.contextmanager
def system() -> Iterator[System]:
    """Start servers in a temporary folder, with all tables; durable, as in production."""
    with (
        tempfile.TemporaryDirectory() as folder,
        DataFolder.take(Path(folder) / "data", purpose="bench") as data,
        EmbeddedServers.start(data) as servers,
    ):
        migrate(servers.database_url, MIGRATIONS)
        made = embedded_environment(data, servers, Settings(data=data.path))
        yield System(settings_of(made), {**os.environ, **made, "SUREFOOT_LOG_LEVEL": "WARNING"})


def say(words: str) -> None:
    """Tell who waits what is going on; the figures come on standard output."""
    Console(stderr=True).print(words)


def add_zones(system: System, count: int, *, box: tuple[float, float, float, float] = (22, 44.5, 40, 52)) -> int:
    """Put synthetic zones of eight corners into the record by SQL, evenly over the box; return how many pack cells."""
    rng = np.random.default_rng(1)
    west, south, east, north = box
    middles = rng.uniform((west, south), (east, north), (count, 2))
    rings = middles[:, None, :] + np.stack([np.cos(_ROUND), np.sin(_ROUND)], axis=1)[None] * _SMALL
    areas = shapely.set_precision(shapely.polygons(np.concatenate([rings, rings[:, :1]], axis=1)), 1e-6)
    bodies, boxes = shapely.to_wkb(areas), shapely.bounds(areas)
    ids = [new_id(now=_FIRST) for _ in range(count)]
    cells = [_cells(x, y) for x, y in middles]
    with psycopg.connect(system.database) as tx, tx.cursor() as cursor:
        with cursor.copy(
            "COPY zone (id, authority, external_id, key, exercise, class, hazards, data_as_of, accuracy_m, publication,"
            " official, public, west, south, east, north, attributes, content_hash, created_at, changed_at)"
            " FROM STDIN"
        ) as rows:
            for number, (zone_id, body, bounds) in enumerate(zip(ids, bodies, boxes, strict=True)):
                name = f"B-{number}"
                said = (zone_id, "Bench", name, name, False, "sha", ["unknown"], "2026-07-31", 30.0, "outline")
                rows.write_row((*said, body, body, *map(float, bounds), "{}", bytes(32), _FIRST, _FIRST))
        with cursor.copy("COPY zone_pack_cell (cell, zone_id) FROM STDIN") as rows:
            for zone_id, covered in zip(ids, cells, strict=True):
                for cell in covered:
                    rows.write_row((cell, zone_id))
        cursor.execute("UPDATE zones_version SET version = version + 1")
    with psycopg.connect(system.database, autocommit=True) as tx:
        tx.execute("ANALYZE")
    return len(set().union(*cells))


def _cells(x: float, y: float) -> set[int]:
    """Return the cells within about 5 km: near enough for figures, as eight points around tell."""
    around = [(x + _FIVE_KM * 1.4 * np.cos(turn), y + _FIVE_KM * np.sin(turn)) for turn in _ROUND]
    return {geo.cell_at(float(at[0]), float(at[1]), PACK_RESOLUTION) for at in [(x, y), *around]}
