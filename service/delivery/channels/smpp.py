"""Hands texts over to an operator by SMPP 3.4, and hears what becomes of them and what people write."""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

import structlog
from aiosmpplib import SmppCommand
from aiosmpplib import SmppCommandStatus as Status

from service.delivery import providers
from service.delivery.channels.smpp_answers import OK, judge, took, waits
from service.delivery.channels.smpp_inbound import read_inbound
from service.delivery.channels.smpp_link import Account, Link, trust_of
from service.delivery.channels.smpp_pace import Pace
from service.delivery.channels.smpp_parts import Cut, cut
from service.delivery.channels.smpp_pdus import BadPdu, Envelope, Party, Pdu, envelope, query_sm, read_query
from service.delivery.channels.smpp_receipts import canonical, in_base, read_state
from service.delivery.channels.smpp_session import Lost, NoAnswer, Session
from service.delivery.provider_ways import Bind, SmppWay
from service.delivery.providers import Provider
from service.delivery.sms import (
    Answer,
    Ears,
    Inbound,
    NotNow,
    NumberDead,
    Report,
    Sms,
    Taken,
    TextRefused,
    Unanswered,
)
from service.kit.clock import Clock
from service.kit.errors import Refused

ANSWER_SECONDS = 20.0
"""How long one response may take."""
PATIENCE_SECONDS = 24.0
"""How long parts of a text are begun, and tried again while the SMSC says that it is too much; so a text has an answer
before whoever hands it over loses patience."""
_LAST_WORDS_SECONDS = 5.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bound:
    """A text on its way by one session. On the loop's clock: no part is begun after `late`, or without validity."""

    session: Session
    envelope: Envelope
    cut: Cut
    valid_until: float
    late: float


