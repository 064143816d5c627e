"""What was done with a zone: its revisions, records and proposals, which zones it came of, and by whom."""

from itertools import pairwise
from uuid import UUID

from service.kit.db import Tx
from service.operators import actions as operators
from service.zones import actions, releasing, rules
from service.zones.records import Descent, History, Revision
from service.zones.store import proposal as store
from service.zones.store import release as release_store


async def of(tx: Tx, zone_id: UUID) -> History:
    """Return all that is on record of a zone's life, each list the oldest first. Refused if there is no such zone."""
    zone = await actions.get_record(tx, zone_id)
    names = {one.id: one.name for one in await operators.everybody(tx)}
    return History(
        zone=zone,
        revisions=tuple(await _revisions(tx, zone_id, names)),
        releases=tuple(await releasing.of(tx, zone_id)),
        proposals=tuple(await store.of(tx, zone_id)),
        lineage=tuple(Descent(*each) for each in await release_store.lineage(tx, zone_id)),
        names=names,
    )


async def _revisions(tx: Tx, zone_id: UUID, names: dict[UUID, str]) -> list[Revision]:
    found = await store.revisions(tx, zone_id)
    changes = [[], *(rules.differences(one["record"], other["record"]) for one, other in pairwise(found))]
    return [
        Revision(row["revision"], row["at"], names.get(row["operator_id"]), row["why"], tuple(changed))
        for row, changed in zip(found, changes, strict=True)
    ]
