"""Measures what was promised in figures: `python -m tests.bench NAME [--quick]` prints a table and a line of JSON."""

import argparse
import asyncio
import importlib
import json
import pkgutil
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.target import Target

_PARTS = {
    "__main__",
    "bare",
    "fcm_stub",
    "load",
    "push_office",
    "push_stub",
    "registrations",
    "system",
    "target",
}


def benches() -> list[str]:
    """Name every bench: a module here with `TARGETS` and `async def run(*, quick) -> dict[str, float]`."""
    names = {module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])}
    return sorted(names - _PARTS)


def show(name: str, measured: Mapping[str, float], targets: Mapping[str, Target]) -> None:
    """Print what was measured beside what was promised."""
    table = Table("figure", "measured", "promised", "", title=name)
    for key, value in measured.items():
        target = targets.get(key)
        verdict = "" if target is None else "kept" if target.met(value) else "MISSED"
        table.add_row(
            key, f"{value:,.3g}" if value < 1 else f"{value:,.2f}", "" if target is None else str(target), verdict
        )
    Console().print(table)


def main() -> int:
    """Run one bench; the exit status is 1 if a promise was missed, so that a build can hold it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("name", choices=benches())
    parser.add_argument("--quick", action="store_true", help="a smaller system: tries the bench, proves nothing")
    asked = parser.parse_args()
    bench = importlib.import_module(f"tests.bench.{asked.name}")
    measured: dict[str, float] = asyncio.run(bench.run(quick=asked.quick))
    targets: dict[str, Target] = bench.TARGETS
    show(asked.name, measured, targets)
    print(json.dumps(measured))  # noqa: T201 - the line that programs read
    return int(any(not target.met(measured[key]) for key, target in targets.items() if key in measured))


if __name__ == "__main__":
    raise SystemExit(main())
