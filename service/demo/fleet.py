"""All simulated phones in one process: it carries messages to them and dials for them."""

import asyncio
import base64
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from service.demo.calls import AppCalls, Rejected
from service.demo.following import topics_of
from service.demo.phone import Phone, Verdict, Warned, spread_of
from service.demo.population import Network, Owner
from service.demo.wire import Unreachable

_AT_ONCE = 96
_CODE_SECONDS = 60.0
_DECIDES_WITHIN = 10.0  # however large the audience: who lacks the outline must not wait for long
_TWICE = 0.02  # no provider promises to bring a message only once
_FID_BYTES, _TOKEN_BYTES = 16, 110
_OURS = frozenset({"verify", "sync", "alert"})


class Fleet:
    """Phones by address. `on_change` is told after each step forward how many phones have made it."""

    def __init__(self, owners: Iterable[Owner], calls: AppCalls, *, service_key: bytes, seed: int) -> None:
        self._calls = calls
        self._chance = random.Random(seed)  # noqa: S311 - a simulated world, the same for the same seed
        key = Ed25519PublicKey.from_public_bytes(service_key)
        self.phones = [Phone(owner, self._new_address(owner), key) for owner in owners]
        self._by_address = {phone.address: phone for phone in self.phones}
        self._codes: dict[str, asyncio.Queue[str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.last_heard = time.monotonic()
        self.troubles: list[str] = []

    def _new_address(self, owner: Owner) -> str:
        size = _FID_BYTES if owner.kind == "fid" else _TOKEN_BYTES
        return base64.urlsafe_b64encode(self._chance.randbytes(size)).rstrip(b"=").decode()

    async def register(self, tester_codes: Sequence[str], *, on_change: Callable[[int], None]) -> None:
        """Let every phone register, prove its address, join the exercise and fetch its pack; some 96 at a time."""
        done = 0
        uses = iter(tester_codes)

        async def one(phone: Phone) -> None:
            nonlocal done
            if phone.owner.registers:
                await self._guarded(self._register(phone, next(uses) if phone.owner.tester else None))
            else:
                await self._guarded(self._follow(phone))
            done += 1
            on_change(done)

        await _each(self.phones, one)

    async def _register(self, phone: Phone, tester_code: str | None) -> None:
        codes = self._codes[phone.address] = asyncio.Queue()
        phone.account = await self._calls.register(phone)
        async with asyncio.timeout(_CODE_SECONDS):
            # A registration whose answer was lost on the way has been made all the same, and has its own code.
            while not await self._calls.verify(phone, await codes.get()):
                continue
        if tester_code is not None:
            await self._calls.enrol(phone, tester_code)
            phone.enrolled = True
        if not phone.owner.empty_pack:
            await self._calls.fetch_pack(phone)

    async def _follow(self, phone: Phone) -> None:
        """Let a phone that registers nothing learn which topics are its own; the provider is told of them."""
        if phone.owner.tester:
            places = [(place.longitude, place.latitude) for place in phone.owner.places]
            phone.topics = topics_of(await self._calls.told_of_topics(phone), places, phone.owner.languages)
            phone.enrolled = True
        if not phone.owner.empty_pack:
            await self._calls.fetch_pack(phone)

    def deliver(self, address: str, message: Mapping[str, Any]) -> None:
        """Bring one message to the phone at this address: now and then twice, now and then never."""
        phone = self._by_address.get(address)
        data = message.get("data", {})
        if phone is None or data.get("kind") not in _OURS:
            return
        if data["kind"] == "verify":
            self._codes[address].put_nowait(data["code"])
            return
        # Who follows topics hears of each of its places: no address that is sent to twice.
        phone.brought += data["kind"] == "alert" and phone.owner.registers
        if (phone.owner.loses_push and not phone.lost) or _sleeps_through(phone, message):
            phone.lost += 1
        else:
            for _ in range(2 if self._chance.random() < _TWICE else 1):
                self._soon(self._hear(phone, message))

    def told_of_deleted(self, address: str) -> None:
        """Tell a phone that the provider dropped what waited for it (Android's onDeletedMessages): it syncs."""
        phone = self._by_address.get(address)
        if phone is not None:
            self._soon(self._sync(phone))

    async def _hear(self, phone: Phone, message: Mapping[str, Any]) -> None:
        self.last_heard = time.monotonic()
        data = message.get("data", {})
        if data.get("kind") == "sync":
            await self._sync_within(phone, spread_of(data))
        elif phone.is_drawn_by_system(message):
            phone.drawn_by_system += 1
        elif (warned := phone.hear(data)) is not None:
            await self._consider(phone, warned)
            if warned.index > phone.index:
                phone.index = warned.index
                self._soon(self._sync_within(phone, warned.within_s))
        else:
            await self._sync(phone)

    async def _consider(self, phone: Phone, warned: Warned) -> None:
        verdict = phone.decide(warned)
        if verdict is Verdict.NO_OUTLINE and warned.zone is not None:
            await self._spread(min(warned.within_s, _DECIDES_WITHIN))
            fetched = await self._calls.fetch_outline(phone, warned.zone)
            verdict = phone.decide(warned, online=fetched)
        if verdict is Verdict.REPEAT:
            phone.repeats_dropped += 1
        if verdict is Verdict.SHOW:
            self.last_heard = time.monotonic()
            phone.show(warned, at=self.last_heard)
            if phone.account is not None:
                await self._calls.send_receipt(phone, phone.receipt(warned))

    async def sync(self, phones: Iterable[Phone], *, on_change: Callable[[int], None]) -> None:
        """Let phones ask for the live alerts, as they do once a day and whenever their owner opens the app."""
        done = 0

        async def one(phone: Phone) -> None:
            nonlocal done
            await self._guarded(self._sync(phone))
            done += 1
            on_change(done)

        await _each(list(phones), one)

    async def _sync_within(self, phone: Phone, seconds: float) -> None:
        """Sync after a push, at a moment of the phone's own: a million that heard it must not all ask at once."""
        await self._spread(seconds)
        await self._sync(phone)

    async def _spread(self, seconds: float) -> None:
        if seconds:
            await asyncio.sleep(self._chance.uniform(0, seconds))

    async def _sync(self, phone: Phone) -> None:
        if (phone.owner.registers and phone.account is None) or phone.owner.network is Network.GONE:
            return
        for live in await self._calls.live_alerts(phone):
            warned = phone.read(live)
            if warned is not None:
                await self._consider(phone, warned)

    def _soon(self, step: Awaitable[None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(step))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, step: Awaitable[None]) -> None:
        """Let one phone's trouble be that phone's alone; the verdict tells of it."""
        try:
            await step
        except (Rejected, Unreachable, TimeoutError) as error:
            self.troubles.append((str(error) or type(error).__name__)[:300])

    @property
    def busy(self) -> bool:
        """Whether a phone is in the middle of something."""
        return bool(self._tasks)


def _sleeps_through(phone: Phone, message: Mapping[str, Any]) -> bool:
    """Say whether Android's doze keeps a message back: only those of high priority wake a phone in a pocket."""
    priority = str(message.get("android", {}).get("priority", "normal")).lower()
    return phone.owner.network is Network.DOZING and priority != "high"


async def _each(phones: Sequence[Phone], step: Callable[[Phone], Awaitable[None]]) -> None:
    waiting = iter(phones)

    async def work() -> None:
        for phone in waiting:
            await step(phone)

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(work())
