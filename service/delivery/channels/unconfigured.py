"""The channel of a deployment that has none yet: every message waits, and an operator is told why."""

from collections.abc import Callable, Sequence

from service.delivery.model import Outcome, Parcel, TryLater


class Unconfigured:
    """Sends nothing and loses nothing."""

    name = "unconfigured"
    batch_size = 500

    async def send(self, parcels: Sequence[Parcel], *, shut: Callable[[], bool]) -> list[Outcome]:
        """Answer that each message waits for FCM to be configured."""
        del shut
        return [TryLater(None, "fcm-not-configured", ours=True) for _ in parcels]

    async def close(self) -> None:
        """Close nothing."""
