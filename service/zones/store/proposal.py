"""Proposals that wait for a second person, and the revisions of zones."""

from collections.abc import Mapping
from datetime import date
from typing import Any, LiteralString, assert_never
from uuid import UUID

import shapely
from psycopg.types.json import Jsonb

from service.kit.db import Tx
from service.zones.model import Publication, ReleaseKind
from service.zones.records import Act, Annulling, Downgrading, Proposal, Publishing, Releasing, Terms
from service.zones.store import rows

_DECISION = {None: None, True: "approved", False: "refused"}
_APPROVED = {word: approved for approved, word in _DECISION.items()}

INSERT: LiteralString = """
    INSERT INTO zone_proposal (id, act, zone_ids, revisions, terms, why, asked_by, asked_at)
    VALUES (%(id)s, %(act)s, %(zone_ids)s, %(revisions)s, %(terms)s, %(why)s, %(asked_by)s, %(asked_at)s)
"""


async def insert(tx: Tx, proposal: Proposal) -> None:
    values = {
        "id": proposal.id,
        "act": proposal.act.value,
        "zone_ids": list(proposal.zone_ids),
        "revisions": list(proposal.revisions),
        "terms": Jsonb(_as_json(proposal.terms)),
        "why": proposal.why,
        "asked_by": proposal.asked_by,
        "asked_at": proposal.asked_at,
    }
    await tx.execute(INSERT, values)


GET: LiteralString = "SELECT * FROM zone_proposal WHERE id = %(id)s FOR UPDATE"


async def get(tx: Tx, proposal_id: UUID) -> Proposal | None:
    """Return a proposal; nobody else decides it meanwhile."""
    row = await (await tx.execute(GET, {"id": proposal_id})).fetchone()
    return None if row is None else _proposal(row)


WAITING: LiteralString = "SELECT * FROM zone_proposal WHERE decision IS NULL ORDER BY asked_at, id"


async def waiting(tx: Tx) -> list[Proposal]:
    """Return what waits for a second person, the oldest first."""
    return [_proposal(row) for row in await (await tx.execute(WAITING)).fetchall()]


OF: LiteralString = "SELECT * FROM zone_proposal WHERE zone_ids @> ARRAY[%(id)s::uuid] ORDER BY asked_at, id"


async def of(tx: Tx, zone_id: UUID) -> list[Proposal]:
    """Return every proposal that ever concerned a zone, the oldest first."""
    return [_proposal(row) for row in await (await tx.execute(OF, {"id": zone_id})).fetchall()]


DECIDE: LiteralString = """
    UPDATE zone_proposal SET decision = %(decision)s, decided_by = %(by)s, decided_at = %(at)s, decided_why = %(why)s
     WHERE id = %(id)s
"""


async def decide(tx: Tx, proposal: Proposal) -> None:
    """Keep how a proposal was decided, by whom and why."""
    values = {
        "id": proposal.id,
        "decision": _DECISION[proposal.approved],
        "by": proposal.decided_by,
        "at": proposal.decided_at,
        "why": proposal.decided_why,
    }
    await tx.execute(DECIDE, values)


REVISIONS: LiteralString = """
    SELECT revision, at, operator_id, why, record FROM zone_revision WHERE zone_id = %(id)s ORDER BY revision
"""


async def revisions(tx: Tx, zone_id: UUID) -> list[Mapping[str, Any]]:
    """Return every revision of a zone as it was kept, the oldest first."""
    return list(await (await tx.execute(REVISIONS, {"id": zone_id})).fetchall())


def _proposal(row: Mapping[str, Any]) -> Proposal:
    return Proposal(
        id=row["id"],
        act=Act(row["act"]),
        zone_ids=tuple(row["zone_ids"]),
        revisions=tuple(row["revisions"]),
        terms=_terms(Act(row["act"]), row["terms"]),
        why=row["why"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        approved=_APPROVED[row["decision"]],
        decided_by=row["decided_by"],
        decided_at=row["decided_at"],
        decided_why=row["decided_why"],
    )


def _as_json(terms: Terms) -> dict[str, Any]:
    match terms:
        case Releasing():
            outline = None if terms.outline is None else shapely.to_wkb(terms.outline, hex=True)
            return {
                "kind": terms.kind.value,
                "authority": terms.authority,
                "dated": terms.dated.isoformat(),
                "outline": outline,
                "depth_cm": terms.depth_cm,
                "devices_found": terms.devices_found,
                "remarks": terms.remarks,
                "external_id": terms.external_id,
            }
        case Annulling():
            return {"evidence": terms.evidence}
        case Downgrading():
            return {}
        case Publishing():
            return {"publication": terms.publication.value}
        case _:
            assert_never(terms)


def _terms(act: Act, said: Mapping[str, Any]) -> Terms:
    match act:
        case Act.RELEASE:
            outline = None if said["outline"] is None else rows.area(bytes.fromhex(said["outline"]))
            kind, dated = ReleaseKind(said["kind"]), date.fromisoformat(said["dated"])
            return Releasing(**{**said, "kind": kind, "dated": dated, "outline": outline})
        case Act.ANNUL:
            return Annulling(said["evidence"])
        case Act.DOWNGRADE:
            return Downgrading()
        case Act.PUBLISH:
            return Publishing(Publication(said["publication"]))
        case _:
            assert_never(act)
