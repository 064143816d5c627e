"""What is remembered of a number for an hour, as keyed hashes, so that machines are known for machines."""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.conversations.loops import MOST_SOON, REST, SOON, Traces, heard_windows, letters, said_windows
from service.conversations.parts import PURPOSE
from service.kit.clock import Clock
from service.kit.crypto import Keyring
from service.kit.hidden import Hidden
from service.kit.shared import Away, Shared

REMEMBERED = timedelta(hours=1)
_MOST_SENDERS = 5_000
_MOST_TEXTS = 200
_PIECE_BYTES = 8
_HEAD = "surefoot:{inbound}:"

_LOOK = """
local said, state, now, soon_ms, most_soon, rest_ms, alike = KEYS[1], KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2]),
  tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local echoed = 0
for number = 6, #ARGV do echoed = echoed + redis.call('SISMEMBER', said, ARGV[number]) end
local held = redis.call('HMGET', state, 'said', 'soon', 'soon_at', 'urgent', 'text:' .. alike)
local before = tonumber(held[2] or 0)
local soon = 0
if before >= most_soon then
  if now - tonumber(held[3]) < rest_ms then soon = before end
elseif held[1] and now - tonumber(held[1]) < soon_ms then
  soon = before + 1
end
return {echoed, tonumber(held[5] or 0) + 1, soon, tonumber(held[4] or 0) + 1}
"""
_NOTE = """
local said, state, now, kept_ms, alike, soon = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[5])
local text = 'text:' .. alike
if redis.call('HLEN', state) < tonumber(ARGV[7]) or redis.call('HEXISTS', state, text) == 1 then
  redis.call('HINCRBY', state, text, 1)
end
redis.call('HINCRBY', state, 'urgent', ARGV[4])
if soon > tonumber(redis.call('HGET', state, 'soon') or 0) then redis.call('HSET', state, 'soon_at', now) end
redis.call('HSET', state, 'soon', soon)
if ARGV[6] == '1' then redis.call('HSET', state, 'said', now) end
redis.call('PEXPIRE', state, kept_ms, 'NX')
if #ARGV > 7 then
  redis.call('SADD', said, unpack(ARGV, 8))
  redis.call('PEXPIRE', said, kept_ms)
end
return 1
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of a text: how many in a row came too soon, whether it was urgent, what was answered."""

    soon: int
    urgent: bool
    answer: str | None = field(repr=False)


@dataclass(slots=True)
class _Remembered:
    since: datetime
    said: set[bytes] = field(default_factory=set)
    said_at: datetime | None = None
    soon: int = 0
    urgent: int = 0
    soon_at: datetime | None = None
    texts: dict[bytes, int] = field(default_factory=dict)

    def soon_at_now(self, now: datetime) -> int:
        if self.soon >= MOST_SOON:
            return self.soon if self.soon_at is not None and now - self.soon_at < REST else 0
        return self.soon + 1 if self.said_at is not None and now - self.said_at < SOON else 0


class Memories:
    """What numbers wrote and were answered; in this process's memory while Redis is away."""

    def __init__(self, shared: Shared, clock: Clock, keyring: Keyring) -> None:
        self._shared = shared
        self._clock = clock
        self._keyring = keyring
        self._own: OrderedDict[str, _Remembered] = OrderedDict()

    async def look(self, sender: Hidden[str], text: str, *, now: datetime) -> Traces:
        """Return what a text looks like beside those before it; it counts only once it is noted."""
        whose, alike = self._name(sender), self._piece(sender, letters(text))
        pieces = self._pieces(sender, heard_windows(text))
        times = (now.timestamp() * 1000, SOON.total_seconds() * 1000, MOST_SOON, REST.total_seconds() * 1000)
        try:
            counts = await self._shared.run(_LOOK, _keys(whose), *times, alike.hex(), *pieces)
        except Away:
            return self._own_traces(whose, alike, pieces, now)
        return Traces(*map(int, counts))

    async def note(self, sender: Hidden[str], text: str, seen: Seen, *, now: datetime) -> None:
        """Count a text that is done with, and remember its answer, so that it is known when it comes back."""
        whose, alike = self._name(sender), self._piece(sender, letters(text))
        pieces = self._pieces(sender, said_windows(seen.answer or ""))
        self._note_own(whose, alike, pieces, seen, now)
        counts = (alike.hex(), int(seen.urgent), seen.soon, int(seen.answer is not None), _MOST_TEXTS)
        with suppress(Away):
            await self._shared.run(_NOTE, _keys(whose), now.timestamp() * 1000, self._kept_ms, *counts, *pieces)

    def _own_traces(self, whose: str, alike: bytes, pieces: Sequence[bytes], now: datetime) -> Traces:
        one = self._of(whose, now)
        echoed = sum(piece in one.said for piece in pieces)
        return Traces(echoed, one.texts.get(alike, 0) + 1, one.soon_at_now(now), one.urgent + 1)

    def _note_own(self, whose: str, alike: bytes, pieces: Sequence[bytes], seen: Seen, now: datetime) -> None:
        one = self._of(whose, now)
        if alike in one.texts or len(one.texts) < _MOST_TEXTS:
            one.texts[alike] = one.texts.get(alike, 0) + 1
        one.soon_at = now if seen.soon > one.soon else one.soon_at
        one.soon, one.urgent = seen.soon, one.urgent + int(seen.urgent)
        one.said.update(pieces)
        one.said_at = now if seen.answer is not None else one.said_at

    def _of(self, whose: str, now: datetime) -> _Remembered:
        one = self._own.get(whose)
        if one is None or now - one.since >= REMEMBERED:
            one = self._own[whose] = _Remembered(now)
        self._own.move_to_end(whose)
        while len(self._own) > _MOST_SENDERS:
            self._own.popitem(last=False)
        return one

    def _name(self, sender: Hidden[str]) -> str:
        return self._keyring.mac(PURPOSE, b"sender", sender.reveal().encode()).hex()

    def _pieces(self, sender: Hidden[str], windows: Sequence[str]) -> list[bytes]:
        return [self._piece(sender, window) for window in windows]

    def _piece(self, sender: Hidden[str], text: str) -> bytes:
        """Hash words with their sender: the same words of two people do not look alike."""
        parts = (b"piece", sender.reveal().encode(), text.encode("utf-16-be", "surrogatepass"))
        return self._keyring.mac(PURPOSE, *parts)[:_PIECE_BYTES]

    @property
    def _kept_ms(self) -> int:
        return round(self._clock.really(REMEMBERED).total_seconds() * 1000)


def _keys(whose: str) -> list[str]:
    return [f"{_HEAD}said:{whose}", f"{_HEAD}heard:{whose}"]
