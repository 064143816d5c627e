"""The fleet's side of the stub of Google: turns phones on and off there, and hears what it brings them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from pyreqwest.client import ClientBuilder
from pyreqwest.response import ResponseBodyReader

from service.demo.fleet import Fleet
from service.demo.phone import Phone
from service.demo.wire import Ask, Unreachable, Wire

_CONNECT = timedelta(seconds=10)
_PAGE = 1000
_UNREGISTERED = {
    "error": {
        "code": 404,
        "message": "Requested entity was not found.",
        "status": "NOT_FOUND",
        "details": [
            {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "UNREGISTERED"},
        ],
    }
}


class Provider:
    """What the simulated world asks of the stub."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def switch(self, phones: Iterable[Phone], *, online: bool, waiting: int = 0) -> None:
        """Turn phones on or off; `waiting` messages of other senders already wait for each that is off."""
        asked = [
            {
                "address": phone.address,
                "platform": phone.owner.platform.value,
                "online": online,
                **({"waiting": waiting} if waiting else {}),
            }
            for phone in phones
        ]
        for start in range(0, len(asked), _PAGE):
            await self._do("devices", asked[start : start + _PAGE])

    async def follow(self, phones: Iterable[Phone]) -> None:
        """Let phones follow their topics, as Google's library on each of them does."""
        asked = [{"address": phone.address, "topics": phone.topics} for phone in phones if phone.topics]
        for start in range(0, len(asked), _PAGE):
            await self._do("subscriptions", asked[start : start + _PAGE])

    async def uninstall(self, phones: Iterable[Phone]) -> None:
        """Let the stub answer for these phones as Google does once the app is gone."""
        gone = json.dumps(_UNREGISTERED)
        await self._do("faults", [{"status": 404, "address": phone.address, "body": gone} for phone in phones])

    async def _do(self, what: str, body: Any) -> None:
        answer = await self._wire.ask(Ask("POST", f"/_stub/{what}", body))
        if not answer.ok:
            raise Unreachable(f"The stub of Google refused {what}: {answer.status}.")

    @asynccontextmanager
    async def bringing(self, fleet: Fleet) -> AsyncIterator[None]:
        """Bring the fleet whatever the stub sends, until the end of the block."""
        # Only connecting has a limit: the answer goes on for as long as the demo runs.
        client = ClientBuilder().no_proxy().http1_only().connect_timeout(_CONNECT).build()
        request = client.get(f"{self._wire.base}/_stub/stream").streamed_read_buffer_limit(0).build_streamed()
        async with client, request as response:
            listening = asyncio.Event()
            bringing = asyncio.create_task(_bring(response.body_reader, fleet, listening))
            await asyncio.wait_for(listening.wait(), _CONNECT.total_seconds())
            try:
                yield
            finally:
                bringing.cancel()


async def _bring(body: ResponseBodyReader, fleet: Fleet, listening: asyncio.Event) -> None:
    rest = b""
    while (chunk := await body.read_chunk()) is not None:
        *lines, rest = (rest + bytes(chunk)).split(b"\n")
        for line in lines:
            event = json.loads(line)
            match event["event"]:
                case "listening":
                    listening.set()
                case "message":
                    fleet.deliver(event["address"], event["message"])
                case "deleted":
                    fleet.told_of_deleted(event["address"])
