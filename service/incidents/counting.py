"""Decides which counts the public may see, so that no small one can be computed from the others."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from service.incidents.columns import unit_key
from service.incidents.model import Figure, Incident, Shown, Unit

FEWEST = 5
# Of hidden districts with a known sum: how far, taken together, they are from the least and the most they can be.
SLACK = 4
# A year's records still come in after its end.
LAG = timedelta(days=90)
_CHOICE = 3

Cell = tuple[str, str]
Draw = Callable[[Cell], bytes]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What is not shown: districts, totals of regions, the total of all."""

    cells: frozenset[Cell]
    regions: frozenset[str]
    total: bool


def complete(year: int, *, today: date) -> bool:
    """Say whether a year is over for long enough that its totals may be frozen."""
    return today >= date(year + 1, 1, 1) + LAG


def suppress(counts: Mapping[Cell, int], draw: Draw) -> Suppressed:
    """Hide every count under 5, and what it takes that no sum gives one away.

    A sum that is shown covers either no hidden district, or at least two whose counts could be shared out in many
    ways (`_safe`). Regions where that cannot be had lose their total, and are shared out over the whole country. `draw`
    is a secret order of districts: who does not know it cannot conclude from which one was hidden beside the small.
    """
    work = _Work(counts, draw)
    for region in sorted({region for region, _ in counts}):
        work.protect_region(region)
    shows_total = work.protect_total()
    return Suppressed(frozenset(work.hidden), frozenset(work.pooled), not shows_total)


class _Work:
    def __init__(self, counts: Mapping[Cell, int], draw: Draw) -> None:
        self.counts = counts
        self.draw = draw
        self.hidden = {cell for cell, count in counts.items() if count < FEWEST}
        self.pooled: set[str] = set()

    def protect_region(self, region: str) -> None:
        own = [cell for cell in self.counts if cell[0] == region]
        while not self._safe(self.hidden.intersection(own)):
            if not self._hide_one_more(own):
                self.pooled.add(region)
                return

    def protect_total(self) -> bool:
        """Share out what regions without a total hide; False if the total of all cannot be shown either."""
        while not self._safe(self._pool()):
            if not (self._pool_one_more() or self._hide_elsewhere()):
                return False
        return True

    def _safe(self, cells: Iterable[Cell]) -> bool:
        """Judge by the least and the most that each could hold, as who guesses which are small might know it."""
        found = [self.counts[cell] for cell in cells]
        spare = sum(count - (1 if count < FEWEST else FEWEST) for count in found)
        room = sum(FEWEST - 1 - count for count in found) if max(found, default=0) < FEWEST else SLACK
        return not found or (len(found) > 1 and spare >= SLACK and room >= SLACK)

    def _pool(self) -> set[Cell]:
        return {cell for cell in self.hidden if cell[0] in self.pooled}

    def _pool_one_more(self) -> bool:
        """Take the total from a further region that hides something, the one that hides least."""
        sums: Counter[str] = Counter()
        for cell in self.hidden:
            sums[cell[0]] += self.counts[cell]
        left = {region: count for region, count in sums.items() if region not in self.pooled}
        if left:
            self.pooled.add(min(left, key=lambda region: (left[region], region)))
        return bool(left)

    def _hide_elsewhere(self) -> bool:
        hidden = self._hide_one_more([cell for cell in self.counts if cell[0] not in self.pooled])
        self.pooled.update({hidden[0]} if hidden else ())
        return hidden is not None

    def _hide_one_more(self, among: Iterable[Cell]) -> Cell | None:
        """Hide one of the smaller counts, by lot: always the smallest would tell how large it can be at most."""
        visible = sorted(
            (cell for cell in among if cell not in self.hidden), key=lambda cell: (self.counts[cell], cell)
        )
        if not visible:
            return None
        chosen = min(visible[: max(_CHOICE, len(visible) // 2)], key=self.draw)
        self.hidden.add(chosen)
        return chosen


def figures(incidents: Iterable[Incident], draw: Draw) -> tuple[Figure, ...]:
    """Return the public figures of one authority's year: of all, of each region, of each district.

    Incidents without a district stand in none of them, as they would tell sums apart.
    """
    names: dict[Cell, Counter[tuple[Unit, Unit]]] = defaultdict(Counter)
    for incident in incidents:
        region, district = incident.place.region, incident.place.district
        if unit_key(district):
            names[unit_key(region), unit_key(district)][region, district] += 1
    counts = {cell: found.total() for cell, found in names.items()}
    kept_back = suppress(counts, draw)
    total = None if kept_back.total or not counts else sum(counts.values())
    made = [_figure(None, None, total)]
    for key in sorted({region for region, _ in counts}):
        made += _of_region(key, {cell: names[cell] for cell in counts if cell[0] == key}, kept_back)
    return tuple(made)


def _of_region(key: str, names: Mapping[Cell, Counter[tuple[Unit, Unit]]], kept_back: Suppressed) -> list[Figure]:
    spelled = Counter[Unit]()
    for found in names.values():
        for (region, _), times in found.items():
            spelled[region] += times
    region = _usual(spelled)
    total = None if key in kept_back.regions else sum(found.total() for found in names.values())
    made = [_figure(region, None, total)]
    for cell in sorted(names):
        districts = Counter[Unit]()
        for (_, district), times in names[cell].items():
            districts[district] += times
        count = None if cell in kept_back.cells else names[cell].total()
        made.append(_figure(region, _usual(districts), count))
    return made


def _usual(spelled: Mapping[Unit, int]) -> Unit:
    return max(spelled, key=lambda unit: (spelled[unit], unit.name, unit.code, unit.level))


def _figure(region: Unit | None, district: Unit | None, count: int | None) -> Figure:
    return Figure(region, district, Shown.NOT_SHOWN if count is None else Shown.COUNTED, count)


def without_record(figures: Iterable[Figure], elsewhere: Iterable[Figure]) -> list[Figure]:
    """Return "no record" for each district that other public years name and this one does not.

    Made of nothing but what is public already, so that it gives nothing away.
    """
    there = {_cell(figure) for figure in figures}
    found = {_cell(figure): figure for figure in elsewhere if figure.district is not None}
    return [
        Figure(figure.region, figure.district, Shown.NO_RECORD, None)
        for cell, figure in sorted(found.items())
        if cell not in there
    ]


def _cell(figure: Figure) -> Cell:
    return unit_key(figure.region or Unit()), unit_key(figure.district or Unit())
