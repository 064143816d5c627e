"""What the end of a warning says: what the release records in force on its zone did, in plain words."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from service.alerts import composing
from service.alerts.later_texts import END_OF, IN_PARTS
from service.alerts.model import Alert, Area, Content, Reason
from service.i18n.model import Hole
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.zones import actions as zones
from service.zones import releasing
from service.zones.model import State as ZoneState
from service.zones.records import Release


async def records(tx: Tx, zone_id: UUID | None) -> list[Release]:
    """Return the records by which a zone ended, the latest last.

    Refused `no-release-record` without one, and `zone-still-dangerous` while any of its ground is left (R2).
    """
    if zone_id is None:
        detail = "This warning is about no zone, and only a zone can be released."
        remedy = "Update it, so that it is about the zone that a record covers; or correct it if it was wrong."
        raise Refused(Kind.CONFLICT, Reason.NO_RELEASE, detail, where="zone_id", remedy=remedy)
    zone = await zones.get_record(tx, zone_id)
    found = sorted(await releasing.living(tx, zone_id), key=lambda one: (one.dated, one.at, one.id))
    if not found:
        detail = "No release record is in force on this zone, and nothing else ends a warning about it."
        remedy = (
            "Keep the authority's record first (`surefoot zones release`, POST /v1/zones/releases); correct a wrong "
        )
        remedy += "warning instead; or update it."
        raise Refused(Kind.CONFLICT, Reason.NO_RELEASE, detail, where="zone_id", remedy=remedy)
    if zone.state is not ZoneState.RELEASED:
        detail = f"The zone is {zone.state.value}: its release records do not cover all of it."
        remedy = "Update the warning, so that it is about what remains; end it when a record covers the rest."
        raise Refused(Kind.CONFLICT, Reason.STILL_DANGEROUS, detail, where="zone_id", remedy=remedy)
    return found


def template(found: Sequence[Release]) -> str:
    """Name the text of these records: each kind has its own (R3), and so has a zone that ended in different ways."""
    kinds = {one.kind for one in found}
    return END_OF[kinds.pop()] if len(kinds) == 1 else IN_PARTS


async def content(tx: Tx, house: House, alert: Alert, *, area: Area) -> Content:
    """Compose an end as it stands now; `area` is that of the message which it follows. Refused as `records` says."""
    found = await records(tx, alert.draft.zone_id)
    last = found[-1]
    # Of several searches the shallowest is the one that everybody can rely on.
    depths = [one.depth_cm for one in found if one.depth_cm is not None]
    more: dict[str, Hole] = {"surveyor": last.authority, "day": last.dated, "depth": min(depths, default=0)}
    made, drafts = composing.checked(house, alert, template(found), area, more)
    frame = [str(alert.follows), alert.draft.exercise, *(str(one.id) for one in found)]
    return Content(area, made, drafts, hashlib.sha256(composing.as_told(frame, made)).digest())
