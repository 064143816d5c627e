"""A worker's connections to operators of mobile networks, and who in the house hears what they bring."""

from collections.abc import Sequence

from service.config import Settings
from service.conversations.listening import Listener
from service.delivery import ledger, providers
from service.delivery.channels.smpp import SmppCarrier
from service.delivery.channels.sms import SmsChannel
from service.delivery.channels.sms_book import Writer
from service.delivery.channels.sms_gateway import GatewayCarrier
from service.delivery.channels.sms_lines import Lines
from service.delivery.channels.sms_rates import Rates
from service.delivery.channels.unconfigured import Unconfigured
from service.delivery.model import ChannelName
from service.delivery.providers import Protocol, Provider
from service.delivery.sms import Carrier, Ears, Inbound, Report
from service.kit.db import transaction
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from service.residents import phones


def texts_of(house: House) -> SmsChannel | Unconfigured:
    """Open the way by text; a deployment that names no operators keeps its texts until it does.

    Refused when the file of operators, one of their secrets, or the keys of numbers cannot be used.
    """
    settings = house.get(Settings)
    known = providers.of(settings)
    if not known:
        return Unconfigured(ChannelName.SMS)
    if not settings.number_keyring:
        detail = "Texts have operators, and no key opens the numbers that they go to."
        raise Refused(Kind.INVALID, "number-keys-missing", detail, remedy="Set SUREFOOT_NUMBER_KEYS.")
    redis_url = None if settings.redis_url is None else settings.redis_url.get_secret_value()
    lines = Lines(known, _carriers(known, house), rates=Rates(known, redis_url=redis_url), clock=house.clock)

    async def opted_out(number: Hidden[str]) -> None:
        async with transaction(house.pool) as tx:
            await phones.opt_out(tx, house, number, by_operator=True, now=house.clock.now())

    return SmsChannel(lines, house.pool, clock=house.clock, opted_out=opted_out)


def _carriers(known: Sequence[Provider], house: House) -> dict[str, Carrier]:
    ears = _ears(house)
    return {
        one.name: SmppCarrier.open(one, ears, clock=house.clock)
        if one.protocol is Protocol.SMPP
        else GatewayCarrier.open(one, clock=house.clock)
        for one in known
    }


def _ears(house: House) -> Ears:
    reports: Writer[Report, None] = Writer(house.pool, house.clock, ledger.heard, tries=1)

    async def text(one: Inbound) -> None:
        try:
            listener = house.get(Listener)
        except KeyError:
            detail = "Nobody listens yet, or any more."
            raise Refused(Kind.UNAVAILABLE, "text-put-off", detail, after=10) from None
        await listener.hear(one)

    return Ears(reports.write, text)
