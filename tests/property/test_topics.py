"""Topics promise that no phone inside an area is missed, whatever the area."""

import math
import random

import h3.api.basic_int as h3
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon

from service.delivery import topics
from service.kit import geo
from service.kit.geo.cells import boundary

FINEST, *COARSER = topics.RESOLUTIONS


@st.composite
def areas(draw: st.DrawFn) -> geo.Area:
    """A blob of 500 m to 150 km somewhere on Earth, at the date line and at the corners of coarse cells too."""
    if draw(st.booleans()):
        seed = h3.latlng_to_cell(draw(st.floats(-75, 75)), draw(st.floats(-180, 180)), draw(st.sampled_from([3, 5])))
        latitude, longitude = draw(st.sampled_from(h3.cell_to_boundary(seed)))
    else:
        latitude, longitude = draw(st.floats(-75, 75)), draw(st.sampled_from([179.95, -179.99, 31.0]))
    size = draw(st.sampled_from([0.005, 0.05, 0.05, 0.3, 1.0]))
    across = size / math.cos(math.radians(latitude))
    step = st.floats(-1, 1)
    corners = draw(st.lists(st.tuples(step, step), min_size=3, max_size=8, unique=True))
    flat = [(longitude + across * x, latitude + size * y) for x, y in corners]
    ring = shapely.get_coordinates(Polygon(flat).convex_hull.buffer(size / 50))
    ring[:, 0] = (ring[:, 0] + 180) % 360 - 180
    return geo.buffer_metres(geo.repair([[ring]]).area, 500)


def inside(area: geo.Area, seed: int) -> list[tuple[float, float]]:
    """Points of an area as longitude and latitude: its corners, and some drawn at random."""
    chance = random.Random(seed)  # noqa: S311 - draws places, guards nothing
    west, south, east, north = shapely.get_parts(area)[0].bounds
    drawn = [(chance.uniform(west, east), chance.uniform(south, north)) for _ in range(300)]
    shapely.prepare(area)
    corners = [(float(x), float(y)) for x, y in shapely.get_coordinates(area)[:100]]
    return corners + [(x, y) for x, y in drawn if area.intersects(Point(x, y))]


@given(areas(), st.sampled_from([10, 40, 200]), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_no_phone_inside_an_area_is_missed_by_its_topics(area: geo.Area, most: int, seed: int) -> None:
    rings = dict.fromkeys(geo.cover(area, FINEST), 0)
    found = topics.spread(rings, most=most)
    for longitude, latitude in inside(area, seed):
        own = {geo.cell_at(longitude, latitude, resolution) for resolution in topics.RESOLUTIONS}
        assert own & found.rings.keys(), (longitude, latitude)


@given(areas())
@settings(max_examples=25, deadline=None)
def test_every_cover_on_offer_misses_nobody(area: geo.Area) -> None:
    fine = geo.cover(area, FINEST)
    covers = geo.coarsenings(fine, COARSER, allowed=topics.ALLOWED_EXCESS)
    points = inside(area, 1)
    for cover in covers:
        for longitude, latitude in points:
            own = {geo.cell_at(longitude, latitude, resolution) for resolution in topics.RESOLUTIONS}
            assert own & cover.cells, (longitude, latitude)


@given(areas(), st.sampled_from([40, 200]))
@settings(max_examples=25, deadline=None)
def test_a_finer_topic_is_used_only_where_no_coarser_one_reaches_everybody(area: geo.Area, most: int) -> None:
    rings = dict.fromkeys(geo.cover(area, FINEST), 0)
    cells = topics.spread(rings, most=most).rings.keys()
    middle = area.centroid.x
    for coarse in COARSER:
        # A little smaller than they are: an arc is no straight line.
        known = [boundary(one, middle).buffer(-0.01) for one in cells if geo.resolution_of(one) == coarse]
        over = shapely.union_all(known)
        for cell in (one for one in cells if geo.resolution_of(one) > coarse):
            assert not over.contains(boundary(cell, middle))


@given(areas())
@settings(max_examples=20, deadline=None)
def test_the_ground_beyond_is_at_most_a_fifth_unless_there_would_be_too_many_topics(area: geo.Area) -> None:
    rings = dict.fromkeys(geo.cover(area, FINEST), 0)
    found = topics.spread(rings, most=10**9)
    assert found.excess <= topics.ALLOWED_EXCESS
    ground = sum(h3.cell_area(cell, "km^2") for cell in rings)
    told = sum(h3.cell_area(cell, "km^2") for cell in found.rings)
    # Cells of one resolution differ in size, and a fine one beside a coarse one lies partly in it.
    assert told <= ground * 1.6


@pytest.mark.parametrize("kilometres", [1, 5, 20, 50, 150])
def test_a_larger_area_takes_no_more_topics_than_there_is_room_for(kilometres: int) -> None:
    rings = dict.fromkeys(geo.cover(geo.circle(31.0, 47.5, kilometres * 1000), FINEST), 0)
    assert len(topics.spread(rings, most=40).rings) <= 40
