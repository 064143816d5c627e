"""The simulated people live where warnings easily go wrong, and nowhere in doubt."""

from pathlib import Path

import h3
import pytest

import service.demo
from service.demo.expected import CLEARANCE_M, Outline, read_features, who_is_meant
from service.demo.population import Network, settle
from service.demo.spots import Neighbourhood, Place

ZONES = read_features(Path(service.demo.__file__).parent / "zones.geojsonl")
ELSEWHERE = (Place(84.4, -40.9), Place(3.9, 72.6))


def the_zone(name: str, *, within_m: float = 5010) -> Neighbourhood:
    geometry = next(one["geometry"] for one in ZONES if one["properties"]["name"] == name)
    return Neighbourhood(Outline.of(geometry), within_m, ELSEWHERE)


@pytest.mark.parametrize("name", ["Halcyon Bank", "Dateline Banks", "Thimble Rock"])
def test_nobody_lives_so_near_the_border_of_the_meant_that_rounding_would_decide(name: str) -> None:
    there = the_zone(name)
    owners = settle(there, phones=300, seed=3)
    distances = [there.metres(place) for owner in owners for place in owner.places]
    assert all(abs(one - there.within_m) > CLEARANCE_M for one in distances)
    assert any(0 < there.within_m - one < 200 for one in distances)
    assert any(0 < one - there.within_m < 200 for one in distances)


def test_some_live_in_cells_whose_parents_do_not_hold_them() -> None:
    owners = settle(the_zone("Halcyon Bank"), phones=300, seed=3)
    places = [place for owner in owners for place in owner.places]
    assert any(
        h3.cell_to_parent(place.cell, 5) != h3.latlng_to_cell(place.latitude, place.longitude, 5) for place in places
    )


def test_everybody_names_between_one_and_twenty_cells() -> None:
    owners = settle(the_zone("Halcyon Bank"), phones=500, seed=4)
    assert all(1 <= len(owner.cells) <= 20 for owner in owners)
    assert any(len(owner.places) == 3 for owner in owners)
    assert any(owner.decoys for owner in owners)


def test_the_same_seed_makes_the_same_people() -> None:
    there = the_zone("Halcyon Bank")
    assert settle(there, phones=50, seed=5) == settle(there, phones=50, seed=5)
    assert settle(there, phones=50, seed=5) != settle(there, phones=50, seed=6)


def test_some_are_meant_some_not_and_every_kind_of_network_is_there() -> None:
    there = the_zone("Halcyon Bank")
    owners = settle(there, phones=800, seed=1)
    meant = who_is_meant(there.outline, [owner.subject() for owner in owners], within_m=there.within_m)
    assert 0.3 < len(meant) / len(owners) < 0.8
    assert {owner.network for owner in owners} == set(Network)
