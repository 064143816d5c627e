"""Finds places by code or name, however it is spelt: pure, in memory, the same answer for the same question."""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from rapidfuzz.distance import OSA

from service.places import folding
from service.places.directory import Directory, Spots
from service.places.model import Category, Found, Group, Reason
from service.places.nearby import HEAD
from service.places.reading import Split, splits

MOST_GROUPS = 10
_MOST_TRIED = 4
_MOST_SIMILAR = 60
_SHORT, _MIDDLING = 4, 11
_NAMED_AFTER = {Category.REGION, Category.DISTRICT, Category.COMMUNITY}
# How much likelier a place is meant than a village of the same spelling: roughly, how many more people live there.
_WEIGHTS = {
    Category.SPECIAL_CITY: 60, Category.CITY: 12, Category.REGION: 6, Category.REPUBLIC: 6, Category.DISTRICT: 3,
    Category.SETTLEMENT: 3,
}  # fmt: skip  # the order of a table
# What speaks against an answer; an edit costs 1.
_OTHER_NAME, _SPELLING, _NARROWED, _TURNED, _OTHER_SORT, _LOOSE, _PRIOR = 0.1, 0.3, 0.2, 0.1, 0.4, 0.3, 0.12


@dataclass(frozen=True, slots=True)
class _Hit:
    """A place by its number, why it is among the answers, and what speaks against it: the less the better."""

    spot: int
    reason: Reason
    cost: float
    narrowed: bool = False


def find(directory: Directory, query: str, *, country: str | None = None, most: int = MOST_GROUPS) -> Found:
    """Return at most so many names that may be meant, the likeliest first, each with all its places.

    A second name in the query, before or after the first, narrows the answer to what lies in a unit of that name.
    """
    return _Search(directory, country).answer(query, most)


