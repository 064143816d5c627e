"""The same 300 areas in eight files: whatever the format, the same ids, attributes and outlines come out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import Polygon

from service.intake.model import Noticed
from tests.files import NAMES, rows_of

FILES = (
    "bih300.geojsonl",
    "bih300.gml",
    "bih300.kml",
    "bih300.kmz",
    "bih300_wgs84.gpkg",
    "bih300_utm33n.gpkg",
    "bih300_wgs84_utf8.shp.zip",
    "bih300_mgi31276_cp1251.shp.zip",
)
METRES_A_DEGREE = 111_320.0
WITHIN_M = 0.05


def in_metres(geometry: Any) -> Polygon:
    """Draw one area in metres around its own middle."""
    (ring,) = geometry["coordinates"]
    corners = np.array(ring)[:, :2]
    return Polygon(corners * METRES_A_DEGREE * (np.cos(np.radians(corners[0, 1])), 1.0))


def carried(file: str, place: int, properties: dict[str, Any]) -> dict[str, Any]:
    """What the format can carry: dBase knows no blank at the end, and cp1251 no name in Arabic, Lao or French."""
    name = properties["name"]
    if "cp1251" in file:
        name = NAMES[place % len(NAMES)]
    elif file.endswith(".zip"):
        name = name.rstrip()
    return {**properties, "name": name}


@pytest.mark.parametrize("name", FILES)
async def test_eight_files_give_the_same_ids_attributes_and_outlines_within_5_cm(shared: Path, name: str) -> None:
    folder = shared / "hazards" / "formats"
    expected = [json.loads(line) for line in (folder / "bih300.geojsonl").read_text().splitlines()]
    read = await rows_of(folder / name)
    assert [record.unread for record in read.records] == [None] * 300
    assert read.properties == [carried(name, place, each["properties"]) for place, each in enumerate(expected)]
    for record, each in zip(read.records, expected, strict=True):
        ours, theirs = in_metres(record.feature["geometry"]), in_metres(each["geometry"])
        assert ours.exterior.hausdorff_distance(theirs.exterior) < WITHIN_M, record.row
        assert len(ours.exterior.coords) == len(theirs.exterior.coords), record.row
    shifted = {Noticed.CRS_APPROXIMATE} if "mgi31276" in name else set()
    assert read.noticed == shifted
