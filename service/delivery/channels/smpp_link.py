"""Keeps one session bound: connects, binds, and comes back with growing, uneven pauses when it is lost."""

import asyncio
import contextlib
import random
import ssl
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from aiosmpplib import SmppCommand

from service.delivery.channels.smpp_answers import OK, is_ours, name_of
from service.delivery.channels.smpp_pdus import bind
from service.delivery.channels.smpp_session import Hear, Lost, NoAnswer, Session
from service.delivery.provider_ways import SmppWay
from service.delivery.sms import NotNow
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_LASTING = 30.0
"""A session that held so long was no failed attempt."""
_CONNECT_SECONDS = 10.0
_GOODBYE_SECONDS = 3.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Account:
    """As whom we bind at whose SMSC."""

    provider: str
    way: SmppWay
    password: Hidden[str]
    trust: ssl.SSLContext | None
    patience: float


def trust_of(way: SmppWay) -> ssl.SSLContext | None:
    """Return whom to believe; None where nothing is encrypted. Refused if the authority's file cannot be read."""
    if not way.tls:
        return None
    try:
        return ssl.create_default_context(cafile=way.ca)
    except OSError as error:
        raise Refused(
            Kind.INVALID,
            "sms-authority-unreadable",
            f"{way.ca} holds no certificate that can be read",
            remedy="name a PEM file in `ca`, or leave it out where a public authority signed",
        ) from error


class Link:
    """One bind. `session` is there while it is bound; `trouble` says why it is not."""

    def __init__(self, account: Account, kind: SmppCommand, hear: Hear) -> None:
        self._account = account
        self._kind = kind
        self._hear = hear
        self.session: Session | None = None
        self.trouble = NotNow(None, "not bound yet")
        self._closed = False
        self._failures = 0
        self._next_at = 0.0
        self._task = asyncio.create_task(self._run())

    @property
    def why_not(self) -> NotNow:
        """Say why there is no session, and when the next attempt is over."""
        wait = max(1.0, self._next_at - asyncio.get_running_loop().time())
        return replace(self.trouble, after=timedelta(seconds=wait))

    async def close(self) -> None:
        """Unbind and stop."""
        self._closed = True
        session, self.session = self.session, None
        if session is not None:
            await session.unbind(_GOODBYE_SECONDS)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self.trouble = NotNow(None, "closed")

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await self._once()
            self._failures = 0 if loop.time() - began >= _LASTING else self._failures + 1
            longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(10, self._failures - 1))
            pause = longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads workers out, guards nothing
            self._next_at = loop.time() + pause
            await asyncio.sleep(pause)

    async def _once(self) -> None:
        """Bind and stay until the session is lost, or say why it cannot be bound."""
        account = self._account
        session: Session | None = None
        trouble = NotNow(None, "connection lost")
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                session = await self._connect()
                refused = await self._bind(session)
            if refused is None:
                self.session = session
                _log.info("sms.bound", provider=account.provider, kind=self._kind.name)
                await session.keep()
            trouble = refused or trouble
        except ssl.SSLCertVerificationError:
            trouble = NotNow(None, "certificate not believed", ours=True)
        except (OSError, Lost, NoAnswer, TimeoutError) as error:
            trouble = NotNow(None, f"unreachable: {type(error).__name__}")
        finally:
            self.session, self.trouble = None, trouble
            if session is not None:
                session.drop()
        if not self._closed:
            _log.warning("sms.unbound", provider=account.provider, kind=self._kind.name, reason=trouble.reason)

    async def _connect(self) -> Session:
        way, account = self._account.way, self._account
        loop = asyncio.get_running_loop()
        _, session = await loop.create_connection(
            lambda: Session(self._hear, window=way.window, patience=account.patience, quiet=way.enquire_link_s),
            way.host,
            way.port,
            ssl=account.trust,
        )
        return session

    async def _bind(self, session: Session) -> NotNow | None:
        way = self._account.way
        body = bind(self._kind, way.system_id, self._account.password, way.system_type)
        answer = await session.ask_at_once(self._kind, body)
        if answer.status == OK and answer.command == self._kind | 0x80000000:
            return None
        reason = f"bind refused: {name_of(answer.status)}"
        return NotNow(None, reason, ours=is_ours(answer.status))
