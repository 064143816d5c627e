"""Reads places in the metric grids that surveyors write: UTM and MGRS."""

import math
import re
from dataclasses import dataclass
from functools import cache

import mgrs
from pyproj import Transformer

from service.intake.model import NotAnArea, Unread

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_BAND_DEGREES, _SOUTHMOST, _TOP_BAND_DEGREES = 8, -80, 12
_UTM = re.compile(
    r"\s*(?:UTM\s*)?(?:zone\s*)?(?P<zone>\d{1,2})\s*(?P<letter>[C-HJ-NP-X]|north|south)\s*[,;]?\s*"
    r"(?:E\s*=?\s*)?(?P<easting>\d{6}(?:[.,]\d+)?)\s*(?:m\s*E|mE|E|m)?\s*[,;/]?\s*"
    r"(?:N\s*=?\s*)?(?P<northing>\d{1,8}(?:[.,]\d+)?)\s*(?:m\s*N|mN|N|m)?\s*",
    re.IGNORECASE,
)
_ZONE = re.compile(r"\s*(?:UTM\s*)?(?:zone\s*)?(\d{1,2})\s*([C-HJ-NP-X]|north|south)?\s*", re.IGNORECASE)
_MGRS = re.compile(r"(\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V])(\d*)", re.IGNORECASE)
_MOST_ZONE = 60
_FINEST = 5
_TOLERANCE_DEGREES = 0.5
_EASTINGS = (100_000.0, 900_000.0)


@dataclass(frozen=True)
class Place:
    """Longitude and latitude, and how far from it the true place may lie by the notation."""

    longitude: float
    latitude: float
    accuracy_m: float | None = None


def utm(text: str, *, s_is_south: bool | None = None) -> Place:
    """Read as in `37U 400000 5300000`. Raises NotAnArea."""
    found = _UTM.fullmatch(text.replace("\u00a0", " "))
    if found is None:
        raise _broken(text, "UTM place")
    numbers = (float(found[part].replace(",", ".")) for part in ("easting", "northing"))
    return utm_of(f"{found['zone']}{found['letter']}", *numbers, s_is_south=s_is_south)


def utm_of(zone: str, easting: float, northing: float, *, s_is_south: bool | None = None) -> Place:
    """Read a place whose zone stands apart. Raises NotAnArea.

    A lone S may mean the south, or the band from 32 to 40 degrees north. Where the northing fits both, as in Iraq and
    on the Falklands, nobody can say unless `s_is_south` does; a zone without any letter is taken as no place.
    """
    found = _ZONE.fullmatch(zone)
    number = int(found[1]) if found else 0
    letter = (found[2] or "").upper() if found else ""
    if not 1 <= number <= _MOST_ZONE or not letter:
        raise _broken(zone, "UTM zone with its letter")
    if not _EASTINGS[0] <= easting <= _EASTINGS[1] or not 0 <= northing <= 10_000_000:  # noqa: PLR2004 - half a meridian
        raise _broken(f"{easting:g} {northing:g}", "easting and northing of UTM")
    if letter in {"N", "NORTH", "SOUTH"}:
        return _unprojected(number, easting, northing, south=letter == "SOUTH")
    if letter == "S":
        return _by_lone_s(number, easting, northing, s_is_south)
    place = _unprojected(number, easting, northing, south=letter < "N")
    if not _in_band(letter, place.latitude):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"northing {northing:g} does not lie in the band {letter}")
    return place


def _by_lone_s(number: int, easting: float, northing: float, s_is_south: bool | None) -> Place:  # noqa: FBT001 - one of three answers
    band = _unprojected(number, easting, northing, south=False)
    fits = _in_band("S", band.latitude)
    if s_is_south is None and fits:
        why = f"{number}S is the south or the band from 32 to 40 degrees north: state which (s_is_south)"
        raise NotAnArea(Unread.GEOMETRY_BROKEN, why)
    if s_is_south is False and not fits:
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"northing {northing:g} does not lie in the band S")
    return _unprojected(number, easting, northing, south=True) if s_is_south is not False else band


def grid(text: str) -> Place:
    """Read MGRS; the place is the middle of the square that is named. Raises NotAnArea."""
    packed = re.sub(r"[\s\-]+", "", text)
    found = _MGRS.fullmatch(packed)
    if found is None or len(found[2]) % 2 or len(found[2]) > 2 * _FINEST:
        raise _broken(text, "MGRS place")
    fine = len(found[2]) // 2
    halves = [found[2][:fine], found[2][fine:]]
    size = 10.0 ** (_FINEST - fine)
    if fine < _FINEST:
        halves = [f"{half}5".ljust(_FINEST, "0") for half in halves]
    square = found[1] if found[1][1].isdigit() else f"0{found[1]}"
    try:
        latitude, longitude = _grids().toLatLon(f"{square.upper()}{''.join(halves)}")
    except (mgrs.core.MGRSError, RuntimeError, ValueError):
        raise _broken(text, "MGRS place") from None
    return Place(longitude, latitude, size / math.sqrt(2))


@cache
def _grids() -> mgrs.MGRS:
    return mgrs.MGRS()


@cache
def _way(zone: int, *, south: bool) -> Transformer:
    return Transformer.from_crs(f"EPSG:{(32700 if south else 32600) + zone}", "EPSG:4326", always_xy=True)


def _unprojected(zone: int, easting: float, northing: float, *, south: bool) -> Place:
    longitude, latitude = _way(zone, south=south).transform(easting, northing)
    return Place(round(longitude, 9), round(latitude, 9))


def _in_band(letter: str, latitude: float) -> bool:
    if letter not in _BANDS:
        return False
    south = _SOUTHMOST + _BAND_DEGREES * _BANDS.index(letter)
    north = south + (_TOP_BAND_DEGREES if letter == _BANDS[-1] else _BAND_DEGREES)
    return south - _TOLERANCE_DEGREES <= latitude <= north + _TOLERANCE_DEGREES


def _broken(text: str, what: str) -> NotAnArea:
    return NotAnArea(Unread.GEOMETRY_BROKEN, f"{' '.join(text.split())[:40]!r} is no {what}")
