"""Gateways that bring by HTTP what people write: which they are, what they show, and how their texts are taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.conversations.inbox import Back, Inbox
from service.conversations.model import Reply
from service.conversations.outbox import Outbox
from service.conversations.tally import TALLY, Became
from service.delivery import provider_calls, providers
from service.delivery.provider_calls import Call
from service.delivery.provider_ways import InboundWay, Replying
from service.delivery.providers import Provider
from service.delivery.sms import Inbound
from service.kit.crypto import same
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.house import House

_AGAIN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Gateway:
    """One of them, and the secret by which it is known."""

    name: str
    answerable: bool
    way: InboundWay
    secret: Hidden[str]

    def is_caller(self, call: Call) -> bool:
        return same(provider_calls.shown(self.way.callback, call).encode(), self.secret.reveal().encode())

    def read(self, call: Call, *, now: datetime) -> list[Inbound]:
        """Return what a call brings. Refused if it does not have the form of this gateway's calls."""
        given = provider_calls.parameters(self.way.callback, call)
        return [provider_calls.read_inbound(self.name, self.way, one, now=now) for one in given]


class Gateways:
    """All that may call."""

    def __init__(self, known: Mapping[str, Gateway]) -> None:
        self._known = known

    @classmethod
    def open(cls, named: Iterable[Provider]) -> "Gateways":
        """Open the secrets that they show. Refused if one is not there."""
        known = {}
        for one in named:
            if one.inbound is not None:
                secret = providers.secret(
                    one.inbound.callback.secret, of=f"that {one.name} shows with what people write"
                )
                known[one.name] = Gateway(one.name, one.answerable, one.inbound, secret)
        return cls(known)

    def caller(self, name: str, call: Call) -> Gateway:
        """Return who calls. Refused unless it shows its secret; whether there is such a gateway is not told."""
        found = self._known.get(name)
        if found is None or not found.is_caller(call):
            detail = "This is not a call of a gateway that this service knows."
            remedy = "Show the secret of [provider.inbound] where `shown` says."
            raise Refused(Kind.UNAUTHENTICATED, "gateway-unknown", detail, remedy=remedy)
        return found


async def take(house: House, gateway: Gateway, call: Call) -> Reply | None:
    """Take in all texts of a call; return the answer where the response carries it.

    Refused where one of them cannot be taken or answered now: the gateway keeps them and calls again.
    """
    reply = None
    for inbound in gateway.read(call, now=house.clock.now()):
        reply = await _take(house, gateway, inbound)
    return reply


async def _take(house: House, gateway: Gateway, inbound: Inbound) -> Reply | None:
    inbox, outbox = house.get(Inbox), house.get(Outbox)
    if gateway.way.reply is Replying.RESPONSE:
        letter = await inbox.write(inbound, Back(in_response=True))
        return None if letter is None else letter.reply
    if gateway.answerable and not await outbox.has_room():
        if not inbox.acts_at_once(inbound):
            TALLY.note(Became.PUT_OFF)
            detail = "No answer could be sent now."
            raise Refused(Kind.UNAVAILABLE, "text-put-off", detail, remedy="Call again later.", after=_AGAIN_SECONDS)
        await inbox.write(inbound)
        TALLY.note(Became.LOST)  # the end is an end; only its confirmation is not sent
        return None
    await inbox.write(inbound, Back(post=outbox.put))
    return None


async def settle(house: House) -> None:
    """Leave the answers to texts whose rest never came, of those that wait in this process's memory."""
    async for letter in house.get(Inbox).overdue(everywhere=False):
        if not await house.get(Outbox).put(letter):
            TALLY.note(Became.LOST)
