"""Many areas at once come out as they do one by one, and no cell that is near is left out."""

import json
from pathlib import Path

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from service.intake import geojson
from service.kit import geo
from service.kit.geo import Flaw, Unmendable

METRES = 5_000.0

_corners = st.lists(
    st.tuples(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01)), min_size=3, max_size=7
)  # fmt: skip
_places = st.tuples(st.floats(-179.995, 179.995), st.floats(-84, 84))


@st.composite
def _rings(draw: st.DrawFn) -> list[geo.Coordinates]:
    east, north = draw(_places)
    ring = [(east + x, north + y) for x, y in draw(_corners)]
    closed = [*ring, ring[0]] if draw(st.booleans()) else ring
    return [np.clip(np.array(closed), (-180, -84.9), (180, 84.9))]


def _alone(polygons: list[list[geo.Coordinates]]) -> geo.Mended | Flaw:
    try:
        return geo.repair(polygons)
    except Unmendable as error:
        return error.flaw


@given(st.lists(_rings(), min_size=1, max_size=5))
@settings(max_examples=150)
def test_many_rows_are_mended_as_one_by_one(rows: list[list[geo.Coordinates]]) -> None:
    together = geo.repair_each([[rings] for rings in rows])
    for rings, found in zip(rows, together, strict=True):
        alone = _alone([rings])
        if isinstance(alone, Flaw):
            assert found is alone
        else:
            assert isinstance(found, geo.Mended)
            assert found.mends == alone.mends
            assert shapely.equals_identical(found.area, alone.area)


@given(st.lists(_rings(), min_size=1, max_size=5), st.sampled_from([0.0, 30.0, 100.0, 2_000.0]))
@settings(max_examples=150)
def test_r7_many_outlines_are_widened_outward_each_as_by_itself(
    rows: list[list[geo.Coordinates]], metres: float
) -> None:
    areas = [found.area for found in geo.repair_each([[rings] for rings in rows]) if isinstance(found, geo.Mended)]
    for official, public in zip(areas, geo.outward_each(areas, [metres] * len(areas)), strict=True):
        if public is None:
            with pytest.raises((geo.NotOutward, geo.TooFarNorth)):
                geo.outward(official, metres)
            continue
        stored = shapely.from_wkb(shapely.to_wkb(public))
        assert stored.is_valid
        assert stored.covers(official)
        assert shapely.get_num_interior_rings(shapely.get_parts(stored)).sum() == 0


@given(_places, st.floats(0.0001, 0.05))
@settings(max_examples=120)
def test_no_cell_near_an_outline_is_left_out(place: tuple[float, float], size: float) -> None:
    x, y = place
    area = shapely.box(max(x - size, -180), max(y - size, -84), min(x + size, 180), min(y + size, 84))
    if area.is_empty or area.area == 0:
        return
    (found,) = geo.cells_near([area], METRES, 4)
    assert found >= geo.cover(geo.buffer_metres(area, METRES), 4)
    assert found <= geo.cover(geo.buffer_metres(area, 1.2 * METRES + 100), 4)


def test_cells_near_pentagons_are_found() -> None:
    for cell in h3.get_pentagons(4):
        latitude, longitude = h3.cell_to_latlng(cell)
        for corner in [(latitude, longitude), *h3.cell_to_boundary(cell)]:
            area = geo.circle(corner[1], corner[0], 300)
            (found,) = geo.cells_near([area], METRES, 4)
            assert found >= geo.cover(geo.buffer_metres(area, METRES), 4)


def test_the_real_outlines_come_out_alike(shared: Path) -> None:
    lines = (shared / "hazards" / "formats" / "bih300.geojsonl").read_text().splitlines()
    rows = [geojson.polygons(json.loads(line)["geometry"])[0] for line in lines]
    mended = [found.area for found in geo.repair_each(rows) if isinstance(found, geo.Mended)]
    assert len(mended) == 300
    for official, public in zip(mended, geo.outward_each(mended, [100.0] * 300), strict=True):
        assert public is not None
        assert public.equals(geo.outward(official, 100))
    steps = geo.longest_steps_m(mended)
    assert np.allclose(steps, [geo.longest_step_m(area) for area in mended])


@given(_places, st.floats(1, 4_000))
@settings(max_examples=60)
def test_r9_a_circle_holds_everything_within_its_radius(place: tuple[float, float], metres: float) -> None:
    x, y = place
    circle = geo.circle(x, y, metres)
    assert circle.is_valid
    assert geo.distance_m(x, y, circle) == 0
    north = Point(x, y + 0.999 * metres / 111_700)
    assert circle.covers(north)
