"""The invented island of tests/data/places: its files, and its places as a gazetteer."""

from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from uuid import UUID

from service.kit.ids import new_id
from service.places import merging, rules
from service.places.gazetteer import Gazetteer
from service.places.model import Effect, Place, Source, Stated, Statement
from service.places.rules import Plan, Run
from service.places.sources import columns, opening
from service.places.sources.columns import Columns

FOLDER = Path(__file__).parent / "data" / "places"
REGISTER = (FOLDER / "register.csv").read_bytes()
OUTLINES = (FOLDER / "outlines.geojson").read_bytes()
MAP = columns.parse((FOLDER / "map.toml").read_bytes(), "map.toml")
STATED = Stated("XA", exercise=True, dated=date(2026, 10, 1))
LOADED = datetime(2026, 11, 2, tzinfo=UTC)


class Record:
    """What a database would hold of places, in memory: sources load into it one after the other."""

    def __init__(self) -> None:
        self.sources: dict[UUID, Source] = {}
        self.said: dict[tuple[UUID, str], Statement] = {}
        self.plan: Plan | None = None

    def load(self, content: bytes, said: Columns | None = None, *, stated: Stated = STATED, file: str = "f") -> Plan:
        reading = opening.read({file: content}, stated.country, said)
        known = next((one for one in self.sources.values() if one.name == (stated.source or reading.source)), None)
        at = LOADED + timedelta(minutes=len(self.sources))  # of two sources one came first
        source = rules.source_of(stated, reading, known, new_id=new_id(now=at), now=at)
        kept = {key: one for (owner, key), one in self.said.items() if owner == source.id}
        run = Run(source, stated.partial, partial(new_id, now=LOADED))
        plan = rules.plan(reading, self.places(), kept, run)
        self.sources[source.id] = source
        self.said |= {(one.source_id, one.unit.key): one for one in plan.statements}
        return plan

    def places(self) -> list[Place]:
        return merging.merged(self.said.values(), self.sources)

    def gazetteer(self) -> Gazetteer:
        return Gazetteer.of(1, self.places())


@cache
def island() -> Gazetteer:
    """The island's register and outlines, loaded."""
    record = Record()
    assert record.load(REGISTER, MAP).counts[Effect.NEW] == REGISTER.count(b"\n") - 1
    record.load(OUTLINES)
    return record.gazetteer()


def coded(gazetteer: Gazetteer, code: str) -> Place:
    """The place with this code."""
    found = [place for place in gazetteer.places(exercise=True) if code in {one for _, one in place.codes}]
    assert len(found) == 1, code
    return found[0]
