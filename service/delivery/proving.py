"""The round trip that proves an address or a number: a code goes there, and its owner sends it back."""

from datetime import timedelta
from uuid import UUID

from service.config import Settings
from service.delivery import actions, payload, rules
from service.delivery.model import CHANNEL_OF, AddressDead, Channels, Outcome, Parcel, TryLater
from service.delivery.sms import Sms, SmsDesk
from service.i18n.catalogues import Catalogues
from service.i18n.model import Message
from service.kit.db import transaction
from service.kit.hidden import Hidden
from service.kit.house import House
from service.residents import actions as residents
from service.residents import claiming, confirming, leaving, phones, texts
from service.residents.model import CODE_LIFE, Address, AddressKind

MOST_TRIES = 60
"""After so many, about an hour, a server that a stranger named is asked no more."""

UNPROVED = "unproved"
_ASK_LIFE = timedelta(days=2)


async def prove(house: House, registration: UUID, *, tries: int) -> TryLater | None:
    """Push the code, unless nothing is left to prove; returns why it must be pushed again, or None.

    A dead address is forgotten, and so is one of Web Push whose server did not take the code in an hour: the phone sees
    that it has none, and can send another.
    """
    async with transaction(house.pool) as tx:
        found = await residents.verification(tx, house.keyring, registration)
    if found is None:
        return None
    address, code = found
    channels = house.get(Channels)
    channel = channels.by(CHANNEL_OF[address.kind])
    [outcome] = await channel.send([Parcel(payload.encode_code(code), address)], shut=lambda: channels.gate.held)
    reason = _lost(address, outcome, tries=0 if channels.gate.held else tries)
    if reason is not None:
        async with transaction(house.pool) as tx:
            await leaving.bury_unproved(tx, house, registration, address, reason=reason)
        return None
    return outcome if isinstance(outcome, TryLater) else None


def _lost(address: Address, outcome: Outcome, *, tries: int) -> str | None:
    """Return why an address is given up; None if it is not."""
    if isinstance(outcome, AddressDead):
        return outcome.reason
    stranger = address.kind is AddressKind.WEBPUSH
    return UNPROVED if stranger and isinstance(outcome, TryLater) and tries >= MOST_TRIES else None


async def prove_number(house: House, registration: UUID) -> TryLater | None:
    """Text the code to the number that a registration names, unless none is wanted; returns why it must wait, or None.

    What becomes of it is told to nobody: whoever named the number would learn whether it exists.
    """
    if house.get(Channels).gate.held:
        return TryLater(None, rules.HELD)
    async with transaction(house.pool) as tx:
        code = await claiming.new_code(tx, house, registration, now=house.clock.now())
    if code is None:
        return None
    catalogues = house.get(Catalogues)
    language = catalogues.choose(code.languages, available=catalogues.sms_sendable([texts.CODE])).tag
    said = Hidden(catalogues.render_sms(texts.CODE, language, code=code.code.reveal()).text)
    outcome = await _say(house, Sms(code.to, said, CODE_LIFE, urgent=True), texts.CODE)
    if isinstance(outcome, TryLater):
        return outcome
    async with transaction(house.pool) as tx:
        await claiming.code_went(tx, code)
        await actions.tell_operator(tx, [outcome])
    return None


async def ask_number(house: House, registration: UUID) -> TryLater | None:
    """Ask the owner of a number whether it is still his, unless it gave a sign of life; as `prove_number`."""
    if house.get(Channels).gate.held:
        return TryLater(None, rules.HELD)
    async with transaction(house.pool) as tx:
        asked = await confirming.to_ask(tx, house, registration, now=house.clock.now())
    if asked is None:
        return None
    number = house.get(Settings).sms_number
    message = texts.STILL_BY_TEXT if number else texts.STILL_BY_APP
    said = _said(house, message, asked.languages, **({"number": number} if number else {}))
    outcome = await _say(house, Sms(asked.to, said, _ASK_LIFE), message.id)
    if isinstance(outcome, TryLater):
        return outcome
    now = house.clock.now()
    async with transaction(house.pool) as tx:
        await confirming.was_asked(tx, asked, now=now)
        if isinstance(outcome, AddressDead):
            await phones.bury(tx, [asked.hash], now=now)
        await actions.tell_operator(tx, [outcome])
    return None


def _said(house: House, message: Message, languages: tuple[str, ...], **holes: str) -> Hidden[str]:
    catalogues = house.get(Catalogues)
    tag = catalogues.choose(languages, available=catalogues.sendable([message])).tag
    return Hidden(catalogues.render(message, tag, **holes))


async def _say(house: House, sms: Sms, template: str) -> Outcome:
    return await house.get(SmsDesk).texting.say(sms, template=template)
