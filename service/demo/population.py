"""Who owns the simulated phones: where they live, what they read, how well they are connected."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import h3

from service.demo.expected import Subject
from service.demo.spots import Neighbourhood, Place, Spot, find

T = TypeVar("T")

# What a person asked for, and the language in which that person must be addressed; nobody speaks the last three here.
LANGUAGES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("uk",), "uk"),
    (("uk-UA", "en"), "uk"),
    (("ru", "uk"), "ru"),
    (("ru-UA",), "ru"),
    (("en",), "en"),
    (("en-GB", "it"), "en"),
    (("es-MX", "en"), "es"),
    (("es",), "es"),
    (("ar",), "ar"),
    (("it", "ar-EG"), "ar"),
    (("ka",), "en"),
    (("zh-Hant-TW", "ja"), "en"),
    (("fi",), "en"),
)
_SPOTS = {
    Spot.INSIDE: 6,
    Spot.NEAR: 24,
    Spot.JUST_WITHIN: 10,
    Spot.JUST_BEYOND: 10,
    Spot.SAME_CELL: 10,
    Spot.CELL_BORDER: 10,
    Spot.OTHER_PARENT: 8,
    Spot.FAR: 22,
}
_MOST_SPOTS = 400
_WANTS_TO_BE_UNKNOWN = 15  # one of so many


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"


class Network(StrEnum):
    """How a phone is connected while the warning goes out."""

    ONLINE = "online"
    AWAY = "away for some seconds"
    DOZING = "asleep in a pocket"
    CROWDED = "off, with more than 100 messages waiting"
    OFF = "off until the last sync"
    GONE = "never seen again"


_ANDROID_NETWORKS = {
    Network.ONLINE: 78,
    Network.AWAY: 8,
    Network.DOZING: 5,
    Network.CROWDED: 3,
    Network.OFF: 5,
    Network.GONE: 1,
}
_IOS_NETWORKS = {Network.ONLINE: 84, Network.AWAY: 9, Network.OFF: 6, Network.GONE: 1}


@dataclass(frozen=True, slots=True)
class Owner:
    """One person with a phone. `speaks` is the language in which the person must be addressed.

    Who does not register follows topics: a tester those of exercises, anybody else none that matter here.
    """

    number: int
    platform: Platform
    kind: str
    languages: tuple[str, ...]
    speaks: str
    places: tuple[Place, ...]
    decoys: tuple[str, ...]
    tester: bool
    network: Network
    loses_push: bool
    broken_extension: bool
    empty_pack: bool
    registers: bool = True

    @property
    def cells(self) -> list[str]:
        """What the service is told: the cells of all places among decoys, in an order that tells nothing."""
        return sorted({place.cell for place in self.places}.union(self.decoys))

    @property
    def pushable(self) -> bool:
        """Whether a push reaches the app by itself: the phone is on or soon back, nothing is lost, the app runs."""
        reached = self.network in {Network.ONLINE, Network.DOZING, Network.AWAY}
        return reached and not self.loses_push and not self.broken_extension

    def subject(self) -> Subject:
        """Return the truth about this phone for the judge of the demo."""
        places = [(place.longitude, place.latitude) for place in self.places]
        return Subject(self.number, places, tester=self.tester, able=self.network is not Network.GONE)


def settle(there: Neighbourhood, *, phones: int, seed: int) -> list[Owner]:
    """Make the owners of `phones` phones, numbered from 1; the same seed makes the same people."""
    chance = random.Random(seed)  # noqa: S311 - a simulated world, the same for the same seed
    wanted = min(phones, _MOST_SPOTS)
    spots = {spot: found for spot in Spot if (found := find(spot, there, chance, wanted=wanted))}
    return [_owner(number, spots, chance) for number in range(1, phones + 1)]


def _owner(number: int, spots: Mapping[Spot, Sequence[Place]], chance: random.Random) -> Owner:
    platform = Platform.ANDROID if chance.random() < 0.7 else Platform.IOS  # noqa: PLR2004 - seven of ten
    networks = _ANDROID_NETWORKS if platform is Platform.ANDROID else _IOS_NETWORKS
    languages, speaks = chance.choice(LANGUAGES)
    places = _places(spots, chance)
    return Owner(
        number=number,
        platform=platform,
        kind=chance.choice(["fid", "token"]),
        languages=languages,
        speaks=speaks,
        places=places,
        decoys=_decoys(places, spots, chance),
        tester=chance.random() < 0.92,  # noqa: PLR2004 - most have joined the exercise
        network=_one_of(networks, chance),
        loses_push=chance.random() < 0.03,  # noqa: PLR2004 - no provider promises delivery
        broken_extension=platform is Platform.IOS and chance.random() < 0.06,  # noqa: PLR2004 - killed for memory or time
        empty_pack=chance.random() < 0.05,  # noqa: PLR2004 - installed, not yet synced
        registers=number % _WANTS_TO_BE_UNKNOWN != 0,
    )


def _places(spots: Mapping[Spot, Sequence[Place]], chance: random.Random) -> tuple[Place, ...]:
    """Home, for some also work and a school."""
    weights = {spot: share for spot, share in _SPOTS.items() if spot in spots}
    count = chance.choices([1, 2, 3], [80, 15, 5])[0]
    return tuple(chance.choice(spots[_one_of(weights, chance)]) for _ in range(count))


def _decoys(places: Sequence[Place], spots: Mapping[Spot, Sequence[Place]], chance: random.Random) -> tuple[str, ...]:
    """Cells where the owner never is: of every fifth, some near home and one in the middle of the area."""
    if chance.random() > 0.2:  # noqa: PLR2004 - every fifth
        return ()
    near = sorted(set(h3.grid_disk(places[0].cell, 3)) - {place.cell for place in places})
    there = chance.choice(spots.get(Spot.NEAR) or places).cell
    return (*chance.sample(near, k=chance.randint(1, 4)), there)


def _one_of(shares: Mapping[T, int], chance: random.Random) -> T:
    return chance.choices(list(shares), list(shares.values()))[0]
