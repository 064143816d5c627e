"""R7: whatever the zoom, a tile shows at least the ground of every zone; GDAL reads the tiles, not our code."""

import math
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from service.atlas import tiles
from service.atlas.chart import Chart
from service.atlas.model import Tile
from service.kit import geo
from service.zones.model import PublicZone

HALF_M = math.pi * 6_378_137
CORNERS = st.lists(st.tuples(st.integers(-8, 8), st.integers(-8, 8)), min_size=3, max_size=9, unique=True)


def a_zone(outline: geo.Area, number: int = 1, **more: Any) -> PublicZone:
    fields = {"revision": 1, "exercise": False, "authority": "Ana", "accuracy_m": 30.0, "stale": False, **more}
    return PublicZone(id=UUID(int=number), data_as_of=date(2026, 7, 31), outline=outline, **fields)


@st.composite
def outlines(draw: st.DrawFn) -> geo.Area:
    """Any tangled shape of 20 m to 20 km, as it would be published."""
    x, y = draw(st.sampled_from([-179.5, -24.5, 17.0, 120.0])), draw(st.sampled_from([-72.0, -10.0, 0.0, 45.0, 68.0]))
    size = draw(st.sampled_from([0.00002, 0.001, 0.02]))
    ring = [(x + dx * size, y + dy * size) for dx, dy in draw(CORNERS)]
    return geo.outward(geo.repair([[np.array(ring)]]).area, 5)


def read(content: bytes, tile: Tile) -> list[geo.Area]:
    """Decode a tile in metres of the Web Mercator map."""
    with TemporaryDirectory() as folder:
        place = Path(folder, str(tile.zoom), str(tile.column))
        place.mkdir(parents=True)
        file = place / f"{tile.row}.mvt"
        file.write_bytes(content)
        _, _, found, _ = pyogrio.raw.read(f"MVT:{file}", layer=tiles.LAYER, CLIP="NO")
    whole = [geo.areal(one) for one in shapely.from_wkb(found)]
    return [one.geoms[0] if isinstance(one, MultiPolygon) and len(one.geoms) == 1 else one for one in whole]


def on_map(area: geo.Area) -> geo.Area:
    """Put an area on the map, its edges as straight in degrees as they are."""

    def projected(at: Any) -> Any:
        x = np.radians(at[:, 0]) * 6_378_137
        return np.column_stack([x, np.arcsinh(np.tan(np.radians(at[:, 1]))) * 6_378_137])

    return geo.areal(shapely.transform(shapely.segmentize(area, 0.0005), projected))


def ground(tile: Tile) -> Polygon:
    wide = 2 * HALF_M / 2**tile.zoom
    west, north = tile.column * wide - HALF_M, HALF_M - tile.row * wide
    square: Polygon = box(west, north - wide, west + wide, north)
    return square


def tile_at(longitude: float, latitude: float, zoom: int) -> Tile:
    count = 2**zoom
    down = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return Tile(zoom, int((longitude + 180) / 360 * count), int(down * count))


@given(outlines(), st.integers(0, 16), st.data())
@settings(max_examples=200)
def test_r7_a_tile_covers_what_lies_of_a_zone_in_it_at_every_zoom(
    outline: geo.Area, zoom: int, data: st.DataObject
) -> None:
    corner = data.draw(st.sampled_from(shapely.get_coordinates(outline).tolist()))
    tile = tile_at(corner[0], corner[1], zoom)
    shown = read(tiles.drawn(Chart.of([a_zone(outline)]), tile), tile)
    held = on_map(outline).intersection(ground(tile))
    pixel = 2 * HALF_M / 2**zoom / 512
    assert all(one.is_valid for one in shown)
    # A hair for the projections' rounding, a thousandth of a pixel.
    assert shapely.union_all(shown).buffer(pixel / 1_000).covers(held)
    assert all(not one.buffer(-pixel * 0.49).is_empty for one in shown if ground(tile).contains(one))
    if ground(tile).contains(on_map(outline)):
        assert max(one.hausdorff_distance(held) for one in shown) < pixel * 6


@pytest.mark.parametrize("zoom", range(17))
def test_a_small_zone_never_vanishes(zoom: int) -> None:
    outline = box(17.0, 45.0, 17.00001, 45.00001)
    tile = tile_at(17.000005, 45.000005, zoom)
    (shown,) = read(tiles.drawn(Chart.of([a_zone(outline)]), tile), tile)
    assert shown.area >= (2 * HALF_M / 2**zoom / 512) ** 2 * 0.999


def test_many_small_zones_are_one_shape_that_covers_them_all() -> None:
    rng = np.random.default_rng(1)
    places = rng.uniform((10, 40), (30, 50), (3_000, 2)).tolist()
    record = [a_zone(box(x, y, x + 0.003, y + 0.003), number) for number, (x, y) in enumerate(places, 1)]
    tile = tile_at(20, 45, 3)
    content = tiles.drawn(Chart.of(record), tile)
    (shown,) = read(content, tile)
    hair = shown.buffer(2 * HALF_M / 2**tile.zoom / 512_000)
    held = [on_map(zone.outline).intersection(ground(tile)) for zone in record]
    assert all(one.is_empty or hair.covers(one) for one in held)
    assert len(content) < 60_000
