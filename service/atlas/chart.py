"""One world's public zones: a large part that stands still and a small one of what has changed since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import numpy as np

from service.atlas.covered import Covered
from service.atlas.layer import Growing, Layer
from service.atlas.model import Box, Known, Page, SourceAge, Wanted, days_since
from service.kit import geo
from service.kit.geo import Coordinates, Near, Rows
from service.zones.model import PublicCoverage, PublicZone


@dataclass(frozen=True, slots=True)
class Chart:
    """Public zones of one kind, live or exercise, never changed after it is made; threads may share it.

    `gone` are rows of `base` that are no longer so: what became of them stands in `fresh`, or nowhere.
    """

    base: Layer = field(default_factory=Layer)
    fresh: Layer = field(default_factory=Layer)
    gone: frozenset[int] = frozenset()
    covered: Covered = field(default_factory=Covered)
    newest: Mapping[str, date] = field(default_factory=dict)
    _ages: dict[date, tuple[SourceAge, ...]] = field(default_factory=dict, compare=False, repr=False)

    def ages(self, today: date) -> tuple[SourceAge, ...]:
        """Return every authority with the date of its newest data and its age, by name; reckoned once a day."""
        if today not in self._ages:
            self._ages.clear()
            self._ages[today] = tuple(
                SourceAge(name, dated, days_since(dated, today)) for name, dated in self.newest.items()
            )
        return self._ages[today]

    @classmethod
    def of(cls, zones: Sequence[PublicZone], coverage: Sequence[PublicCoverage] = ()) -> "Chart":
        return cls.drawn(Layer.of(zones), coverage=coverage)

    @classmethod
    def drawn(
        cls,
        base: Layer,
        *,
        shown: Sequence[PublicZone] = (),
        ended: Collection[UUID] = (),
        coverage: Sequence[PublicCoverage] = (),
    ) -> "Chart":
        """Draw a chart of a base and of what has changed since: zones as they are now, ids that are no longer shown."""
        fresh = Layer.of(shown)
        gone = base.rows_of([*ended, *(zone.id for zone in shown)])
        newest = base.newest(gone=gone)
        dates = [*fresh.newest().items(), *((area.authority, area.data_as_of) for area in coverage)]
        for authority, dated in dates:
            newest[authority] = max(dated, newest.get(authority, date.min))
        return cls(base, fresh, gone, Covered.of(coverage), dict(sorted(newest.items())))

    def __len__(self) -> int:
        return len(self.base) - len(self.gone) + len(self.fresh)

    def settled(self) -> Layer:
        """Return a base that holds what has changed. Slow: to be called off the event loop."""
        growing = Growing()
        growing.add_layer(self.base.without(self.gone))
        growing.add_layer(self.fresh)
        return growing.layer()

    def within(self, longitude: float, latitude: float, metres: float) -> list[tuple[float, Known]]:
        """Return every zone at most so many metres away, the nearest first."""
        gone, known = self.gone, self.base.known
        found = [
            (away, known(row)) for away, row in self.base.index.around(longitude, latitude, metres) if row not in gone
        ]
        return (
            found if not len(self.fresh) else self._joined(found, self.fresh.index.within(longitude, latitude, metres))
        )

    def met(self, steps: Coordinates, metres: float) -> list[tuple[float, Known]]:
        """Return every zone at most so many metres from a walk, the nearest first."""
        base = geo.met(self.base.index, steps, metres)
        found = [(near.metres, self.base.known(near.row)) for near in base if near.row not in self.gone]
        return self._joined(found, geo.met(self.fresh.index, steps, metres))

    def _joined(self, found: Sequence[tuple[float, Known]], fresh: Sequence[Near]) -> list[tuple[float, Known]]:
        """Put what has changed among the others, by distance."""
        named = [(near.metres, self.fresh.known(near.row)) for near in fresh]
        return sorted([*found, *named], key=lambda one: (one[0], one[1].id)) if named else list(found)

    def page(
        self, wanted: Wanted, *, only: Collection[UUID] | None, after: UUID | None, limit: int, version: int
    ) -> Page:
        """Return some of the zones whose boxes meet the wanted one, in the order of their ids; `only` some of all."""
        matched, found = 0, []
        for layer, gone in ((self.base, self.gone), (self.fresh, frozenset[int]())):
            rows = layer.picked(_rows(layer, wanted.box, gone), authority=wanted.authority, since=wanted.since)
            if only is not None:
                rows = np.array([row for row in rows.tolist() if layer.id_at(row) in only], dtype=np.int64)
            matched += len(rows)
            start = 0 if after is None else int(np.searchsorted(rows, layer.row_after(after)))
            found += [layer.zone(row) for row in rows[start : start + limit + 1].tolist()]
        found.sort(key=lambda zone: zone.id)
        shown = tuple(found[:limit])
        return Page(shown, shown[-1].id if len(found) > limit else None, matched, version)

    def in_box(self, box: Box) -> list[tuple[Layer, Rows]]:
        """Return what lies in a box, as rows of layers."""
        return [(self.base, _rows(self.base, box, self.gone)), (self.fresh, _rows(self.fresh, box, frozenset()))]


def _rows(layer: Layer, box: Box, gone: frozenset[int]) -> Rows:
    rows = layer.index.in_box(*box)
    return rows[~np.isin(rows, list(gone))] if gone else rows


@dataclass(frozen=True, slots=True)
class Atlas:
    """All public zones at one version of the record; live and exercise zones never in one answer (R27)."""

    version: int = 0
    live: Chart = field(default_factory=Chart)
    exercise: Chart = field(default_factory=Chart)

    def chart(self, *, exercise: bool) -> Chart:
        return self.exercise if exercise else self.live
