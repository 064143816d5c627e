"""Runs jobs; the only process that holds provider and signing keys."""

import asyncio
import contextlib
import copy
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from uuid import UUID

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from prometheus_client import start_http_server
from psycopg_pool import PoolTimeout

from service.alerts import escalating, following, planning, spreading
from service.alerts import jobs as alert_jobs
from service.config import Settings
from service.conversations.listening import listening
from service.delivery import actions as delivery
from service.delivery import canaries, ledger, posting, spending, texting
from service.delivery import jobs as delivery_jobs
from service.delivery.channels.budget import Budget
from service.delivery.channels.sms import SmsChannel
from service.delivery.channels.web_push import WebPushChannel
from service.delivery.model import ChannelName, Channels, Published
from service.delivery.outcomes import OutcomeBook
from service.furnishing import open_house
from service.guidance.following import Following
from service.imports import jobs as import_jobs
from service.kit.db import transaction
from service.kit.house import House
from service.kit.ids import new_id
from service.kit.jobs import Queue, retry_stalled
from service.lessons.opening import open_words
from service.publication import actions as publication
from service.publication import building
from service.publication import jobs as publication_jobs
from service.publication.model import World
from service.residents import actions as residents
from service.residents import confirming, leaving

_log = structlog.get_logger()
_GATE_SECONDS = 0.5
_SWEEP_SECONDS = 2.0
_EXPIRY_SECONDS = 600.0
_HEARTBEAT_SECONDS = 2.0
_SENDING = set(Queue) - {Queue.SLOW}
_STALLED_SECONDS = 8.0
_REST_SECONDS = 1.0
_FINISH_SECONDS = 20.0
_HANDS_FOR_THE_URGENT = 3
_HANDS_FOR_TEXTS = 4
_DATABASE_AWAY = (psycopg.Error, PoolTimeout, ConnectorException)


def register(app: procrastinate.App) -> None:
    """Give every job of the house the name by which actions defer it."""
    # Copies: adding renames the tasks themselves, and the app that follows a lost database would know none of them.
    app.add_tasks_from(copy.deepcopy(alert_jobs.tasks), namespace="alerts")
    app.add_tasks_from(copy.deepcopy(delivery_jobs.tasks), namespace="delivery")
    app.add_tasks_from(copy.deepcopy(import_jobs.tasks), namespace="imports")
    app.add_tasks_from(copy.deepcopy(publication_jobs.tasks), namespace="publication")


async def run(settings: Settings, queues: Sequence[Queue]) -> None:
    """Work until SIGTERM or SIGINT; then finish what runs, at most 20 s. A database that goes away is waited for."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sending = bool(_SENDING & set(queues))
    async with (
        open_house(settings, sending=sending) as house,
        Following(house, changed=lambda: building.reworded(house), opened=open_words).running(),
        _ears(house, queues),
        asyncio.TaskGroup() as group,
    ):
        watching = [
            group.create_task(_until_done(stop, lambda: building.publish_own_keys(house))),
            group.create_task(_until_done(stop, lambda: _offer_web_push(house))),
            group.create_task(_again_and_again(stop, _EXPIRY_SECONDS, lambda: _expire(house))),
            group.create_task(_again_and_again(stop, _GATE_SECONDS, lambda: _look(house))),
            group.create_task(_again_and_again(stop, _SWEEP_SECONDS, lambda: _sweep(house))),
            group.create_task(_again_and_again(stop, _SWEEP_SECONDS, lambda: _escalate(house))),
        ]
        if sending:
            _show_figures(house.get(Settings))
            watching.append(group.create_task(_again_and_again(stop, _EXPIRY_SECONDS, lambda: _tidy(house))))
            me = new_id(now=house.clock.now())
            watching.append(group.create_task(_again_and_again(stop, _HEARTBEAT_SECONDS, lambda: _beat(house, me))))
        await _work(house, queues, stop)
        for task in watching:
            task.cancel()


def _ears(house: House, queues: Sequence[Queue]) -> contextlib.AbstractAsyncContextManager[None]:
    """Take in what people write, where texts are sent."""
    return listening(house) if _SENDING & set(queues) else contextlib.nullcontext()


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
        connector = procrastinate.PsycopgConnector(conninfo=settings.need_database(), min_size=1, max_size=8)
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
    # Texts wait for their operators, and nothing else waits behind them.
    if Queue.URGENT in queues:
        hands.append(_hands(app, house, [Queue.URGENT_TEXTS], _HANDS_FOR_TEXTS))
    if Queue.DELIVERY in queues:
        hands.append(_hands(app, house, [Queue.URGENT_TEXTS, Queue.TEXTS], _HANDS_FOR_TEXTS))
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
        workers = await delivery.beat(tx, sender)
    house.get(Budget).divide(workers)
    by_text = house.get(Channels).ways.get(ChannelName.SMS)
    if isinstance(by_text, SmsChannel):
        by_text.lines.divide(workers)


async def _tidy(house: House) -> None:
    """Drop what the ledger of texts need not hold any more."""
    async with transaction(house.pool) as tx:
        await ledger.tidy(tx, now=house.clock.now())


async def _escalate(house: House) -> None:
    """Go on by text where pushes brought no sign of life; what waited for money goes on if there is more."""
    if house.get(Channels).gate.held:
        return
    async with transaction(house.pool) as tx:
        await spending.go_on(tx, house.get(Settings), now=house.clock.now())
    await escalating.sweep(house)


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
    async with transaction(house.pool) as tx:
        await texting.follow(tx, house)
