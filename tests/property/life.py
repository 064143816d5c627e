"""A small world of zones that the rules alone keep, and what must hold in it after every act."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import shapely

from service.kit import geo
from service.kit.errors import Refused
from service.kit.geo import Area
from service.zones import descent, ending
from service.zones.model import HazardClass, Publication, ReleaseKind, State, Zone
from service.zones.records import Correction, Drawn, Newcomer, Part, Releasing

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass
class Record:
    """A release record as it stands at its zones."""

    outline: Area
    zones: set[UUID]


@dataclass
class World:
    """Zones, records in force, and every outline that the public ever saw of which zones."""

    zones: dict[UUID, Zone] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    seen: list[tuple[set[UUID], Area]] = field(default_factory=list)
    now: datetime = START

    def active(self) -> list[Zone]:
        return [zone for zone in self.zones.values() if zone.state is State.ACTIVE]

    def in_force(self, zone: Zone) -> list[Area]:
        return [record.outline for record in self.records if zone.id in record.zones]

    def new_id(self) -> UUID:
        return UUID(int=len(self.zones) + 1)

    def keep(self, *zones: Zone) -> None:
        for zone in zones:
            self.zones[zone.id] = zone
            if zone.public is not None:
                self.seen.append(({zone.id}, zone.public))

    # --- acts; each raises Refused or leaves the world changed

    def add(self, outline: Area, accuracy: float, publication: Publication) -> None:
        wanted = Newcomer(
            "Centre", f"Z-{len(self.zones)}", False, HazardClass.SUSPECTED, Drawn(outline), date(2026, 1, 1), accuracy,
            publication,
        )  # fmt: skip  # one field a line would hide that this is one zone
        self.keep(descent.added(wanted, self.new_id(), now=self.now))

    def release(self, zones: Sequence[Zone], outline: Area | None) -> None:
        said = Releasing(ReleaseKind.CLEARED, "Centre", date(2026, 10, 1), outline, depth_cm=20)
        made = [ending.release(zone, said, self.in_force(zone), now=self.now) for zone in zones]
        grounds = [one.taken.ground for one in made if one.taken is not None]
        covered = geo.areal(shapely.union_all(grounds)) if outline is None else outline
        self.records.append(Record(covered, {zone.id for zone in zones}))
        self.keep(*(one.zone for one in made))

    def revoke(self, record: Record) -> None:
        self.records.remove(record)
        for zone_id in record.zones:
            zone = self.zones[zone_id]
            self.keep(ending.given_back(zone, self.in_force(zone), now=self.now))

    def extend(self, zone: Zone, outline: Area) -> None:
        met = [one for one in self.records if zone.id in one.zones and not geo.overlap(one.outline, outline).is_empty]
        left = [one.outline for one in self.records if zone.id in one.zones and one not in met]
        grown = descent.extended(zone, Drawn(outline), left, now=self.now)
        for record in met:
            record.zones.discard(zone.id)
        self.keep(grown)

    def split(self, zone: Zone, outlines: Sequence[Area]) -> None:
        parts = [Part(f"{zone.external_id}/{n}", Drawn(outline)) for n, outline in enumerate(outlines)]
        numbers = iter(range(len(self.zones) + 1, len(self.zones) + 9))
        old, children = descent.split(zone, parts, lambda: UUID(int=next(numbers)), now=self.now)
        self.keep(old, *children)
        self._inherited({zone.id}, {child.id for child in children})

    def merge(self, zones: Sequence[Zone]) -> None:
        one = descent.merged(zones, ("M", ""), self.new_id(), now=self.now)
        self.keep(*(descent.replaced(zone, now=self.now) for zone in zones), one)
        self._inherited({zone.id for zone in zones}, {one.id})

    def correct(self, zone: Zone, accuracy: float) -> None:
        wanted = Correction(accuracy_m=accuracy)
        self.keep(descent.corrected(zone, wanted, self.in_force(zone), now=self.now))

    def raise_class(self, zone: Zone) -> None:
        self.keep(ending.reclassified(zone, HazardClass.CONFIRMED, now=self.now))

    def annul(self, zone: Zone) -> None:
        self.keep(ending.annul(zone, now=self.now))

    def reinstate(self, zone: Zone) -> None:
        self.keep(ending.reinstate(zone, self.in_force(zone), now=self.now))

    def publish(self, zone: Zone, publication: Publication) -> None:
        shown = ending.published(zone, publication, self.in_force(zone), now=self.now)
        # Two people decided that the public shall see something else of it: what it saw before is no measure.
        self.seen = [(owners, outline) for owners, outline in self.seen if zone.id not in owners]
        self.keep(shown)

    def stale(self, zone: Zone) -> None:
        self.keep(ending.stale(zone, now=self.now))

    def wait(self, years: int) -> None:
        self.now += timedelta(days=365 * years)

    def _inherited(self, parents: set[UUID], children: set[UUID]) -> None:
        self.seen = [(owners | children if owners & parents else owners, outline) for owners, outline in self.seen]

    # --- what must hold

    def check(self) -> None:
        """No point that the public ever saw is gone but what a record in force or an annulment covers."""
        shown = [zone.public for zone in self.zones.values() if zone.public is not None]
        ends = [ending.whole_outline(zone) for zone in self.zones.values() if zone.state in EXCUSED]
        records = [record.outline for record in self.records]
        excused = shapely.union_all([*shown, *records, *(outline for outline in ends if outline is not None)])
        for _, outline in self.seen:
            lost = outline.difference(excused)
            # What overlays leave beside an edge has no width; a tenth of a millimetre is the limit.
            assert shapely.buffer(lost, -1e-9).is_empty, lost
        for zone in self.zones.values():
            check_zone(zone)


EXCUSED = {State.RELEASED, State.ANNULLED}


def check_zone(zone: Zone) -> None:
    """What is promised of every zone, on the bytes that are stored."""
    assert (zone.public is None) == (zone.publication is Publication.WITHHELD or zone.state is not State.ACTIVE)
    if zone.public is not None:
        stored = shapely.from_wkb(shapely.to_wkb(zone.public))
        assert stored.is_valid
        assert stored.covers(ending.remaining(zone))
    else:
        assert zone.publication is Publication.WITHHELD or zone.whole is not None
    assert (zone.departure is None) == (zone.departed_at is None)


def tried(act: Callable[[], None]) -> bool:
    """Do something, or be refused; tell which."""
    try:
        act()
    except Refused:
        return False
    return True


def same_zone(one: Zone, other: Zone) -> bool:
    """Tell whether two zones differ in their mark and revision at most."""
    return replace(one, stale=other.stale, revision=other.revision, changed_at=other.changed_at) == other
