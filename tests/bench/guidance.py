"""Guidance: what an answer costs against a server that can nothing else, and how soon twelve languages are spoken."""

import contextlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from service.guidance.opening import open_guidance
from service.guidance.shelf import Shelf
from service.i18n.catalogues import Catalogues
from service.kit.encodings import Effort, Encoding, compress
from service.kit.processes import child, free_port
from tests.bench.bare import await_answer, bare_server
from tests.bench.load import requests_a_cpu_second
from tests.bench.system import System, say, system
from tests.bench.target import Target
from tests.conftest import LOCALES

TARGETS = {
    "serve_vs_bare": Target(least=0.6),
    "start_s": Target(most=1.5),
    "bundle_kb": Target(most=60),
}
TWELVE = ("en", "uk", "ru", "es", "fr", "ar", "pt", "bs", "fa-AF", "ps", "km", "my")
_ASKED = "/v1/guidance?topic=found&lang=uk"
_PATIENCE = 60.0
_OPENING = """
import sys, time
from service.config import Settings
from service.guidance.opening import open_guidance
from service.i18n.opening import open_catalogues
settings = Settings()
began, spent = time.perf_counter(), time.process_time()
open_catalogues(settings)
open_guidance(settings)
print(time.process_time() - spent, time.perf_counter() - began)
"""


async def run(*, quick: bool) -> dict[str, float]:
    """Measure everything; quick: fewer and shorter turns."""
    with tempfile.TemporaryDirectory() as folder, system() as made:
        twelve = spoken(Path(folder) / "locales")
        figures = largest() | start(twelve, turns=1 if quick else 5)
        made.environment["SUREFOOT_LOCALES"] = str(twelve)
        return figures | await serving(made, seconds=1 if quick else 4, turns=1 if quick else 3)


def spoken(folder: Path) -> Path:
    """Make a folder with twelve languages, each as long as a whole one: Ukrainian stands for those not there yet."""
    for tag in TWELVE:
        whole = (LOCALES / tag / "LC_MESSAGES" / "guidance.po").exists() and not (LOCALES / tag / "BEGUN").exists()
        shutil.copytree(LOCALES / (tag if whole else "uk"), folder / tag)
    return folder


def largest() -> dict[str, float]:
    """Return the size of the largest bundle of any language, without its pictures, as br."""
    from service.config import Settings  # noqa: PLC0415 - here only, as a process reads them
    from service.kit.house import House  # noqa: PLC0415 - as above

    house = House(None, None, None)  # type: ignore[arg-type]  # nothing is asked of a database, a clock or keys
    settings = Settings(locales=LOCALES)
    for part in (settings, Catalogues.load(LOCALES, confirmed=frozenset()), open_guidance(settings)):
        house.put(part)
    found = Shelf().bundles(house)
    sizes = {one: len(compress(bundle.content, Encoding.BR, Effort.BEST)) / 1000 for one, bundle in found.items()}
    say(", ".join(f"{language} {size:.1f} kB" for language, size in sorted(sizes.items())))
    return {"bundle_kb": max(sizes.values())}


def start(locales: Path, *, turns: int) -> dict[str, float]:
    """Time how long a fresh process takes to read twelve languages and all of guidance.

    `start_s` is processor time, fair also on a machine that is busy; nothing else is waited for.
    """
    took, walls = [], []
    for _ in range(turns):
        environment = {"PATH": "", "SUREFOOT_LOCALES": str(locales)}
        command = [sys.executable, "-c", _OPENING]
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=_PATIENCE)
        spent, wall = map(float, said.stdout.split())
        took.append(spent)
        walls.append(wall)
    return {"start_s": statistics.median(took), "start_wall_s": min(walls)}


@contextlib.contextmanager
def api(made: System) -> Iterator[tuple[str, int]]:
    """Run the API with its log in a file; gives address and process id."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        more = {"SUREFOOT_PORT": str(port), "SUREFOOT_LOG_LEVEL": "INFO"}
        process = child(made.command("api"), made.environment | more, stderr=log)
    try:
        await_answer(process, f"http://127.0.0.1:{port}/v1/guidance", _PATIENCE)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(60)


async def serving(made: System, *, seconds: float, turns: int) -> dict[str, float]:
    """Ask for a topic in turns with a bare server that has the same bytes."""
    asked = {"accept-encoding": "br", "accept-language": "uk-UA,uk;q=0.9,en;q=0.5"}
    began = time.perf_counter()
    with api(made) as (url, pid):
        say(f"the API answers after {time.perf_counter() - began:.1f} s")
        async with httpx.AsyncClient() as phone, phone.stream("GET", url + _ASKED, headers=asked) as answer:
            body = b"".join([chunk async for chunk in answer.aiter_raw()])
        ours, theirs = [], []
        with bare_server(body) as (bare, bare_pid):
            for _ in range(turns):
                ours.append(await requests_a_cpu_second(url + _ASKED, pid, asked, seconds=seconds))
                theirs.append(await requests_a_cpu_second(bare, bare_pid, asked, seconds=seconds))
    say(f"{len(body) / 1000:.0f} kB: {statistics.median(ours):,.0f} against {statistics.median(theirs):,.0f}")
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    return {"serve_vs_bare": ratio, "serve_per_cpu_s": statistics.median(ours)}
