"""The judge of the demo shares nothing with what it judges."""

import ast
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

import service.demo
from service.demo.expected import CLEARANCE_M, Outline, Subject, read_features, who_is_meant
from service.demo.refining import distance_m, read_outline
from service.demo.spots import Place
from service.demo.staff import ACCURACY_M
from service.kit import geo

SQUARE = {"type": "Polygon", "coordinates": [[[10, 0], [10.01, 0], [10.01, 0.01], [10, 0.01], [10, 0]]]}
WREATH = {
    "type": "Polygon",
    "coordinates": [
        [[10, 0], [10.1, 0], [10.1, 0.1], [10, 0.1], [10, 0]],
        [[10.02, 0.02], [10.02, 0.08], [10.08, 0.08], [10.08, 0.02], [10.02, 0.02]],
    ],
}
CUT = {
    "type": "MultiPolygon",
    "coordinates": [
        [[[179.99, 0], [180, 0], [180, 0.01], [179.99, 0.01], [179.99, 0]]],
        [[[-180, 0], [-179.99, 0], [-179.99, 0.01], [-180, 0.01], [-180, 0]]],
    ],
}
DEGREE_M = 111_195.08
FOLDER = Path(service.demo.__file__).parent


def test_the_judge_imports_nothing_of_the_service() -> None:
    tree = ast.parse((FOLDER / "expected.py").read_text())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if name.startswith(("service", "."))]


def test_a_place_inside_is_at_no_distance_and_one_outside_at_its_haversine() -> None:
    outline = Outline.of(SQUARE)
    assert outline.metres(10.005, 0.005) == 0
    assert outline.metres(10.02, 0.005) == pytest.approx(0.01 * DEGREE_M, abs=0.2)
    assert outline.metres(10.005, -0.03) == pytest.approx(0.03 * DEGREE_M, abs=0.2)


def test_a_place_in_a_hole_counts_as_inside() -> None:
    assert Outline.of(WREATH).metres(10.05, 0.05) == 0


@pytest.mark.parametrize("longitude", [179.97, -179.97])
def test_an_outline_cut_at_180_degrees_is_measured_from_both_sides(longitude: float) -> None:
    outline = Outline.of(CUT)
    assert outline.metres(longitude, 0.005) == pytest.approx(0.02 * DEGREE_M, abs=0.2)
    assert outline.metres(180.0, 0.005) == outline.metres(-180.0, 0.005) == 0


def test_only_enrolled_phones_that_can_learn_are_meant() -> None:
    here = ((10.005, 0.005),)
    phones = [
        Subject(1, here, tester=True, able=True),
        Subject(2, here, tester=False, able=True),
        Subject(3, here, tester=True, able=False),
        Subject(4, ((11.0, 0.0),), tester=True, able=True),
        Subject(5, ((11.0, 0.0), (10.02, 0.0)), tester=True, able=True),
    ]
    assert who_is_meant(Outline.of(SQUARE), phones, within_m=2000) == {1, 5}


def test_features_are_read_from_lines_and_from_a_collection(tmp_path: Path) -> None:
    lines, whole = tmp_path / "a.geojsonl", tmp_path / "b.geojson"
    lines.write_text('{"type":"Feature","properties":{"n":1}}\n\n{"type":"Feature","properties":{"n":2}}\n')
    whole.write_text('{"type":"FeatureCollection","features":[{"type":"Feature"}]}')
    assert [one["properties"]["n"] for one in read_features(lines)] == [1, 2]
    assert len(read_features(whole)) == 1


@pytest.mark.parametrize("name", ["Halcyon Bank", "Dateline Banks", "White Lantern", "Even Water", "Grey Fence"])
def test_a_phone_measures_as_the_judge_does_though_by_another_way(name: str) -> None:
    features = {one["properties"]["name"]: one for one in read_features(FOLDER / "zones.geojsonl")}
    geometry = features[name]["geometry"]
    judge, app = Outline.of(geometry), read_outline(geometry)
    corner = Place(float(judge.longitudes[0]), float(judge.latitudes[0]))
    for step in range(24):
        place = corner.moved(400 * (step + 1), step * 0.7)
        judged = judge.metres(place.longitude, place.latitude)
        assert distance_m(app, place) == pytest.approx(judged, abs=1.0)


def test_r27_shipped_zones_are_fictional_and_many() -> None:
    features = read_features(FOLDER / "zones.geojsonl")
    assert 35 <= len(features) <= 45
    assert {one["properties"]["status"] for one in features} == {"SHA", "CHA"}
    assert len({one["properties"]["zone_id"] for one in features}) == len(features)
    assert all(one["properties"]["fictional"] is True for one in features)


def test_no_public_outline_juts_out_so_far_that_a_simulated_place_would_be_in_doubt() -> None:
    for feature in read_features(FOLDER / "zones.geojsonl"):
        official = shape(feature["geometry"])
        if official.is_valid:
            outline = Outline.of(feature["geometry"])
            corners = shapely.get_coordinates(geo.outward(geo.areal(official), ACCURACY_M))
            assert max(outline.metres(*corner) for corner in corners) < ACCURACY_M + CLEARANCE_M - 5
