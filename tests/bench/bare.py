"""The other side of every comparison over HTTP: granian, one worker, a raw ASGI app, one constant body."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from service.kit.processes import child, die_with_parent, free_port

_BODY = Path(os.environ["BARE_BODY"]).read_bytes() if "BARE_BODY" in os.environ else b""
_HEADERS = [(b"content-type", b"application/octet-stream"), (b"content-length", str(len(_BODY)).encode())]


async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer anything with the body that the environment gave."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _BODY})


@contextlib.contextmanager
def bare_server(body: bytes) -> Iterator[tuple[str, int]]:
    """Serve this body at every path while the block runs; gives address and process id."""
    port = free_port()
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        environment = os.environ | {"BARE_BODY": file.name, "BARE_PORT": str(port)}
        with served([sys.executable, "-m", "tests.bench.bare"], environment, f"http://127.0.0.1:{port}/") as found:
            yield found


@contextlib.contextmanager
def served(
    command: list[str], environment: dict[str, str], url: str, *, patience: float = 30.0
) -> Iterator[tuple[str, int]]:
    """Run a server until it answers at the address, and end it after the block; gives address and process id."""
    process = child(command, environment)
    try:
        await_answer(process, url, patience)
        yield url.rstrip("/"), process.pid
    finally:
        process.terminate()
        process.wait(30)


def await_answer(process: subprocess.Popen[bytes], url: str, patience: float, *, trust: Path | None = None) -> None:
    """Wait until a process answers at the address."""
    give_up = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < give_up:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, headers={"accept-encoding": "identity"}, verify=str(trust) if trust else True)
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers at {url}")


def main() -> None:
    """Serve until told to stop."""
    die_with_parent()
    Granian(
        "tests.bench.bare:answer",
        address="127.0.0.1",
        port=int(os.environ["BARE_PORT"]),
        interface=Interfaces.ASGI,
        workers=1,
        log_access=False,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
