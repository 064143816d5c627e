"""Parts of longer texts in Redis, where any process finds them: each step is one script, so none is answered twice."""

from datetime import datetime
from typing import Any

from service.conversations.parts import (
    KEPT,
    LEASE,
    MOST_OF_ALL,
    MOST_OF_SENDER,
    PATIENCE,
    Collected,
    Fate,
    Held,
    Slip,
)
from service.kit.clock import Clock
from service.kit.shared import Shared

# The braces keep all of it in one slot of a cluster: a script may touch nothing else.
_HEAD = "surefoot:{inbound}:"
_ALL, _DUE = f"{_HEAD}parts", f"{_HEAD}due"

# A text is a hash: `turn`, `of`, `from`, then a field a part, its mark before the sealed text. A closed one keeps only
# the marks, so that a late repeat is known.
_ADD = """
local text, of_sender, all, due = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local number, of, mark, sealed, turn = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local now, until_, due_at, leased = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8], ARGV[9]
local most_of_sender, most_of_all, kept_ms = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local function handed_out()
  redis.call('ZADD', due, leased, text)
  return {'whole', redis.call('HGETALL', text)}
end
local known = redis.call('HGET', text, number)
local closed = redis.call('HGET', text, 'closed')
local same = known and string.sub(known, 1, #mark) == mark
if (closed or known) and not same then
  for _, field in ipairs(redis.call('HKEYS', text)) do
    redis.call('ZREM', of_sender, text .. '|' .. field)
    redis.call('ZREM', all, text .. '|' .. field)
  end
  redis.call('DEL', text)
  redis.call('ZREM', due, text)
  known = false
end
if known then
  if closed or redis.call('HLEN', text) - 3 < of then return {'repeated'} end
  local lease = redis.call('ZSCORE', due, text)
  if lease and tonumber(lease) > now then return {'in-hand'} end
  return handed_out()
end
redis.call('ZREMRANGEBYSCORE', of_sender, '-inf', now)
redis.call('ZREMRANGEBYSCORE', all, '-inf', now)
if redis.call('ZCARD', of_sender) >= most_of_sender or redis.call('ZCARD', all) >= most_of_all then
  return {'crowded'}
end
redis.call('HSETNX', text, 'turn', turn)
redis.call('HSETNX', text, 'of', of)
redis.call('HSETNX', text, 'from', of_sender)
redis.call('HSET', text, number, mark .. sealed)
redis.call('ZADD', of_sender, until_, text .. '|' .. number)
redis.call('ZADD', all, until_, text .. '|' .. number)
redis.call('ZADD', due, due_at, text)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, kept_ms) end
if redis.call('HLEN', text) - 3 < of then return {'waits'} end
return handed_out()
"""

_CLOSE = """
local text, all, due = KEYS[1], KEYS[2], KEYS[3]
local turn, mark_length = ARGV[1], tonumber(ARGV[2])
if redis.call('HGET', text, 'turn') ~= turn or redis.call('HEXISTS', text, 'closed') == 1 then return 0 end
local of_sender = redis.call('HGET', text, 'from')
for _, field in ipairs(redis.call('HKEYS', text)) do
  if tonumber(field) then
    redis.call('HSET', text, field, string.sub(redis.call('HGET', text, field), 1, mark_length))
    redis.call('ZREM', of_sender, text .. '|' .. field)
    redis.call('ZREM', all, text .. '|' .. field)
  end
end
redis.call('HSET', text, 'closed', 1)
redis.call('ZREM', due, text)
return 1
"""

_OVERDUE = """
local due, now, leased, most = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local found = {}
for _, text in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, most)) do
  local held = redis.call('HGETALL', text)
  if #held == 0 then
    redis.call('ZREM', due, text)
  else
    redis.call('ZADD', due, leased, text)
    found[#found + 1] = {text, held}
  end
end
return found
"""

_MARK_LENGTH = 24


class SharedShelf:
    """Parts of all processes. Raises Away while Redis is."""

    def __init__(self, shared: Shared, clock: Clock) -> None:
        self._shared = shared
        self._clock = clock

    async def add(self, slip: Slip, turn: str, *, now: datetime) -> Held:
        keys = [_text(slip.name), f"{_HEAD}from:{slip.sender}", _ALL, _DUE]
        part = (slip.number, slip.of, slip.mark, slip.sealed, turn)
        times = [moment.timestamp() for moment in (now, now + KEPT, now + PATIENCE, now + LEASE)]
        bounds = (MOST_OF_SENDER, MOST_OF_ALL, round(self._clock.really(KEPT).total_seconds() * 1000))
        fate, *held = await self._shared.run(_ADD, keys, *part, *times, *bounds)
        return Fate(fate.decode()), _collected(keys[0], held[0]) if held else None

    async def close(self, text: Collected) -> None:
        await self._shared.run(_CLOSE, [_text(text.name), _ALL, _DUE], text.turn, _MARK_LENGTH)

    async def overdue(self, most: int, *, now: datetime) -> list[Collected]:
        found = await self._shared.run(_OVERDUE, [_DUE], now.timestamp(), (now + LEASE).timestamp(), most)
        return [_collected(name.decode(), held) for name, held in found]


def _text(name: str) -> str:
    return f"{_HEAD}text:{name}"


def _collected(key: str, held: list[Any]) -> Collected:
    fields = dict(zip(held[::2], held[1::2], strict=True))
    sealed = {int(name): value[_MARK_LENGTH:] for name, value in fields.items() if name.isdigit()}
    return Collected(key.removeprefix(_text("")), fields[b"turn"].decode(), int(fields[b"of"]), sealed)
