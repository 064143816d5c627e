"""What geometry promises of every area."""

import math
from itertools import pairwise

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import Polygon

from service.kit import geo

Ring = list[tuple[float, float]]


@st.composite
def rings(draw: st.DrawFn) -> Ring:
    """Any ring of 3 to 12 corners within 20 m to 5 km, tangled or not, anywhere on Earth."""
    x, y = draw(st.floats(-180, 180)), draw(st.floats(-80, 80))
    size = draw(st.sampled_from([0.0002, 0.002, 0.05]))
    across = size / math.cos(math.radians(abs(y) + size))
    step = st.integers(-8, 8).map(lambda step: step / 8)
    corners = draw(st.lists(st.tuples(step, step), min_size=3, max_size=12, unique=True))
    return [((x + across * dx + 180) % 360 - 180, y + size * dy) for dx, dy in corners]


def _index(*areas: geo.Area) -> geo.OutlineIndex:
    return geo.OutlineIndex.of(geo.Packed.of(areas))


def _mended(ring: Ring) -> geo.Area:
    return geo.repair([[np.array(ring)]]).area


def _winding(ring: Ring, x: float, y: float) -> int:
    """Sum the turns that a ring makes around a point: the plain textbook way, by angles."""
    total = 0.0
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        turn = math.atan2(by - y, bx - x) - math.atan2(ay - y, ax - x)
        total += (turn + math.pi) % math.tau - math.pi
    return round(total / math.tau)


@st.composite
def tangles(draw: st.DrawFn) -> Ring:
    step = st.integers(0, 40).map(lambda step: step / 1_000)
    return draw(st.lists(st.tuples(step, step), min_size=4, max_size=14))


@given(tangles(), st.lists(st.tuples(st.floats(0, 0.04), st.floats(0, 0.04)), min_size=20, max_size=20))
@settings(max_examples=300, deadline=None)
def test_mending_keeps_every_point_that_the_ring_winds_around(ring: Ring, points: list[tuple[float, float]]) -> None:
    try:
        area = _mended(ring)
    except geo.Unmendable:
        assert len(set(ring)) < 2
        return
    assert area.is_valid
    inside = [shapely.Point(x, y) for x, y in points if _winding(ring, x, y) != 0]
    assert all(geo.distance_m(point.x, point.y, area) < 0.01 for point in inside)
    assert all(geo.distance_m(x, y, area) < 0.01 for x, y in ring)


@given(rings(), st.sampled_from([0, 5, 30, 100, 1_000]))
@settings(max_examples=300, deadline=None)
def test_r7_the_public_outline_always_covers_the_official_one(ring: Ring, accuracy: int) -> None:
    official = _mended(ring)
    public = geo.outward(official, accuracy)
    again = shapely.from_wkb(shapely.to_wkb(public))
    assert again.is_valid
    assert again.covers(official)
    assert geo.corners(public) <= max(5, 1.3 * geo.corners(official)) * _cuts(public)
    assert not any(part.interiors for part in shapely.get_parts(public))


def _cuts(area: geo.Area) -> int:
    """Count the pieces: an area cut at 180 degrees has the corners of each."""
    return 2 if area.bounds[2] == 180 or area.bounds[0] == -180 else 1


@given(rings(), st.sampled_from([30, 100, 5_000, 50_000]), st.floats(0, math.tau), st.floats(0, 0.999), st.data())
@settings(max_examples=300, deadline=None)
def test_widening_reaches_every_point_within_the_metres(
    ring: Ring, metres: int, bearing: float, share: float, data: st.DataObject
) -> None:
    x, y = data.draw(st.sampled_from(ring))
    east, north = _gone(x, y, bearing, metres * share)
    wide = geo.buffer_metres(_mended(ring), metres)
    assert _index(wide).containing((east + 180) % 360 - 180, north) == [0]


def _gone(x: float, y: float, bearing: float, metres: float) -> tuple[float, float]:
    """Walk along a great circle."""
    arc, start = metres / 6_371_008.8, math.radians(y)
    north = math.asin(math.sin(start) * math.cos(arc) + math.cos(start) * math.sin(arc) * math.cos(bearing))
    over = math.atan2(
        math.sin(bearing) * math.sin(arc) * math.cos(start), math.cos(arc) - math.sin(start) * math.sin(north)
    )
    return x + math.degrees(over), math.degrees(north)


