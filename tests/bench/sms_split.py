"""Measures how fast texts of two to four segments are split, half of them in UCS-2 with emoji and combining marks."""

import asyncio
import random
import time
from collections.abc import Sequence

from service.kit.sms import Encoding, split
from tests.bench.target import Target

TARGETS = {"split_per_s": Target(least=10_000)}
REPEATS = 5
_LATIN = ("Mine", "danger", "near", "Velyka", "Oleksandrivka.", "[112]", "5€.", "Ñandù,", "Größe", "way")
_OTHER = ("йдіть", "туди.", "Міни", "біля", "لا", "تذهبوا", "ទៅទីនោះ", "и\u0306", "😀", "👨\u200d👩\u200d👧", "क\u094dष")


def texts(count: int, *, seed: int = 1) -> list[str]:
    """Make texts of two, three and four segments in turn, of words in GSM-7 and in UCS-2 by turns."""
    dice = random.Random(seed)  # noqa: S311 - a choice that can be repeated
    return [_text(dice, _OTHER if number % 2 else _LATIN, 2 + number // 2 % 3) for number in range(count)]


def _text(dice: random.Random, words: Sequence[str], segments: int) -> str:
    text = ""
    while (found := split(text)).segments < segments or found.units < found.encoding.room(6) * (segments - 0.5):
        text += dice.choice(words) + " "
    return text


def measure(*, quick: bool = False) -> dict[str, float]:
    """Return texts a second, of all and of each half; the best of some passes, as what else runs is not its doing."""
    asked = texts(600 if quick else 6_000)
    by_encoding = {encoding: [text for text in asked if split(text).encoding is encoding] for encoding in Encoding}
    assert len(by_encoding[Encoding.UCS_2]) * 2 == len(asked)  # half is what was promised
    assert {split(text).segments for text in asked} == {2, 3, 4}
    return {
        "split_per_s": _per_second(asked),
        "split_gsm_per_s": _per_second(by_encoding[Encoding.GSM_7]),
        "split_ucs_per_s": _per_second(by_encoding[Encoding.UCS_2]),
    }


def _per_second(asked: list[str]) -> float:
    best = float("inf")
    for _ in range(REPEATS):
        began = time.perf_counter()
        for text in asked:
            split(text)
        best = min(best, time.perf_counter() - began)
    return len(asked) / best


async def run(*, quick: bool) -> dict[str, float]:
    return await asyncio.to_thread(measure, quick=quick)
