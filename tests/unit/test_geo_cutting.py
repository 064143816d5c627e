"""Taking ground out of an outline, and claiming ground: rounding errs to the side of danger."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from service.kit import geo

PUBLIC = geo.outward(box(17, 45, 17.01, 45.01), 100)
HALF = box(17.0051234567, 44.9, 17.1, 45.1)


def test_r7_a_cut_takes_nothing_that_is_not_covered() -> None:
    left = geo.cut(PUBLIC, HALF)
    assert left.covers(PUBLIC.difference(HALF))
    assert not left.intersects(Point(17.0075, 45.005))
    assert all(round(value, 6) == value for value in shapely.get_coordinates(left).flatten())


def test_a_hole_that_is_cut_stays_a_hole() -> None:
    left = geo.cut(PUBLIC, box(17.004, 45.004, 17.006, 45.006))
    assert shapely.get_num_interior_rings(left) == 1
    assert not left.intersects(Point(17.005, 45.005))


def test_a_cut_that_is_too_thin_or_elsewhere_takes_nothing() -> None:
    assert geo.cut(PUBLIC, box(17.005, 45, 17.0050001, 45.01)) is PUBLIC
    assert geo.cut(PUBLIC, box(18, 45, 18.1, 45.1)) is PUBLIC


def test_r5_a_claim_is_rounded_inward() -> None:
    claimed = geo.inward(HALF)
    assert claimed is not None
    assert HALF.covers(claimed)
    assert geo.square_metres(claimed) == pytest.approx(geo.square_metres(HALF), rel=0.001)
    assert geo.inward(box(17, 45, 17.000001, 45.1)) is None


def test_a_claim_over_the_antimeridian_stays_whole() -> None:
    area = MultiPolygon([box(179.99, -17, 180, -16.99), box(-180, -17, -179.99, -16.99)])
    claimed = geo.inward(area)
    assert claimed is not None
    assert area.covers(claimed)
    assert claimed.covers(Point(180, -16.995))


def test_square_metres_are_those_of_the_ground() -> None:
    one_degree = geo.square_metres(box(17, 0, 18, 1))
    assert one_degree == pytest.approx(12_364_000_000, rel=0.005)
    assert geo.square_metres(box(17, 60, 18, 61)) == pytest.approx(one_degree * 0.4924, rel=0.005)


_corners = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=6, unique=True)


@given(_corners, _corners, st.sampled_from([0.00037, 0.00113]))
@settings(max_examples=150)
def test_r7_no_cut_of_any_shape_loses_a_point_that_is_not_covered(
    one: list[tuple[int, int]], other: list[tuple[int, int]], step: float
) -> None:
    official, taken = (
        shapely.convex_hull(shapely.MultiPoint([(17 + x * step, 45 + y * step) for x, y in corners]))
        for corners in (one, other)
    )
    if not isinstance(official, Polygon) or not isinstance(taken, Polygon):
        return
    public = geo.outward(official, 30)
    left = geo.cut(public, taken)
    assert left.is_valid
    assert left.covers(public.difference(taken))
    claimed = geo.inward(taken)
    assert claimed is None or taken.covers(claimed)
