"""What the public may see of a zone: never less ground than it covers."""

from collections.abc import Collection

from service.kit import geo
from service.kit.geo import Area
from service.zones.model import (
    GENERALISED_RESOLUTION,
    PACK_MARGIN_M,
    PACK_RESOLUTION,
    CoverageArea,
    Listing,
    Publication,
    PublicCoverage,
    PublicZone,
    State,
    Zone,
)


def public_outline(official: Area, accuracy_m: float, publication: Publication) -> Area | None:
    """Return what may be shown of an area (R8); never less than the area. Raises NotOutward, TooFarNorth."""
    match publication:
        case Publication.OUTLINE:
            return geo.outward(official, accuracy_m)
        case Publication.GENERALISED:
            blurred = geo.coarse_outline(geo.outward(official, accuracy_m), GENERALISED_RESOLUTION)
            return geo.outward(blurred, 0)
        case Publication.WITHHELD:
            return None


def shown(zone: Zone | None) -> PublicZone | None:
    """Return what the public may know; a withheld zone is nothing to it, and so is one that has ended."""
    if zone is None or zone.public is None or zone.state is not State.ACTIVE:
        return None
    return PublicZone(
        id=zone.id,
        revision=zone.public_revision,
        exercise=zone.exercise,
        authority=zone.authority,
        data_as_of=zone.data_as_of,
        accuracy_m=zone.accuracy_m,
        stale=zone.stale,
        outline=zone.public,
    )


def pack_cells(public: Area | None) -> Collection[int]:
    """Return the cells whose packs hold this outline: all that lie within PACK_MARGIN_M of it."""
    return () if public is None else geo.cover(geo.buffer_metres(public, PACK_MARGIN_M), PACK_RESOLUTION)


def shown_coverage(area: CoverageArea, *, withholds: bool) -> PublicCoverage:
    """Return what the public may know of a coverage area (R5): at most partly listed where any zone is withheld."""
    at_most = Listing.PARTLY_LISTED if withholds else Listing.LISTED
    listing = at_most if area.surveyed else Listing.NO_DATA
    return PublicCoverage(area.id, area.authority, area.exercise, listing, area.data_as_of, area.outline)
