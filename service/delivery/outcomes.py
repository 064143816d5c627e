"""What providers answered, counted in the worker and written now and then: no message, no person, no place."""

import re
from collections import Counter
from collections.abc import Sequence

from service.delivery.model import Accepted, AddressDead, ChannelName, MessageRefused, Outcome, TryLater, Unproved
from service.delivery.store import figures
from service.kit.db import Tx

# Reasons are words of ours; should a provider's own ever come through, it must not become a label.
_REASON = re.compile(r"[a-z][a-z0-9-]{0,39}")
_NAMES: dict[type[Outcome], str] = {
    Accepted: "accepted",
    AddressDead: "dead",
    MessageRefused: "refused",
    TryLater: "later",
    Unproved: "unproved",
}


class OutcomeBook:
    """One worker's counts since they were last written. A worker that is killed takes a few seconds' with it."""

    def __init__(self) -> None:
        self._counted: Counter[tuple[str, str, str]] = Counter()

    def note(self, channel: ChannelName, outcomes: Sequence[Outcome]) -> None:
        for one in outcomes:
            reason = "" if isinstance(one, Accepted) else one.reason
            known = reason if not reason or _REASON.fullmatch(reason) else "other"
            self._counted[channel.value, _NAMES[type(one)], known] += 1

    async def write(self, tx: Tx) -> None:
        """Add them to those in the database."""
        counted, self._counted = self._counted, Counter()
        if counted:
            await figures.add(tx, counted)
