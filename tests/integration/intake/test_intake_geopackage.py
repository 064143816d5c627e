"""GeoPackages that are databases with a will of their own: only their tables are read."""

import sqlite3
from pathlib import Path

import pytest

from service.intake.model import Unread
from tests.files import (
    SQUARE,
    Reading,
    a_geopackage_blob,
    written,
)
from tests.integration.intake.refusing import refusal


def a_database(path: Path, *statements: str) -> bytes:
    """Write a GeoPackage with one zone, then let statements spoil it."""
    written(path, driver="GPKG", layer="zones")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA trusted_schema = 1")
        connection.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            connection.create_function(name, 1, lambda _: 0.0)
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("statements", "names"),
    [
        (["ALTER TABLE zones RENAME TO kept", "CREATE VIEW zones AS SELECT * FROM kept"], {"geopackage-view"}),
        (
            ["ALTER TABLE zones RENAME TO kept", "CREATE VIEW zones AS SELECT load_extension('/tmp/evil.so')"],
            {"geopackage-view"},
        ),
        (
            ["ALTER TABLE gpkg_contents RENAME TO kept", "CREATE VIEW gpkg_contents AS SELECT * FROM kept"],
            {"file-broken"},
        ),
        (["DROP TABLE zones", "CREATE VIRTUAL TABLE zones USING fts5(geom, name)"], {"geopackage-view"}),
        (["DELETE FROM gpkg_geometry_columns"], {"file-empty"}),
        (["DROP TABLE gpkg_contents"], {"format-unsupported"}),
        (["UPDATE gpkg_geometry_columns SET column_name = 'nothing'"], {"file-broken"}),
        (["UPDATE gpkg_spatial_ref_sys SET organization = 'X', definition = 'nonsense'"], {"crs-unknown"}),
    ],
    ids=[
        "view",
        "view that loads code",
        "list is a view",
        "virtual",
        "no layer",
        "no list",
        "no geometry",
        "no system",
    ],
)
async def test_a_spoilt_geopackage_is_refused(
    read: Reading, tmp_path: Path, statements: list[str], names: set[str]
) -> None:
    assert (await refusal(read(a_database(tmp_path / "spoilt.gpkg", *statements)))).name in names


async def test_triggers_and_computed_columns_of_a_geopackage_do_nothing(read: Reading, tmp_path: Path) -> None:
    content = a_database(
        tmp_path / "tricks.gpkg",
        "CREATE TRIGGER evil AFTER INSERT ON zones BEGIN DELETE FROM gpkg_contents; END",
        "ALTER TABLE zones ADD COLUMN sneaky TEXT AS (hex(name)) VIRTUAL",
    )
    found = await read(content)
    assert [sorted(each) for each in found.properties] == [["name", "zone_id"]]


async def test_a_table_named_like_an_attack_is_a_name(read: Reading, tmp_path: Path) -> None:
    name = 'z"; DROP TABLE gpkg_contents; --'
    content = written(tmp_path / "named.gpkg", driver="GPKG", layer=name).read_bytes()
    assert len((await read(content)).records) == 1


async def test_broken_geometries_of_a_geopackage_wait_row_by_row(read: Reading, tmp_path: Path) -> None:
    path = tmp_path / "rows.gpkg"
    spoilt = {1: b"nonsense", 2: a_geopackage_blob()[:60], 3: a_geopackage_blob(), 4: None}
    written(path, driver="GPKG", layer="zones", rings=[SQUARE] * 4, SPATIAL_INDEX="NO")
    with sqlite3.connect(path) as connection:
        for row, blob in spoilt.items():
            connection.execute("UPDATE zones SET geom = ? WHERE fid = ?", (blob, row))
    connection.close()
    found = await read(path.read_bytes())
    broken = Unread.GEOMETRY_BROKEN
    assert [record.unread for record in found.records] == [broken, broken, None, None]
    assert found.places[2:] == [[SQUARE], None]