@given(rings(), st.sampled_from([4, 5, 7, 8]), st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_the_cell_of_every_point_of_an_area_is_in_its_cover(ring: Ring, resolution: int, random: object) -> None:
    area = _mended(ring)
    cells = geo.cover(area, resolution)
    assert all(geo.cell_at(x, y, resolution) in cells for x, y in _points(area))


def _points(area: geo.Area) -> list[tuple[float, float]]:
    """Return corners and points along the edges and inside."""
    along = shapely.get_coordinates(shapely.segmentize(area, 0.0005))
    triangles = shapely.get_parts(shapely.delaunay_triangles(area))
    middles = [triangle.centroid for triangle in triangles if area.covers(triangle.centroid)]
    return [*map(tuple, along), *((at.x, at.y) for at in middles)]


@st.composite
def cell_edges(draw: st.DrawFn, resolution: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two neighbouring corners (latitude, longitude) of a cell."""
    cell = h3.latlng_to_cell(draw(st.floats(-84, 84)), draw(st.floats(-180, 180)), resolution)
    boundary = h3.cell_to_boundary(cell)
    side = draw(st.integers(0, len(boundary) - 1))
    one, other = boundary[side - 1], boundary[side]
    assume(max(abs(one[1]), abs(other[1])) < 179.9 and max(abs(one[0]), abs(other[0])) < 84.5)
    return one, other


@given(st.sampled_from([4, 5, 7, 8]), st.data(), st.floats(0, 1), st.sampled_from([0.000001, 0.00005, 0.0002, 0.002]))
@settings(max_examples=500, deadline=None)
def test_a_small_zone_on_the_border_of_cells_is_covered_by_both(
    resolution: int, data: st.DataObject, share: float, size: float
) -> None:
    one, other = data.draw(cell_edges(resolution))
    north, east = one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])
    zone = geo.repair([[np.array(shapely.box(east - size, north - size, east + size, north + size).exterior.coords)]])
    cells = geo.cover(zone.area, resolution)
    assert all(geo.cell_at(*at, resolution) in cells for at in _points(zone.area))


@given(st.lists(rings(), min_size=1, max_size=8), st.floats(-180, 180), st.floats(-84, 84), st.data())
@settings(max_examples=200, deadline=None)
def test_the_index_agrees_with_brute_force(all_rings: list[Ring], x: float, y: float, data: st.DataObject) -> None:
    near_a_ring = data.draw(st.sampled_from(all_rings))[0]
    shift = data.draw(st.tuples(st.floats(-0.05, 0.05), st.floats(-0.02, 0.02)))
    x, y = (near_a_ring[0] + shift[0] + 180) % 360 - 180, near_a_ring[1] + shift[1]
    areas = dict(enumerate(map(_mended, all_rings)))
    index = _index(*areas.values())
    found = {near.row: near.metres for near in index.within(x, y, 2_000)}
    for key, area in areas.items():
        truth = _brute(x, y, area)
        if truth < 1_999.9:
            assert found[key] == pytest.approx(truth, abs=0.05)
        if truth > 2_000.1:
            assert key not in found


def _brute(x: float, y: float, area: geo.Area) -> float:
    """Walk along every edge in small steps, then in smaller ones around the best, measuring on the globe."""
    best = math.inf
    for turn in (-360, 0, 360):
        if area.covers(shapely.Point(x + turn, y)):
            return 0.0
    for part in shapely.get_parts(area):
        for ring in (part.exterior, *part.interiors):
            corners = list(ring.coords)
            for start, end in pairwise(corners):
                best = min(best, _along(x, y, start, end))
    return best


def _along(x: float, y: float, start: tuple[float, float], end: tuple[float, float]) -> float:
    low, high, best = 0.0, 1.0, math.inf
    for _ in range(6):
        shares = np.linspace(low, high, 21)
        metres = [
            geo.haversine(x, y, start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
            for share in shares
        ]
        at = int(np.argmin(metres))
        best = min(best, metres[at])
        low, high = shares[max(0, at - 1)], shares[min(20, at + 1)]
    return best


def test_distances_far_north_are_those_of_the_globe() -> None:
    zone = Polygon([(20, 84), (20.5, 84), (20.5, 84.02), (20, 84.02)])
    for x, y in [(19.9, 84.01), (20.2, 84.03), (20.6, 83.99)]:
        assert geo.distance_m(x, y, zone) == pytest.approx(_brute(x, y, zone), abs=0.01)
