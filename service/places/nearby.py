"""Which of many short texts lie within a few edits of another one, or begin as it does."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

HEAD = 3


@dataclass(frozen=True, slots=True)
class Near:
    """Texts, the shortest first, where each length begins, and which begin alike; never changed after it is made."""

    texts: Sequence[str]
    starts: Sequence[int]
    heads: Mapping[str, tuple[str, ...]] = field(repr=False)

    @classmethod
    def to(cls, texts: Collection[str]) -> "Near":
        ordered = sorted(texts, key=lambda text: (len(text), text))
        lengths = [len(text) for text in ordered]
        heads = defaultdict[str, list[str]](list)
        for text in ordered:
            heads[text[:HEAD]].append(text)
        starts = np.searchsorted(lengths, range((lengths[-1] if lengths else 0) + 2))
        return cls(ordered, starts.tolist(), {head: tuple(alike) for head, alike in heads.items()})

    def within(self, text: str, most: int) -> list[tuple[str, int]]:
        """Return what is at most so many edits away (a swap of neighbours is one), with the number of edits."""
        first, last = (self.starts[max(0, min(len(text) + step, len(self.starts) - 1))] for step in (-most, most + 1))
        some = self.texts[first:last]
        if not some or not most:
            return []
        edits = process.cdist([text], some, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)[0]
        return [(some[at], int(edits[at])) for at in np.flatnonzero(edits <= most).tolist()]

    def alike(self, text: str) -> tuple[str, ...]:
        """Return what begins with the same three letters."""
        return self.heads.get(text[:HEAD], ())
