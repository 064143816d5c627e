"""People who are told by text: those without data, and those whose app has a number to fall back on."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from uuid import UUID

import phonenumbers

from service.demo.calls import Rejected
from service.demo.expected_texts import Due, Read, Wish
from service.demo.mobile import MobileNetwork
from service.demo.phone import Phone
from service.demo.population import Network, Owner
from service.demo.spots import Neighbourhood
from service.demo.text_calls import TextCalls
from service.demo.villages import Village
from service.demo.wire import Unreachable

WITHOUT_DATA_OF, WITH_NUMBER_OF = 12, 8
"""One of so many phones has no data; one of so many others has the app and a number."""

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_PATIENCE_SECONDS = 60.0
_AT_ONCE = 24
_CELL_M = 3_500.0
"""Wider than any H3 cell of resolution 7: who is farther from the border names no cell across it."""

_WISHES = (None, Wish.PLACE, None, Wish.FIND, None, Wish.STOP, None, Wish.REAL)
_WORDS = {
    Wish.PLACE: "33 {place}",
    Wish.FIND: "I found a bomb near the well",
    Wish.STOP: "STOP",
    Wish.REAL: "55",
}
_COUNTRY = "US"


def invented_numbers() -> Iterator[str]:
    """Yield numbers that are kept for stories, which nobody has: 555-0100 to 555-0199 of every area code."""
    areas = [area for area in range(201, 990) if _is_real(f"+1{area}5550100")]
    return (f"+1{area}555{last:04d}" for last in range(100, 200) for area in areas)


def _is_real(number: str) -> bool:
    parsed = phonenumbers.parse(number)
    # Some area codes are none of places: free or dear to call, or personal.
    mobile = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    return mobile and phonenumbers.is_valid_number_for_region(parsed, _COUNTRY)


@dataclass(slots=True)
class Reader:
    """One person with a number; without `village` the person has the app as well. `heard` is in order."""

    owner: Owner
    mobile: str
    wish: Wish | None
    village: Village | None
    proves_by_text: bool
    proved: bool = False
    heard: list[tuple[float, str]] = field(default_factory=list)
    answers: dict[Wish, str] = field(default_factory=dict)
    explained: set[int] = field(default_factory=set)

    def due(self, there: Neighbourhood, phone: Phone | None, *, began: float, patience_s: float) -> Due:
        """Say what the truth demands. Whoever showed the warning only after the patience was over may be texted."""
        if self.wish is Wish.STOP or not self.owner.tester:
            return Due.NOT
        if self.village is not None:
            return Due.MUST if self.village.meant else Due.NOT
        nearest = min(there.metres(place) for place in self.owner.places)
        if nearest > there.within_m:
            # Its cell may lie across the border: the app, which knows better, keeps quiet, and nobody hears of that.
            return Due.MAY if nearest < there.within_m + _CELL_M or self.owner.decoys else Due.NOT
        if not self.owner.pushable:
            return Due.MUST
        shown = phone.shown.values() if phone else ()
        return Due.NOT if any(one.pushed and one.at - began < patience_s for one in shown) else Due.MAY

    def read(self, due: Due, *, began: float) -> Read:
        """Return what this person got that was neither a code nor an answer: before the warning there was no reason."""
        rest = [(at, text) for place, (at, text) in enumerate(self.heard) if place not in self.explained]
        warnings = [text for at, text in rest if at >= began]
        asked = () if self.wish is None else (self.wish,)
        return Read(self.owner.number, due, self.owner.speaks, warnings, self.answers, asked, len(rest) - len(warnings))


def part(owners: Sequence[Owner], villages: Sequence[Village]) -> tuple[list[Owner], list[Reader]]:
    """Say who has no data, and who has a number beside the app; return the owners of apps, and all with a number.

    Whoever falls back on a number is on all the time or off all the time: what the truth demands is plain then.
    """
    numbers, turn = invented_numbers(), count()
    with_app, readers = [], []
    for owner in owners:
        if owner.number % WITHOUT_DATA_OF == 5:  # noqa: PLR2004 - any remainder does
            at = next(turn)
            village = villages[at % len(villages)]
            readers.append(Reader(owner, next(numbers), _WISHES[at % 8], village, proves_by_text=at % 2 == 0))
            continue
        if owner.number % WITH_NUMBER_OF == 3 and owner.registers:  # noqa: PLR2004 - any remainder does
            owner = _steady(owner)  # noqa: PLW2901 - the same person, better known
            at = next(turn)
            readers.append(Reader(owner, next(numbers), _WISHES[at % 8], None, proves_by_text=False))
        with_app.append(owner)
    return with_app, readers


def _steady(owner: Owner) -> Owner:
    off = owner.network in {Network.AWAY, Network.CROWDED}
    return replace(owner, network=Network.OFF) if off else owner


class Readers:
    """All of them in one process: it brings texts to them and writes for them."""

    def __init__(self, people: Sequence[Reader], calls: TextCalls, network: MobileNetwork) -> None:
        self.people = people
        self._calls, self._network = calls, network
        self._by_mobile = {one.mobile: one for one in people}
        self._news = {one.mobile: asyncio.Event() for one in people}
        self.troubles: list[str] = []
        self.last_heard = 0.0

    def hear(self, mobile: str, text: str) -> None:
        """Bring one whole text to the phone with this number."""
        reader = self._by_mobile.get(mobile)
        if reader is None:
            self.troubles.append("a text went to a number that nobody has")
            return
        self.last_heard = time.monotonic()
        reader.heard.append((self.last_heard, text))
        self._news[mobile].set()

    async def register(
        self,
        units: Mapping[str, UUID],
        apps: Mapping[int, Phone],
        codes: Iterator[str],
        *,
        on_change: Callable[[int], None],
    ) -> None:
        """Let everybody name the number and prove it; whoever has no data registers by it, and joins the exercise."""

        async def one(reader: Reader) -> None:
            app = apps.get(reader.owner.number)
            await self._register(reader, units, app, codes)

        await self._each(self.people, one, on_change)

    async def _register(
        self, reader: Reader, units: Mapping[str, UUID], app: Phone | None, codes: Iterator[str]
    ) -> None:
        owner, account = reader.owner, None if app is None else app.account
        if reader.village is not None:
            unit = units[reader.village.code]
            account = await self._calls.register(owner.number, reader.mobile, owner.languages, unit)
        elif account is not None:
            await self._calls.name(owner.number, account, reader.mobile, owner.languages)
        if account is None:
            return
        code = _CODE.search(await self._next(reader, 0))
        if code is None:
            raise Rejected("the first text held no code")
        if reader.proves_by_text:
            await self._network.write(reader.mobile, code[0])
            await self._next(reader, 1)
        else:
            await self._calls.prove(owner.number, account, code[0])
        if reader.village is not None and owner.tester:
            await self._calls.enrol(owner.number, account, next(codes))
        reader.proved = True

    async def write(self, wishes: Iterable[Wish], *, place: str) -> int:
        """Let those write who wish for one of these, and wait for the answers; return how many did."""
        wanted = frozenset(wishes)

        async def one(reader: Reader) -> None:
            if reader.wish is not None and reader.proved:
                before = len(reader.heard)
                await self._network.write(reader.mobile, _WORDS[reader.wish].format(place=place))
                reader.answers[reader.wish] = await self._next(reader, before)

        some = [reader for reader in self.people if reader.wish in wanted]
        await self._each(some, one, lambda _: None)
        return len(some)

    async def _next(self, reader: Reader, before: int) -> str:
        """Return the text that comes after so many others: what this person waits for."""
        news = self._news[reader.mobile]
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while len(reader.heard) <= before:
                news.clear()
                await news.wait()
        reader.explained.add(before)
        return reader.heard[before][1]

    async def _each(
        self, people: Sequence[Reader], step: Callable[[Reader], Awaitable[None]], on_change: Callable[[int], None]
    ) -> None:
        waiting, done = iter(people), count(1)

        async def work() -> None:
            for reader in waiting:
                try:
                    await step(reader)
                except (Rejected, Unreachable, TimeoutError) as error:
                    self.troubles.append((str(error) or type(error).__name__)[:300])
                on_change(next(done))

        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(work())
