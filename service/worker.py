"""Runs jobs; the only process that holds provider and signing keys."""

import asyncio
import contextlib
import copy
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from uuid import UUID

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from prometheus_client import start_http_server
from psycopg_pool import PoolTimeout

from service.alerts import following, joining, planning, spreading
from service.alerts import jobs as alert_jobs
from service.config import Settings
from service.delivery import actions as delivery
from service.delivery import canaries, posting
from service.delivery import jobs as delivery_jobs
from service.delivery.channels.budget import Budget
from service.delivery.channels.fcm import FcmChannel, budget_of
from service.delivery.channels.fcm_topics import FcmTopics
from service.delivery.channels.unconfigured import Unconfigured
from service.delivery.channels.web_push import WebPushChannel
from service.delivery.model import Channel, ChannelName, Channels, Gate, Published
from service.delivery.outcomes import OutcomeBook
from service.delivery.topics import TopicWay
from service.i18n.opening import open_catalogues
from service.imports import jobs as import_jobs
from service.kit.clock import Clock
from service.kit.crypto import Keyring, SealKeys, Signer
from service.kit.db import open_pool, transaction
from service.kit.house import House
from service.kit.ids import new_id
from service.kit.jobs import Queue, retry_stalled
from service.publication import actions as publication
from service.publication import building
from service.publication import jobs as publication_jobs
from service.publication.model import World
from service.publication.signing import Seals
from service.residents import actions as residents
from service.residents import confirming, leaving
from service.residents.actions import Joining
from service.residents.numbers import NumberOpener

_log = structlog.get_logger()
_GATE_SECONDS = 0.5
_SWEEP_SECONDS = 2.0
_EXPIRY_SECONDS = 600.0
_HEARTBEAT_SECONDS = 2.0
_SENDING = {Queue.URGENT, Queue.DELIVERY}
_STALLED_SECONDS = 8.0
_REST_SECONDS = 1.0
_FINISH_SECONDS = 20.0
_HANDS_FOR_THE_URGENT = 3
_DATABASE_AWAY = (psycopg.Error, PoolTimeout, ConnectorException)


def register(app: procrastinate.App) -> None:
    """Give every job of the house the name by which actions defer it."""
    # Copies: adding renames the tasks themselves, and the app that follows a lost database would know none of them.
    app.add_tasks_from(copy.deepcopy(alert_jobs.tasks), namespace="alerts")
    app.add_tasks_from(copy.deepcopy(delivery_jobs.tasks), namespace="delivery")
    app.add_tasks_from(copy.deepcopy(import_jobs.tasks), namespace="imports")
    app.add_tasks_from(copy.deepcopy(publication_jobs.tasks), namespace="publication")


@contextlib.asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Build what jobs need: the keys of providers and signatures are here and nowhere else.

    Refused when a setting is missing, before anything is opened.
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
        ways, topic_way = _channels(channel, web_push), _topic_way(channel, clock=clock)
        parts = (
            settings,
            open_catalogues(settings),
            signer,
            seals,
            ways,
            topic_way,
            budget,
            Published(),
            OutcomeBook(),
            NumberOpener(SealKeys(settings.number_keyring)),
        )
        for part in parts:
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


