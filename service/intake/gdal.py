"""Shapefile and GML through GDAL, which is loaded only here, with all other drivers and every way outside shut."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.intake import projecting, refusals, wkb
from service.intake.model import Limits, Record

_PAGE = 10_000
_SETTINGS = {
    "GDAL_NUM_THREADS": "1",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_PAM_ENABLED": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{noext}",
    "CPL_DEBUG": "OFF",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GML_SAVE_RESOLVED_TO": "",
    "GML_FIELDTYPES": "ALWAYS_STRING",
    "GML_ATTRIBUTES_TO_OGR_FIELDS": "NO",
    "SHAPE_RESTORE_SHX": "YES",
}
# Read when GDAL registers its drivers: at import. A driver that is not there cannot be led astray by any content.
_SKIPPED = (
    "OGR_VRT,VRT,CSV,GeoJSON,GeoJSONSeq,ESRIJSON,TopoJSON,JSONFG,KML,LIBKML,GPKG,SQLite,GPX,OpenFileGDB,DXF,"
    "FlatGeobuf,GeoRSS,VFK,PGDUMP,OSM,GPSBabel,OGR_PDS,WFS,OAPIF,EDIGEO,Idrisi,ODS,XLSX,Elasticsearch,Carto,AmigoCloud,"
    "SXF,Selafin,JML,PLSCENES,CSW,VDV,MVT,NGW,MapML,GTFS,PMTiles,ADBC,AVCBin,AVCE00,AIVector,HTTP,MEM,PCIDSK,PDS4,"
    "VICAR,PDF,MBTiles,EEDA,OGCAPI,GDALG,MapInfo File,LVBAG,S57,DGN,OGR_GMT,WAsP,MiraMonVector"
)
os.environ.update(_SETTINGS, OGR_SKIP=_SKIPPED)

import pyogrio  # noqa: E402 - after the settings that GDAL reads once
from pyogrio import raw  # noqa: E402 - as above

Columns = dict[str, NDArray[Any]]
# What pyogrio raises for damaged content; its own code breaks with ValueError and UnboundLocalError over some.
_FAULTS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.CRSError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FieldError,
    ValueError,
    UnboundLocalError,
)


@dataclass(frozen=True)
class Layer:
    """One layer as GDAL sees it: its system, its attributes in order, how many rows it has, if known."""

    path: Path
    name: str
    system: str | None
    fields: tuple[str, ...]


def layers(path: Path) -> list[str]:
    """Return the names of a file's layers. Raises Refused."""
    try:
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    except _FAULTS as error:
        raise refusals.broken("file", _short(error)) from None


def layer(path: Path, name: str) -> Layer:
    try:
        told = pyogrio.read_info(path, layer=name, encoding="UTF-8")
    except _FAULTS as error:
        raise refusals.broken("file", _short(error)) from None
    return Layer(path, name, told["crs"], tuple(told["fields"]))


def whole(of: Layer, limits: Limits) -> tuple[Columns, list[bytes | None]]:
    """Return a layer's attributes by name and its geometries, all at once: a part would be found by reading anew."""
    if len(of.fields) > limits.columns:
        raise refusals.broken("file", f"it has {len(of.fields):,} columns; at most {limits.columns:,} are read")
    try:
        told, _, shapes, values = raw.read(
            of.path, layer=of.name, encoding="UTF-8", max_features=limits.rows + 1, datetime_as_string=True
        )
    except _FAULTS as error:
        raise refusals.broken("file", _short(error)) from None
    return dict(zip(map(str, told["fields"]), values, strict=True)), list(shapes if shapes is not None else [])


def outlines(path: Path, limits: Limits) -> Iterator[list[bytes | None]]:
    """Yield a Shapefile's outlines, in the order of their records, some at a time."""
    for skip in range(0, limits.rows + 1, _PAGE):
        try:
            most = min(_PAGE, limits.rows + 1 - skip)
            _, _, shapes, _ = raw.read(path, columns=[], encoding="UTF-8", skip_features=skip, max_features=most)
        except _FAULTS as error:
            raise refusals.broken("Shapefile", _short(error)) from None
        yield list(shapes if shapes is not None else [])
        if shapes is None or len(shapes) < most:
            return


def records(columns: Columns, shapes: list[bytes | None], projection: projecting.Projection) -> Iterator[Record]:
    """Make rows of columns and geometries."""
    names = list(columns)
    plain = [plained(values) for values in columns.values()]
    drawn = wkb.geometries(shapes, projection)
    for place, geometry in enumerate(drawn):
        yield wkb.record(place + 1, {name: values[place] for name, values in zip(names, plain, strict=True)}, geometry)


def plained(values: NDArray[Any]) -> list[Any]:
    """Return a column's values as JSON knows them: dates as ISO text, no number as null."""
    if values.dtype.kind == "M":
        return [None if np.isnat(value) else str(value) for value in values]
    if values.dtype.kind == "f":
        return [None if np.isnan(value) else value for value in values.tolist()]
    return [value.hex() if isinstance(value, bytes) else value for value in values.tolist()]


def _short(error: Exception) -> str:
    """Return GDAL's words without the paths of our own folder."""
    return str(error).replace(os.getcwd(), "").split(";")[0][:100]  # noqa: PTH109 - a text to cut out
