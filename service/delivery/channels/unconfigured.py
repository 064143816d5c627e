"""A channel that a deployment has not configured: every message waits, and an operator is told why."""

from collections.abc import Callable, Sequence

from service.delivery.model import ChannelName, Outcome, TryLater


class Unconfigured:
    """Sends nothing and loses nothing."""

    batch_size = 500

    def __init__(self, name: ChannelName) -> None:
        self.name = name

    async def send(self, parcels: Sequence[object], *, shut: Callable[[], bool]) -> list[Outcome]:
        """Answer that each message waits for the channel to be configured."""
        del shut
        return [TryLater(None, f"{self.name.value}-not-configured", ours=True) for _ in parcels]

    async def say(self, sms: object, *, template: str, provider: str | None = None) -> Outcome:
        """Answer that a text waits for the channel to be configured."""
        del sms, template, provider
        return TryLater(None, f"{self.name.value}-not-configured", ours=True)

    async def close(self) -> None:
        """Close nothing."""
