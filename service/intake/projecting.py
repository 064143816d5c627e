"""Brings coordinates of any system to WGS 84, longitude first, and says how well it can."""

import os
import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from service.intake import refusals
from service.intake.model import Noticed, Remark
from service.kit.errors import Kind, Refused

# No grid is ever fetched: what a sender's file names must not decide whom we call.
os.environ["PROJ_NETWORK"] = "OFF"

from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup

_NAMED = re.compile(
    r"(?:urn:ogc:def:crs:|https?://www\.opengis\.net/(?:def/crs/|gml/srs/))?([A-Za-z]+)[:/#](?:[\d.]*[:/])?(\w+)"
)
_WKT = re.compile(
    r"\s*(GEOGCS|PROJCS|COMPD_CS|GEODCRS|GEOGCRS|PROJCRS|COMPOUNDCRS|BOUNDCRS|GEODETICCRS|PROJECTEDCRS)\s*\["
)
_GLOBE = {"EPSG:4326", "EPSG:4979", "OGC:CRS84", "OGC:CRS84h"}
_LONGEST = 10_000
_NEAR_M = 1.0
_MOST_REPLACEMENTS = 5
_HALF_TURN, _QUARTER_TURN = 180.0, 90.0
_DIGITS = 9  # a tenth of a millimetre


@dataclass(frozen=True)
class Projection:
    """The way from one system to WGS 84; without a transformer the figures are taken as they are."""

    transformer: Transformer | None = None
    stated: bool = True
    noticed: tuple[Remark, ...] = field(default=())

    def apply(self, pairs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return n x 2 longitudes and latitudes; a place that cannot be reached becomes infinite."""
        if self.transformer is None:
            if not self.stated and not _on_globe(pairs):
                raise refusals.crs_missing()
            return pairs
        moved = self.transformer.transform(pairs[:, 0], pairs[:, 1])
        return np.round(np.column_stack(moved), _DIGITS)


def of(system: str | None) -> Projection:
    """Find the way for a system's name or WKT; for none, WGS 84 is assumed. Raises Refused for one unknown."""
    if system is None:
        detail = (
            "The file names no coordinate system; its figures look like longitude and latitude and are read as WGS 84."
        )
        return Projection(stated=False, noticed=(Remark(Noticed.CRS_ASSUMED, detail),))
    try:
        crs, replaced = _current(_known(system))
        crs = crs.to_2d()
        if _is_globe(crs):
            return Projection()
        group = TransformerGroup(crs, "EPSG:4326", always_xy=True, allow_ballpark=False)
        if not group.transformers:
            raise _no_way(crs.name)
        transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True, allow_ballpark=False)
    except (ProjError, IndexError):  # pyproj stumbles over some definitions that it took
        raise _unknown(system) from None
    return Projection(transformer, noticed=(*replaced, *_noticed(crs, group)))


def _known(system: str) -> CRS:
    """Read a name or WKT only: PROJ's own strings could name files."""
    named = _NAMED.fullmatch(system.strip())
    if named:
        return CRS.from_authority(named[1].upper(), named[2])
    if _WKT.match(system) and len(system) <= _LONGEST:
        return CRS.from_wkt(system)
    raise _unknown(system)


def _current(crs: CRS) -> tuple[CRS, list[Remark]]:
    """Return what replaced a withdrawn system: its old definition may mean another datum, hundreds of metres off."""
    current = crs
    for _ in range(_MOST_REPLACEMENTS):
        replacements = current.get_non_deprecated() if current.is_deprecated else []
        if len(replacements) != 1:
            break
        current = replacements[0]
    if current is crs:
        return crs, []
    detail = f"{crs.name[:80]} was withdrawn by EPSG; it is read as {current.name[:80]}, which replaced it."
    return current, [Remark(Noticed.CRS_ASSUMED, detail)]


def _is_globe(crs: CRS) -> bool:
    authority = crs.to_authority(min_confidence=70)
    return authority is not None and ":".join(authority) in _GLOBE


def _noticed(crs: CRS, group: TransformerGroup) -> list[Remark]:
    worst = max(each.accuracy for each in group.transformers)
    unknown = any(each.accuracy < 0 for each in group.transformers)
    if worst <= _NEAR_M and not unknown:
        return []
    how = "by an unknown error" if unknown else f"by up to {worst:g} m"
    detail = (
        f"The shift from {crs.name[:80]} to WGS 84 can be off {how}; the zones' accuracy should not be stated finer."
    )
    return [Remark(Noticed.CRS_APPROXIMATE, detail)]


def _on_globe(pairs: NDArray[np.float64]) -> bool:
    known = pairs[np.isfinite(pairs).all(axis=1)]
    return bool((np.abs(known) <= (_HALF_TURN, _QUARTER_TURN)).all())


def _unknown(system: str) -> Refused:
    detail = f"The coordinate system {' '.join(system.split())[:80]!r} is not known."
    remedy = "State it by its EPSG number in the mapping, as in `crs: EPSG:31276`."
    return Refused(Kind.INVALID, "crs-unknown", detail, remedy=remedy)


def _no_way(name: str) -> Refused:
    detail = f"No shift from {name[:80]!r} to WGS 84 is known; without one, zones would lie hundreds of metres off."
    remedy = "Convert the file with the parameters of the surveyors, or state the system by its EPSG number."
    return Refused(Kind.INVALID, "crs-without-shift", detail, remedy=remedy)
