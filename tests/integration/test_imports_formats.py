"""One source in eight formats: through a mapping they say the same, so that one after another changes nothing."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from service.imports import actions as imports
from service.imports import exporting, mapping, mappings
from service.imports.model import Kind, Report
from service.intake import geojson, reading
from service.kit.db import Tx
from service.operators.model import Operator
from service.zones import actions
from service.zones.model import Zone
from tests.build import declared
from tests.conftest import NOW

MAPS = Path(__file__).parents[1] / "data" / "imports"
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
DATED = date(2024, 7, 31)
SOURCE = ("Mine Action Centre", "")


async def _import(tx: Tx, operator: Operator, file: Path, map_file: str = "bih300.yaml") -> Report:
    text = mappings.text_of(MAPS / map_file)
    mapped = mapping.load(text, file.name)
    order = imports.Order(declared(dated=DATED, complete=True), mapped.columns, text, origin=file.name)
    return await imports.run_import(tx, operator, reading.read(file, mapped.layout), order, now=NOW)


def _counts(report: Report) -> dict[Kind, int]:
    return dict(Counter(line.kind for line in report.plan.lines))


async def _zones(tx: Tx) -> dict[str, Zone]:
    return {zone.external_id: zone for zone in await actions.everything(tx, after=None, limit=1_000)}


async def test_eight_formats_imported_one_after_another_change_nothing(
    tx: Tx, operator: Operator, shared: Path
) -> None:
    folder = shared / "hazards" / "formats"
    first = await _import(tx, operator, folder / FILES[0])
    assert _counts(first) == {Kind.NEW: 300}
    before = await _zones(tx)
    for name in FILES[1:]:
        report = await _import(tx, operator, folder / name, "bih300_cp1251.yaml" if "cp1251" in name else "bih300.yaml")
        assert _counts(report) == {Kind.UNCHANGED: 300}, name
        assert await _zones(tx) == before, name


@pytest.mark.parametrize("form", ["geojson", "csv"])
async def test_import_export_import_changes_nothing_with_the_real_outlines(
    tx: Tx, operator: Operator, shared: Path, tmp_path: Path, form: str
) -> None:
    await _import(tx, operator, shared / "hazards" / "formats" / FILES[4])
    before = await _zones(tx)
    out = tmp_path / f"out.{form}"
    mapped = mapping.load(mappings.text_of(MAPS / "bih300.yaml"))
    rows = [row async for row, _ in exporting.rows(tx, SOURCE, mapped, exercise=False)]
    out.write_text(exporting.as_csv(rows, None) if form == "csv" else exporting.as_geojson(rows), encoding="utf-8")
    report = await _import(tx, operator, out)
    assert _counts(report) == {Kind.UNCHANGED: 300}
    assert await _zones(tx) == before
    if form == "geojson":
        names = {frozenset(record.feature["properties"]) for record in geojson.read(out.read_bytes())}
        assert names == {frozenset({"zone_id", "name", "status", "area_m2", "reported"})}
