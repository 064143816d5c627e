"""All names and codes of places, folded and put in order once, so that a look-up only compares."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from service.places import folding
from service.places.model import MUNICIPALITY, NameKind, Place
from service.places.nearby import Near

Spots: TypeAlias = tuple[int, ...]
"""Places by their number in a directory."""

Index: TypeAlias = Mapping[str, Spots]


@dataclass(frozen=True, slots=True)
class Directory:
    """Places in the order in which a list shows them: by level, then by the names of the units above, from the top.

    `above` are each place's parents, the nearest first. `titles` are the official names, folded; places that share one
    stand together in answers. `spellings` are the folded names behind each sound.
    """

    places: tuple[Place, ...]
    numbers: Mapping[UUID, int] = field(repr=False)
    above: tuple[Spots, ...] = field(repr=False)
    titles: tuple[str, ...] = field(repr=False)
    by_code: Index = field(repr=False)
    by_name: Index = field(repr=False)
    by_other_name: Index = field(repr=False)
    by_sound: Index = field(repr=False)
    by_stem: Index = field(repr=False)
    spellings: Mapping[str, tuple[str, ...]] = field(repr=False)
    sounds: Near = field(repr=False)
    stems: Near = field(repr=False)

    @classmethod
    def of(cls, unordered: Iterable[Place]) -> "Directory":
        listed = list(unordered)
        plains = {text: folding.plain(text) for text in {name.text for place in listed for name in place.names}}
        sounds_of = {plain: folding.heard(plain) for plain in plains.values()}
        places, titles = _ordered(listed, plains)
        numbers = {place.id: spot for spot, place in enumerate(places)}
        official, other, sounds, codes, stems = (defaultdict[str, list[int]](list) for _ in range(5))
        spellings = defaultdict[str, set[str]](set)
        for spot, place in enumerate(places):
            for text, is_official in _names(place).items():
                plain = plains[text]
                heard = sounds_of[plain]
                _add(official if is_official else other, plain, spot)
                _add(sounds, heard, spot)
                spellings[heard].add(plain)
                for word in plain.split() if place.level <= MUNICIPALITY else ():
                    _add(stems, folding.heard(word), spot)
            for _, code in place.codes:
                _add(codes, folding.code(code), spot)
        return cls(
            places=places,
            numbers=numbers,
            above=tuple(tuple(_above(place, places, numbers)) for place in places),
            titles=titles,
            by_code=_frozen(codes),
            by_name=_frozen(official),
            by_other_name=_frozen(other),
            by_sound=_frozen(sounds),
            by_stem=_frozen(stems),
            spellings={heard: tuple(sorted(texts)) for heard, texts in spellings.items()},
            sounds=Near.to(sounds),
            stems=Near.to(stems),
        )


def _names(place: Place) -> dict[str, bool]:
    """Return each text that names a place, and whether it is official in any language."""
    found: dict[str, bool] = {}
    for name in place.names:
        found[name.text] = found.get(name.text, False) or name.kind is NameKind.OFFICIAL
    return found


def _ordered(places: Sequence[Place], plains: Mapping[str, str]) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """Put places in order; return them and their folded official names."""
    numbers = {place.id: spot for spot, place in enumerate(places)}
    titles = [plains[place.name.text] for place in places]
    letters = {title: folding.ordered(title) for title in titles}

    def key(spot: int) -> tuple[bool, int, list[str], str, UUID]:
        place = places[spot]
        above = [letters[titles[one]] for one in _above(place, places, numbers)]
        return place.missing, place.level, above[::-1], letters[titles[spot]], place.id

    order = sorted(range(len(places)), key=key)
    return tuple(places[spot] for spot in order), tuple(titles[spot] for spot in order)


def _above(place: Place, places: Sequence[Place], numbers: Mapping[UUID, int]) -> Iterator[int]:
    """Walk up from a place: parent, grandparent; a parent always has a lower level, so that the walk ends."""
    while place.parent is not None and place.parent in numbers:
        spot = numbers[place.parent]
        yield spot
        place = places[spot]


def _add(gathered: Mapping[str, list[int]], text: str, spot: int) -> None:
    """Note a place under a text once; a text of which folding leaves nothing finds nothing."""
    if text and (not gathered[text] or gathered[text][-1] != spot):
        gathered[text].append(spot)


def _frozen(gathered: Mapping[str, list[int]]) -> Index:
    return {text: tuple(spots) for text, spots in gathered.items()}
