"""Which zone of a file the demo warns of, however strange the file."""

from pathlib import Path
from typing import Any

import pytest

from service.demo.run import SHIPPED_ZONES
from service.demo.target import choose, read
from service.kit.errors import Refused


def test_the_first_zone_is_warned_of_unless_another_is_named() -> None:
    features = read(SHIPPED_ZONES)
    assert choose(features, None).name == "Halcyon Bank"
    assert choose(features, "EX-018").name == "White Lantern"


@pytest.mark.parametrize("name", ["Hourglass Flat", "Nowhere at all"])
def test_an_invalid_or_unknown_zone_cannot_be_warned_of(name: str) -> None:
    with pytest.raises(Refused) as refused:
        choose(read(SHIPPED_ZONES), name)
    assert refused.value.name == "demo-zone-missing"


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[["x", "y"]]]},
        {"type": "Polygon", "coordinates": [[[500000, 5e6], [500100, 5e6], [500100, 5.1e6], [500000, 5e6]]]},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "Point", "coordinates": [1, 2]},
    ],
)
def test_features_that_are_no_outline_are_passed_over(geometry: Any) -> None:
    strange = {"type": "Feature", "properties": None, "geometry": geometry}
    assert choose([strange, *read(SHIPPED_ZONES)], None).name == "Halcyon Bank"


def test_a_zone_that_states_its_own_accuracy_is_passed_over_as_the_judge_counts_with_the_demos() -> None:
    first, *others = read(SHIPPED_ZONES)
    first["properties"]["accuracy_m"] = 100
    assert choose([first, *others], None).name != "Halcyon Bank"


@pytest.mark.parametrize("content", ["<kml/>", "[1, 2]", '"text"', "{}", '{"type": "FeatureCollection"}', ""])
def test_a_file_that_is_no_geojson_is_refused_before_anything_starts(tmp_path: Path, content: str) -> None:
    file = tmp_path / "zones.kml"
    file.write_text(content)
    with pytest.raises(Refused):
        choose(read(file), None)
