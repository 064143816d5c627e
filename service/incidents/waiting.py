"""What became of imports and of incidents: what an import did, what waits and is dismissed, what an incident was."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from service.incidents import actions
from service.incidents.records import Decision, Kept, Revision, Waiting
from service.incidents.store import imports as store
from service.incidents.store import record as record_store
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.operators import actions as operators
from service.operators.model import Operator


async def get_import(tx: Tx, import_id: UUID) -> Kept:
    """Return what an import did and how many of its rows still wait. Refused if there is none."""
    found = await store.get(tx, import_id)
    if found is None:
        remedy = "Its id stands in the report of the import and in each row that waits."
        raise Refused(Kind.NOT_FOUND, "import-unknown", "There is no such import.", remedy=remedy)
    return found


async def page(tx: Tx, wanted: Mapping[str, Any]) -> list[Waiting]:
    """Return a page of rows that wait, the oldest first.

    `wanted` names exercise, authority, reason and import_id, each None for all of them, after and limit, and decided:
    whether rows that were closed are among them.
    """
    return await store.waiting(tx, wanted)


async def dismiss(tx: Tx, operator: Operator, row_id: int, why: str, *, now: datetime) -> Waiting:
    """Close a row that needs not be taken; it stays on record with the reason. Refused where it does not wait."""
    row = await store.one_waiting(tx, row_id)
    if row is None:
        detail = "No row of the quarantine has this number."
        raise Refused(
            Kind.NOT_FOUND, "row-unknown", detail, remedy="GET /v1/incidents/quarantine lists those that wait."
        )
    if row.decision is not None:
        detail = f"The row waits no longer: {row.decided_why}"
        raise Refused(Kind.CONFLICT, "row-closed", detail, remedy="Nothing is left to be done about it.")
    await store.dismiss(tx, row_id, why, operator_id=operator.id, now=now)
    said = {"authority": row.authority, "exercise": row.exercise, "reason": row.reason, "why": why}
    await operators.record(tx, operator, "incidents.quarantine.dismiss", str(row_id), said, now=now)
    return replace(row, decision=Decision.DISMISSED, decided_by=operator.id, decided_at=now, decided_why=why)


async def history(tx: Tx, incident_id: UUID, *, after: int, limit: int) -> list[Revision]:
    """Return a page of what an incident was, the oldest revision first. Refused if there is no such incident."""
    await actions.get(tx, incident_id)
    names = {one.id: one.name for one in await operators.everybody(tx)}
    found = await record_store.history(tx, incident_id, after=after, limit=limit)
    return [
        Revision(row["revision"], row["at"], names.get(row["operator_id"]), row["why"], row["record"]) for row in found
    ]
