"""Which texts were taken already: operators deliver at least once, and each text is answered once."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.conversations.parts import PURPOSE
from service.delivery.sms import Inbound
from service.kit.clock import Clock
from service.kit.crypto import Keyring
from service.kit.shared import Away, Shared

REMEMBERED = timedelta(minutes=2)
REMEMBERED_CHOICE = timedelta(seconds=10)
"""Nobody reads a list and picks from it sooner; who picks the first of two lists in turn writes "1" twice."""

WORKING = timedelta(seconds=30)
_LONGEST_CHOICE = 2
_MOST = 20_000
_HEAD = "surefoot:{inbound}:claim:"

# A claim is "w" while somebody works at the text, then "d" and, where the answer goes back in a response, that answer.
_CLAIM = """
for _, key in ipairs(KEYS) do
  local held = redis.call('GET', key)
  if held then return {string.sub(held, 1, 1), string.sub(held, 2), key} end
end
for _, key in ipairs(KEYS) do redis.call('SET', key, 'w', 'PX', ARGV[1]) end
return {'n', '', ''}
"""
_KEEP = """
for number, key in ipairs(KEYS) do redis.call('SET', key, 'd' .. ARGV[1], 'PX', ARGV[number + 1]) end
return 1
"""
_DROP = """
return redis.call('DEL', unpack(KEYS))
"""


class State(StrEnum):
    """What is known of a text that comes in."""

    NEW = "n"
    IN_HAND = "w"
    DONE = "d"


@dataclass(frozen=True, slots=True)
class Claim:
    """A text by its names: the operator's, if it has one, and sender with words; each is remembered for its time."""

    names: tuple[tuple[str, timedelta], ...]
    by_id: bool

    @classmethod
    def on(cls, inbound: Inbound, keyring: Keyring) -> "Claim":
        sender, text = inbound.sender.reveal().encode(), inbound.text.reveal().strip()
        names, choice = [], len(text) <= _LONGEST_CHOICE
        if inbound.id:
            told = keyring.mac(PURPOSE, b"id", inbound.provider.encode(), inbound.id.encode(), sender)
            names.append((told.hex(), REMEMBERED))
        if not (inbound.id and choice):
            words = keyring.mac(PURPOSE, b"words", sender, text.encode("utf-16-be", "surrogatepass"))
            names.append((words.hex(), REMEMBERED_CHOICE if choice else REMEMBERED))
        return cls(tuple(names), bool(inbound.id))


@dataclass(frozen=True, slots=True)
class Found:
    """What a claim met; `kept` is the sealed answer that the same text got, only for the operator's own repeat."""

    state: State
    kept: bytes = b""


class Claims:
    """Who works at which text, over all processes; in this process's memory while Redis is away."""

    def __init__(self, shared: Shared, clock: Clock) -> None:
        self._shared = shared
        self._clock = clock
        self._own: OrderedDict[str, tuple[State, bytes, datetime]] = OrderedDict()

    async def take(self, claim: Claim, *, now: datetime) -> Found:
        names = [name for name, _ in claim.names]
        try:
            keys = [_HEAD + name for name in names]
            state, kept, key = await self._shared.run(_CLAIM, keys, self._ms(WORKING))
        except Away:
            return self._take_own(claim, now)
        same_id = claim.by_id and key.decode() == _HEAD + names[0]
        return Found(State(state.decode()), kept if same_id else b"")

    async def keep(self, claim: Claim, answer: bytes, *, now: datetime) -> None:
        """Remember that the text is done, and its sealed answer if the response that carried it may get lost."""
        self._keep_own([(name, (State.DONE, answer, now + span)) for name, span in claim.names])
        keys = [_HEAD + name for name, _ in claim.names]
        try:
            await self._shared.run(_KEEP, keys, answer, *(self._ms(span) for _, span in claim.names))
        except Away:
            return

    async def drop(self, claim: Claim) -> None:
        """Let the next delivery of the text be taken: this one could not be answered."""
        for name, _ in claim.names:
            self._own.pop(name, None)
        try:
            await self._shared.run(_DROP, [_HEAD + name for name, _ in claim.names])
        except Away:
            return

    def _take_own(self, claim: Claim, now: datetime) -> Found:
        for number, (name, _) in enumerate(claim.names):
            state, kept, until = self._own.get(name, (State.NEW, b"", now))
            if now < until:
                return Found(state, kept if claim.by_id and number == 0 else b"")
        self._keep_own([(name, (State.IN_HAND, b"", now + WORKING)) for name, _ in claim.names])
        return Found(State.NEW)

    def _keep_own(self, named: Iterable[tuple[str, tuple[State, bytes, datetime]]]) -> None:
        """Remember here too what Redis may lose; the oldest is forgotten first."""
        for name, held in named:
            self._own[name] = held
            self._own.move_to_end(name)
        while len(self._own) > _MOST:
            self._own.popitem(last=False)

    def _ms(self, span: timedelta) -> int:
        return max(1, round(self._clock.really(span).total_seconds() * 1000))
