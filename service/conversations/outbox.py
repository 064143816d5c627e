"""Answers that the API may not send: sealed in Redis for a worker, each taken once and for a few minutes only."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.conversations.model import Reply
from service.kit.clock import Clock
from service.kit.crypto import Keyring, Unreadable
from service.kit.hidden import Hidden
from service.kit.shared import Away, Shared

KEPT = timedelta(minutes=15)
MOST = 10_000
_PURPOSE = "inbound-replies"
_KEY = "surefoot:{inbound}:replies"

_PUT = """
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('LPUSH', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
_ROOM = """
return redis.call('LLEN', KEYS[1])
"""
_TAKE = """
return redis.call('RPOP', KEYS[1], ARGV[1]) or {}
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """One answer on its way; after `until` it is not sent any more."""

    provider: str
    to: Hidden[str]
    reply: Reply
    until: datetime
    urgent: bool = False


class Outbox:
    """The answers of all API processes. Nothing is kept in a process: it could not send it."""

    def __init__(self, shared: Shared, clock: Clock, keyring: Keyring) -> None:
        self._shared = shared
        self._clock = clock
        self._keyring = keyring

    async def has_room(self) -> bool:
        """Say whether an answer could be left here now."""
        try:
            return int(await self._shared.run(_ROOM, [_KEY])) < MOST
        except Away:
            return False

    async def put(self, letter: Letter) -> bool:
        """Leave an answer; False where that cannot be."""
        sealed = self._keyring.seal(_PURPOSE, written(letter))
        kept_ms = round(self._clock.really(KEPT).total_seconds() * 1000)
        try:
            return bool(await self._shared.run(_PUT, [_KEY], MOST, kept_ms, sealed))
        except Away:
            return False

    async def take(self, most: int, *, now: datetime) -> tuple[list[Letter], int]:
        """Take answers out, oldest first; beside them how many were too old, or sealed with another key."""
        try:
            found = [self._opened(sealed) for sealed in await self._shared.run(_TAKE, [_KEY], most)]
        except Away:
            return [], 0
        letters = [letter for letter in found if letter is not None and now < letter.until]
        return letters, len(found) - len(letters)

    def _opened(self, sealed: bytes) -> Letter | None:
        try:
            return read(self._keyring.open(_PURPOSE, sealed))
        except Unreadable:
            return None


def written(letter: Letter) -> bytes:
    """Return a letter as bytes, to be sealed."""
    reply = letter.reply
    kept = {"provider": letter.provider, "to": letter.to.reveal(), "until": letter.until.isoformat()}
    kept |= {"text": reply.text.reveal(), "template": reply.template, "language": reply.language}
    return json.dumps(kept | {"urgent": letter.urgent}).encode()


def read(plain: bytes) -> Letter:
    """Undo `written`."""
    kept = json.loads(plain)
    reply = Reply(Hidden(kept["text"]), kept["template"], kept["language"])
    until = datetime.fromisoformat(kept["until"])
    return Letter(kept["provider"], Hidden(kept["to"]), reply, until, urgent=kept["urgent"])
