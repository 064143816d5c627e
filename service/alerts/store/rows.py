"""How rows become alerts."""

from datetime import timedelta
from typing import Any

import shapely

from service.alerts.model import Alert, Draft, State
from service.delivery.model import Message, Severity
from service.kit import geo


def alert_of(row: dict[str, Any]) -> Alert:
    return Alert(
        id=row["id"],
        lineage=row["lineage"],
        revision=row["revision"],
        message=Message(row["message"]),
        follows=row["follows"],
        state=State(row["state"]),
        draft=Draft(
            zone_id=row["zone_id"],
            template=row["template"],
            severity=Severity(row["severity"]),
            exercise=row["exercise"],
            reach_m=row["reach_m"],
            place=row["place"],
            place_names=row["place_names"],
            repeat=row["repeat"],
            drawn=None if row["drawn"] is None else geo.areal(shapely.from_wkb(row["drawn"])),
            units=tuple(map(str, row["units"] or ())),
            escalate=None if row["escalate_minutes"] is None else timedelta(minutes=row["escalate_minutes"]),
        ),
        author_id=row["author_id"],
        submitter_id=row["submitter_id"],
        approver_id=row["approver_id"],
        created_at=row["created_at"],
        content=row["content"],
        approved_at=row["approved_at"],
        expires_at=row["expires_at"],
        snapshot=row["snapshot"],
        release_id=row["release_id"],
        code=row["code"],
        cells=tuple(row["cells"]),
    )
