"""Who is passed over when an alert is planned or goes on by text: noted with the reason, so that it can be told."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from service.alerts.paging import SKIPS_TOGETHER
from service.alerts.records import Skip, Skipped
from service.alerts.store import skips
from service.delivery.model import ChannelName
from service.kit.db import Tx


class Over:
    """Registrations by the reason and the ring; by one channel, or by all."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, int, ChannelName | None], list[int]] = defaultdict(list)

    def add(self, reason: str, ring: int, numbers: Sequence[int], channel: ChannelName | None = None) -> None:
        if numbers:
            self._numbers[reason, ring, channel].extend(numbers)

    async def note(self, tx: Tx, alert_id: UUID, *, at: datetime, due_at: datetime | None = None) -> bool:
        """Keep them all; True if any are only delayed, until `due_at`."""
        parts = []
        for (reason, ring, channel), numbers in sorted(self._numbers.items(), key=lambda one: str(one[0])):
            ordered, due = sorted(numbers), due_at if reason == Skip.DELAYED else None
            cut = (ordered[start : start + SKIPS_TOGETHER] for start in range(0, len(ordered), SKIPS_TOGETHER))
            parts += [Skipped(reason, ring, part, at, due, channel) for part in cut]
        if parts:
            await skips.insert(tx, alert_id, parts)
        return any(part.due_at for part in parts)
