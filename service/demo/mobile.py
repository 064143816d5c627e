"""The demo's side of its SMSC: what it has carried, and what simulated people write by it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from service.demo.wire import Unreachable

SHORT_CODE = "4455"
"""To which people write; the worker's texts come from it."""

_UCS2 = 8
_TRIES, _PAUSE_SECONDS = 200, 0.1
_NOBODY_SECONDS = 20.0
_LONGEST_LINE = 1 << 24


class MobileNetwork:
    """Asks the SMSC by its control port."""

    def __init__(self, control: int) -> None:
        self._control = control

    async def write(self, source: str, text: str) -> None:
        """Let the phone with this number write to the service; waits until a worker is bound to take it."""
        octets = text.encode("utf-16-be").hex()
        asked = {"do": "write", "source": source.removeprefix("+"), "to": SHORT_CODE, "octets": octets}
        async with asyncio.timeout(_NOBODY_SECONDS):
            while await self._ask(asked | {"data_coding": _UCS2}) != 0:  # noqa: ASYNC110 - the SMSC is asked
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _ask(self, asked: Any) -> Any:
        reader, writer = await self._connect()
        try:
            writer.write(json.dumps(asked).encode() + b"\n")
            await writer.drain()
            return json.loads(await reader.readline())
        except (OSError, ValueError) as error:
            raise Unreachable(f"The SMSC did not answer: {type(error).__name__}.") from error
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in range(_TRIES):
            try:
                return await asyncio.open_connection("127.0.0.1", self._control, limit=_LONGEST_LINE)
            except OSError:
                await asyncio.sleep(_PAUSE_SECONDS)
        raise Unreachable("The SMSC cannot be reached.")

    @asynccontextmanager
    async def bringing(self, hear: Callable[[str, str], None]) -> AsyncIterator[None]:
        """Bring every whole text to `hear(number, text)` until the end of the block."""
        reader, writer = await self._connect()
        writer.write(b'{"do": "listen"}\n')
        await reader.readline()
        bringing = asyncio.create_task(_bring(reader, hear))
        try:
            yield
        finally:
            bringing.cancel()
            writer.close()


async def _bring(reader: asyncio.StreamReader, hear: Callable[[str, str], None]) -> None:
    async for line in reader:
        said = json.loads(line)
        if said["event"] == "text":
            hear(f"+{said['to']}", said["text"])
