"""What is remembered of a conversation: sealed, under a keyed hash of the number, and only for a quarter of an hour."""

import json
from collections import OrderedDict
from datetime import datetime, timedelta

from service.conversations.model import Asked, State
from service.kit.clock import Clock
from service.kit.crypto import Keyring, Unreadable
from service.kit.hidden import Hidden
from service.kit.shared import Away, Shared

KEPT = timedelta(minutes=15)
QUIET = timedelta(hours=1)
_PURPOSE = "conversation"
_MOST_QUIET = 20_000

_RECALL = "return redis.call('GET', KEYS[1])"
_REMEMBER = "return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])"
_FIRST = "if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 1 else return 0 end"


class Memory:
    """Conversations, in Redis; without it each text is answered by itself, and a list must be asked for again."""

    def __init__(self, shared: Shared, clock: Clock, keyring: Keyring) -> None:
        self._shared = shared
        self._clock = clock
        self._keyring = keyring
        self._quiet: OrderedDict[str, datetime] = OrderedDict()

    async def recall(self, number: Hidden[str]) -> State:
        """Return what our last text left open; nothing when it is long ago or Redis is away."""
        try:
            sealed = await self._shared.run(_RECALL, [self._key("talk", number)])
        except Away:
            return State()
        return State() if sealed is None else self._opened(number, bytes(sealed))

    async def remember(self, number: Hidden[str], state: State) -> bool:
        """Keep what our text leaves open; False when it cannot be kept."""
        said = [number.reveal(), state.asked, state.options, state.language, state.spoken]
        sealed = self._keyring.seal(_PURPOSE, json.dumps(said).encode())
        try:
            await self._shared.run(_REMEMBER, [self._key("talk", number)], sealed, self._lasting(KEPT))
        except Away:
            return False
        return True

    async def is_first(self, what: str, number: Hidden[str], *, now: datetime) -> bool:
        """Say whether this happens to a number for the first time within the hour."""
        key = self._key(what, number)
        mine = self._is_first_here(key, now)
        try:
            return bool(await self._shared.run(_FIRST, [key], self._lasting(QUIET)))
        except Away:
            return mine

    def _is_first_here(self, key: str, now: datetime) -> bool:
        until = self._quiet.pop(key, now)
        self._quiet[key] = until if until > now else now + QUIET
        while len(self._quiet) > _MOST_QUIET:
            self._quiet.popitem(last=False)
        return until <= now

    def _opened(self, number: Hidden[str], sealed: bytes) -> State:
        """Read a state. One that was put under another number's key, or sealed by another key, counts as none."""
        try:
            whose, asked, options, language, spoken = json.loads(self._keyring.open(_PURPOSE, sealed))
        except Unreadable:
            return State()
        said = State(Asked(asked), tuple(options), language, tuple(spoken))
        return said if whose == number.reveal() else State()

    def _key(self, what: str, number: Hidden[str]) -> str:
        return f"surefoot:{what}:{self._keyring.mac(_PURPOSE, what.encode(), number.reveal().encode()).hex()}"

    def _lasting(self, span: timedelta) -> int:
        return max(1, round(self._clock.really(span).total_seconds() * 1000))
