"""Outlines kept as numbers come back corner for corner, and are measured alike whatever their size."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from service.kit import geo
from service.kit.geo.grid import Grid
from service.kit.geo.packed import nearest_by_hand, nearest_of_many

HOLED = Polygon(box(0, 0, 1, 1).exterior, [box(0.2, 0.2, 0.4, 0.4).exterior, box(0.6, 0.6, 0.8, 0.8).exterior])
PARTS = MultiPolygon([box(5, 5, 6, 6), Polygon(box(7, 7, 8, 8).exterior, [box(7.2, 7.2, 7.4, 7.4).exterior])])
AREAS: list[geo.Area] = [box(2, 2, 3, 3), HOLED, box(4, 4, 5, 5), PARTS, box(-180, -17, -179.9, -16.9)]


def test_outlines_come_back_corner_for_corner() -> None:
    packed = geo.Packed.of(AREAS)
    assert [packed.area(row) for row in range(len(packed))] == AREAS


def test_rows_can_be_taken_and_joined() -> None:
    packed = geo.Packed.of(AREAS)
    mixed = geo.Packed.joined([packed.taken(np.array([3, 1])), geo.Packed.of([]), packed])
    assert [mixed.area(row) for row in range(len(mixed))] == [AREAS[3], AREAS[1], *AREAS]
    assert mixed.boxes.tolist() == [list(area.bounds) for area in (AREAS[3], AREAS[1], *AREAS)]


@pytest.mark.parametrize(
    ("at", "inside"),
    [((0.1, 0.1), True), ((0.3, 0.3), False), ((0.7, 0.7), False), ((0.5, 0.5), True), ((1.5, 0.5), False)],
)
def test_a_hole_is_outside_for_either_way_of_measuring(at: tuple[float, float], inside: bool) -> None:  # noqa: FBT001 - a case
    corners = geo.Packed.of([HOLED]).corners
    hand, many = nearest_by_hand(corners.tolist(), *at), nearest_of_many(corners, *at, 5.0)
    assert (hand is None) is (many is None) is inside
    if hand is not None and many is not None:
        assert hand == pytest.approx(many)


def test_an_outline_of_many_corners_is_measured_as_one_of_few() -> None:
    few = box(17.0, 45.0, 17.01, 45.01)
    many = shapely.segmentize(few, 0.00005)
    index = geo.OutlineIndex.of(geo.Packed.of([few, geo.areal(many)]))
    for x, y in [(17.02, 45.005), (17.005, 45.02), (16.99, 44.995), (17.005, 45.005)]:
        one, other = index.within(x, y, 3_000)
        assert one.metres == pytest.approx(other.metres, abs=0.001)
    assert index.within(17.2, 45.0, 3_000) == []


def test_a_small_search_meets_in_the_grid_exactly_what_it_meets_in_the_tree() -> None:
    rng = np.random.default_rng(3)
    corner = rng.uniform((-180, -85), (179, 85), (3_000, 2))
    corner[:1_000] = rng.uniform((17, 44), (17.3, 44.3), (1_000, 2))
    size = rng.choice([0.001, 0.03, 0.5, 40.0], (3_000, 2), p=[0.5, 0.4, 0.09, 0.01])
    boxes = np.column_stack([corner, np.minimum(corner + size, (180, 85))])
    tree, grid = shapely.STRtree(shapely.box(*boxes.T)), Grid.of(boxes)
    assert grid.wide
    for x, y in [*corner[::7].tolist(), (-180.0, 0.0), (179.99, -84.99), (0.0, 0.0), (17.01, 44.01)]:
        asked = (x - 0.03, y - 0.02, x + 0.03, y + 0.02)
        assert sorted(grid.meeting(*asked)) == sorted(tree.query(shapely.box(*asked)).tolist())


def test_a_box_finds_the_rows_that_it_meets_over_the_antimeridian_too() -> None:
    index = geo.OutlineIndex.of(geo.Packed.of(AREAS))
    assert index.in_box(0.5, 0.5, 4.5, 4.5).tolist() == [0, 1, 2]
    assert index.in_box(179, -18, 181, -16).tolist() == [4]
    assert index.in_box(-180, -90, 180, 90).tolist() == [0, 1, 2, 3, 4]
    assert index.in_box(20, 20, 21, 21).tolist() == []
