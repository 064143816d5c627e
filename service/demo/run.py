"""Plays the demo from the first server to the last word, and stops everything, however it ends."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import FrameType
from uuid import UUID

from service.delivery import actions as delivery
from service.delivery import silence, spending
from service.demo.household import Household, forget_the_callers
from service.demo.mobile import MobileNetwork
from service.demo.opening import Running, everything
from service.demo.play import Look, Plot, Stage, play
from service.demo.provider import Provider
from service.demo.result import Result
from service.demo.screen import Screen, reach_table, text_table, verdict
from service.demo.staff import Desk
from service.demo.villages import Village, load
from service.demo.wire import Wire
from service.kit import log
from service.kit.clock import Clock
from service.kit.db import Pool, open_pool, transaction
from service.kit.processes import die_with_parent
from service.operators import actions as operators
from service.operators.model import Done, Operator, Role, Waiting

SHIPPED_ZONES = Path(__file__).parent / "zones.geojsonl"
_LOOK_SECONDS = 0.5
_ASK_AGAIN_SECONDS = 5.0
_INTERRUPTED = 130
_REVISION = 1


@dataclass(frozen=True, slots=True)
class Options:
    """`leave` ends the demo after its verdict; `as_json` prints that as one line, nothing else on standard output."""

    data: Path
    plot: Plot
    leave: bool
    as_json: bool


def run(options: Options) -> int:
    """Play the demo; return its exit status: 0 only if exactly those meant were warned, 130 if interrupted before."""
    forget_the_callers()
    die_with_parent()
    _end_by_interrupt()
    log.configure(level="ERROR")
    verdicts: list[Result] = []
    try:
        with Screen(quiet=options.as_json) as screen, everything(options.data, screen) as running:
            try:
                asyncio.run(_perform(options, screen, running, verdicts))
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        if not verdicts:
            return _INTERRUPTED
    return 0 if verdicts and verdicts[0].exact else 1


def _end_by_interrupt() -> None:
    """Let SIGTERM end us as Ctrl-C does, also where a shell has told background programs to ignore Ctrl-C."""

    def interrupt(_: int, __: FrameType | None) -> None:
        # A cancellation can be lost where a task ends at the same moment: asked again, asyncio ends at once.
        signal.setitimer(signal.ITIMER_REAL, _ASK_AGAIN_SECONDS)
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGALRM, interrupt)


async def _perform(options: Options, screen: Screen, running: Running, verdicts: list[Result]) -> None:
    async def afterwards(result: Result) -> None:
        verdicts.append(result)
        _tell(options, screen, result)
        if not options.leave:
            screen.say(f"The API goes on at {running.api} (documentation: {running.api}/docs). Ctrl-C ends the demo.")
            await _until_one_ends(running.household)

    async with contextlib.AsyncExitStack() as stack:
        pool = await open_pool(running.database, size=2)
        stack.push_async_callback(pool.close)
        api = await stack.enter_async_context(Wire(running.api))
        google = await stack.enter_async_context(Wire(running.google))

        async def look(alert: str) -> Look:
            # Exact counts, which the API gives nobody (R26): the people of this demo are nobody's.
            async with transaction(pool) as tx:
                which = UUID(alert), _REVISION
                tallies, fate = await delivery.tally(tx, *which), await spending.fate(tx, *which)
                return Look(tallies, fate, await silence.undecided(tx, *which))

        async def settle(villages: Sequence[Village], today: date) -> Mapping[str, UUID]:
            return await load(pool, editor, villages, today=today, now=Clock().now())

        first, second, editor = await _hire(pool, api)
        smsc = MobileNetwork(running.smsc_control)
        stage = Stage(screen, api, Provider(google), smsc, first, second, running.service_key, look, settle)
        await play(stage, options.plot, afterwards=afterwards)


async def _hire(pool: Pool, api: Wire) -> tuple[Desk, Desk, Operator]:
    """Add two operators, and name the first once more, as who loads places.

    Both may approve: what stops the first is that she wrote the warning, not a missing role.
    """
    now = Clock().now()
    author = frozenset({Role.AUTHOR, Role.APPROVER, Role.EDITOR, Role.ADMIN})
    approver = frozenset({Role.APPROVER, Role.ADMIN})
    async with transaction(pool) as tx:
        first = await operators.add(tx, None, "First operator", author, now=now)
        asker = first.operator if isinstance(first, Done) else None
        second = await operators.add(tx, asker, "Second operator", approver, now=now)
    if asker is None:
        raise TypeError("the first operator is added at once (R17)")
    return _desk(first, api), _desk(second, api), asker


def _desk(done: Done | Waiting, api: Wire) -> Desk:
    if isinstance(done, Waiting) or done.key is None:
        raise TypeError("the first two operators are added at once, with keys (R17)")
    return Desk(f"The {done.operator.name.lower()}", done.key.reveal(), api)


def _tell(options: Options, screen: Screen, result: Result) -> None:
    screen.say(reach_table(result.tallies))
    if result.texts is not None:
        screen.say(text_table(result.tallies, result.texts.fate))
    screen.say(verdict(result))
    for trouble in result.troubles[:5]:
        screen.say(f"Trouble: {trouble}")
    if options.as_json:
        sys.stdout.write(json.dumps(result.as_json(), ensure_ascii=False) + "\n")
        sys.stdout.flush()


async def _until_one_ends(household: Household) -> None:
    """Wait for Ctrl-C; raises Refused when one of the programs ends by itself."""
    while True:
        ended = household.ended()
        if ended is not None:
            raise household.failure(ended)
        await asyncio.sleep(_LOOK_SECONDS)
