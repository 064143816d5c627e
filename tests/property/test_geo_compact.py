"""The few cells that phones are told hold every point of an area."""

import math
import random

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import Point

from service.kit import geo

MOST = 40


@st.composite
def areas(draw: st.DrawFn) -> geo.Area:
    """Any tangle of 3 to 9 corners from a field to a province, anywhere that people live, the antimeridian included."""
    x, y = draw(st.floats(-180, 180)), draw(st.floats(-70, 70))
    size = draw(st.sampled_from([0.002, 0.05, 0.4, 1.5]))
    across = size / math.cos(math.radians(abs(y) + size))
    step = st.integers(-8, 8).map(lambda step: step / 8)
    corners = draw(st.lists(st.tuples(step, step), min_size=3, max_size=9, unique=True))
    ring = [((x + across * dx + 180) % 360 - 180, y + size * dy) for dx, dy in corners]
    try:
        return geo.repair([[np.array(ring)]]).area
    except geo.Unmendable:
        assume(False)
        raise


def points_in(area: geo.Area, chance: random.Random, *, wanted: int) -> list[tuple[float, float]]:
    """Return corners of an area and random points of its triangles."""
    found = [tuple(corner) for corner in shapely.get_coordinates(area)[:wanted].tolist()]
    triangles = [part for part in shapely.get_parts(shapely.constrained_delaunay_triangles(area)) if part.area > 0]
    for triangle in chance.choices(triangles, weights=[part.area for part in triangles], k=wanted):
        a, b, c = shapely.get_coordinates(triangle)[:3]
        u, v = sorted((chance.random(), chance.random()))
        x, y = u * a + (v - u) * b + (1 - v) * c
        found.append((float(x), float(y)))
    return found


@given(areas(), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_any_point_of_an_area_lies_in_one_of_at_most_forty_told_cells(area: geo.Area, seed: int) -> None:
    told = geo.compact_cover(area, most=MOST)
    resolutions = {geo.resolution_of(cell) for cell in told}
    assert len(told) <= MOST
    assert resolutions <= set(range(3, 8))
    for x, y in points_in(area, random.Random(seed), wanted=60):  # noqa: S311 - a test's dice
        assert any(h3.latlng_to_cell(y, x, resolution) in told for resolution in resolutions), (x, y)


def test_the_tip_of_a_needle_is_told() -> None:
    """Cutting the area up by cells lost it: what such a cell holds has no width in floating point."""
    tip = (-1.5005141887363038, 1.3125)
    area = shapely.Polygon([(0, 0), (-0.3751285471840617, -0.1875), tip, (0.1875642735920451, -0.9375)])
    told = geo.compact_cover(area, most=MOST)
    assert any(geo.cell_at(*tip, resolution) in told for resolution in range(3, 8))


@pytest.mark.parametrize("metres", [100, 5_000, 20_000, 60_000])
def test_told_cells_are_not_much_larger_than_the_area(metres: int) -> None:
    area = geo.circle(37.2, 49.1, metres)
    told = geo.compact_cover(area, most=MOST)
    beside = sum(h3.cell_area(cell, "m^2") for cell in told) - geo.square_metres(area)
    finest = h3.average_hexagon_area(7, "m^2")
    assert beside < max(4 * finest, geo.square_metres(area))


def test_a_country_is_told_in_coarser_cells_where_forty_of_resolution_3_do_not_suffice() -> None:
    country = shapely.box(22, 44.5, 40, 52.3)
    told = geo.compact_cover(country, most=MOST)
    assert len(told) <= MOST
    assert min(map(geo.resolution_of, told)) == 2
    for x, y in points_in(country, random.Random(7), wanted=200):  # noqa: S311 - as above
        assert any(h3.latlng_to_cell(y, x, resolution) in told for resolution in range(2, 8)), Point(x, y)
