"""The simulated people live where warnings easily go wrong, and nowhere in doubt."""

from pathlib import Path

import h3
import pytest

import service.demo
from service.demo.expected import CLEARANCE_M, Outline, read_features, who_is_meant
from service.demo.population import Network, Owner, settle
from service.demo.spots import Neighbourhood, Place

ZONES = read_features(Path(service.demo.__file__).parent / "zones.geojsonl")
ELSEWHERE = (Place(84.4, -40.9), Place(3.9, 72.6))


def the_zone(name: str, *, within_m: float = 5003) -> Neighbourhood:
    geometry = next(one["geometry"] for one in ZONES if one["properties"]["name"] == name)
    return Neighbourhood(Outline.of(geometry), within_m, ELSEWHERE)


@pytest.fixture(scope="module")
def there() -> Neighbourhood:
    return the_zone("Halcyon Bank")


@pytest.fixture(scope="module")
def owners(there: Neighbourhood) -> list[Owner]:
    return settle(there, phones=400, seed=3)


def test_nobody_lives_so_near_the_border_of_the_meant_that_rounding_would_decide(
    there: Neighbourhood, owners: list[Owner]
) -> None:
    distances = [there.metres(place) for owner in owners for place in owner.places]
    assert all(abs(one - there.within_m) > CLEARANCE_M for one in distances)
    assert any(0 < there.within_m - one < 200 for one in distances)
    assert any(0 < one - there.within_m < 200 for one in distances)


@pytest.mark.parametrize("name", ["Dateline Banks", "Thimble Rock", "White Lantern"])
def test_people_are_found_around_zones_of_every_kind(name: str) -> None:
    there = the_zone(name)
    people = settle(there, phones=40, seed=3)
    distances = [there.metres(place) for owner in people for place in owner.places]
    assert all(abs(one - there.within_m) > CLEARANCE_M for one in distances)
    assert min(distances) < there.within_m < max(distances)


def test_some_live_in_cells_whose_parents_do_not_hold_them(owners: list[Owner]) -> None:
    places = [place for owner in owners for place in owner.places]
    assert any(
        h3.cell_to_parent(place.cell, 5) != h3.latlng_to_cell(place.latitude, place.longitude, 5) for place in places
    )


def test_everybody_names_between_one_and_twenty_cells(owners: list[Owner]) -> None:
    assert all(1 <= len(owner.cells) <= 20 for owner in owners)
    assert any(len(owner.places) == 3 for owner in owners)
    assert any(owner.decoys for owner in owners)


def test_the_same_seed_makes_the_same_people(there: Neighbourhood) -> None:
    once = settle(there, phones=10, seed=5)
    assert once == settle(there, phones=10, seed=5)
    assert once != settle(there, phones=10, seed=6)


def test_some_are_meant_some_not_and_every_kind_of_network_is_there(there: Neighbourhood, owners: list[Owner]) -> None:
    meant = who_is_meant(there.outline, [owner.subject() for owner in owners], within_m=there.within_m)
    assert 0.3 < len(meant) / len(owners) < 0.8
    assert {owner.network for owner in owners} == set(Network)
