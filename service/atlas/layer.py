"""Public zones in memory as plain arrays: a dataclass and a geometry of its own for each would take ten times that."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from service.atlas.model import Known
from service.kit.geo import OutlineIndex, Packed, Rows
from service.zones.model import PublicRelease, PublicZone

_HALF = 64
_MOST_ASKED = 20_000
_LOW = (1 << _HALF) - 1
_FACTS = np.dtype(
    [
        ("high", "u8"), ("low", "u8"), ("authority", "i4"), ("dated", "i4"), ("accuracy", "f8"), ("revision", "i4"),
        ("version", "i8"), ("stale", "?"), ("exercise", "?"),
    ]
)  # fmt: skip  # a table's columns
Facts = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Layer:
    """Public zones of one world in ascending order of their ids, never changed after it is made."""

    index: OutlineIndex = field(default_factory=OutlineIndex)
    facts: Facts = field(default_factory=lambda: np.empty(0, dtype=_FACTS))
    authorities: tuple[str, ...] = ()
    releases: Mapping[UUID, tuple[PublicRelease, ...]] = field(default_factory=dict)
    _asked: dict[int, Known] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, zones: Sequence[PublicZone]) -> "Layer":
        growing = Growing()
        growing.add(zones)
        return growing.layer()

    def __len__(self) -> int:
        return len(self.facts)

    def known(self, row: int) -> Known:
        """Return what an answer says of a zone; kept, as the same few zones near villages are asked about all day."""
        found = self._asked.get(row)
        if found is None:
            if len(self._asked) >= _MOST_ASKED:
                self._asked.clear()
            found = self._asked[row] = self._read(row)
        return found

    def _read(self, row: int) -> Known:
        high, low, authority, dated, accuracy, revision, version, stale, exercise = self.facts[row].item()
        return Known(
            UUID(int=high << _HALF | low),
            revision,
            exercise,
            self.authorities[authority],
            date.fromordinal(dated),
            accuracy,
            stale,
            version,
        )

    def zone(self, row: int) -> PublicZone:
        known = self.known(row)
        return PublicZone(
            id=known.id,
            revision=known.revision,
            exercise=known.exercise,
            authority=known.authority,
            data_as_of=known.data_as_of,
            accuracy_m=known.accuracy_m,
            stale=known.stale,
            outline=self.index.outlines.area(row),
            releases=self.releases.get(known.id, ()),
            version=known.version,
        )

    def id_at(self, row: int) -> UUID:
        return UUID(int=int(self.facts["high"][row]) << _HALF | int(self.facts["low"][row]))

    def row_after(self, zone_id: UUID) -> int:
        """Return the first row whose id is greater."""
        high, low = np.uint64(zone_id.int >> _HALF), np.uint64(zone_id.int & _LOW)
        first, last = (int(np.searchsorted(self.facts["high"], high, side)) for side in ("left", "right"))
        return first + int(np.searchsorted(self.facts["low"][first:last], low, "right"))

    def rows_of(self, ids: Iterable[UUID]) -> frozenset[int]:
        """Return the rows of those ids that are here."""
        before = ((zone_id, self.row_after(zone_id) - 1) for zone_id in ids)
        return frozenset(row for zone_id, row in before if row >= 0 and self.id_at(row) == zone_id)

    def newest(self, *, gone: Collection[int] = ()) -> dict[str, date]:
        """Return the newest date of each authority's data, leaving some rows out."""
        here = np.ones(len(self), dtype=bool)
        here[list(gone)] = False
        dates = np.zeros(len(self.authorities), dtype=np.int64)
        np.maximum.at(dates, self.facts["authority"][here], self.facts["dated"][here])
        named = zip(self.authorities, dates.tolist(), strict=True)
        return {name: date.fromordinal(dated) for name, dated in named if dated}

    def picked(self, rows: Rows, *, authority: str | None, since: int | None) -> Rows:
        """Return those of the rows that belong to an authority and changed after a version."""
        if authority is not None:
            code = self.authorities.index(authority) if authority in self.authorities else -1
            rows = rows[self.facts["authority"][rows] == code]
        return rows if since is None else rows[self.facts["version"][rows] > since]

    def without(self, gone: Collection[int]) -> "Layer":
        """Return the others, to be joined: it has no index of its own."""
        kept = np.delete(np.arange(len(self)), sorted(gone))
        outlines = self.index.outlines.taken(kept) if gone else self.index.outlines
        left = {
            zone_id: records for zone_id, records in self.releases.items() if not self.rows_of([zone_id]) & set(gone)
        }
        return Layer(OutlineIndex(outlines), self.facts[kept], self.authorities, left)


class Growing:
    """A layer in the making: zones come in batches, so that a million of them are never objects all at once."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._outlines: list[Packed] = []
        self._facts: list[Facts] = []
        self._releases: dict[UUID, tuple[PublicRelease, ...]] = {}

    def add(self, zones: Sequence[PublicZone]) -> None:
        if not zones:
            return
        self._outlines.append(Packed.of([zone.outline for zone in zones]))
        self._facts.append(np.array([self._row(zone) for zone in zones], dtype=_FACTS))
        self._releases.update({zone.id: zone.releases for zone in zones if zone.releases})

    def add_layer(self, layer: Layer) -> None:
        codes = np.array([self._code(name) for name in layer.authorities], dtype=np.int32)
        facts = layer.facts.copy()
        facts["authority"] = codes[facts["authority"]] if len(codes) else 0
        self._outlines.append(layer.index.outlines)
        self._facts.append(facts)
        self._releases.update(layer.releases)

    def layer(self) -> Layer:
        """Sort what came by id and index it."""
        facts = np.concatenate([np.empty(0, dtype=_FACTS), *self._facts])
        outlines = Packed.joined(self._outlines)
        order = np.lexsort((facts["low"], facts["high"]))
        if (np.diff(order) != 1).any():
            facts, outlines = facts[order], outlines.taken(order)
        return Layer(OutlineIndex.of(outlines), facts, tuple(self._codes), self._releases)

    def _row(self, zone: PublicZone) -> tuple[Any, ...]:
        number = zone.id.int
        return (
            number >> _HALF, number & _LOW, self._code(zone.authority), zone.data_as_of.toordinal(), zone.accuracy_m,
            zone.revision, zone.version, zone.stale, zone.exercise,
        )  # fmt: skip  # in the order of the columns

    def _code(self, authority: str) -> int:
        return self._codes.setdefault(authority, len(self._codes))
