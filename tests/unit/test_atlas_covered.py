"""R5: coverage is the least that is true of any ground that is asked about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import numpy as np
import pytest
from shapely import box

from service.atlas.answering import Terms, answer
from service.atlas.chart import Atlas, Chart
from service.atlas.covered import Covered
from service.atlas.model import Coverage, Place, Relation, Walk
from service.zones.model import Listing, PublicCoverage, PublicZone

TODAY = date(2026, 11, 2)
DATED = date(2026, 7, 31)
PLACE = Place(17.5, 45.5, accuracy_m=0, radius_m=500)
ZONE = PublicZone(UUID(int=9), 1, False, "Zones", DATED, 30.0, False, box(17.5, 45.5, 17.51, 45.51))


def _area(
    west: float = 17.0, east: float = 18.0, *, listing: Listing = Listing.LISTED, dated: date = DATED
) -> PublicCoverage:
    return PublicCoverage(UUID(int=1), "Authority", False, listing, dated, box(west, 45, east, 46))


def _coverage(
    areas: Sequence[PublicCoverage],
    asked: Place | Walk = PLACE,
    zones: Sequence[PublicZone] = (),
    *,
    unread: bool = False,
) -> Coverage:
    atlas = Atlas(1, Chart.of(zones, areas), Chart())
    return answer(atlas, asked, Terms(TODAY, 180, unread=unread)).coverage


@pytest.mark.parametrize("listing", Listing)
def test_r5_a_place_in_an_area_is_covered_as_the_area_says(listing: Listing) -> None:
    assert _coverage([_area(listing=listing)]) == listing.value


def test_r5_a_place_in_no_area_is_out_of_coverage_once_there_are_areas() -> None:
    assert _coverage([_area(10, 11)]) is Coverage.OUT_OF_COVERAGE
    assert _coverage([]) is Coverage.NO_DATA


def test_r5_where_areas_lie_over_one_another_the_least_counts() -> None:
    areas = [_area(), _area(listing=Listing.PARTLY_LISTED), _area(10, 11, listing=Listing.NO_DATA)]
    assert _coverage(areas) is Coverage.PARTLY_LISTED
    assert _coverage([*areas, _area(listing=Listing.NO_DATA)]) is Coverage.NO_DATA


def test_r5_an_uncertain_position_takes_the_worst_of_where_it_may_be() -> None:
    near_the_edge = replace(PLACE, longitude=17.999)
    areas = [_area(), _area(18.0, 19.0, listing=Listing.NO_DATA)]
    assert _coverage(areas, near_the_edge) is Coverage.LISTED
    assert _coverage(areas, replace(near_the_edge, accuracy_m=200)) is Coverage.NO_DATA
    assert _coverage(areas[:1], replace(near_the_edge, accuracy_m=200)) is Coverage.OUT_OF_COVERAGE


def test_r5_a_walk_takes_the_worst_along_it() -> None:
    areas = [_area(), _area(18.0, 19.0, listing=Listing.PARTLY_LISTED)]
    assert _coverage(areas, Walk(((17.9, 45.5), (17.95, 45.5)), 0)) is Coverage.LISTED
    assert _coverage(areas, Walk(((17.9, 45.5), (18.1, 45.5)), 0)) is Coverage.PARTLY_LISTED
    assert _coverage(areas, Walk(((17.9, 45.5), (17.9, 46.1), (17.95, 45.5)), 0)) is Coverage.OUT_OF_COVERAGE


def test_two_areas_that_share_a_border_cover_what_lies_across_it() -> None:
    assert _coverage([_area(17, 17.5), _area(17.5, 18)], replace(PLACE, accuracy_m=500)) is Coverage.LISTED


def test_old_coverage_is_stale_and_what_could_not_be_read_too() -> None:
    assert _coverage([_area(dated=date(2026, 1, 1))]) is Coverage.STALE
    assert _coverage([_area()], unread=True) is Coverage.STALE


def test_a_zone_on_record_where_nobody_has_looked_is_partly_listed() -> None:
    assert _coverage([_area(listing=Listing.NO_DATA)], zones=[ZONE]) is Coverage.PARTLY_LISTED
    assert _coverage([_area()], zones=[replace(ZONE, stale=True)]) is Coverage.STALE


def test_an_authority_that_only_covers_is_named_with_its_date() -> None:
    found = answer(Atlas(1, Chart.of([], [_area()]), Chart()), PLACE, Terms(TODAY, 180))
    assert [hit.relation for hit in found.hits] == [Relation.UNKNOWN]
    assert [(one.authority, one.data_as_of, one.days) for one in found.sources] == [("Authority", DATED, 94)]


def test_coverage_over_the_antimeridian_holds_on_both_sides() -> None:
    sides = [replace(_area(), outline=box(179, -18, 180, -16)), replace(_area(), outline=box(-180, -18, -179, -16))]
    covered = Covered.of(sides)
    assert covered.under(np.array([[179.99, -17.1, 180.01, -17.0]])).listing is Listing.LISTED
    assert Covered.of(sides[:1]).under(np.array([[179.99, -17.1, 180.01, -17.0]])).listing is None
