"""Reads WKT (OGC 06-103r4) and PostGIS's EWKT, and their binary forms in hexadecimal digits."""

import json
import re
from typing import Any

from service.intake.model import NotAnArea, Unread

Geometry = dict[str, Any]
_KINDS = {
    "POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon", "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString", "MULTIPOLYGON": "MultiPolygon", "GEOMETRYCOLLECTION": "GeometryCollection",
}  # fmt: skip  # a table reads better in lines
_HEAD = re.compile(
    rf"\s*({'|'.join(sorted(_KINDS, key=len, reverse=True))})\s*(ZM|Z|M)?\s*(EMPTY|(?=\())\s*", re.IGNORECASE
)
_SYSTEM = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;", re.IGNORECASE)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?nan|[-+]?inf(?:inity)?"
_POSITION = re.compile(rf"\s*((?:{_NUMBER})(?:\s+(?:{_NUMBER}))+)\s*", re.IGNORECASE)
_PLAIN = re.compile(r"[\[\],\d.eE+\-NaIfinty]*")
_INNERMOST = re.compile(r"\(([^()]*)\)")
_BRACKETS = str.maketrans({"(": "[", ")": "]", " ": None, "\t": None, "\r": None, "\n": None})
_HEX = re.compile(r"\s*0[01][0-9A-Fa-f]{16,}\s*")
_DEEPEST = 8
_DEPTHS = {"POINT": 0, "LINESTRING": 1, "POLYGON": 2, "MULTIPOINT": 1, "MULTILINESTRING": 2, "MULTIPOLYGON": 3}


def looks_like(text: str) -> bool:
    return bool(_HEAD.match(_SYSTEM.sub("", text[:100], count=1)) or _HEX.fullmatch(text))


def system(text: str) -> str | None:
    """Return the system that EWKT names."""
    found = _SYSTEM.match(text)
    return f"EPSG:{found[1]}" if found else None


def binary(text: str) -> bytes | None:
    """Return the WKB behind hexadecimal digits, None where it is no such text."""
    return bytes.fromhex(text.strip()) if len(text.strip()) % 2 == 0 and _HEX.fullmatch(text) else None


def parse(text: str) -> Geometry:
    """Return a geometry with the figures as they stand. Raises NotAnArea."""
    body = _SYSTEM.sub("", text, count=1)
    geometry, rest = _tagged(body, 0)
    if rest.strip():
        raise _broken(rest)
    return geometry


def _tagged(text: str, depth: int) -> tuple[Geometry, str]:
    head = _HEAD.match(text)
    if head is None or depth > _DEEPEST:
        raise _broken(text)
    word = head[1].upper()
    empty = head[3].upper() == "EMPTY"
    rest = text[head.end() :]
    if word == "GEOMETRYCOLLECTION":
        parts, rest = ([], rest) if empty else _parts(rest, depth)
        return {"type": "GeometryCollection", "geometries": parts}, rest
    if empty:
        return {"type": _KINDS[word], "coordinates": []}, rest
    body, rest = _balanced(rest)
    return {"type": _KINDS[word], "coordinates": _coordinates(word, body, measured=head[2] or "")}, rest


def _parts(text: str, depth: int) -> tuple[list[Geometry], str]:
    parts = []
    rest = text[1:]
    while True:
        part, rest = _tagged(rest, depth + 1)
        parts.append(part)
        rest = rest.lstrip()
        if rest[:1] == ")":
            return parts, rest[1:]
        if rest[:1] != ",":
            raise _broken(rest)
        rest = rest[1:]


def _balanced(text: str) -> tuple[str, str]:
    """Part the text after the parenthesis that closes the first."""
    depth = 0
    for found in re.finditer(r"[()]", text):
        depth += 1 if found[0] == "(" else -1
        if depth == 0:
            return text[: found.end()], text[found.end() :]
    raise NotAnArea(Unread.GEOMETRY_BROKEN, "its WKT breaks off")


def _coordinates(word: str, body: str, *, measured: str) -> Any:
    """Turn the text into JSON's spelling, which is parsed fast; what is left over is no number."""
    found = _parsed(_INNERMOST.sub(_spelled, body))
    if found is None:  # figures that JSON does not know: .5, +1, nan
        found = _parsed(_POSITION.sub(lambda position: f"[{','.join(map(_number, position[1].split()))}]", body))
    if found is None:
        raise _broken(body)
    if word == "POINT":
        found = found[0] if found else []
    if word == "MULTIPOINT":
        found = [each[0] if each and isinstance(each[0], list) else each for each in found]
    # A measure is no height: it is dropped.
    return _flat(found, _DEPTHS[word], len(measured) + 1) if measured.upper().endswith("M") else found


def _spelled(ring: re.Match[str]) -> str:
    positions = [",".join(position.split()) for position in ring[1].split(",")]
    return f"[[{'],['.join(positions)}]]"


def _parsed(text: str) -> Any:
    spelled = text.translate(_BRACKETS)
    try:
        return json.loads(spelled) if _PLAIN.fullmatch(spelled) else None
    except (ValueError, RecursionError):
        return None


def _number(word: str) -> str:
    return json.dumps(float(word))  # NaN and infinity, too, as JSON's parser takes them


def _flat(value: Any, depth: int, width: int) -> Any:
    return value[:width] if depth == 0 else [_flat(each, depth - 1, width) for each in value]


def _broken(text: str) -> NotAnArea:
    return NotAnArea(Unread.GEOMETRY_BROKEN, f"{' '.join(text.split())[:60]!r} is no WKT")
