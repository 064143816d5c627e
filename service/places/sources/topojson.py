"""Reads a country's outline from TopoJSON whose ids are ISO 3166-1 numbers, as Natural Earth is packed."""

from typing import Any

import numpy as np
from babel.core import get_global

from service.kit import geo
from service.kit.errors import Fault, Kind, Refused
from service.kit.geo import Area, Coordinates
from service.places.model import Category, Name, Reading, Unit
from service.places.sources import fields
from service.places.sources.fields import Unfit

LICENCE = "public domain"
SOURCE = "Natural Earth countries"


def recognises(parsed: Any) -> bool:
    return isinstance(parsed, dict) and parsed.get("type") == "Topology"


def read(parsed: dict[str, Any], file: str, country: str) -> Reading:
    """Read one country; all the others are only counted. Refused for a file without it."""
    try:
        shapes = parsed["objects"]["countries"]["geometries"]
        wanted = [(at, one) for at, one in enumerate(shapes, start=1) if country in _country(one.get("id"))]
        if wanted:
            at, shape = wanted[0]
            unit = _unit(parsed, shape, f"{file}, country {at}", country)
            return Reading("topojson", SOURCE, LICENCE, founds=True, units=(unit,), elsewhere=len(shapes) - 1)
    except Unfit as unfit:
        raise _unreadable(file, [unfit.at(file)]) from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, geo.Unmendable):
        raise _unreadable(file, []) from None
    detail = f"{file} has no outline of {country}."
    raise Refused(Kind.NOT_FOUND, "places-country-unknown", detail, where=file, remedy="Look at --country.")


def _unreadable(file: str, faults: list[Fault]) -> Refused:
    detail = f"{file} is no TopoJSON of countries with ISO 3166-1 numbers as ids."
    return Refused(Kind.INVALID, "places-topology-broken", detail, where=file, remedy="Fetch it again.", faults=faults)


def _country(number: Any) -> list[str]:
    """Return the two letters that CLDR gives a country's number."""
    return get_global("territory_aliases").get(str(number).zfill(3), []) if number is not None else []


def _unit(parsed: dict[str, Any], shape: dict[str, Any], where: str, country: str) -> Unit:
    codes = (("iso-3166-1", country), ("iso-3166-1-numeric", str(shape["id"]).zfill(3)))
    name = Name(fields.name(shape["properties"].get("name")), "en")
    return Unit(where, codes, Category.COUNTRY, 0, (name,), outline=_outline(parsed, shape))


def _outline(parsed: dict[str, Any], shape: dict[str, Any]) -> Area:
    polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    return geo.repair([[_ring(parsed, ring) for ring in polygon] for polygon in polygons]).area


def _ring(parsed: dict[str, Any], arcs: list[int]) -> Coordinates:
    """Join arcs to a ring; each begins where the one before ended, and a negative number runs one backwards."""
    lines = [_arc(parsed, number) for number in arcs]
    return np.vstack([lines[0], *(line[1:] for line in lines[1:])])


def _arc(parsed: dict[str, Any], number: int) -> Coordinates:
    """Unpack an arc: whole steps from corner to corner, scaled and shifted to degrees."""
    steps = np.array(parsed["arcs"][number if number >= 0 else ~number], dtype=float)
    transform = parsed.get("transform")
    line: Coordinates = steps
    if transform is not None:
        line = np.cumsum(steps, axis=0) * transform["scale"] + transform["translate"]
    clipped: Coordinates = np.clip(line, (-geo.HALF_TURN, -geo.NORTHMOST), (geo.HALF_TURN, geo.NORTHMOST))
    return clipped if number >= 0 else clipped[::-1]
