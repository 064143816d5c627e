"""The FCM channel against firebase-admin's own sending, on one stub that answers after 50 ms."""

import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import firebase_admin
from firebase_admin import credentials, messaging

from service.config import Settings
from service.delivery.channels.fcm import FcmChannel
from service.delivery.model import Accepted, Parcel
from service.kit.clock import Clock
from service.residents.model import AddressKind
from tests.bench.fcm_stub import PROJECT, RunningStub, fcm_stub
from tests.bench.load import cpu_seconds
from tests.bench.system import say
from tests.bench.target import Target
from tests.integration.parcels import a_warning, never, to

TARGETS = {
    "fcm_vs_firebase_admin": Target(least=7),
    "stub_vs_channel": Target(least=1.5),
    "channel_mb_grown": Target(most=50),
}
_BATCH = 500
_AT_ONCE = 4
_UNLIMITED = 60_000_000


async def run(*, quick: bool) -> dict[str, float]:
    """Let both send in turns; quick: a tenth of the messages."""
    ours, theirs = (4_000, 1_000) if quick else (20_000, 2_500)
    with tempfile.TemporaryDirectory() as folder, fcm_stub(Path(folder)) as stub, trusting(stub.authority):
        channel = channel_to(stub)
        app = firebase_admin.initialize_app(credentials.Certificate(str(stub.account)), {"projectId": PROJECT})
        messaging._MessagingService.FCM_URL = stub.url + "/v1/projects/{0}/messages:send"
        await send_by_channel(channel, 1_000)
        before = memory_mb()
        rates: dict[str, list[float]] = {"ours": [], "theirs": [], "stub": []}
        for _ in range(1 if quick else 3):
            rates["theirs"].append((await measured(stub, "firebase-admin", theirs, send_by_firebase_admin))[0])
            a_second, stubs = await measured(stub, "the channel", ours, lambda count: send_by_channel(channel, count))
            rates["ours"].append(a_second)
            rates["stub"].append(stubs)
        grown = memory_mb() - before
        await channel.close()
        await asyncio.to_thread(firebase_admin.delete_app, app)  # it starts a loop of its own
    channel_rate, stub_rate = statistics.median(rates["ours"]), statistics.median(rates["stub"])
    return {
        "fcm_vs_firebase_admin": channel_rate / statistics.median(rates["theirs"]),
        "channel_per_s": channel_rate,
        "firebase_admin_per_s": statistics.median(rates["theirs"]),
        "stub_ceiling_per_s": stub_rate,
        "stub_vs_channel": stub_rate / channel_rate,
        "channel_mb_grown": grown,
    }


@contextlib.contextmanager
def trusting(authority: Path) -> Iterator[None]:
    """Let clients that are made in the block believe a stub, and none after it."""
    before = dict(os.environ)
    os.environ |= {name: str(authority) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


def channel_to(stub: RunningStub) -> FcmChannel:
    """Open a channel whose budget is no hindrance: what is measured is what it can do."""
    settings = Settings(
        GOOGLE_APPLICATION_CREDENTIALS=stub.account,
        fcm_project=PROJECT,
        fcm_endpoint=stub.url,
        fcm_per_minute=_UNLIMITED,
    )
    return FcmChannel.open(settings, clock=Clock())


async def send_by_channel(channel: FcmChannel, count: int) -> int:
    """Send batch by batch, several at once, as a worker does; return how many were accepted."""
    batches = iter(range(count // _BATCH))

    async def work() -> int:
        accepted = 0
        for number in batches:
            said = a_warning()
            parcels = [to(_address(number, place), said, AddressKind.FID) for place in range(_BATCH)]
            outcomes = await channel.send(parcels, shut=never)
            accepted += sum(isinstance(one, Accepted) for one in outcomes)
        return accepted

    return sum(await asyncio.gather(*(work() for _ in range(_AT_ONCE))))


async def send_by_firebase_admin(count: int) -> int:
    """Send the same by the official library's fastest way: 500 messages a call."""
    accepted = 0
    for number in range(count // _BATCH):
        parcels: list[Parcel] = [to(_address(number, place)) for place in range(_BATCH)]
        said = dict(a_warning().data)
        messages = [messaging.Message(data=said, fid=one.address.value.reveal()) for one in parcels]
        accepted += (await messaging.send_each_async(messages)).success_count
    return accepted


def _address(batch: int, place: int) -> str:
    return f"bench-{batch:06}-{place:03}"


async def measured(
    stub: RunningStub, name: str, count: int, send: Callable[[int], Awaitable[int]]
) -> tuple[float, float]:
    """Return messages a second of the sender, and how many the stub could answer in a second of its own processor."""
    answered, spent, own, began = stub.answered(), cpu_seconds(stub.pid), time.process_time(), time.perf_counter()
    accepted = await send(count)
    took, cpu = time.perf_counter() - began, time.process_time() - own
    stubs = count / (cpu_seconds(stub.pid) - spent)
    if accepted != count or stub.answered() - answered != count:
        raise RuntimeError(f"{name}: {accepted} of {count} accepted, {stub.answered() - answered} answered")
    say(f"{name}: {count / took:,.0f}/s, {1e6 * cpu / count:,.0f} µs each; the stub could {stubs:,.0f}/s")
    return count / took, stubs


def memory_mb() -> float:
    """Return what this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
