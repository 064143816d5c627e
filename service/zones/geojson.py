"""Reads the outlines that people give: GeoJSON (RFC 7946) polygons in WGS 84."""

from collections.abc import Mapping
from typing import Any

from service.intake.geojson import polygons
from service.intake.model import NotAnArea
from service.kit import geo
from service.kit.geo import Area, Mend, Mended, Unmendable
from service.zones.records import Drawn, Reason
from service.zones.refusals import refusal

_ABSURD_SPAN_KM = 200.0
# Neither moves an edge: heights are left out, and RFC 7946 itself cuts at the antimeridian.
_HARMLESS = {Mend.FLATTENED, Mend.CUT_AT_180}


def drawn(geometry: Any, *, where: str = "outline") -> Drawn:
    """Read the outline of danger: what is unclear in it is mended to the side of danger. Raises Refused."""
    mended, beside = _mended(geometry, where)
    if beside:
        raise refusal(Reason.OUTLINE_UNFIT, "points or lines stand beside its polygons", where=where)
    west, south, east, north = geo.bounds(mended.area)
    span = max(geo.haversine(west, south, east, south), geo.haversine(0, south, 0, north)) / 1_000
    if span > _ABSURD_SPAN_KM:
        raise refusal(Reason.OUTLINE_UNFIT, f"it is {span:,.0f} km wide, and no dangerous area is", where=where)
    return Drawn(mended.area, dict(geometry) if mended.mends else None)


def exact(geometry: Any, *, where: str = "outline") -> Area:
    """Read the outline of a claim, release or coverage: what is unclear in it is refused. Raises Refused."""
    mended, beside = _mended(geometry, where)
    doubts = sorted(mend.value for mend in mended.mends - _HARMLESS)
    if doubts or beside:
        raise refusal(Reason.OUTLINE_MENDED, ", ".join(doubts) or "points or lines beside polygons", where=where)
    return mended.area


def geometry_of(document: Any) -> Any:
    """Return the geometry of a Feature, those of a FeatureCollection together, anything else as it is."""
    match document:
        case {"type": "Feature", "geometry": geometry}:
            return geometry
        case {"type": "FeatureCollection", "features": [feature]}:
            return geometry_of(feature)
        case {"type": "FeatureCollection", "features": list(features)}:
            return {"type": "GeometryCollection", "geometries": [geometry_of(feature) for feature in features]}
        case _:
            return document


def parts_of(document: Any) -> list[tuple[str, str, Any]]:
    """Return id, name and geometry of each feature of a FeatureCollection; missing texts are empty."""
    if not isinstance(document, Mapping) or not isinstance(document.get("features"), list):
        raise refusal(Reason.OUTLINE_UNFIT, "it is no FeatureCollection with a feature a part", where="parts")
    found = []
    for feature in document["features"]:
        said = feature.get("properties") if isinstance(feature, Mapping) else None
        named = said if isinstance(said, Mapping) else {}
        texts = [str(named.get(name) or "") for name in ("external_id", "name")]
        found.append((texts[0], texts[1], geometry_of(feature)))
    return found


def _mended(geometry: Any, where: str) -> tuple[Mended, bool]:
    try:
        rings, beside = polygons(geometry)
        return geo.repair(rings), beside
    except NotAnArea as error:
        raise refusal(Reason.OUTLINE_UNFIT, f"{error.reason.value} {error.why}".strip(), where=where) from None
    except Unmendable as error:
        raise refusal(Reason.OUTLINE_UNFIT, error.flaw.value, where=where) from None
