"""Parses a stranger's JSON in our own process: what is short and shallow, and nothing else."""

import json
import re
from typing import Any

MOST_DEPTH = 64
# A text that does not end goes on to the end of all: nothing is looked at twice.
_SIGNS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)


def parsed(body: bytes, most_bytes: int) -> Any:
    """Return what a text of JSON says. Raises ValueError for a text that is none, too long or nested too deeply."""
    if len(body) > most_bytes:
        raise ValueError(f"it is longer than {most_bytes:,} bytes")
    depth = 0
    for sign in _SIGNS.finditer(body):
        first = body[sign.start()]
        if first in b"[{":
            depth += 1
            if depth > MOST_DEPTH:
                raise ValueError("it is nested too deeply")
        elif first in b"]}":
            depth -= 1
    return json.loads(body.decode("utf-8-sig"))
