"""Reads KML 2.x (OGC 12-007r2): placemarks become rows, links to elsewhere are named and never followed."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from service.intake import markup
from service.intake.model import NotAnArea, Noticed, Record, Remark, Unread
from service.intake.opening import Source

_WANTED = frozenset({"Placemark", "Schema", "NetworkLink"})
_TEXTS = ("name", "description", "address", "phoneNumber", "Snippet")
_TIMES = {"TimeStamp": ("when",), "TimeSpan": ("begin", "end")}
_SHAPES = {"Polygon", "MultiGeometry", "Point", "LineString", "LinearRing"}
_DATE = re.compile(r"(\d{4})/(\d\d)/(\d\d)(?=$|[ T])")
_SPACED = re.compile(r"\s*,\s*")
_MULTI = {"Polygon": "MultiPolygon", "Point": "MultiPoint", "LineString": "MultiLineString"}
_INTEGERS = {"int", "uint", "short", "ushort"}
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}

Types = dict[str, str]
Geometry = dict[str, Any]


def rows(source: Source) -> Iterator[Record | Remark]:
    """Yield a row for each placemark, in order, whatever folder it lies in."""
    schemas: dict[str, Types] = {}
    links = row = 0
    for element in markup.elements(source, _WANTED):
        match element.tag:
            case "Schema":
                schemas[element.get("id", element.get("name", ""))] = _types(element)
            case "NetworkLink":
                links += 1
            case _:
                row += 1
                yield _record(row, element, schemas)
    if links:
        detail = f"The file links to {links} other files; what they hold was not read."
        yield Remark(Noticed.LINKS_IGNORED, detail)


def _types(schema: ET.Element) -> Types:
    return {field.get("name", ""): field.get("type", "string") for field in schema if field.tag == "SimpleField"}


def _record(row: int, placemark: ET.Element, schemas: Mapping[str, Types]) -> Record:
    properties = _properties(placemark, schemas)
    feature: dict[str, Any] = {"type": "Feature", "properties": properties, "geometry": None}
    if placemark.get("id"):
        feature["id"] = placemark.get("id")
    shapes = [child for child in placemark if child.tag in _SHAPES]
    try:
        feature["geometry"] = _joined([_geometry(shape) for shape in shapes]) if shapes else None
    except NotAnArea as error:
        return Record(row, {**feature, "why": error.why}, error.reason)
    return Record(row, feature)


def _properties(placemark: ET.Element, schemas: Mapping[str, Types]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in placemark:
        if child.tag in _TEXTS:
            found[child.tag] = _text(child)
        for part in _TIMES.get(child.tag, ()):
            found[part] = _text(child.find(part))
    extended = placemark.find("ExtendedData")
    for each in extended if extended is not None else ():
        if each.tag == "Data":
            found[each.get("name", "")] = _dated(_text(each.find("value")))
        elif each.tag == "SchemaData":
            found |= _typed(each, schemas.get(each.get("schemaUrl", "").rpartition("#")[2], {}))
    return found


def _typed(data: ET.Element, types: Types) -> dict[str, Any]:
    """Return what the schema names, too where the placemark leaves it out: that is how KML writes null."""
    found: dict[str, Any] = dict.fromkeys(types)
    for each in data:
        name = each.get("name", "")
        text = _dated(_text(each))
        found[name] = _as(types.get(name, "string"), text) if text is not None else None
    return found


def _as(kind: str, text: str) -> Any:
    """Return the value as its schema types it; text that is none of the kind stays text."""
    make: Callable[[str], Any] = str
    if kind in _INTEGERS:
        make = int
    elif kind in {"float", "double"}:
        make = float
    elif kind == "bool":
        return _TRUTHS.get(text.casefold(), text)
    try:
        return make(text)
    except ValueError:
        return text


def _text(element: ET.Element | None) -> str | None:
    if element is None:
        return None
    text = "".join(element.itertext())
    # Programs break lines around a text; a blank at its end is the author's.
    return (text.strip() if "\n" in text else text) if text.strip() else None


def _dated(text: str | None) -> str | None:
    """Spell a date with slashes, year first, as ISO does: GDAL writes KML so, and it has one meaning only."""
    return _DATE.sub(r"\1-\2-\3", text) if text else text


def _geometry(shape: ET.Element) -> Geometry:
    match shape.tag:
        case "Polygon":
            rings = [*shape.iterfind("outerBoundaryIs/LinearRing"), *shape.iterfind("innerBoundaryIs/LinearRing")]
            if shape.find("outerBoundaryIs") is None:
                raise NotAnArea(Unread.GEOMETRY_BROKEN, "a polygon has no outer boundary")
            return {"type": "Polygon", "coordinates": [_positions(ring) for ring in rings]}
        case "MultiGeometry":
            return _joined([_geometry(each) for each in shape if each.tag in _SHAPES])
        case "Point":
            return {"type": "Point", "coordinates": next(iter(_positions(shape)), [])}
        case _:
            return {"type": "LineString", "coordinates": _positions(shape)}


def _joined(parts: list[Geometry]) -> Geometry:
    """Make one geometry of several: of one kind where they are, else a collection."""
    if len(parts) == 1:
        return parts[0]
    kinds = {part["type"] for part in parts}
    if len(kinds) == 1 and kinds <= _MULTI.keys():
        return {"type": _MULTI[kinds.pop()], "coordinates": [part["coordinates"] for part in parts]}
    return {"type": "GeometryCollection", "geometries": parts}


def _positions(holder: ET.Element) -> list[list[float]]:
    text = holder.findtext("coordinates") or ""
    try:
        return _split(text)
    except ValueError:
        pass
    try:
        return _split(_SPACED.sub(",", text.strip()))  # some write a blank after the comma
    except ValueError:
        shown = " ".join(text.split())[:60]
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{shown!r} are no coordinates") from None


def _split(text: str) -> list[list[float]]:
    positions = [[float(each) for each in part.split(",")] for part in text.split()]
    if not all(2 <= len(position) <= 3 for position in positions):  # noqa: PLR2004 - a height may follow the pair
        raise ValueError("no pairs")
    return positions
