"""Lessons: how soon all packages of a course are made, and what a file costs against a server that can nothing else."""

import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from service.config import Settings
from service.guidance.opening import open_guidance
from service.i18n.opening import open_catalogues
from service.lessons import actions
from service.lessons.model import Format
from service.lessons.opening import open_own
from service.lessons.said import SaidCourse
from tests.bench.bare import bare_server
from tests.bench.guidance import api
from tests.bench.load import requests_a_cpu_second
from tests.bench.system import System, say, system
from tests.bench.target import Target
from tests.conftest import LOCALES

TARGETS = {"course_s": Target(most=10), "serve_vs_bare": Target(least=0.7)}
_CORES = 2
_LANGUAGE = "uk"
_PATIENCE = 300.0
_MAKE = [sys.executable, "-m", "service.lessons.making"]


async def run(*, quick: bool) -> dict[str, float]:
    """Measure everything; quick: the emergency lesson alone, and shorter turns."""
    figures = course(quick=quick)
    with system() as made, tempfile.TemporaryDirectory() as folder:
        made.environment["SUREFOOT_LESSONS_FOLDER"] = folder
        made.environment["SUREFOOT_LOCALES"] = str(LOCALES)
        return figures | await serving(made, seconds=1 if quick else 4, turns=1 if quick else 3)


def course(*, quick: bool) -> dict[str, float]:
    """Make every package of the longest course that is whole, each in a process of its own, two at a time.

    `course_s` is what two cores need that do nothing else, told by processor time: fair also on a machine that is
    busy. It is half of all of it, or the longest package if that takes longer.
    """
    said = _longest(quick=quick)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_CORES) as cores:
        began = time.perf_counter()
        # A folder for each: in one, they would wait for each other.
        spent = list(cores.map(lambda form: _seconds(said, form, Path(folder) / form / "made"), actions.FORMATS))
        wall = time.perf_counter() - began
        sizes = {form: _size(Path(folder) / form / "made") for form in actions.FORMATS}
    for form, seconds in zip(actions.FORMATS, spent, strict=True):
        say(f"{said.name} as {form}: {seconds:.2f} s, {sizes[form] / 1000:,.0f} kB")
    return {
        "course_s": max(sum(spent) / _CORES, *spent),
        "course_wall_s": wall,
        "largest_package_mb": max(sizes.values()) / 1_000_000,
    }


def _longest(*, quick: bool) -> SaidCourse:
    settings = Settings(locales=LOCALES)
    guidance = open_guidance(settings)
    source = actions.source_of(settings, guidance, open_catalogues(settings), open_own(settings, guidance))
    courses = actions.whole(source, _LANGUAGE) or actions.whole(source, "en")
    return courses[0] if quick else max(courses, key=lambda one: (len(one.lessons), one.of.id))


def _seconds(said: SaidCourse, form: Format, folder: Path) -> float:
    """Make one package as the API does; return the processor time that it took."""
    with tempfile.TemporaryFile() as order:
        order.write(pickle.dumps((said, form)))
        order.seek(0)
        maker = subprocess.Popen([*_MAKE, str(folder)], stdin=order)
        _, status, used = os.wait4(maker.pid, 0)
        maker.returncode = os.waitstatus_to_exitcode(status)
    if maker.returncode != 0:
        raise RuntimeError(f"{said.name} could not be made into {form}")
    return used.ru_utime + used.ru_stime


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if file.name != "files.json")


async def serving(made: System, *, seconds: float, turns: int) -> dict[str, float]:
    """Ask for a package that is made, in turns with a bare server that has the same bytes."""
    form = Format.EPUB if Format.EPUB in actions.FORMATS else Format.JSON
    asked = {"accept-encoding": "br"}
    with api(made) as (url, pid):
        file, body = _made(url, form, asked)
        ours, theirs = [], []
        with bare_server(body) as (bare, bare_pid):
            for _ in range(turns):
                ours.append(await requests_a_cpu_second(file, pid, asked, seconds=seconds))
                theirs.append(await requests_a_cpu_second(bare, bare_pid, asked, seconds=seconds))
    say(f"{len(body) / 1000:.0f} kB: {statistics.median(ours):,.0f} against {statistics.median(theirs):,.0f}")
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    return {"serve_vs_bare": ratio, "serve_per_cpu_s": statistics.median(ours)}


def _made(url: str, form: Format, asked: Mapping[str, str]) -> tuple[str, bytes]:
    """Have a package of one file made; return its address and the bytes as they are sent."""
    file = url + httpx.get(f"{url}/v1/lessons/emergency/en/{form}", timeout=_PATIENCE).headers["location"]
    with httpx.stream("GET", file, headers=dict(asked)) as answer:
        return file, b"".join(answer.iter_raw())
