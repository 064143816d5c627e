"""Plans an import row by row: each id once, each outline in its place, each decided against the record."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import shapely

from service.imports import rules
from service.imports.columns import folded
from service.imports.model import Decided, Finding, Kind, Line, Remembered, Seen, Survey
from service.imports.placing import Home
from service.imports.reasons import Note, Reason
from service.imports.rules import Run
from service.imports.surveying import Surveyed, noticed
from service.imports.words import QUARANTINE, STILL
from service.kit import geo
from service.kit.geo import Area
from service.zones.model import Known, State, Zone


@dataclass
class Planner:
    """What one import has met so far; `known` is the record of the authority before it, by key."""

    run: Run
    home: Home
    known: Mapping[str, Known]
    taken: dict[str, int] = field(default_factory=dict)
    outlines: dict[int, int] = field(default_factory=dict)
    given: list[tuple[str, Area]] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)

    def unchanged(self, same: Iterable[tuple[int, Seen]], by_id: Mapping[UUID, Known]) -> list[Line]:
        """Take the rows that came before as they come now; what waits because of them waits on."""
        dated = self.run.declared.dated
        lines = []
        for row, seen in same:
            zone = by_id[seen.zone_id]
            newer = zone.state is State.ACTIVE and (dated > zone.data_as_of or zone.stale)
            first = self.taken.setdefault(zone.key, row)
            if first != row:
                twice = QUARANTINE[Reason.ID_TWICE][0].format(why=first)
                lines.append(Line(row, Kind.IN_DOUBT, zone.key, zone.id, twice, waits=1))
                continue
            detail = STILL if seen.waits else ""
            lines.append(Line(row, seen.kind or Kind.UNCHANGED, zone.key, zone.id, detail, seen.waits, newer))
        return lines

    def keys(self, surveyed: Surveyed) -> list[str]:
        """Name the zones on record that a batch will be compared with."""
        return [survey.key for survey in surveyed.surveys if survey.key in self.known]

    def plan(
        self,
        surveyed: Surveyed,
        known: Mapping[str, Zone],
        remembered: Mapping[UUID, Remembered],
        reclaimed: Collection[str] = (),
    ) -> list[tuple[Decided, Survey | None]]:
        """Decide about a batch, in the order of its rows; each decision with the row that it is about."""
        found: list[tuple[Decided, Survey | None]] = [(rules.in_doubt(one), None) for one in surveyed.quarantined]
        # A row that waits is in the file all the same: its zone is not missing from it.
        self.listed |= {folded(one.external_id) for one in surveyed.quarantined if one.external_id}
        notes: dict[int, list[Finding]] = {}
        for finding in surveyed.findings:
            notes.setdefault(finding.row, []).append(finding)
        for survey, middle in zip(surveyed.surveys, _middles(surveyed.surveys), strict=True):
            decided = self._decide(survey, middle, known.get(survey.key), remembered)
            if survey.key in reclaimed:
                notes.setdefault(survey.row, []).append(noticed(survey, Note.RELEASED_GROUND))
            remarks = (*notes.get(survey.row, ()), *decided.findings) if decided.line.kind is not Kind.IN_DOUBT else ()
            found.append((replace(decided, findings=remarks), survey))
        return sorted(found, key=lambda one: one[0].line.row)

    def unlisted(self) -> list[UUID]:
        """Name the active zones of this list that the file does not hold."""
        feed = self.run.declared.feed
        return [
            zone.id
            for key, zone in self.known.items()
            if zone.state is State.ACTIVE and zone.feed == feed and key not in self.taken and key not in self.listed
        ]

    def _decide(
        self, survey: Survey, middle: tuple[float, float], zone: Zone | None, remembered: Mapping[UUID, Remembered]
    ) -> Decided:
        first = self.taken.get(survey.key)
        if first is not None:
            return rules.refuse(survey, Reason.ID_TWICE, why=str(first))
        wrong = self.home.misplaced(*middle)
        if wrong is not None:
            return rules.refuse(survey, wrong[0], why=wrong[1])
        last = None if zone is None else remembered.get(zone.id)
        decided = rules.decide(survey, zone, last, self.run)
        if decided.line.kind is Kind.IN_DOUBT and zone is None:
            return decided
        self.taken[survey.key] = survey.row
        return replace(decided, findings=(*decided.findings, *self._remarks(survey, middle, decided)))

    def _remarks(self, survey: Survey, middle: tuple[float, float], decided: Decided) -> list[Finding]:
        remarks = []
        if self.home.stated and not self.home.holds(*middle):
            remarks.append(noticed(survey, Note.OUTSIDE_AREA))
        first = self.outlines.setdefault(hash(survey.outline), survey.row)
        if first != survey.row:
            remarks.append(noticed(survey, Note.SAME_OUTLINE, why=str(first)))
        if self.known and decided.line.kind in {Kind.NEW, Kind.CHANGED}:
            self.given.append((survey.external_id, survey.official))
        return remarks


def _middles(surveys: Sequence[Survey]) -> list[tuple[float, float]]:
    west, south, east, north = shapely.bounds(geo.array_of(survey.official for survey in surveys)).reshape(-1, 4).T
    return list(zip(((west + east) / 2).tolist(), ((south + north) / 2).tolist(), strict=True))


class Shares:
    """Finds among which rows the ground of a zone was parted."""

    def __init__(self, given: Iterable[tuple[str, Area]]) -> None:
        self._given = list(given)
        self._tree = shapely.STRtree(geo.array_of(area for _, area in self._given))

    def of(self, before: Area, own: tuple[str, Area] | None = None) -> list[str]:
        """Name the rows that hold a zone's ground now: at least two, no slivers, the zone's own row among them.

        A row shares in it if half of what is smaller, the row or the zone, lies in the other.
        """
        met = [self._given[at] for at in sorted(self._tree.query(before, predicate="intersects").tolist())]
        rows = met if own is None else [own, *(one for one in met if one[0] != own[0])]
        shares = [name for name, area in rows if _common(before, area) > min(before.area, area.area) / 2]
        return shares if len(shares) > 1 else []


def _common(one: Area, other: Area) -> float:
    return float(shapely.intersection(one, other).area)


def parted(line: Line, shares: Sequence[str]) -> Line:
    """Call a zone that is missing or shrunk split, where other rows hold its ground now."""
    if not shares:
        return line
    told = f"{len(shares)} rows hold its ground now: {', '.join(shares[:10])}"
    return replace(line, kind=Kind.SPLIT, detail=f"{told}. {line.detail}")
