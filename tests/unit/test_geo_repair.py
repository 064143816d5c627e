"""Mending rings keeps ground."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon

from service.kit import geo
from service.kit.geo import Flaw, Mend

Ring = list[tuple[float, ...]]


def _mended(*rings: Ring) -> geo.Mended:
    return geo.repair([[np.array(ring, dtype=float) for ring in rings]])


def test_a_clean_outline_keeps_the_corners_that_it_had() -> None:
    ring: Ring = [(17.0, 45.0), (17.01, 45.0), (17.01, 45.01), (17.0, 45.0)]
    mended = _mended(ring)
    assert mended.mends == frozenset()
    assert shapely.get_coordinates(mended.area).tolist() == [list(at) for at in ring]


def test_both_lobes_of_a_bow_tie_stay() -> None:
    mended = _mended([(0, 0), (0.02, 0.02), (0.02, 0), (0, 0.02), (0, 0)])
    assert mended.mends == {Mend.UNTANGLED}
    assert mended.area.covers(Point(0.001, 0.01))
    assert mended.area.covers(Point(0.019, 0.01))


def test_ground_that_a_ring_covers_twice_is_not_a_hole() -> None:
    twice: Ring = [(0, 0), (3, 0), (3, 3), (1, 3), (1, 1), (2, 1), (2, 4), (0, 4), (0, 0)]
    twice = [(x / 100, y / 100) for x, y in twice]
    made_valid = shapely.make_valid(Polygon(twice))
    middle = Point(0.015, 0.02)
    assert not made_valid.covers(middle), "the reason why make_valid is not used"
    assert _mended(twice).area.covers(middle)


def test_a_spike_without_width_is_widened_not_dropped() -> None:
    mended = _mended([(0, 0), (0.01, 0), (0.01, 0.01), (0.05, 0.01), (0.01, 0.01), (0, 0.01), (0, 0)])
    assert Mend.WIDENED in mended.mends
    assert mended.area.is_valid
    assert mended.area.covers(Point(0.05, 0.01))


def test_a_ring_that_is_only_a_line_becomes_a_thin_area() -> None:
    mended = _mended([(0, 0), (0.01, 0), (0, 0)])
    assert Mend.WIDENED in mended.mends
    assert mended.area.covers(Point(0.005, 0))
    assert geo.distance_m(0.005, 0.001, mended.area) == pytest.approx(111.2 - 1.0, abs=0.2)


def test_a_ring_that_is_only_a_point_is_refused() -> None:
    with pytest.raises(geo.Unmendable) as refused:
        _mended([(17, 45), (17, 45), (17, 45), (17, 45)])
    assert refused.value.flaw is Flaw.ONLY_A_POINT


def test_an_open_ring_is_closed() -> None:
    mended = _mended([(0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01)])
    assert mended.mends == {Mend.CLOSED}
    assert mended.area.covers(Point(0.005, 0.005))


def test_heights_are_dropped() -> None:
    mended = _mended([(0, 0, 120), (0.01, 0, 121), (0.01, 0.01, 122), (0, 0, 120)])
    assert mended.mends == {Mend.FLATTENED}
    assert not mended.area.has_z


def test_a_clean_hole_stays_a_hole_in_the_official_outline() -> None:
    mended = _mended(_square(0, 0, 0.03), _square(0.01, 0.01, 0.01))
    assert mended.mends == frozenset()
    assert not mended.area.covers(Point(0.015, 0.015))


def test_a_hole_that_leaves_its_outline_takes_no_ground() -> None:
    mended = _mended(_square(0, 0, 0.03), _square(0.02, 0.02, 0.03))
    assert Mend.HOLE_FILLED in mended.mends
    assert mended.area.covers(Point(0.025, 0.025))


def test_overlapping_parts_are_merged() -> None:
    parts = [[np.array(_square(0, 0, 0.02), dtype=float)], [np.array(_square(0.01, 0.01, 0.02), dtype=float)]]
    mended = geo.repair(parts)
    assert Mend.MERGED in mended.mends
    assert mended.area.covers(Point(0.015, 0.015))


def test_parts_that_lie_apart_stay_as_given() -> None:
    parts = [[np.array(_square(x, 0, 0.01), dtype=float)] for x in (0, 0.05)]
    mended = geo.repair(parts)
    assert isinstance(mended.area, MultiPolygon)
    assert mended.mends == frozenset()


@pytest.mark.parametrize(
    ("ring", "flaw"),
    [
        ([(float("nan"), 45), (17, 45), (17, 46), (17, 45)], Flaw.NOT_FINITE),
        ([(float("inf"), 45), (17, 45), (17, 46), (17, 45)], Flaw.NOT_FINITE),
        ([(181, 45), (17, 45), (17, 46), (181, 45)], Flaw.OUT_OF_RANGE),
        ([(17, 91), (17, 45), (17, 46), (17, 91)], Flaw.OUT_OF_RANGE),
        ([(17, 86), (18, 86), (18, 87), (17, 86)], Flaw.TOO_FAR_NORTH),
        ([(-170, 70), (-60, 70), (60, 70), (170, 70), (-170, 70)], Flaw.TOO_FAR_NORTH),
    ],
)
def test_what_is_no_place_is_refused_with_its_name(ring: Ring, flaw: Flaw) -> None:
    with pytest.raises(geo.Unmendable) as refused:
        _mended(ring)
    assert refused.value.flaw is flaw


def test_no_rings_at_all_are_refused() -> None:
    nothing: list[list[list[geo.Coordinates]]] = [[], [[]], [[np.empty((0, 2))]]]
    for polygons in nothing:
        with pytest.raises(geo.Unmendable) as refused:
            geo.repair(polygons)
        assert refused.value.flaw is Flaw.EMPTY


def test_an_outline_over_the_antimeridian_is_cut_there() -> None:
    mended = _mended([(179.99, -17), (-179.99, -17), (-179.99, -16.99), (179.99, -16.99), (179.99, -17)])
    assert Mend.CUT_AT_180 in mended.mends
    assert mended.area.covers(Point(179.995, -16.995))
    assert mended.area.covers(Point(-179.995, -16.995))
    assert not mended.area.covers(Point(0, -16.995))
    assert geo.bounds(mended.area) == pytest.approx((179.99, -17, 180.01, -16.99))


def test_a_hole_over_the_antimeridian_is_found_in_its_outline() -> None:
    outer: Ring = [(179.9, 0), (-179.9, 0), (-179.9, 0.2), (179.9, 0.2), (179.9, 0)]
    mended = _mended(outer, [(-179.99, 0.05), (-179.95, 0.05), (-179.95, 0.1), (-179.99, 0.05)])
    assert not mended.area.covers(Point(-179.96, 0.06))


def test_a_ring_tangled_beyond_measure_is_refused_quickly() -> None:
    rng = np.random.default_rng(7)
    with pytest.raises(geo.Unmendable) as refused:
        geo.repair([[rng.uniform(0, 1, (20_000, 2))]])
    assert refused.value.flaw is Flaw.TOO_TANGLED


def test_a_ring_of_too_many_corners_is_refused() -> None:
    with pytest.raises(geo.Unmendable) as refused:
        geo.repair([[np.zeros((100_001, 2))]])
    assert refused.value.flaw is Flaw.TOO_MANY_CORNERS


def _square(x: float, y: float, size: float) -> Ring:
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
