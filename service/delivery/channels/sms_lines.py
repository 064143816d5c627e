"""The ways to operators of mobile networks: which one carries a text, when it is its turn, what was answered."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from service.delivery.channels import sms_figures
from service.delivery.channels.sms_rates import Rates, Turn
from service.delivery.channels.sms_weights import Weights
from service.delivery.providers import Protocol, Provider
from service.delivery.sms import Answer, Carrier, NotNow, Report, Sms, Unanswered
from service.kit.clock import Clock

_log = structlog.get_logger()
ANSWER_SECONDS = 300.0
"""A carrier that does not say within so long what became of a text never will; its own patience is shorter."""

_LOOK_SECONDS = 0.1


class NoTurn(Exception):  # noqa: N818 - the operators are busy or away, nothing is at fault
    """No operator could take a text in time; `away` says that none is there."""

    def __init__(self, *, away: bool) -> None:
        super().__init__()
        self.away = away


@dataclass(slots=True)
class Patience:
    """How long the texts of one errand wait, on the loop's clock.

    `until` is for a turn, `away_until` for an operator to be there at all; once one is back it is his turn that counts.
    """

    seconds: float
    until: float
    away_until: float

    @classmethod
    def of(cls, seconds: float, *, away: float = 0.0) -> "Patience":
        """Begin to wait: so long for a turn, and so much longer where nobody is there."""
        now = asyncio.get_running_loop().time()
        return cls(seconds, now + seconds, now + seconds + away)

    def renew(self) -> None:
        """Wait for a turn from now on."""
        self.until = asyncio.get_running_loop().time() + self.seconds


@dataclass(frozen=True, slots=True)
class Line:
    """One operator whose turn it is for one text."""

    provider: Provider
    carrier: Carrier
    turn: Turn

    @property
    def one_id(self) -> bool:
        """Whether a text has one id, however many segments."""
        return self.provider.protocol is Protocol.HTTP


class Lines:
    """All operators of a deployment, each with its rate, its window and its health."""

    def __init__(
        self, providers: Sequence[Provider], carriers: Mapping[str, Carrier], *, rates: Rates, clock: Clock
    ) -> None:
        self._providers = {one.name: one for one in providers}
        self._carriers = carriers
        self._weights = Weights(providers)
        sms_figures.watch(carriers, self._weights, clock)
        self._rates = rates
        self._clock = clock
        self._waiting: Counter[str] = Counter()
        self._back_at = float("-inf")

    @asynccontextmanager
    async def turn(
        self, segments: int, *, rank: int, patience: Patience, named: str | None = None
    ) -> AsyncIterator[Line]:
        """Wait for an operator that is there, and for its rate; the higher rank goes first. Raises `NoTurn`."""
        async with AsyncExitStack() as stack:
            while True:
                name = await self._pick(named, patience)
                self._waiting[name] += segments
                try:
                    async with asyncio.timeout_at(patience.until):
                        turn = await stack.enter_async_context(self._rates.turn(name, segments, rank=rank))
                except TimeoutError:
                    raise NoTurn(away=False) from None
                finally:
                    self._waiting[name] -= segments
                if self._carriers[name].ready:
                    break
                turn.unused = True
                await stack.aclose()
            yield Line(self._providers[name], self._carriers[name], turn)

    async def _pick(self, named: str | None, patience: Patience) -> str:
        """Choose an operator; where none is there, wait until one is."""
        loop, waited = asyncio.get_running_loop(), False
        while True:
            ready = [name for name, one in self._carriers.items() if one.ready and named in {None, name}]
            # Whoever has a second's work before him is passed over while another has not: the slow hold back nobody.
            free = [name for name in ready if self._waiting[name] < self._providers[name].per_second]
            # Which operator gets a text is no secret.
            draw = random.random()  # noqa: S311 - spreads texts, guards nothing
            name = self._weights.choose(among=free or ready, draw=draw, now=self._clock.now())
            if name is not None:
                if waited:
                    await self._gather()
                    patience.renew()
                return name
            if loop.time() + _LOOK_SECONDS >= patience.away_until:
                raise NoTurn(away=True)
            waited = True
            await asyncio.sleep(_LOOK_SECONDS)

    async def _gather(self) -> None:
        """Let all who waited for an operator stand in the row before the first has its turn."""
        now = asyncio.get_running_loop().time()
        if self._back_at < now - _LOOK_SECONDS:
            self._back_at = now + _LOOK_SECONDS
        await asyncio.sleep(max(0.0, self._back_at - now))

    async def hand(self, line: Line, sms: Sms) -> Answer:
        """Hand over a text; whatever goes wrong after it was begun leaves it in doubt."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await line.carrier.submit(sms)
        except TimeoutError:
            answer = Unanswered((), "no-answer")
        except Exception as error:  # noqa: BLE001 - a fault of ours on the way must not lose what may have been taken
            _log.error("sms.surprise", provider=line.provider.name, error=type(error).__name__)
            answer = Unanswered((), "surprise")
        sms_figures.answered(line.provider.name, answer)
        good = not isinstance(answer, NotNow | Unanswered)
        self._weights.note(line.provider.name, good, now=self._clock.now())
        if isinstance(answer, NotNow) and not answer.ours and line.carrier.ready:
            self._rates.slow_down(line.provider.name)
        return answer

    async def ask(self, name: str, ids: tuple[str, ...]) -> Report | None:
        """Ask an operator what became of a text; None where it cannot tell, or is no longer there."""
        carrier = self._carriers.get(name)
        if carrier is None or not carrier.ready:
            return None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await carrier.ask(ids)
        except TimeoutError:
            return None

    def divide(self, workers: int) -> None:
        """Learn how many workers share the operators' rates."""
        self._rates.divide(workers)

    async def close(self) -> None:
        """Close every connection."""
        sms_figures.unwatch(self._carriers)
        for carrier in self._carriers.values():
            await carrier.close()
        await self._rates.close()
