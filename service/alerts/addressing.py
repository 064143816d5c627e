"""In which language somebody is told by which channel, and who is put into one batch."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.alerts import composing
from service.alerts.model import Alert
from service.delivery.model import ChannelName, Lot
from service.i18n.catalogues import Catalogues
from service.kit.house import House


@dataclass(frozen=True, slots=True)
class Spoken:
    """The languages of an approved alert, by channel: not every one of them has a text for an SMS."""

    catalogues: Catalogues
    pushed: tuple[str, ...]
    texted: tuple[str, ...]

    @classmethod
    def of(cls, house: House, alert: Alert) -> "Spoken":
        texts, _ = composing.from_json(alert.snapshot or ())
        texted = tuple(text.language for text in texts if text.sms)
        return cls(house.get(Catalogues), tuple(text.language for text in texts), texted)

    def language(self, wishes: Sequence[str], channel: ChannelName) -> str | None:
        """Return the language that fits the wishes best by this channel, None where it cannot say anything at all."""
        available = self.texted if channel is ChannelName.SMS else self.pushed
        return self.catalogues.choose(wishes, available=available).tag if available else None


class Lots:
    """Registrations put together who are told by the same channel in the same language, as near as each other."""

    def __init__(self) -> None:
        self._numbers: dict[Lot, list[int]] = defaultdict(list)

    def add(self, lot: Lot, numbers: Sequence[int]) -> None:
        """Add to a lot, which is given without numbers."""
        self._numbers[lot].extend(numbers)

    def whole(self) -> list[Lot]:
        return [replace(lot, numbers=tuple(numbers)) for lot, numbers in self._numbers.items()]

    def __len__(self) -> int:
        return sum(map(len, self._numbers.values()))


def text_lot(ring: int, language: str, *, source: int | None = None, beside: bool = True) -> Lot:
    """Return the lot of texts of a ring; who has a number has proved it."""
    return Lot(ring, verified=True, channel=ChannelName.SMS, language=language, beside=beside, source=source)
