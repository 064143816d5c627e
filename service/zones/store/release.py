"""Release records, what each took from which zone, and which zones came of which."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from service.kit.db import Tx
from service.zones.model import ReleaseKind
from service.zones.records import Release, Taken
from service.zones.store import rows

_PLAIN = (
    "id", "proposal_id", "authority", "external_id", "dated", "depth_cm", "devices_found", "remarks", "exercise", "at",
    "revoked_at", "revoked_by", "revoked_why",
)  # fmt: skip  # one name a line would hide that these are all

INSERT: LiteralString = """
    INSERT INTO release (id, proposal_id, kind, method, authority, external_id, dated, depth_cm, devices_found, remarks,
        outline, exercise, at)
    VALUES (%(id)s, %(proposal_id)s, %(kind)s, %(method)s, %(authority)s, %(external_id)s, %(dated)s, %(depth_cm)s,
        %(devices_found)s, %(remarks)s, %(outline)s, %(exercise)s, %(at)s)
"""
INSERT_TAKEN: LiteralString = """
    INSERT INTO release_zone (release_id, zone_id, ground, taken)
    VALUES (%(release_id)s, %(zone_id)s, %(ground)s, %(taken)s)
"""


async def insert(tx: Tx, release: Release) -> None:
    """Keep a record and what it takes from each of its zones."""
    plain = {name: getattr(release, name) for name in _PLAIN}
    kind = {"kind": release.kind.value, "method": release.method.value, "outline": rows.wkb(release.outline)}
    await tx.execute(INSERT, {**plain, **kind})
    taken = [
        {
            "release_id": release.id,
            "zone_id": one.zone_id,
            "ground": rows.wkb(one.ground),
            "taken": rows.wkb(one.shown),
        }
        for one in release.taken
    ]
    await tx.cursor().executemany(INSERT_TAKEN, taken)


GET: LiteralString = "SELECT * FROM release WHERE id = %(id)s"


async def get(tx: Tx, release_id: UUID) -> Release | None:
    row = await (await tx.execute(GET, {"id": release_id})).fetchone()
    return None if row is None else (await _with_taken(tx, [row]))[0]


OF: LiteralString = """
    SELECT * FROM release
     WHERE id IN (SELECT release_id FROM release_zone WHERE zone_id = ANY(%(ids)s)) ORDER BY at, id
"""


async def of(tx: Tx, zone_ids: Collection[UUID]) -> list[Release]:
    """Return every record that ever concerned one of these zones, the revoked ones too, the oldest first."""
    return await _with_taken(tx, await (await tx.execute(OF, {"ids": list(zone_ids)})).fetchall())


KNOWN: LiteralString = """
    SELECT FROM release
     WHERE authority = %(authority)s AND external_id = %(external_id)s AND exercise = %(exercise)s
       AND external_id <> '' AND revoked_at IS NULL
"""


async def is_known(tx: Tx, authority: str, external_id: str, *, exercise: bool) -> bool:
    """Tell whether the authority's record of this id is in force already."""
    wanted = {"authority": authority, "external_id": external_id, "exercise": exercise}
    return await (await tx.execute(KNOWN, wanted)).fetchone() is not None


REVOKE: LiteralString = """
    UPDATE release SET revoked_at = %(at)s, revoked_by = %(by)s, revoked_why = %(why)s WHERE id = %(id)s
"""


async def revoke(tx: Tx, release_id: UUID, *, by: UUID, why: str, now: datetime) -> None:
    await tx.execute(REVOKE, {"id": release_id, "by": by, "why": why, "at": now})


SUPERSEDE: LiteralString = """
    UPDATE release_zone SET superseded_at = %(at)s
     WHERE zone_id = %(zone_id)s AND release_id = ANY(%(ids)s) AND superseded_at IS NULL
"""


async def supersede(tx: Tx, zone_id: UUID, release_ids: Collection[UUID], *, now: datetime) -> None:
    """Note that these records no longer cover ground of this zone."""
    await tx.execute(SUPERSEDE, {"zone_id": zone_id, "ids": list(release_ids), "at": now})


TAKEN: LiteralString = "SELECT * FROM release_zone WHERE release_id = ANY(%(ids)s) ORDER BY zone_id"


async def _with_taken(tx: Tx, found: Sequence[Mapping[str, Any]]) -> list[Release]:
    taken: dict[UUID, list[Taken]] = {}
    for row in await (await tx.execute(TAKEN, {"ids": [row["id"] for row in found]})).fetchall():
        one = Taken(row["zone_id"], rows.area(row["ground"]), rows.maybe_area(row["taken"]), row["superseded_at"])
        taken.setdefault(row["release_id"], []).append(one)
    return [
        Release(
            **{name: row[name] for name in _PLAIN},
            kind=ReleaseKind(row["kind"]),
            outline=rows.area(row["outline"]),
            taken=tuple(taken.get(row["id"], ())),
        )
        for row in found
    ]


DESCEND: LiteralString = """
    INSERT INTO zone_lineage (parent_id, child_id, act, at) VALUES (%(parent)s, %(child)s, %(act)s, %(at)s)
"""


async def descend(tx: Tx, pairs: Iterable[tuple[UUID, UUID]], *, act: str, now: datetime) -> None:
    """Note which zones (second) came of which (first)."""
    values = [{"parent": parent, "child": child, "act": act, "at": now} for parent, child in pairs]
    await tx.cursor().executemany(DESCEND, values)


LINEAGE: LiteralString = """
    SELECT parent_id, child_id, act, at FROM zone_lineage
     WHERE parent_id = %(id)s OR child_id = %(id)s ORDER BY at, parent_id, child_id
"""


async def lineage(tx: Tx, zone_id: UUID) -> list[tuple[UUID, UUID, str, datetime]]:
    """Return parent, child, act and moment of each descent that a zone has part in."""
    found = await (await tx.execute(LINEAGE, {"id": zone_id})).fetchall()
    return [(row["parent_id"], row["child_id"], row["act"], row["at"]) for row in found]
