"""Texts at the size of a country, part by part; each part is also a bench of its own."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from rich.console import Console

from tests.bench import places
from tests.bench.system import say

PREFIX = "sms_"


def _parts() -> Iterator[ModuleType]:
    """Yield the look-up of places, then every bench whose name begins with `sms_` and that says what was promised."""
    yield places
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.startswith(PREFIX):
            part = importlib.import_module(f"tests.bench.{module.name}")
            if hasattr(part, "TARGETS"):
                yield part


_PARTS = tuple(_parts())
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
