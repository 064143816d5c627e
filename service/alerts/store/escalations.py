"""Which alerts go on by text when phones stay silent."""

from datetime import datetime
from typing import LiteralString

from service.alerts.model import Alert
from service.alerts.store.rows import alert_of
from service.kit.db import Tx

# Whoever heard an earlier message by text is planned by text at once: nobody goes on before all of these are planned.
GOING_ON: LiteralString = """
SELECT alert.* FROM alert JOIN alert_plan ON alert_plan.alert_id = alert.id
 WHERE alert.state IN ('approved', 'sending', 'sent') AND alert.escalate_minutes IS NOT NULL
   AND alert.message IN ('warning', 'update') AND alert.expires_at > %(now)s AND alert_plan.pass >= 0
   AND EXISTS (SELECT FROM batch WHERE batch.alert_id = alert.id AND batch.revision = alert.revision
                  AND batch.escalated_at IS NULL AND batch.channel <> 'sms')
"""


async def going_on(tx: Tx, *, now: datetime) -> list[Alert]:
    """Return warnings and updates with a policy, some of whose pushes are not decided on yet."""
    return [alert_of(row) for row in await (await tx.execute(GOING_ON, {"now": now})).fetchall()]
