"""One source in eight formats: through a mapping they say the same, so that one after another changes nothing."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import shapely

from service.imports import actions as imports
from service.imports import deciding, exporting, looking, mapping, mappings
from service.imports.model import Kind, Report
from service.imports.reasons import Reason
from service.imports.records import Decision, Verdict
from service.intake import geojson, reading
from service.kit import geo
from service.kit.db import Tx
from service.operators import actions as operators
from service.operators.model import Done, Operator, Role
from service.zones import actions, proposals
from service.zones.model import ReleaseKind, State, Zone
from service.zones.records import Releasing, Wanted
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


async def test_import_export_import_changes_nothing_with_releases_whole_and_in_part(
    tx: Tx, operator: Operator, shared: Path, tmp_path: Path
) -> None:
    done = await operators.add(tx, operator, "Borys", frozenset({Role.APPROVER, Role.ADMIN}), now=NOW)
    assert isinstance(done, Done)
    await _import(tx, operator, shared / "hazards" / "formats" / FILES[0])
    ids = [entry.id for entry in await looking.waiting(tx, {"reason": Reason.CLOSED, "limit": 1_000})]
    assert len(ids) == 75
    record = Verdict(Decision.RELEASED, "report 12", ReleaseKind.CLEARED, date(2024, 8, 1), 20)
    await deciding.decide(tx, done.operator, ids, record, now=NOW)
    whole = next(zone for zone in (await _zones(tx)).values() if zone.state is State.ACTIVE and not zone.claim)
    west, south, east, north = whole.official.bounds
    half = geo.areal(whole.official.intersection(shapely.box(west, south, (west + east) / 2, north)))
    terms = Releasing(ReleaseKind.REDUCED, SOURCE[0], date(2024, 8, 2), half, external_id="R-7")
    asked, _ = await proposals.propose(tx, operator, Wanted([whole.id], terms, "report 13"), now=NOW)
    await proposals.approve(tx, done.operator, asked.id, now=NOW)
    before = await _zones(tx)
    mapped = mapping.load(mappings.text_of(MAPS / "bih300.yaml"))
    found = [pair async for pair in exporting.rows(tx, SOURCE, mapped, exercise=False)]
    assert len(found) == 300
    releases = [release for _, records in found for release in records]
    assert len(releases) == 76
    assert {"zone_id": "R-7", "status": "reduced"} in [dict(one.properties) for one in releases]
    out = tmp_path / "out.geojson"
    out.write_text(exporting.as_geojson([row for row, _ in found]), encoding="utf-8")
    report = await _import(tx, operator, out)
    assert _counts(report) == {Kind.UNCHANGED: 300}
    assert await _zones(tx) == before
