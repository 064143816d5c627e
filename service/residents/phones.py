"""Numbers that texts go to: whom they reach, how they come and go by text, and what ends them at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.kit.db import Tx
from service.kit.hidden import Hidden
from service.kit.house import House
from service.residents.model import Destination


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is texted at a number: its registration, languages and places; `by_text` if nothing else reaches it."""

    number: int
    registration: UUID
    languages: tuple[str, ...]
    places: Hidden[tuple[UUID, ...]]
    by_text: bool


async def to_text(
    tx: Tx, house: House, numbers: Sequence[int], *, exercise: bool, now: datetime
) -> dict[int, Destination]:
    """Return where texts go, by the registration's number asked for: proved numbers, and none of whoever said stop.

    Absent are all others, and in exercises those who are no testers. A taken over number leads to its heir.
    """
    raise NotImplementedError


async def with_number(tx: Tx, numbers: Sequence[int]) -> list[int]:
    """Return which of the registrations (or of those that took them over) have a number that texts go to."""
    raise NotImplementedError


async def bury(tx: Tx, witnesses: Collection[bytes], *, now: datetime) -> None:
    """Send nothing more to these numbers (`Destination.witness`) until they are confirmed anew: nobody has them."""
    raise NotImplementedError


async def opt_out(tx: Tx, house: House, number: Hidden[str], *, by_operator: bool, now: datetime) -> bool:
    """Forget a number, and keep by its hash alone that nothing goes there until its owner writes again.

    True if anything ended by it.
    """
    raise NotImplementedError


async def come_back(tx: Tx, house: House, number: Hidden[str], *, now: datetime) -> bool:
    """Let texts go again to a number whose owner writes that he wants that; False if he had not said stop."""
    raise NotImplementedError


async def is_out(tx: Tx, house: House, number: Hidden[str]) -> bool:
    """Say whether the owner of a number said stop."""
    raise NotImplementedError


async def known(tx: Tx, house: House, number: Hidden[str]) -> Subscriber | None:
    """Return who is texted at this number; None for strangers, and for whoever must confirm it anew."""
    raise NotImplementedError


async def subscribe_by_text(  # noqa: PLR0913 - whose number it is, what is wanted, and what was agreed to
    tx: Tx,
    house: House,
    number: Hidden[str],
    *,
    language: str,
    places: Sequence[UUID],
    wording: str,
    now: datetime,
) -> Subscriber:
    """Add places (municipalities or larger) to what a number hears about; its own text proves it, and undoes a stop.

    `wording` names what was agreed to. Refused for a place that cannot be subscribed to, or when there are too many.
    """
    raise NotImplementedError


async def leave_by_text(tx: Tx, house: House, number: Hidden[str], *, now: datetime) -> bool:
    """Forget a number; it may be named again, unlike after `opt_out`. False if nothing was sent there."""
    raise NotImplementedError


async def set_language(tx: Tx, house: House, number: Hidden[str], language: str, *, now: datetime) -> bool:
    """Speak to a number in this language first; False for a stranger's."""
    raise NotImplementedError


async def alive(tx: Tx, house: House, number: Hidden[str], *, now: datetime) -> None:
    """Note that the owner of a number wrote. A number that waits to be confirmed gets a code to be sent back."""
    raise NotImplementedError


async def verify_by_text(tx: Tx, house: House, number: Hidden[str], code: str, *, now: datetime) -> bool:
    """Believe that a number is its owner's who sends back the code from it; False if no such code waits there."""
    raise NotImplementedError