@dataclass(frozen=True, slots=True)
class _Search:
    """One look-up, and what it has worked out so far."""

    directory: Directory
    country: str | None
    _units: dict[str, dict[int, float]] = field(default_factory=dict)

    def answer(self, query: str, most: int) -> Found:
        hits = [*self._coded(query)]
        if not hits:
            ways = splits(query)
            hits = [*(hit for split in ways for hit in self._exact(split)), *self._similar(ways)]
        if self.country is not None:
            hits = [hit for hit in hits if self.directory.places[hit.spot].country == self.country]
        best = min(hits, key=lambda hit: hit.cost, default=None)
        return Found(tuple(self._grouped(hits, most)), narrowed=best is not None and best.narrowed)

    def _coded(self, query: str) -> Iterator[_Hit]:
        if any(sign.isdecimal() for sign in query):
            for spot in self.directory.by_code.get(folding.code(query), ()):
                yield _Hit(spot, Reason.CODE, 0)

    def _exact(self, split: Split) -> Iterator[_Hit]:
        """Find the places that have exactly this name, or one that sounds the same."""
        known = self.directory
        twin = " ".join(folding.in_cyrillic(word) or word for word in split.name.split())
        for name in {split.name, twin}:
            yield from self._judged(known.by_name.get(name, ()), Reason.NAME, 0, split)
            yield from self._judged(known.by_other_name.get(name, ()), Reason.OTHER_NAME, _OTHER_NAME, split)
            heard = folding.sound(name)
            for spot in known.by_sound.get(heard, ()):
                cost = _SPELLING + min(OSA.distance(name, text) for text in known.spellings[heard]) / 10
                yield from self._judged((spot,), Reason.SPELLING, cost, split)
        yield from self._called_after(split)

    def _called_after(self, split: Split) -> Iterator[_Hit]:
        """Find the unit that is named after a town where the town's name is given: "Kherson oblast"."""
        if split.sort not in _NAMED_AFTER or " " in split.name:
            return
        for spot, against in self._named(split.name).items():
            if self.directory.places[spot].category is split.sort:
                yield from self._judged((spot,), Reason.SPELLING, _SPELLING + against, split)

    def _similar(self, ways: Sequence[Split]) -> Iterator[_Hit]:
        """Find names that a few edits turn into the one that was written."""
        likely = [way for way in ways if all(self._named(word) for word in way.context)]
        for split in list({(way.name, way.context): way for way in likely}.values())[:_MOST_TRIED]:
            heard = folding.sound(split.name)
            most = _allowed(len(heard))
            found = self.directory.sounds.within(heard, most) or self.directory.sounds.within(heard, most + 1)
            costs = ((self._cost(split.name, sound, edits), sound) for sound, edits in found if edits)
            for cost, sound in heapq.nsmallest(_MOST_SIMILAR, costs):
                yield from self._judged(self.directory.by_sound[sound], Reason.SIMILAR, cost, split)

    def _cost(self, name: str, sound: str, edits: int) -> float:
        """Weigh edits of the sound and of the letters alike; in another alphabet only the sound can be compared."""
        letters = min(OSA.distance(name, text) for text in self.directory.spellings[sound])
        return max(_SPELLING, (edits + min(letters, edits + 1)) / 2)

    def _judged(self, spots: Spots, reason: Reason, cost: float, split: Split) -> Iterator[_Hit]:
        """Add all else that speaks against each place; leave out those that a word of the context does not fit."""
        cost += (_NARROWED if split.context else 0) + (_TURNED if split.turned else 0)
        named = [self._named(word) for word in split.context]
        for spot in spots:
            fits = [
                min((units[one] for one in self.directory.above[spot] if one in units), default=math.inf)
                for units in named
            ]
            sort = self.directory.places[spot].category
            other = _OTHER_SORT if split.sort is not None and split.sort is not sort else 0
            whole = cost + sum(fits) + other
            if whole < math.inf:
                yield _Hit(spot, reason, whole, bool(split.context))

    def _named(self, word: str) -> dict[int, float]:
        """Return the units that a word may name, in another case or as an adjective, with what speaks against each."""
        if word not in self._units:
            found: dict[int, float] = {}
            for stem, against in _fitting(self.directory, folding.sound(word)).items():
                for spot in self.directory.by_stem[stem]:
                    found[spot] = min(against, found.get(spot, math.inf))
            self._units[word] = found
        return self._units[word]

    def _grouped(self, hits: Iterable[_Hit], most: int) -> Iterator[Group]:
        """Put places of one official name together, the likeliest name first."""
        best: dict[int, _Hit] = {}
        for hit in hits:
            if hit.spot not in best or hit.cost < best[hit.spot].cost:
                best[hit.spot] = hit
        named = defaultdict[str, list[_Hit]](list)
        for hit in best.values():
            named[self.directory.titles[hit.spot]].append(hit)
        for _, title in heapq.nsmallest(most, ((self._rank(members), title) for title, members in named.items())):
            reason = min(named[title], key=lambda hit: hit.cost).reason
            spots = sorted(hit.spot for hit in named[title])
            yield Group(reason, tuple(self.directory.places[spot] for spot in spots))

    def _rank(self, members: Sequence[_Hit]) -> float:
        """Weigh what speaks against a name with how many people live in places of that name, where it is in doubt."""
        least = min(members, key=lambda hit: hit.cost)
        if least.reason is not Reason.SIMILAR:
            return least.cost - 10
        weight = sum(_WEIGHTS.get(self.directory.places[hit.spot].category, 1) for hit in members)
        return least.cost - _PRIOR * math.log2(1 + weight)


def _fitting(directory: Directory, heard: str) -> dict[str, float]:
    """Return the words of units' names that a word may stand for. Endings differ: Херсон, Херсонська, Херсонщина."""
    found = dict.fromkeys((near for near, _ in directory.stems.within(heard, int(len(heard) > _SHORT))), _LOOSE * 2)
    for stem in directory.stems.alike(heard):
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(heard, stem, strict=False)))
        if shared >= max(HEAD, (len(heard) + 1) // 2):
            found[stem] = _LOOSE * (2 - shared / len(heard))
    return found | ({heard: 0.0} if heard in directory.by_stem else {})


def _allowed(length: int) -> int:
    """Return how many edits a name of this length may be away; short names are too close to each other for more."""
    if length < _SHORT:
        return int(length > 1)
    return 2 if length <= _MIDDLING else 3
