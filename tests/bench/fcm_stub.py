"""A stub of FCM for benches, in a process of its own: answers after 50 ms, counts, and does nothing else."""

import argparse
import asyncio
import contextlib
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import httpx
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP2Settings
from granian.server.embed import Server

from service.demo.google import Google, write_account
from service.kit.processes import child, die_with_parent, free_port
from tests.bench.bare import await_answer
from tests.certificates import a_certificate

PROJECT = "bench"
_JSON = [("content-type", "application/json")]
_TOKEN = json.dumps({"access_token": "bench", "expires_in": 3600, "token_type": "Bearer"}).encode()
_TICK = 0.002
Answer: TypeAlias = tuple[int, list[tuple[str, str]], bytes]
_TAKEN: Answer = (200, _JSON, b'{"name":"projects/bench/messages/1"}')


class Stub:
    """Answers every message after `delay` seconds; one timer for all that came in the same moment."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._answered = 0
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._ticking = False

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        body = await protocol()
        if scope.path.endswith("/messages:send"):
            if len(body) > 100:
                status, headers, said = self.answer(body)
                await self._later()
                self._answered += 1
                protocol.response_bytes(status, headers, said)
            else:
                protocol.response_bytes(400, _JSON, b"{}")
        elif scope.path == "/token":
            protocol.response_bytes(200, _JSON, _TOKEN)
        else:
            protocol.response_bytes(200, _JSON, self.told(scope.path, body))

    def answer(self, body: bytes) -> Answer:  # noqa: ARG002 - what another stub goes by
        """Return what a message is answered with."""
        return _TAKEN

    def told(self, path: str, body: bytes) -> bytes:  # noqa: ARG002 - the same
        """Answer the bench itself."""
        return json.dumps({"answered": self._answered}).encode()

    def _later(self) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        waiting = loop.create_future()
        self._waiting.append((loop.time() + self._delay, waiting))
        if not self._ticking:
            self._ticking = True
            loop.call_later(_TICK, self._tick, loop)
        return waiting

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        while self._waiting and self._waiting[0][0] <= now:
            self._waiting.popleft()[1].set_result(None)
        self._ticking = bool(self._waiting)
        if self._ticking:
            loop.call_later(_TICK, self._tick, loop)


@dataclass(frozen=True)
class RunningStub:
    """Where it listens, its process, the service account's file, and the authority that vouches for it."""

    url: str
    pid: int
    account: Path
    authority: Path

    def answered(self) -> int:
        found: int = httpx.get(f"{self.url}/count", verify=str(self.authority)).json()["answered"]
        return found


@contextlib.contextmanager
def fcm_stub(folder: Path, *, delay: float = 0.05, program: str = "tests.bench.fcm_stub") -> Iterator[RunningStub]:
    """Run the stub over TLS, as Google is reached, until the end of the block."""
    authority = a_certificate(folder, "authority")
    own = a_certificate(folder, "stub", by=authority)
    url = f"https://127.0.0.1:{free_port()}"
    account = folder / "account.json"
    write_account(Google(), account, endpoint=url, project=PROJECT)
    words = ["--port", url.rpartition(":")[2], "--delay", str(delay), "--tls", str(own.file), str(own.key_file)]
    process = child([sys.executable, "-m", program, *words], os.environ)
    try:
        await_answer(process, f"{url}/count", 30.0, trust=authority.file)
        yield RunningStub(url, process.pid, account, authority.file)
    finally:
        process.terminate()
        process.wait(30)


def main(made: Callable[[float], Stub] = Stub) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay", type=float, required=True)
    parser.add_argument("--tls", type=Path, nargs=2, required=True)
    asked = parser.parse_args()
    die_with_parent()
    server = Server(
        made(asked.delay),
        port=asked.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.auto,
        websockets=False,
        http2_settings=HTTP2Settings(max_concurrent_streams=100),
        ssl_cert=asked.tls[0],
        ssl_key=asked.tls[1],
    )
    asyncio.run(server.serve())


if __name__ == "__main__":
    main()
