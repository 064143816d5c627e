"""What a zone's life promises whatever is done, in whatever order, over whatever years."""

from collections.abc import Callable
from typing import Any

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from service.kit.geo import Area
from service.zones import rules
from service.zones.model import HazardClass, Publication, State, Zone
from tests.property.life import World, same_zone, tried

_STEP = 0.001
_corners = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(2, 8), st.integers(2, 8), st.integers(-1, 1))
_number = st.integers(0, 20)


def _outline(corner: tuple[int, int, int, int, int]) -> Area:
    """A four-sided outline of some hundred metres, its sides not always along the meridians."""
    x, y, wide, high, lean = corner
    points = [(x, y), (x + wide, y), (x + wide + lean, y + high), (x + lean, y + high)]
    return Polygon([(17 + px * _STEP, 45 + py * _STEP) for px, py in points])


_outlines = _corners.map(_outline)
_acts = st.one_of(
    st.tuples(st.just("add"), _outlines, st.sampled_from([0.0, 30.0, 100.0]), st.sampled_from(Publication)),
    st.tuples(st.just("release"), _number, _number, st.none() | _outlines),
    st.tuples(st.just("release"), _number, _number, _outlines),
    st.tuples(st.just("revoke"), _number),
    st.tuples(st.just("extend"), _number, _outlines),
    st.tuples(st.just("split"), _number, st.integers(1, 6)),
    st.tuples(st.just("merge"), _number, _number),
    st.tuples(st.just("correct"), _number, st.sampled_from([10.0, 100.0, 150.0])),
    st.tuples(st.just("annul"), _number),
    st.tuples(st.just("reinstate"), _number),
    st.tuples(st.just("confirm"), _number),
    st.tuples(st.just("publish"), _number, st.sampled_from(Publication)),
    st.tuples(st.just("stale"), _number),
    st.tuples(st.just("wait"), st.integers(1, 50)),
)


def _do(world: World, act: tuple[Any, ...]) -> bool:
    """Do one act with the zones that its numbers name; False where it is refused or there is nothing to do it to."""
    verb, *rest = act
    zones, active = list(world.zones.values()), world.active()
    if verb == "add":
        return tried(lambda: world.add(*rest))
    if verb == "wait":
        return tried(lambda: world.wait(rest[0]))
    if verb == "revoke":
        return bool(world.records) and tried(lambda: world.revoke(world.records[rest[0] % len(world.records)]))
    if verb == "reinstate":
        return bool(zones) and tried(lambda: world.reinstate(zones[rest[0] % len(zones)]))
    return bool(active) and tried(_on_active(world, verb, active[rest[0] % len(active)], rest[1:]))


def _on_active(world: World, verb: str, zone: Zone, rest: list[Any]) -> Callable[[], None]:
    active = world.active()
    acts: dict[str, Callable[[], None]] = {
        "release": lambda: world.release(_two(zone, active[rest[0] % len(active)]), rest[1]),
        "extend": lambda: world.extend(zone, rest[0]),
        "split": lambda: world.split(zone, _halves(zone, rest[0])),
        "merge": lambda: world.merge([zone, active[rest[0] % len(active)]]),
        "correct": lambda: world.correct(zone, rest[0]),
        "annul": lambda: world.annul(zone),
        "confirm": lambda: world.raise_class(zone),
        "publish": lambda: world.publish(zone, rest[0]),
        "stale": lambda: world.stale(zone),
    }
    return acts[verb]


def _two(zone: Zone, other: Zone) -> list[Zone]:
    return [zone] if zone.id == other.id else [zone, other]


def _halves(zone: Zone, sixth: int) -> list[Area]:
    """Two outlines with a common side that cover a zone together."""
    west, south, east, north = zone.official.bounds
    middle = west + (east - west) * sixth / 7
    edge = _STEP / 10
    one = shapely.box(west - edge, south - edge, middle, north + edge)
    return [one, shapely.box(middle, south - edge, east + edge, north + edge)]


@given(st.lists(_acts, min_size=3, max_size=14))
@settings(max_examples=250, deadline=None)
def test_r1_r2_no_zone_becomes_less_dangerous_but_by_a_record_or_an_annulment(acts: list[tuple[Any, ...]]) -> None:
    world = World()
    world.add(_outline((3, 3, 6, 6, 0)), 30.0, Publication.OUTLINE)
    for act in acts:
        before = dict(world.zones)
        done = _do(world, act)
        if not done:
            assert world.zones == before
        world.check()
        for zone_id, zone in before.items():
            after = world.zones[zone_id]
            assert not (zone.hazard_class is HazardClass.CONFIRMED and after.hazard_class is HazardClass.SUSPECTED)
            if act[0] in {"wait", "stale"}:
                assert same_zone(after, zone)
                assert rules.shown(after) is None or zone.state is State.ACTIVE
