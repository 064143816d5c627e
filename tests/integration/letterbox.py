"""An inbox on a real Redis, with a conversation that a test can read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from service.config import Settings
from service.conversations.allowances import Allowances
from service.conversations.callers import Callers
from service.conversations.hands import Hands
from service.conversations.inbox import Conversation, Inbox, Shelves, Watch
from service.conversations.loops import Purpose
from service.conversations.model import Heard, Reply
from service.conversations.outbox import Outbox
from service.delivery.sms import Inbound, Part
from service.kit.crypto import Keyring
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.limits import Limits
from service.kit.shared import Shared
from tests.conftest import NOW

SENDER = "+380671234567"
OUR_NUMBER = "+380501112233"


@dataclass
class Talk:
    """Answers every text with its own length, and remembers what it was asked; `troubles` are raised first."""

    heard: list[str] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)
    one_way: Sequence[str] = ()

    async def answer(self, _: House, heard: Heard) -> Reply | None:
        if self.troubles:
            raise self.troubles.pop(0)
        text = heard.text.reveal()
        self.heard.append(text)
        return None if text == "hush" else Reply(Hidden(f"answer to {len(text)} {uuid4().hex}"), "talk.test", "en")

    @staticmethod
    def purpose(text: str) -> Purpose:
        if text.strip().casefold() == "stop":
            return Purpose.OPT_OUT
        return Purpose.URGENT if "mine" in text.casefold() else Purpose.OTHER

    def conversation(self) -> Conversation:
        return Conversation(self.answer, self.purpose, lambda provider: provider not in self.one_way)


@dataclass
class Letterbox:
    """One process's inbox; several of them share a Redis and a key."""

    inbox: Inbox
    outbox: Outbox
    shared: Shared
    limits: Limits

    async def close(self) -> None:
        await self.shared.close()
        await self.limits.close()


def letterbox(house: House, talk: Talk, url: str | None, *, alone: bool = True, hands: int = 4) -> Letterbox:
    shared, limits = Shared(url), Limits(url, house.keyring)
    callers = Callers(("UA",), (OUR_NUMBER,))
    watch = Watch.over(house, shared, callers, Allowances(limits, house.get(Settings)))
    inbox = Inbox(house, talk.conversation(), watch, Shelves.over(house, shared, alone=alone), Hands(hands))
    return Letterbox(inbox, Outbox(shared, house.clock, house.keyring), shared, limits)


def text(words: str, *, sender: str = SENDER, provider: str = "kannel", name: str = "") -> Inbound:
    return Inbound(provider, Hidden(sender), "4455", Hidden(words), NOW, id=name)


def part(words: str, number: int, of: int, *, reference: int = 7, sender: str = SENDER) -> Inbound:
    return Inbound("kannel", Hidden(sender), "4455", Hidden(words), NOW, part=Part(reference, number, of))


def own_keys(house: House) -> House:
    """Return a house whose keyed hashes no other test shares, as they share one Redis."""
    return House(house.pool, house.clock, Keyring(uuid4().bytes * 2), house._parts)
