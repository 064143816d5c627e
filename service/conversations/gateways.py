"""Gateways that bring by HTTP what people write: which they are, what they show, and how their texts are taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.conversations.inbox import Back, Inbox
from service.conversations.model import Reply
from service.conversations.outbox import Outbox
from service.conversations.tally import TALLY, Became
from service.delivery import provider_calls, providers
from service.delivery.provider_calls import Call, Door
from service.delivery.provider_ways import InboundWay, Replying
from service.delivery.providers import Provider
from service.delivery.sms import Inbound
from service.kit.crypto import new_secret
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
        return provider_calls.shows(self.secret, self.way.callback, call)

    def read(self, call: Call, *, now: datetime) -> list[Inbound]:
        """Return what a call brings. Refused if it does not have the form of this gateway's calls."""
        given = provider_calls.parameters(self.way.callback, call)
        return [provider_calls.read_inbound(self.name, self.way, one, now=now) for one in given]


class Gateways(Door[Gateway]):
    """The door of inbound texts."""

    @classmethod
    def open(cls, named: Iterable[Provider]) -> "Gateways":
        """Open the secrets that they show, and no other. Refused if one is missing or too easily guessed."""
        known = {}
        for one in named:
            if one.inbound is not None:
                secret = providers.shown_secret(one.inbound.callback, of=f"that {one.name} shows with inbound texts")
                known[one.name] = Gateway(one.name, one.answerable, one.inbound, secret)
        ways = [one.way for one in known.values()]
        return cls(known, Gateway("", answerable=False, way=ways[0], secret=Hidden(new_secret())) if ways else None)


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
