"""A push service of the tests: a real server on this machine that keeps what it gets and answers as it is told."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Pushed:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


@dataclass(frozen=True)
class Answer:
    """How to answer; `endless` goes on until nobody listens, `cut` closes without a word."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    endless: bool = False
    cut: bool = False


Judge: TypeAlias = Callable[[Pushed], Answer]


@dataclass
class PushService:
    """What a test knows of the server: what it got, and how many requests stood open at once at most."""

    answer: Judge = field(default=lambda _: Answer())
    got: list[Pushed] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    url: str = ""
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    def says(self, answer: Answer) -> None:
        """Answer so from now on."""
        self.answer = lambda _: answer

    def to(self, path: str) -> list[Pushed]:
        return [one for one in self.got if one.path == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        # The end of a test takes the task away, which the server of asyncio would call an error.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(": ") for line in head[1:] if line)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = head[0].split(" ")
        pushed = Pushed(path, headers, body, method)
        self.got.append(pushed)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            return await self._answered(self.answer(pushed), writer)
        finally:
            self.open_now -= 1

    async def _answered(self, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        await asyncio.sleep(answer.delay)
        if answer.cut:
            return False
        length = 1 << 40 if answer.endless else len(answer.body)
        lines = {"content-length": str(length), **answer.headers}
        head = f"HTTP/1.1 {answer.status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(head.encode() + b"\r\n" + answer.body)
        await writer.drain()
        while answer.endless:
            writer.write(bytes(65536))
            await writer.drain()
        return True


@contextlib.asynccontextmanager
async def push_service(tls: ssl.SSLContext | None = None) -> AsyncIterator[PushService]:
    """Serve until the end of the block."""
    service = PushService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=tls)
    service.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield service
    finally:
        server.close()
        for task in service.serving:
            task.cancel()
        await asyncio.gather(*service.serving, return_exceptions=True)


@contextlib.contextmanager
def push_service_beside() -> Iterator[PushService]:
    """Serve from a thread of its own, for tests that wait for other processes."""
    started, ending, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()
    services: list[PushService] = []

    async def serve() -> None:
        async with push_service() as service:
            services.append(service)
            started.set()
            await ending.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield services[0]
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(10)
        loop.close()
