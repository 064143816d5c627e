"""What a tile says, and how tiles are kept."""

from dataclasses import replace

import pytest
from shapely import Polygon, box

from service.atlas import mvt, rules, tiles
from service.atlas.chart import Chart
from service.atlas.model import Tile
from service.kit.errors import Refused
from tests.property.test_atlas_tiles import a_zone, read, tile_at

HERE = tile_at(17.005, 45.005, 14)
ZONE = a_zone(box(17.0, 45.0, 17.01, 45.01))


def test_a_tile_without_zones_is_a_layer_without_features() -> None:
    content = tiles.drawn(Chart.of([]), HERE)
    assert content
    assert read(content, HERE) == []


def test_a_zone_beyond_the_edge_is_drawn_into_the_buffer() -> None:
    beside = Tile(HERE.zoom, HERE.column + 1, HERE.row)
    edge = (HERE.column + 1) / 2**HERE.zoom * 360 - 180
    zone = a_zone(box(edge - 0.0005, 45.0, edge - 0.0001, 45.01))
    assert len(read(tiles.drawn(Chart.of([zone]), beside), beside)) == 1


def test_a_hole_is_written_as_a_hole() -> None:
    area = Polygon(box(0, 0, 100, 100).exterior, [box(40, 40, 60, 60).exterior])
    content = mvt.encoded("zones", [mvt.Feature(area, {"id": "a", "n": 3, "half": 0.5, "yes": True})])
    (shown,) = read(content, Tile(0, 0, 0))
    assert len(shown.interiors) == 1  # type: ignore[union-attr]  # one polygon


@pytest.mark.parametrize(
    "wrong", [Tile(17, 0, 0), Tile(-1, 0, 0), Tile(2, 4, 0), Tile(2, 0, 4), Tile(2, -1, 0), Tile(10**9, 0, 0)]
)
def test_a_tile_that_is_on_no_map_is_a_clear_refusal(wrong: Tile) -> None:
    with pytest.raises(Refused) as refused:
        rules.checked_tile(wrong)
    assert refused.value.name == "tile-unknown"


def test_tiles_are_kept_by_version_and_the_least_used_goes_first() -> None:
    cache = tiles.TileCache(most_bytes=10)
    first, second, third = (replace(HERE, row=row) for row in range(3))
    cache.put(1, first, b"1234")
    cache.put(1, second, b"1234")
    assert cache.get(1, first) == b"1234"
    cache.put(1, third, b"1234")
    assert cache.get(1, second) is None
    assert cache.get(1, first) == cache.get(1, third) == b"1234"
    assert cache.get(2, first) is None
    cache.put(2, first, b"new")
    cache.put(1, second, b"late")
    assert cache.get(1, second) is None
    assert cache.get(2, first) == b"new"


def test_r27_exercise_and_real_tiles_are_kept_apart() -> None:
    cache = tiles.TileCache()
    cache.put(1, HERE, b"real")
    assert cache.get(1, replace(HERE, exercise=True)) is None


def test_r25_tiles_of_zones_that_differ_in_what_is_secret_are_equal() -> None:
    """Nothing of a zone but what the public may know reaches a tile."""
    layer = Chart.of([ZONE]).base
    assert set(tiles.properties(layer, 0)) == {
        "id", "authority", "data_as_of", "revision", "accuracy_m", "exercise", "stale",
    }  # fmt: skip
