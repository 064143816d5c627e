"""Measures the look-up of places over the whole Ukrainian register, half of the queries misspelt."""

import asyncio
import random
import resource
import statistics
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from service.places import folding
from service.places.gazetteer import Gazetteer
from service.places.model import Place, Stated
from tests.bench.target import Target
from tests.conftest import SHARED
from tests.island import Record
from tests.misspelling import letters_of, misspelt

TARGETS = {"place_p99_ms": Target(most=10), "place_right_misspelt": Target(least=0.95)}
FIRST = 3
REPEATS = 3
_STATED = Stated("UA", dated=date(2025, 5, 16))


@dataclass(frozen=True)
class Query:
    """What is asked, and whose name it is meant to be."""

    text: str
    place: Place
    is_misspelt: bool


def ukraine(folder: Path = SHARED / "places") -> Gazetteer:
    """Load the register and the names and centres of communities and districts, without a database."""
    record = Record()
    for name in ("katottg-2025-05-16.csv", "hromadas.json", "raions.json"):
        record.load((folder / name).read_bytes(), stated=replace(_STATED), file=name)
    return record.gazetteer()


def queries(gazetteer: Gazetteer, count: int, *, seed: int = 1) -> list[Query]:
    """Choose places, each as likely as any other; every second name is misspelt in one way."""
    dice = random.Random(seed)  # noqa: S311 - a choice that can be repeated
    places = gazetteer.places()
    letters = letters_of([place.name.text for place in places])
    found = []
    for number in range(count):
        place = dice.choice(places)
        name = place.name.text
        is_misspelt = number % 2 == 1
        found.append(Query(misspelt(name, letters, dice) if is_misspelt else name, place, is_misspelt))
    return found


def is_right(gazetteer: Gazetteer, query: Query) -> bool:
    """Say whether the place is among those of the first three names; where a name repeats, its list is the answer."""
    return any(query.place in group.places for group in gazetteer.find(query.text).groups[:FIRST])


def milliseconds(gazetteer: Gazetteer, query: Query) -> float:
    """Time a look-up; the best of three, as what else the machine does is not its doing."""
    best = float("inf")
    for _ in range(REPEATS):
        began = time.perf_counter()
        gazetteer.find(query.text)
        best = min(best, time.perf_counter() - began)
    return best * 1000


def measure(*, quick: bool = False) -> dict[str, float]:
    """Return place_p99_ms and what belongs to it; shares are of 1, memory is what building took at most."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    gazetteer = ukraine()
    built = time.perf_counter() - began
    asked = queries(gazetteer, 1_000 if quick else 5_000)
    right = [is_right(gazetteer, query) for query in asked]
    wrongly = [good for good, query in zip(right, asked, strict=True) if query.is_misspelt]
    times = sorted(milliseconds(gazetteer, query) for query in asked)
    return {
        "place_p99_ms": times[int(len(times) * 0.99) - 1],
        "place_p50_ms": statistics.median(times),
        "place_right": statistics.mean(right),
        "place_right_misspelt": statistics.mean(wrongly),
        "places": float(len(gazetteer.places())),
        "place_build_s": built,
        "place_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
        "place_keys": float(len({folding.sound(place.name.text) for place in gazetteer.places()})),
    }


async def run(*, quick: bool) -> dict[str, float]:
    return await asyncio.to_thread(measure, quick=quick)
