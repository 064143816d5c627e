"""A walk meets whatever any point of it meets, and nothing else."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import box

from service.kit import geo

SPHERE = Geod(a=6_371_008.8, b=6_371_008.8)
Position = tuple[float, float]


@st.composite
def walks(draw: st.DrawFn) -> list[Position]:
    """Two to six positions, up to 8 km apart, anywhere between 75 degrees south and north."""
    x, y = draw(st.sampled_from([-179.99, -24.5, 0.0, 17.0, 179.98])), draw(st.floats(-75, 75))
    positions = [(x, y)]
    for _ in range(draw(st.integers(1, 5))):
        x, y, _ = SPHERE.fwd(x, y, draw(st.floats(0, 360)), draw(st.sampled_from([0.0, 3.0, 400.0, 2_000.0, 8_000.0])))
        positions.append((x, y))
    return positions


@st.composite
def squares(draw: st.DrawFn, near: list[Position]) -> geo.Area:
    x, y = draw(st.sampled_from(near))
    x, y, _ = SPHERE.fwd(x, y, draw(st.floats(0, 360)), draw(st.floats(0, 4_000)))
    size = draw(st.sampled_from([0.0005, 0.004, 0.03]))
    across = size / math.cos(math.radians(y))
    return geo.repair([[np.array([[(a + 180) % 360 - 180, b] for a, b in _corners(x, y, across, size)])]]).area


def _corners(x: float, y: float, across: float, size: float) -> list[Position]:
    return [(a, b) for a, b in box(x, y, x + across, y + size).exterior.coords]


def _dense(walk: list[Position]) -> list[Position]:
    points = [walk[0]]
    for start, end in pairwise(walk):
        metres = geo.haversine(*start, *end)
        points += [(x, y) for x, y in SPHERE.npts(*start, *end, max(1, int(metres // 20)))] if metres else []
        points.append(end)
    return points


@given(walks(), st.data(), st.sampled_from([500.0, 620.0]))
@settings(max_examples=120)
def test_r5_a_walk_meets_exactly_what_its_points_meet(walk: list[Position], data: st.DataObject, metres: float) -> None:
    areas = data.draw(st.lists(squares(walk), min_size=1, max_size=6))
    index = geo.OutlineIndex.of(geo.Packed.of(areas))
    found = {near.row: near.metres for near in geo.met(index, geo.steps_of(np.array(walk)), metres)}
    truth: dict[int, float] = {}
    for x, y in _dense(walk):
        for near in index.within(x, y, metres):
            truth[near.row] = min(near.metres, truth.get(near.row, math.inf))
    for row, away in truth.items():
        assert found[row] <= away + 0.1
    for row, away in found.items():
        # Points 20 m apart lie at most 10 m along the walk from its nearest point.
        assert row in truth or away > metres - 10.1
        assert truth.get(row, math.inf) <= away + 10.1 or row not in truth


def test_a_walk_between_two_outlines_is_measured_along_its_segments_not_at_its_corners() -> None:
    index = geo.OutlineIndex.of(geo.Packed.of([box(17.05, 45.001, 17.051, 45.002), box(17.2, 45.0, 17.3, 45.1)]))
    (near,) = geo.met(index, geo.steps_of(np.array([(17.0, 45.0), (17.1, 45.0)])), 500)
    assert near.row == 0
    assert near.metres == pytest.approx(107, abs=5)  # 111 m, less the bow of the great circle to the north


def test_a_walk_through_an_outline_is_in_it_though_it_starts_and_ends_outside() -> None:
    index = geo.OutlineIndex.of(geo.Packed.of([box(17.05, 44.99, 17.0501, 45.01)]))
    (near,) = geo.met(index, geo.steps_of(np.array([(17.0, 45.0), (17.1, 45.0)])), 500)
    assert near.metres == 0


def test_a_walk_wholly_inside_an_outline_is_in_it() -> None:
    index = geo.OutlineIndex.of(geo.Packed.of([box(16, 44, 18, 46)]))
    (near,) = geo.met(index, geo.steps_of(np.array([(17.0, 45.0), (17.001, 45.0)])), 500)
    assert near.metres == 0


def test_a_walk_over_the_antimeridian_is_short() -> None:
    walk = np.array([(179.99, -17.0), (-179.99, -17.0)])
    assert geo.length_m(walk) == pytest.approx(2_127, abs=5)
    index = geo.OutlineIndex.of(geo.Packed.of([box(-180, -17.001, -179.999, -16.999), box(0, -17.001, 1, -16.999)]))
    assert [near.row for near in geo.met(index, geo.steps_of(walk), 500)] == [0]
