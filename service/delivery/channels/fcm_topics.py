"""FCM to topics: each message to up to five of them, by a condition."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import datetime

from service.delivery.channels.fcm import FcmChannel
from service.delivery.channels.fcm_envelope import addressless
from service.delivery.model import Outcome, Payload
from service.delivery.topics import Claimed
from service.kit.clock import Clock


class FcmTopics:
    """Sends letters over the lanes of the channel to devices, and inside its budget."""

    def __init__(self, devices: FcmChannel, *, clock: Clock) -> None:
        self._devices = devices
        self._clock = clock

    async def send(self, letters: Sequence[Claimed], *, shut: Callable[[], bool]) -> list[Outcome]:
        """Send each letter once, all at the same time, and return one outcome each, in order."""
        now = self._clock.now()
        bodies = [(encoded(one.payload, one.condition, now=now), one.payload.rank) for one in letters]
        return list(await asyncio.gather(*(self._devices.post(body, rank=rank, shut=shut) for body, rank in bodies)))


def encoded(payload: Payload, condition: str, *, now: datetime) -> bytes:
    """Return the body of one message, built and validated by firebase-admin; `now` dates Apple's expiration."""
    message = addressless(payload, now=now)
    message.condition = condition
    return json.dumps({"message": json.loads(str(message))}, ensure_ascii=False, separators=(",", ":")).encode()
