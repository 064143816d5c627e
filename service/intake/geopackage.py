"""Reads GeoPackage (OGC 12-128) by SQLite itself: only its tables of features, only by reading."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.intake import projecting, refusals, wkb
from service.intake.model import Noticed, Record, Remark
from service.intake.opening import Source
from service.kit.errors import Kind, Refused

_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
_PRAGMAS = ("trusted_schema = 0", "cell_size_check = 1", "query_only = 1", "mmap_size = 0")
_UNDEFINED = {0, -1}
_PAGE = 1_000
_LAYERS = (
    "SELECT c.table_name, g.column_name, g.srs_id, s.organization, s.organization_coordsys_id, s.definition"
    " FROM gpkg_contents c JOIN gpkg_geometry_columns g ON g.table_name = c.table_name"
    " LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id"
    " WHERE c.data_type = 'features' ORDER BY c.rowid"
)
_MADE = "SELECT type, sql FROM sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')"
_ROW_NUMBERS = {"fid", "ogc_fid"}  # a program's own count, made anew at each export: no id of the source


@dataclass(frozen=True)
class _Layer:
    table: str
    geometry: str
    system: str | None
    types: dict[str, str]


def rows(source: Source) -> Iterator[Record | Remark]:
    """Yield the rows of one layer, reprojected. Raises Refused."""
    path = source.kept("source.gpkg")
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, timeout=0)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            yield from _rows(connection, source)
        finally:
            connection.close()
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter from SQLite's own words about a damaged name
        raise refusals.broken("GeoPackage", str(error)[:100]) from None


def _rows(connection: sqlite3.Connection, source: Source) -> Iterator[Record | Remark]:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    # From here on only reading is let through: no function, no attached file, no pragma, no writing by triggers.
    connection.set_authorizer(_authorize)
    layer, left = _chosen(connection, source)
    if left:
        shown = ", ".join(repr(each[:60]) for each in left[:10])
        yield Remark(Noticed.LAYERS_LEFT, f"Read was the layer {layer.table[:60]!r}; the file also holds {shown}.")
    projection = projecting.of(source.layout.crs or layer.system)
    yield from projection.noticed
    # By name: a computed column, which would run its author's expression, is not among them.
    names = ", ".join(map(_quoted, (layer.geometry, *layer.types)))
    cursor = connection.execute(f"SELECT {names} FROM {_quoted(layer.table)}")  # noqa: S608 - names, quoted, that are there
    yield from _features(cursor, layer, projection)


def _authorize(action: int, what: str | None, _name: str | None, _schema: str | None, view: str | None) -> int:
    """Let reading through; a view would run whatever its author wrote into it."""
    if view is None and (action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and what == "table_info")):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _chosen(connection: sqlite3.Connection, source: Source) -> tuple[_Layer, list[str]]:
    try:
        found = connection.execute(_LAYERS).fetchall()
    except sqlite3.OperationalError:
        raise refusals.unsupported("an SQLite database, but no GeoPackage") from None
    names = [str(row[0]) for row in found]
    wanted = source.layout.layer
    if not found:
        raise refusals.empty("The GeoPackage holds no layer of features.")
    if wanted is not None and wanted not in names:
        raise refusals.no_layer(wanted, names)
    place = names.index(wanted) if wanted is not None else 0
    table, geometry, srs, organization, code, definition = found[place]
    made = connection.execute(_MADE, (table,)).fetchone()
    if made is None or made[0] != "table" or str(made[1]).upper().startswith("CREATE VIRTUAL"):
        detail = f"The layer {str(table)[:60]!r} is no table but a query, which is not run."
        remedy = "Save the layer as a new GeoPackage."
        raise Refused(Kind.INVALID, "geopackage-view", detail, where=str(table)[:60], remedy=remedy)
    types = _types(connection, str(table), str(geometry))
    layer = _Layer(str(table), str(geometry), _system(srs, organization, code, definition), types)
    return layer, names[:place] + names[place + 1 :]


def _types(connection: sqlite3.Connection, table: str, geometry: str) -> dict[str, str]:
    """Return the declared type of each attribute."""
    columns = connection.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
    if geometry.casefold() not in {str(column[1]).casefold() for column in columns}:
        raise refusals.broken("GeoPackage", f"its layer has no column {geometry[:60]!r}")
    left = {geometry.casefold(), *_ROW_NUMBERS}
    return {str(name): str(kind).upper() for _, name, kind, *_ in columns if str(name).casefold() not in left}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _system(srs: Any, organization: Any, code: Any, definition: Any) -> str | None:
    if srs in _UNDEFINED or srs is None:
        return None
    if str(organization).upper() == "EPSG" and isinstance(code, int):
        return f"EPSG:{code}"
    return str(definition) if definition else None


def _features(cursor: sqlite3.Cursor, layer: _Layer, projection: projecting.Projection) -> Iterator[Record]:
    row = 0
    while page := cursor.fetchmany(_PAGE):
        shapes = wkb.geometries([wkb.within_geopackage(blob) for blob, *_ in page], projection)
        for (_, *values), geometry in zip(page, shapes, strict=True):
            row += 1
            named = zip(layer.types.items(), values, strict=True)
            yield wkb.record(row, {name: _plain(value, kind) for (name, kind), value in named}, geometry)


def _plain(value: Any, kind: str) -> Any:
    if kind == "BOOLEAN" and value in (0, 1):
        return bool(value)
    return value.hex() if isinstance(value, bytes) else value
