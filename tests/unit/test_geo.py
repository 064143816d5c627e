"""Widening, covering and measuring areas."""

import math

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from service.kit import geo


def _index(*areas: geo.Area) -> geo.OutlineIndex:
    return geo.OutlineIndex.of(geo.Packed.of(areas))


def test_r7_the_public_outline_is_wider_than_the_official_one_by_the_surveys_error() -> None:
    official = box(17.0, 45.0, 17.01, 45.01)
    public = geo.outward(official, 100)
    assert public.is_valid
    assert _to_the_edge(17.0, 45.005, public) == pytest.approx(100, rel=0.03)
    assert _to_the_edge(17.005, 45.0, public) == pytest.approx(100, rel=0.03)


def _to_the_edge(x: float, y: float, area: geo.Area) -> float:
    return min(geo.haversine(x, y, *at) for at in shapely.get_coordinates(shapely.segmentize(area, 0.00001)).tolist())


def test_r7_an_accuracy_of_nothing_still_rounds_outward() -> None:
    official = Polygon([(17.0123456789, 45.0), (17.02, 45.00000001), (17.015, 45.0123456789)])
    public = geo.outward(official, 0)
    assert public.covers(official)
    assert all(round(value, 6) == value for value in shapely.get_coordinates(public).flatten())


def test_r7_holes_are_filled_in_the_public_outline() -> None:
    official = Polygon(box(0, 0, 0.1, 0.1).exterior, [box(0.04, 0.04, 0.06, 0.06).exterior])
    assert geo.outward(official, 30).covers(Point(0.05, 0.05))


def test_a_needle_gets_no_long_spikes_and_few_corners() -> None:
    official = Polygon([(0, 0), (0.05, 0.0001), (0.05, -0.0001)])
    public = geo.outward(official, 100)
    assert geo.corners(public) <= 1.3 * geo.corners(official)
    assert public.covers(geo.buffer_metres(official, 95))


def test_an_outline_over_the_antimeridian_stays_whole() -> None:
    official = MultiPolygon([box(179.99, -17, 180, -16.99), box(-180, -17, -179.99, -16.99)])
    public = geo.outward(official, 100)
    assert public.covers(official)
    assert public.covers(Point(180, -16.9995 + 0.01))
    assert public.bounds[0] == -180
    assert public.bounds[2] == 180


def test_widening_may_reach_over_the_antimeridian() -> None:
    wide = geo.buffer_metres(box(179.98, 10, 179.99, 10.01), 5_000)
    assert wide.covers(Point(-179.98, 10.005))


def test_uniting_what_is_covered_already_changes_nothing() -> None:
    public = geo.outward(box(17.0, 45.0, 17.01, 45.01), 100)
    assert geo.united(public, box(17.0, 45.0, 17.01, 45.01)) is public


def test_uniting_covers_both() -> None:
    one, other = geo.outward(box(17.0, 45.0, 17.01, 45.01), 30), geo.outward(box(17.005, 45.005, 17.03, 45.02), 30)
    both = geo.united(one, other)
    assert both.covers(one)
    assert both.covers(other)


def test_a_spike_without_width_outlives_uniting() -> None:
    """The third corner lies on the edge that leaves the fourth: an overlay drops what is between them."""
    spiked = Polygon([(17.0, 45.0), (17.01, 45.0055), (17.012, 45.003), (17.004, 45.013)])
    other = geo.repair([[np.array([[17.0, 45.0], [17.005, 45.0145], [17.0, 45.0]])]]).area
    tip = Point(17.0119, 45.003125)
    assert not shapely.union_all([spiked, other]).buffer(1e-6).covers(tip), "the reason why areas are joined with care"
    assert geo.joined([spiked, other]).covers(tip)


def test_nobody_widens_at_the_pole() -> None:
    with pytest.raises(geo.TooFarNorth):
        geo.buffer_metres(box(0, 88, 1, 89), 10)


def test_haversine_agrees_with_a_quarter_of_the_globe() -> None:
    assert geo.haversine(0, 0, 90, 0) == pytest.approx(math.pi / 2 * 6_371_008.8)
    assert geo.haversine(179.9, 0, -179.9, 0) == pytest.approx(geo.haversine(0, 0, 0.2, 0))


def test_a_point_inside_is_no_metres_away() -> None:
    assert geo.distance_m(17.005, 45.005, box(17.0, 45.0, 17.01, 45.01)) == 0


def test_rings_count_steps_from_the_inner_cells() -> None:
    middle = geo.cell_at(17.0, 45.0, 7)
    disk = set(h3.grid_disk(middle, 3))
    numbered = geo.rings({middle}, disk)
    assert numbered == {cell: h3.grid_distance(middle, cell) for cell in disk}


def test_cells_that_no_step_reaches_come_last_and_are_not_lost() -> None:
    middle, far = geo.cell_at(17.0, 45.0, 7), geo.cell_at(18.0, 45.0, 7)
    assert geo.rings({middle}, {middle, far}) == {middle: 0, far: 1}


def test_cells_are_written_as_h3_writes_them() -> None:
    cell = geo.cell_at(17.0, 45.0, 7)
    assert geo.cell_text(cell) == h3.int_to_str(cell)
    assert geo.parse_cell(geo.cell_text(cell)) == cell
    assert geo.resolution_of(cell) == 7


@pytest.mark.parametrize(
    "text", ["", "87", "zzzzzzzzzzzzzzz", "8729a1d2bfffffff", "115283473ffffff", "+87283473ffffff"]
)
def test_what_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no H3 cell"):
        geo.parse_cell(text)


def test_a_number_that_is_no_cell_has_no_resolution() -> None:
    with pytest.raises(ValueError, match="is no H3 cell"):
        geo.resolution_of(7)


def test_r8_a_generalised_outline_tells_no_more_than_its_cells() -> None:
    one, other = box(17.001, 45.001, 17.002, 45.002), box(17.0011, 45.0011, 17.0019, 45.0019)
    assert geo.cover(one, 7) == geo.cover(other, 7)
    coarse = geo.coarse_outline(one, 7)
    assert coarse.equals(geo.coarse_outline(other, 7))
    assert coarse.covers(one)


def test_the_index_names_what_holds_a_point() -> None:
    index = _index(box(0, 0, 1, 1), box(0.5, 0, 2, 1), box(9, 9, 10, 10))
    assert index.containing(0.7, 0.5) == [0, 1]
    assert index.containing(2, 1) == [1]
    assert index.containing(5, 5) == []


def test_the_index_looks_over_the_antimeridian() -> None:
    index = _index(box(-180, -17, -179.9, -16.9))
    assert index.containing(180, -16.95) == [0]
    (near,) = index.within(179.99, -16.95, 2_000)
    assert near.metres == pytest.approx(geo.haversine(179.99, -16.95, 180, -16.95), abs=0.01)


def test_an_empty_index_finds_nothing() -> None:
    index = geo.OutlineIndex()
    assert index.containing(0, 0) == []
    assert index.within(0, 0, 2_000) == []
    assert len(index) == 0


def test_the_nearest_comes_first() -> None:
    index = _index(box(0.02, 0, 0.03, 0.01), box(0.01, 0, 0.015, 0.01))
    assert [near.row for near in index.within(0, 0.005, 5_000)] == [1, 0]
