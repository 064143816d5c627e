"""Plans an import in memory: no database, no process of its own."""

import io
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from service.imports import crew, mapping, rules
from service.imports.model import Decided, Declared, Finding, Kind, Line, Quarantined, Remembered
from service.imports.placing import Home
from service.imports.planning import Planner
from service.imports.surveying import Surveyed, Terms, digest
from service.intake import geojson
from service.zones.model import Known, Zone
from tests.build import a_file

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Planned:
    """What was decided about every row."""

    decided: tuple[Decided, ...]

    @property
    def lines(self) -> list[Line]:
        return [one.line for one in self.decided]

    @property
    def zones(self) -> list[Zone]:
        return [one.zone for one in self.decided if one.zone is not None]

    @property
    def quarantined(self) -> list[Quarantined]:
        return [doubt for one in self.decided for doubt in one.doubts]

    @property
    def findings(self) -> list[Finding]:
        return [finding for one in self.decided for finding in one.findings]

    @property
    def kinds(self) -> list[Kind]:
        return [line.kind for line in self.lines]


def terms(stated: Declared, mapped: str | None = None) -> Terms:
    return Terms.of(stated, mapping.load(mapped).columns, today=NOW.date())


def surveyed(content: bytes, stated: Declared, mapped: str | None = None) -> Surveyed:
    """Judge the rows of a GeoJSON file by themselves."""
    under = terms(stated, mapped)
    rows = [(record, digest(record, under)) for record in geojson.read(content)]
    return crew.restored(io.BytesIO(crew.judge(rows, under).pickled))


def planned(
    content: bytes,
    stated: Declared,
    *known: Zone,
    last: Mapping[UUID, Remembered] | None = None,
    home: Home | None = None,
    mapped: str | None = None,
) -> Planned:
    """Decide about every row of a file against these zones."""
    numbers = itertools.count(1)
    columns = mapping.load(mapped).columns
    run = rules.Run(stated, NOW, lambda: UUID(int=next(numbers)), columns.ignored)
    planner = Planner(run, home or Home(), {zone.key: as_known(zone) for zone in known})
    found = planner.plan(surveyed(content, stated, mapped), {zone.key: zone for zone in known}, last or {})
    return Planned(tuple(decided for decided, _ in found))


def of_one(feature: Mapping[str, Any], stated: Declared, *known: Zone, **more: Any) -> Planned:
    """Decide about a file of one row."""
    return planned(a_file(feature), stated, *known, **more)


def as_known(zone: Zone) -> Known:
    return Known(zone.id, zone.key, zone.feed, zone.state, zone.data_as_of, zone.stale)
