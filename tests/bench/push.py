"""Sending at the size of a country, part by part; each part is also a bench of its own."""

import json

from rich.console import Console

from tests.bench import push_fcm, push_path, push_plan, push_receipts
from tests.bench.system import say

_PARTS = (push_fcm, push_plan, push_receipts, push_path)
TARGETS = {key: target for part in _PARTS for key, target in part.TARGETS.items()}


async def run(*, quick: bool) -> dict[str, float]:
    """Run one part after the other; what was measured is said at once, in case a later part fails."""
    figures: dict[str, float] = {}
    for part in _PARTS:
        say(part.__name__.rpartition(".")[2])
        measured = await part.run(quick=quick)
        Console(stderr=True).print(json.dumps(measured))
        figures |= measured
    return figures
