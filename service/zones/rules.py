"""What the public may see of a zone: never less ground than it covers."""

from service.kit import geo
from service.kit.geo import Area
from service.zones.model import GENERALISED_RESOLUTION, Publication, PublicZone, Zone


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
    """Return what the public may know; a withheld zone is nothing to it."""
    if zone is None or zone.public is None:
        return None
    return PublicZone(
        id=zone.id,
        revision=zone.revision,
        exercise=zone.exercise,
        authority=zone.authority,
        data_as_of=zone.data_as_of,
        accuracy_m=zone.accuracy_m,
        stale=zone.stale,
        outline=zone.public,
    )
