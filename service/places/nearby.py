"""Which of many short texts lie within a few edits of another one, or begin as it does."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

HEAD = 3
_BITS = 64


@dataclass(frozen=True, slots=True)
class Near:
    """Texts, the shortest first, where each length begins, and which begin alike; never changed after it is made.

    `letters` has a bit for each letter that a text holds (some share one). An edit brings at most one letter and takes
    at most one, so that most texts need not be compared: that took three quarters of a look-up.
    """

    texts: Sequence[str]
    starts: Sequence[int]
    letters: npt.NDArray[np.uint64] = field(repr=False)
    heads: Mapping[str, tuple[str, ...]] = field(repr=False)

    @classmethod
    def to(cls, texts: Collection[str]) -> "Near":
        ordered = sorted(texts, key=lambda text: (len(text), text))
        lengths = [len(text) for text in ordered]
        heads = defaultdict[str, list[str]](list)
        for text in ordered:
            heads[text[:HEAD]].append(text)
        starts = np.searchsorted(lengths, range((lengths[-1] if lengths else 0) + 2))
        letters = np.array([_letters(text) for text in ordered], dtype=np.uint64)
        return cls(ordered, starts.tolist(), letters, {head: tuple(alike) for head, alike in heads.items()})

    def within(self, text: str, most: int) -> list[tuple[str, int]]:
        """Return what is at most so many edits away (a swap of neighbours is one), with the number of edits."""
        first, last = (self.starts[max(0, min(len(text) + step, len(self.starts) - 1))] for step in (-most, most + 1))
        theirs, ours = self.letters[first:last], np.uint64(_letters(text))
        likely = (np.bitwise_count(theirs & ~ours) <= most) & (np.bitwise_count(ours & ~theirs) <= most)
        some = [self.texts[first + at] for at in np.flatnonzero(likely).tolist()]
        if not some or not most:
            return []
        edits = process.cdist([text], some, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)[0]
        return [(some[at], int(edits[at])) for at in np.flatnonzero(edits <= most).tolist()]

    def alike(self, text: str) -> tuple[str, ...]:
        """Return what begins with the same three letters."""
        return self.heads.get(text[:HEAD], ())


def _letters(text: str) -> int:
    return reduce(lambda bits, sign: bits | 1 << ord(sign) % _BITS, text, 0)
