"""What the public may see of a zone: never less ground than it covers."""

from collections.abc import Collection, Sequence

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


def public_outlines(
    officials: Sequence[Area], accuracies_m: Sequence[float], publication: Publication
) -> list[Area | None]:
    """Return for each area what may be shown of it, as `public_outline` would; None also where that raises."""
    if publication is Publication.OUTLINE:
        return geo.outward_each(officials, accuracies_m)
    return [_outline_or_none(one, metres, publication) for one, metres in zip(officials, accuracies_m, strict=True)]


def _outline_or_none(official: Area, accuracy_m: float, publication: Publication) -> Area | None:
    try:
        return public_outline(official, accuracy_m, publication)
    except (geo.NotOutward, geo.TooFarNorth):
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
    return () if public is None else pack_cells_each([public])[0]


def pack_cells_each(shown: Sequence[Area]) -> list[frozenset[int]]:
    """Return for each outline the cells whose packs hold it."""
    return geo.cells_near(shown, PACK_MARGIN_M, PACK_RESOLUTION)


def shown_coverage(area: CoverageArea, *, withholds: bool) -> PublicCoverage:
    """Return what the public may know of a coverage area (R5): at most partly listed where any zone is withheld."""
    at_most = Listing.PARTLY_LISTED if withholds else Listing.LISTED
    listing = at_most if area.surveyed else Listing.NO_DATA
    return PublicCoverage(area.id, area.authority, area.exercise, listing, area.data_as_of, area.outline)
