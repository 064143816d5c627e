"""Reads GML 2 and 3 (OGC 07-036) through GDAL, after the text was found to hold nothing but elements."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from service.intake import gdal, markup, projecting, refusals
from service.intake.model import Noticed, Record, Remark
from service.intake.opening import Source

_HEAD = 1 << 16
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")
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
    columns, shapes = gdal.whole(layer, source.limits)
    kept = {name: values for name, values in columns.items() if name not in _FURNITURE}
    yield from gdal.records(kept, shapes, projection)


def _checked(source: Source) -> Path:
    """Keep the text in UTF-8, walked through so that GDAL meets no document type, no entity and no great depth."""
    for _ in markup.elements(source, frozenset()):
        pass
    source.stream.seek(0)
    encoding = markup.encoding(source)
    if encoding is None:
        return source.kept("source.gml").absolute()
    path = Path("source.gml").absolute()
    with path.open("w", encoding="utf-8") as out, io.TextIOWrapper(source.stream, encoding) as text:
        out.write(_DECLARATION.sub("", text.read(_HEAD), count=1))
        shutil.copyfileobj(text, out, _HEAD)
    return path