async def run(settings: Settings, queues: Sequence[Queue]) -> None:
    """Work until SIGTERM or SIGINT; then finish what runs, at most 20 s. A database that goes away is waited for."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_house(settings) as house, asyncio.TaskGroup() as group:
        watching = [
            group.create_task(_until_done(stop, lambda: building.publish_own_keys(house))),
            group.create_task(_until_done(stop, lambda: _offer_web_push(house))),
            group.create_task(_again_and_again(stop, _EXPIRY_SECONDS, lambda: _expire(house))),
            group.create_task(_again_and_again(stop, _GATE_SECONDS, lambda: _look(house))),
            group.create_task(_again_and_again(stop, _SWEEP_SECONDS, lambda: _sweep(house))),
        ]
        if _SENDING & set(queues):
            _show_figures(house.get(Settings))
            me = new_id(now=house.clock.now())
            watching.append(group.create_task(_again_and_again(stop, _HEARTBEAT_SECONDS, lambda: _beat(house, me))))
        await _work(house, queues, stop)
        for task in watching:
            task.cancel()


def _show_figures(settings: Settings) -> None:
    """Let Prometheus read what this process counts; a port that is taken stops no warning."""
    if settings.worker_metrics_port is None:
        return
    try:
        start_http_server(settings.worker_metrics_port, addr=settings.host)
    except OSError as error:
        _log.error("worker.figures_not_shown", port=settings.worker_metrics_port, error=type(error).__name__)


async def _work(house: House, queues: Sequence[Queue], stop: asyncio.Event) -> None:
    settings = house.get(Settings)
    while not stop.is_set():
        connector = procrastinate.PsycopgConnector(conninfo=settings.need_database(), min_size=1, max_size=6)
        app = procrastinate.App(connector=connector)
        register(app)
        try:
            async with app.open_async():
                await _work_until(stop, app, house, queues)
        except _DATABASE_AWAY as error:
            _log.warning("worker.database_away", error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _REST_SECONDS)


async def _work_until(stop: asyncio.Event, app: procrastinate.App, house: House, queues: Sequence[Queue]) -> None:
    hands = [_hands(app, house, queues, house.get(Settings).worker_concurrency)]
    if Queue.URGENT in queues and len(queues) > 1:
        # Kept free of all else: what is urgent never waits until something else is done.
        hands.append(_hands(app, house, [Queue.URGENT], _HANDS_FOR_THE_URGENT))
    working = [asyncio.create_task(one) for one in hands]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({*working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    for task in working:
        task.cancel()
    ends = await asyncio.gather(*working, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end


def _hands(app: procrastinate.App, house: House, queues: Sequence[Queue], number: int) -> Coroutine[None, None, None]:
    return app.run_worker_async(
        queues=[queue.value for queue in queues],
        concurrency=number,
        fetch_job_polling_interval=1.0,
        update_heartbeat_interval=_HEARTBEAT_SECONDS,
        stalled_worker_timeout=_STALLED_SECONDS,
        shutdown_graceful_timeout=_FINISH_SECONDS,
        delete_jobs="successful",
        additional_context={"house": house},
        install_signal_handlers=False,
    )


async def _again_and_again(stop: asyncio.Event, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
    while not stop.is_set():
        try:
            await look()
        except _DATABASE_AWAY as error:
            _log.warning("worker.look_failed", error=type(error).__name__)
        await asyncio.sleep(seconds)


async def _until_done(stop: asyncio.Event, act: Callable[[], Awaitable[None]]) -> None:
    """Do something once, when the database is there."""
    while not stop.is_set():
        try:
            await act()
        except _DATABASE_AWAY as error:
            _log.warning("worker.start_waits", error=type(error).__name__)
            await asyncio.sleep(_REST_SECONDS)
        else:
            return


async def _offer_web_push(house: House) -> None:
    """Tell phones the public half of this worker's key, if it has one."""
    channel = house.get(Channels).by(ChannelName.WEB_PUSH)
    if isinstance(channel, WebPushChannel):
        async with transaction(house.pool) as tx:
            if await residents.offer_web_push(tx, channel.vapid.public, now=house.clock.now()):
                _log.warning("worker.web_push_key_changed", remedy="phones that had subscribed must subscribe anew")


async def _expire(house: House) -> None:
    """Forget who was silent for too long: a few at a time, so that a clock that jumps cannot forget everybody."""
    life = house.get(Settings).registration_life
    async with transaction(house.pool) as tx:
        gone = await leaving.expire(tx, life=life, now=house.clock.now())
    if gone:
        _log.info("worker.registrations_expired")
    async with transaction(house.pool) as tx:
        await confirming.keep_up(tx, house, now=house.clock.now())


async def _look(house: House) -> None:
    """Open or shut the gate; while the database is away it stays as it was known last."""
    settings, channels, now = house.get(Settings), house.get(Channels), house.clock.now()
    async with transaction(house.pool) as tx:
        await delivery.settle_in(tx, epoch=settings.epoch, now=now)
        await delivery.look(tx, channels.gate, epoch=settings.epoch, now=now)
        versions = await publication.versions(tx)
    published = house.get(Published)
    published.live, published.exercise = versions[World.LIVE], versions[World.EXERCISE]


async def _beat(house: House, sender: UUID) -> None:
    """Learn with how many others this process shares its providers' budgets."""
    async with transaction(house.pool) as tx:
        house.get(Budget).divide(await delivery.beat(tx, sender))


async def _sweep(house: House) -> None:
    """Take up what a killed worker left, and what nobody has taken."""
    async with transaction(house.pool) as tx:
        await retry_stalled(tx, seconds=_STALLED_SECONDS)
        await house.get(OutcomeBook).write(tx)
        await building.keep_up(tx, house)
    if house.get(Channels).gate.held:
        return
    async with transaction(house.pool) as tx:
        await following.remind(tx, house)
    async with transaction(house.pool) as tx:
        await planning.sweep(tx, house)
        await delivery.sweep(tx, clock=house.clock)
        await spreading.sweep(tx, house)
        await posting.sweep(tx, clock=house.clock)
        await canaries.keep_up(tx, house)
