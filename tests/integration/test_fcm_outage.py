"""No retry storm: what FCM is asked while it fails, counted at the stub."""

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from service.delivery import rules
from service.delivery.channels.fcm import FcmChannel
from service.delivery.model import Accepted, Fate, Retry, Severity, TryLater
from service.kit.clock import Clock
from tests.fakes import StubOfGoogle, stub_of_google
from tests.integration.parcels import NOW, a_warning, never, settings_for, to

SPEED = 20
BATCHES, SIZE = 12, 250
MESSAGES = BATCHES * SIZE
OUTAGE_SECONDS = 4.0  # of the wall's; 80 of the house's
MOST_IN_AN_OUTAGE = 1.2
"""Times the messages that wait: each is tried once, then there are only probes."""
MOST_AFTER_IT = 2.0
"""Times the messages, while every third try fails; 1.43 would be the least that brings all of them through."""


async def drive(channel: FcmChannel, clock: Clock, addresses: Sequence[str]) -> None:
    """Send one batch as a worker does until nobody waits, by the rules of retrying."""
    payload, waiting, attempts = a_warning(), list(addresses), 0
    chance = random.Random(addresses[0])  # noqa: S311 - the same at every run
    while waiting:
        attempts += 1
        outcomes = await channel.send([to(one, payload) for one in waiting], shut=never)
        waiting = [one for one, outcome in zip(waiting, outcomes, strict=True) if not isinstance(outcome, Accepted)]
        step = rules.next_step(
            Fate.WAITING * len(waiting),
            outcomes,
            attempts=attempts,
            give_up_at=clock.now() + timedelta(days=1),
            jitter=chance.random(),
            now=clock.now(),
        )
        if isinstance(step, Retry):
            await asyncio.sleep(clock.really(step.wait).total_seconds())


async def offered(google: StubOfGoogle) -> int:
    answers = (await asyncio.to_thread(google.counts))["answers"]
    return sum(answers.values())


async def test_an_outage_is_met_with_silence_and_a_third_of_errors_with_few_repeats(tmp_path: Path) -> None:
    clock = Clock(start=NOW, real=time.time(), speed=SPEED)
    with stub_of_google(tmp_path) as google:
        google.fail({"status": 503})
        settings = settings_for(google.url, google.account).model_copy(update={"fcm_per_minute": 60_000_000})
        channel = FcmChannel.open(settings, clock=clock)
        names = [[f"outage-{batch}-{place}" for place in range(SIZE)] for batch in range(BATCHES)]
        async with asyncio.TaskGroup() as group:
            for addresses in names:
                group.create_task(drive(channel, clock, addresses))
            await asyncio.sleep(OUTAGE_SECONDS / 2)
            first_half = await offered(google)
            await asyncio.sleep(OUTAGE_SECONDS / 2)
            outage = await offered(google)
            google.fail({"status": 503, "share": 0.3})
        after = await offered(google) - outage
        got = [one["address"] for one in google.messages()]
        await channel.close()
    assert first_half > MESSAGES / 10, "the outage was met at all"
    assert outage <= MOST_IN_AN_OUTAGE * MESSAGES
    assert outage - first_half <= MESSAGES / 50, "it falls to a few probes"
    assert after <= MOST_AFTER_IT * MESSAGES
    assert sorted(got) == sorted(one for addresses in names for one in addresses), "all arrive, each once"


async def test_an_extreme_warning_overtakes_thousands_of_minor_messages_in_the_same_worker(tmp_path: Path) -> None:
    with stub_of_google(tmp_path, delay=0.05) as google:
        settings = settings_for(google.url, google.account).model_copy(update={"fcm_per_minute": 60_000_000})
        channel = FcmChannel.open(settings, clock=Clock())
        minor, extreme = (a_warning(severity=one) for one in (Severity.MINOR, Severity.EXTREME))
        crowd = [
            asyncio.create_task(channel.send([to(f"minor-{batch}-{n}", minor) for n in range(500)], shut=never))
            for batch in range(8)
        ]
        await asyncio.sleep(0.2)
        await channel.send([to(f"extreme-{n}", extreme) for n in range(100)], shut=never)
        unfinished = [one for one in crowd if not one.done()]
        await asyncio.gather(*crowd)
        order = [one["address"].partition("-")[0] for one in google.messages()]
        await channel.close()
    assert len(unfinished) >= 4
    last = max(place for place, kind in enumerate(order) if kind == "extreme")
    assert order[:last].count("minor") < 2500, "before the last extreme one"


async def test_some_who_are_asked_to_wait_hold_nobody_else_back(tmp_path: Path) -> None:
    with stub_of_google(tmp_path) as google:
        google.fail({"status": 429, "headers": {"Retry-After": "60"}, "share": 0.1})
        channel = FcmChannel.open(settings_for(google.url, google.account), clock=Clock())
        payload = a_warning()
        outcomes = await channel.send([to(f"own-ring-{n}", payload) for n in range(400)], shut=never)
        waits = [one for one in outcomes if isinstance(one, TryLater)]
        assert {one.after for one in waits} == {timedelta(seconds=60)}
        google.fail()
        began = time.monotonic()
        others = await channel.send([to(f"next-ring-{n}", payload) for n in range(400)], shut=never)
        await channel.close()
    assert 10 < len(waits) < 100
    assert {type(one) for one in others} == {Accepted}
    assert time.monotonic() - began < 5
