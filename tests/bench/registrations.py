"""A great many registrations around one place, written as fast as the tables take them."""

import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import h3
import numpy as np
import psycopg

from service.kit.crypto import Keyring

LANGUAGES = (("uk",), ("ru", "uk"), ("uk", "en"), ("en",), ("ar", "en"))
MIDDLE = (48.5, 37.5)
_CELLS_EACH = 4
_AROUND = 3
_A_CELL = 165
_TYPES = [
    "uuid", "bytea", "text", "text", "bytea", "bytea", "text[]", "bool", "timestamptz", "timestamptz", "timestamptz",
]  # fmt: skip


@dataclass(frozen=True)
class Crowd:
    """Registrations of four cells each, these close together, strewn evenly over a round country."""

    count: int

    def cells(self, radius: int | None = None) -> list[int]:
        """Return the country's cells, or those within a radius of its middle, from the middle outward."""
        middle = h3.latlng_to_cell(*MIDDLE, 7)
        rings = range(1 + (self.radius if radius is None else radius))
        return [h3.str_to_int(cell) for ring in rings for cell in sorted(h3.grid_ring(middle, ring))]

    @property
    def radius(self) -> int:
        return max(4, round(math.sqrt(self.count / _A_CELL / 3)))

    def write(self, url: str, keyring: Keyring, *, now: datetime) -> None:
        """Write them all, one in ten unverified."""
        rng = np.random.default_rng(1)
        cells = self.cells()
        homes = rng.integers(0, len(cells), self.count)
        near = [h3.grid_disk(h3.int_to_str(cell), _AROUND) for cell in cells]
        around = np.array([[h3.str_to_int(cell) for cell in sorted(disk)] for disk in near])
        picks = np.argsort(rng.random((self.count, around.shape[1])), axis=1)[:, :_CELLS_EACH]
        stood = around[homes[:, None], picks]
        with psycopg.connect(url) as tx, tx.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no look for each row's parent
            with cursor.copy(
                "COPY registration (id, secret_hash, platform, address_kind, address, address_hash, languages,"
                " verified, created_at, changed_at, seen_at) FROM STDIN WITH (FORMAT binary)"
            ) as rows:
                rows.set_types(_TYPES)
                for number in range(self.count):
                    rows.write_row(self._row(number, keyring, now))
            with cursor.copy("COPY registration_cell (cell, number) FROM STDIN WITH (FORMAT binary)") as rows:
                rows.set_types(["int8", "int8"])
                for number, places in enumerate(stood.tolist(), 1):
                    for cell in places:
                        rows.write_row((cell, number))
        with psycopg.connect(url, autocommit=True) as tx:
            tx.execute("VACUUM ANALYZE")

    def _row(self, number: int, keyring: Keyring, now: datetime) -> tuple[object, ...]:
        address = f"{number:022d}".encode()
        languages = list(LANGUAGES[number % len(LANGUAGES)])
        named, hashed = UUID(int=number + 1), number.to_bytes(32, "big")
        sealed = keyring.seal("address", address)
        return (named, bytes(32), "android", "fid", sealed, hashed, languages, number % 10 != 0, now, now, now)
