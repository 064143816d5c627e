"""Reads what the stub of Google is sent: each distinct body once, as the messages of a batch differ in address only."""

import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias

Judge: TypeAlias = Callable[[Any], str | None]

_MOST_KEPT = 10_000
# A quotation mark inside a text is escaped, so this finds keys only; an address that needs escapes is read slowly.
_ADDRESS = re.compile(rb'"(fid|token)": ?"([!#-\[\]-~]+)"')


class Bodies:
    """Parses and judges bodies. `judge` says what is wrong with a parsed one, or None."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._kept: dict[bytes, dict[str, Any]] = {}

    def read(self, body: bytes) -> tuple[dict[str, Any], str | None]:
        """Return the message and what is wrong with it; with something wrong the message may be empty."""
        found = _ADDRESS.search(body)
        if found is None or _ADDRESS.search(body, found.end()):
            return self._slowly(body)
        kind, address = found[1].decode(), found[2].decode()
        frame = body[: found.start(2)] + body[found.end(2) :]
        if frame not in self._kept:
            message, fault = self._slowly(body)
            # The key may stand deeper, in the data of a message to a topic: then it is no address.
            if fault is not None or message.get(kind) != address:
                return message, fault
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[frame] = message
        return self._kept[frame] | {kind: address}, None

    def _slowly(self, body: bytes) -> tuple[dict[str, Any], str | None]:
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        fault = self._judge(said)
        return ({} if fault is not None else said["message"]), fault
