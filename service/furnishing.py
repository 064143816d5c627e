"""What a worker's house holds: keys, words, and the ways to phones, opened as the settings say."""

import contextlib
from collections.abc import AsyncIterator

import structlog

from service.alerts import joining
from service.config import Settings
from service.delivery.channels.budget import Budget
from service.delivery.channels.fcm import FcmChannel, budget_of
from service.delivery.channels.fcm_topics import FcmTopics
from service.delivery.channels.unconfigured import Unconfigured
from service.delivery.channels.web_push import WebPushChannel
from service.delivery.model import Channel, ChannelName, Channels, Gate, Published
from service.delivery.outcomes import OutcomeBook
from service.delivery.sms import SmsDesk
from service.delivery.topics import TopicWay
from service.guidance.shelf import Shelf
from service.kit.clock import Clock
from service.kit.crypto import Keyring, SealKeys, Signer
from service.kit.db import open_pool
from service.kit.house import House
from service.lessons.opening import open_words
from service.lessons.shelf import Lessons
from service.networks import texts_of
from service.publication import building
from service.publication.model import World
from service.publication.signing import Seals
from service.residents.actions import Joining
from service.residents.numbers import NumberOpener

_log = structlog.get_logger()


@contextlib.asynccontextmanager
async def open_house(settings: Settings, *, sending: bool = True) -> AsyncIterator[House]:
    """Build what jobs need: the keys of providers and signatures are here and nowhere else.

    Refused when a setting is missing, before anything is opened. Only who is `sending` binds to operators of networks.
    """
    signer = Signer(settings.need_signing_key())
    seals = _seals(settings, signer)
    building.own_keys(settings)
    clock, keyring = settings.make_clock(), Keyring(settings.need_server_key())
    async with contextlib.AsyncExitStack() as stack:
        budget = budget_of(settings)
        stack.push_async_callback(budget.close)
        channel = _channel(settings, budget, clock=clock)
        stack.push_async_callback(channel.close)
        web_push = _web_push(settings, clock=clock)
        stack.push_async_callback(web_push.close)
        pool = await open_pool(settings.need_database(), size=settings.pool_size)
        stack.push_async_callback(pool.close)
        house = House(pool, clock, keyring)
        house.put(settings)
        by_text = texts_of(house) if sending else Unconfigured(ChannelName.SMS)
        stack.push_async_callback(by_text.close)
        open_words(settings).into(house)
        ways, topic_way = _channels(channel, web_push, by_text), _topic_way(channel, clock=clock)
        for part in (
            Shelf(),
            Lessons(),
            signer,
            seals,
            ways,
            topic_way,
            budget,
            SmsDesk(by_text),
            Published(),
            OutcomeBook(),
            NumberOpener(SealKeys(settings.number_keyring)),
        ):
            house.put(part)
        house.put(Joining(joining.into(house)))
        yield house


def _seals(settings: Settings, live: Signer) -> Seals:
    """Return the keys of both worlds; a deployment without exercises needs no key for them."""
    if settings.exercise_signing_key is None:
        return Seals({World.LIVE: live})
    return Seals({World.LIVE: live, World.EXERCISE: Signer(settings.need_exercise_signing_key())})


def _channel(settings: Settings, budget: Budget, *, clock: Clock) -> FcmChannel | Unconfigured:
    """Open FCM; a deployment that names neither project nor credentials keeps its messages until it does."""
    if settings.fcm_project is None and settings.fcm_credentials is None:
        _log.error("worker.fcm_not_configured", remedy="`surefoot check` says what is missing")
        return Unconfigured(ChannelName.FCM)
    return FcmChannel.open(settings, clock=clock, budget=budget)


def _web_push(settings: Settings, *, clock: Clock) -> WebPushChannel | Unconfigured:
    """Open Web Push; a deployment without a key of its own offers it to nobody."""
    if settings.vapid_key is None:
        return Unconfigured(ChannelName.WEB_PUSH)
    return WebPushChannel.open(settings, clock=clock)


def _channels(*open_ways: Channel) -> Channels:
    """Shut until the database says otherwise: a worker that knows nothing sends nothing."""
    ways: dict[ChannelName, Channel] = {name: Unconfigured(name) for name in ChannelName}
    return Channels(ways | {one.name: one for one in open_ways}, Gate(held=True))


def _topic_way(push: FcmChannel | Unconfigured, *, clock: Clock) -> TopicWay:
    return TopicWay(push if isinstance(push, Unconfigured) else FcmTopics(push, clock=clock))
