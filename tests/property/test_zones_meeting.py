"""Which zones surely meet a ground, and which must be looked at: none is lost, none is sure that does not meet it."""

from uuid import UUID

import shapely
from hypothesis import given
from hypothesis import strategies as st

from service.zones import rules

DEGREES = st.floats(-4, 4, allow_nan=False)
SIZES = st.floats(0.01, 3, allow_nan=False)
SQUARES = st.tuples(DEGREES, DEGREES, SIZES)
TRIANGLE = shapely.Polygon([(-2, -2), (3, -1), (0, 3)])


def diamond(west: float, south: float, size: float) -> shapely.Polygon:
    """A zone that fills half of its box."""
    half = size / 2
    return shapely.Polygon(
        [(west + half, south), (west + size, south + half), (west + half, south + size), (west, south + half)]
    )


@given(zones=st.lists(SQUARES, max_size=12))
def test_r6_no_zone_that_meets_a_ground_is_passed_over(zones: list[tuple[float, float, float]]) -> None:
    outlines = {UUID(int=number): diamond(*one) for number, one in enumerate(zones)}
    sure, unsure = rules.surely_met(TRIANGLE, [(key, outline.bounds) for key, outline in outlines.items()])
    really = {key for key, outline in outlines.items() if outline.intersects(TRIANGLE)}
    assert (sure or any(key in really for key in unsure)) is bool(really)
    assert not sure or really


def test_a_zone_beyond_the_antimeridian_is_always_looked_at() -> None:
    ground = shapely.MultiPolygon([shapely.box(179, 0, 180, 1), shapely.box(-180, 0, -179, 1)])
    assert rules.surely_met(ground, [(UUID(int=1), (179.5, 0.2, 180.5, 0.8))]) == (False, [UUID(int=1)])