class SmppCarrier:
    """A way to one SMSC, by one bind or, where it wants it so, by one for each direction."""

    def __init__(self, provider: Provider, way: SmppWay, account: Account, ears: Ears, clock: Clock) -> None:
        self.name = provider.name
        self._provider = provider
        self._way = way
        self._ears = ears
        self._clock = clock
        self._sender = Party(provider.sender.removeprefix("+"), way.source)
        self._pace = Pace()
        self._reference = secrets.randbelow(1 << 16)
        self._under_way = 0
        self._idle = asyncio.Event()
        self._closing = False
        kinds = {
            Bind.TRANSCEIVER: (SmppCommand.BIND_TRANSCEIVER,),
            Bind.TRANSMITTER: (SmppCommand.BIND_TRANSMITTER,),
            Bind.PAIR: (SmppCommand.BIND_TRANSMITTER, SmppCommand.BIND_RECEIVER),
        }[way.bind]
        self._links = tuple(Link(account, kind, self._hear) for kind in kinds)

    @classmethod
    def open(cls, provider: Provider, ears: Ears, *, clock: Clock, patience: float = ANSWER_SECONDS) -> "SmppCarrier":
        """Begin to bind; it goes on in the running loop until `close`. Refused if the provider's way cannot be gone."""
        way = provider.way
        if not isinstance(way, SmppWay):
            raise TypeError(f"{provider.name} is not reached by SMPP")
        account = Account(
            provider.name,
            way,
            providers.secret(way.password, of=f"of {provider.name}, its password"),
            trust_of(way),
            patience,
        )
        return cls(provider, way, account, ears, clock)

    @property
    def ready(self) -> bool:
        session = self._links[0].session
        return not self._closing and session is not None and session.is_open

    async def submit(self, sms: Sms) -> Answer:
        """Hand over a text, part after part by one session. Nothing is sent while none is bound."""
        session = self._links[0].session
        if self._closing or session is None or not session.is_open:
            return self._links[0].why_not
        bound = self._address(sms, session)
        if not isinstance(bound, Bound):
            return bound
        self._under_way += 1
        try:
            return await self._hand_over(bound)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    def _address(self, sms: Sms, session: Session) -> Bound | Answer:
        number = sms.to.reveal().removeprefix("+")
        if not (number.isascii() and number.isdecimal()):
            return NumberDead("no number")
        self._reference = (self._reference + 1) & 0xFFFF
        try:
            text = cut(sms.text.reveal(), self._way, reference=self._reference)
        except Refused as refused:
            return TextRefused(refused.name)
        to = Party(number, self._way.destination)
        letter = envelope(self._sender, to, service_type=self._way.service_type, coding=text.coding, urgent=sms.urgent)
        now = asyncio.get_running_loop().time()
        return Bound(session, letter, text, now + sms.validity.total_seconds(), now + PATIENCE_SECONDS)

    async def _hand_over(self, bound: Bound) -> Answer:
        ids: tuple[str, ...] = ()
        for number in range(len(bound.cut.parts)):
            try:
                response = await self._hand_over_part(bound, number)
            except Lost as lost:
                return _lost(ids, lost)
            except NoAnswer:
                return Unanswered(ids, "no answer")
            if response is None:
                return Unanswered(ids, "too late") if ids else NotNow(None, "too late")
            if response.command != SmppCommand.SUBMIT_SM_RESP or not took(response.status, self._way.statuses):
                return judge(response.status or Status.ESME_RUNKNOWNERR, ids, self._way.statuses)
            ids += tuple(filter(None, (canonical(response.string(), self._way.submitted_ids),)))
        return Taken(ids)

    async def _hand_over_part(self, bound: Bound, number: int) -> Pdu | None:
        """Hand over one part until the SMSC has made up its mind; None if it is too late even to ask."""
        loop = asyncio.get_running_loop()
        response: Pdu | None = None
        while True:
            await self._pace.turn()
            now = loop.time()
            left = bound.valid_until - now
            if now >= bound.late or left < 1.0:
                return response
            body = bound.envelope.submit_sm(bound.cut.parts[number], validity=timedelta(seconds=round(left)))
            response = await bound.session.ask(SmppCommand.SUBMIT_SM, body)
            if not waits(response.status, self._way.statuses):
                self._pace.taken()
                return response
            self._pace.slower()

    async def ask(self, ids: tuple[str, ...]) -> Report | None:
        """Ask by query_sm what became of the last part, which is the one that is reported."""
        session = self._links[0].session
        if not ids or session is None:
            return None
        asked = query_sm(in_base(ids[-1], self._way.submitted_ids), self._sender)
        try:
            answer = await session.ask(SmppCommand.QUERY_SM, asked)
            if answer.status != OK or answer.command != SmppCommand.QUERY_SM_RESP:
                return None
            state, error = read_query(answer.body)
        except (Lost, NoAnswer, BadPdu):
            return None
        return read_state(self.name, ids[-1], state, error, self._way)

    async def _hear(self, pdu: Pdu) -> int:
        """Pass on what came in; the SMSC keeps it, and tries again, where that fails."""
        try:
            heard = read_inbound(self._provider, self._way, pdu, now=self._clock.now())
        except BadPdu:
            _log.warning("sms.inbound_unreadable", provider=self.name)
            return int(Status.ESME_RX_R_APPN)
        try:
            await self._tell(heard)
        except Exception as error:  # noqa: BLE001 - whatever it was, the SMSC must keep what people wrote
            # No traceback: its values could name a person.
            _log.error("sms.inbound_failed", provider=self.name, error=type(error).__name__)
            return int(Status.ESME_RX_T_APPN)
        return OK

    async def _tell(self, heard: Report | Inbound | None) -> None:
        match heard:
            case Report():
                await self._ears.report(heard)
            case Inbound():
                await self._ears.text(heard)
            case None:
                _log.warning("sms.receipt_of_nothing", provider=self.name)
            case _:
                assert_never(heard)

    async def close(self) -> None:
        """Let texts that are under way come to their end, then unbind."""
        self._closing = True
        if self._under_way:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), _LAST_WORDS_SECONDS)
        await asyncio.gather(*(link.close() for link in self._links))


def _lost(ids: tuple[str, ...], lost: Lost) -> Answer:
    if lost.sent or ids:
        return Unanswered(ids, "connection lost")
    return NotNow(None, "connection lost")
