"""Reads GML 2 and 3 (OGC 07-036) through GDAL, after the text was found to hold nothing but elements."""

from collections.abc import Iterator
from pathlib import Path

from service.intake import gdal, markup, projecting, refusals
from service.intake.model import Noticed, Record, Remark
from service.intake.opening import Source

# What GDAL makes of GML's own furniture, which is no attribute of the source.
_FURNITURE = {"gml_id", "lowerCorner", "upperCorner", "fid"}


def rows(source: Source) -> Iterator[Record | Remark]:
    """Yield the rows of one layer, reprojected, axes in order. Raises Refused."""
    path = _checked(source)
    names = gdal.layers(path)
    wanted = source.layout.layer
    if not names:
        raise refusals.empty()
    if wanted is not None and wanted not in names:
        raise refusals.no_layer(wanted, names)
    chosen = wanted or names[0]
    left = [name for name in names if name != chosen]
    if left:
        shown = ", ".join(repr(each[:60]) for each in left[:10])
        yield Remark(Noticed.LAYERS_LEFT, f"Read was the layer {chosen[:60]!r}; the file also holds {shown}.")
    layer = gdal.layer(path, chosen)
    projection = projecting.of(source.layout.crs or layer.system)
    yield from projection.noticed
    # In one page: each further one would read the file from its beginning.
    for columns, shapes in gdal.pages(layer, source.limits, encoding="UTF-8", page=source.limits.rows + 1):
        kept = {name: values for name, values in columns.items() if name not in _FURNITURE}
        yield from gdal.records(kept, shapes, projection, 1)


def _checked(source: Source) -> Path:
    """Copy the text in UTF-8, element by element, so that GDAL meets no document type, entity or other encoding."""
    path = source.kept("source.gml").absolute()
    source.stream.seek(0)
    for _ in markup.elements(source, frozenset()):
        pass
    return path
