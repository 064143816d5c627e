"""Which ground stands for a place: nothing of it may lie outside."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
import shapely
from shapely import Point

from service.kit import geo
from service.places.gazetteer import Gazetteer
from service.places.ground import ALONE_M, LEAST_M, MARGIN
from service.places.model import Category, Centre, Name, Place
from tests.island import coded, island


def a_place(number: int, category: Category = Category.COMMUNITY, *, level: int = 3, under: int | None = None) -> Place:
    parent = None if under is None else UUID(int=under)
    name = Name(f"Place {number}", "en")
    return Place(UUID(int=number), "XA", True, level, category, (("test", str(number)),), (name,), parent)


def at(place: Place, longitude: float, latitude: float) -> Place:
    return replace(place, centre=Centre(longitude, latitude))


def away_m(one: Centre | None, other: Centre | None) -> float:
    assert one is not None
    assert other is not None
    return geo.haversine(one.longitude, one.latitude, other.longitude, other.latitude)


def test_a_settlement_without_coordinates_answers_for_its_community() -> None:
    gazetteer = island()
    answering = gazetteer.answering_for(coded(gazetteer, "XA1113").id)
    assert answering is not None
    assert answering.unit == coded(gazetteer, "XA111")
    assert answering.radius_m is not None


def test_a_community_without_coordinates_answers_for_the_district_above() -> None:
    gazetteer = island()
    answering = gazetteer.answering_for(coded(gazetteer, "XA1221").id)
    assert answering is not None
    assert answering.unit == coded(gazetteer, "XA12")


def test_a_settlement_with_coordinates_answers_for_itself() -> None:
    gazetteer = island()
    place = coded(gazetteer, "XA2112")
    answering = gazetteer.answering_for(place.id)
    assert answering is not None
    assert answering.unit == place


def test_a_district_of_a_city_answers_for_the_city() -> None:
    gazetteer = island()
    answering = gazetteer.answering_for(coded(gazetteer, "XA91").id)
    assert answering is not None
    assert answering.unit == coded(gazetteer, "XA9")


def test_nothing_known_up_to_the_top_is_said_as_nothing() -> None:
    gazetteer = Gazetteer.of(1, [a_place(1, Category.REGION, level=1), a_place(2, level=3, under=1)])
    assert gazetteer.answering_for(UUID(int=2)) is None
    assert gazetteer.covers(UUID(int=2)) is None
    with pytest.raises(KeyError):
        gazetteer.answering_for(UUID(int=3))


def test_a_disc_reaches_half_way_and_a_quarter_more_to_every_neighbour() -> None:
    spread = [(0.0, 0.0), (0.6, 0.0), (0.0, 0.6), (-0.6, 0.0), (0.0, -0.6)]
    places = [at(a_place(number), *where) for number, where in enumerate(spread, start=1)]
    gazetteer = Gazetteer.of(1, places)
    answering = gazetteer.answering_for(places[0].id)
    assert answering is not None
    assert answering.radius_m is not None
    for other in places[1:]:
        assert answering.radius_m >= MARGIN * away_m(places[0].centre, other.centre) / 2


def test_discs_leave_no_ground_between_them() -> None:
    spread = [(x * 0.3 + (y % 2) * 0.11, y * 0.25) for x in range(5) for y in range(5)]
    gazetteer = Gazetteer.of(1, [at(a_place(number), *where) for number, where in enumerate(spread, start=1)])
    areas = [area for place in gazetteer.places(exercise=True) if (area := gazetteer.covers(place.id)) is not None]
    whole = shapely.union_all(areas)
    assert whole.covers(shapely.convex_hull(shapely.MultiPoint(spread)))


def test_a_unit_without_neighbours_gets_the_widest_disc_of_its_level() -> None:
    place = at(a_place(1), 0, 0)
    answering = Gazetteer.of(1, [place]).answering_for(place.id)
    assert answering is not None
    assert answering.radius_m == ALONE_M[3]


def test_crowded_units_keep_the_least_disc_of_their_level() -> None:
    places = [at(a_place(number), number * 0.001, (number % 2) * 0.001) for number in range(1, 8)]
    answering = Gazetteer.of(1, places).answering_for(places[3].id)
    assert answering is not None
    assert answering.radius_m is not None
    assert answering.radius_m >= LEAST_M[3]


def test_a_stated_radius_is_kept() -> None:
    place = replace(at(a_place(1), 0, 0), radius_m=1234.0)
    answering = Gazetteer.of(1, [place]).answering_for(place.id)
    assert answering is not None
    assert answering.radius_m == 1234.0


def test_a_disc_across_180_degrees_holds_both_sides() -> None:
    spread = [(179.9, 0.0), (-179.9, 0.1), (179.8, 0.3), (-179.8, -0.2), (179.95, -0.3)]
    gazetteer = Gazetteer.of(1, [at(a_place(number), *where) for number, where in enumerate(spread, start=1)])
    area = gazetteer.covers(UUID(int=1))
    assert area is not None
    assert geo.distance_m(-179.99, 0.0, area) == 0
    answering = gazetteer.answering_for(UUID(int=1))
    assert answering is not None
    assert answering.radius_m is not None
    assert answering.radius_m < 60_000


def test_an_outline_counts_without_its_holes() -> None:
    gazetteer = island()
    area = gazetteer.covers(coded(gazetteer, "XA1").id)
    assert area is not None
    assert area.covers(Point(-24.8, -36.6))


def test_parts_that_an_outline_leaves_out_are_added() -> None:
    outline = shapely.box(0, 0, 1, 1)
    whole = replace(a_place(1, Category.REGION, level=1), outline=outline, centre=Centre(0.5, 0.5, derived=True))
    inside, outside = at(a_place(2, under=1), 0.5, 0.5), at(a_place(3, under=1), 1.5, 0.5)
    area = Gazetteer.of(1, [whole, inside, outside]).covers(whole.id)
    assert area is not None
    assert area.covers(outline)
    assert area.covers(Point(1.5, 0.5))


def test_a_unit_of_which_only_parts_are_known_is_the_union_of_its_parts() -> None:
    whole = a_place(1, Category.DISTRICT, level=2)
    parts = [at(a_place(2, under=1), 0, 0), at(a_place(3, under=1), 2, 0)]
    area = Gazetteer.of(1, [whole, *parts]).covers(whole.id)
    assert area is not None
    assert area.covers(shapely.MultiPoint([(0, 0), (2, 0)]))


def test_where_a_part_is_unknown_the_units_own_disc_stands_in() -> None:
    whole = at(a_place(1, Category.DISTRICT, level=2), 1, 0)
    parts = [at(a_place(2, under=1), 0, 0), a_place(3, under=1)]
    area = Gazetteer.of(1, [whole, *parts]).covers(whole.id)
    assert area is not None
    assert geo.distance_m(1 + 0.5, 0, area) == 0


def test_a_point_made_from_an_outline_is_marked() -> None:
    gazetteer = island()
    region = coded(gazetteer, "XA1")
    assert region.centre is not None
    assert region.centre.derived
    assert region.outline is not None
    assert region.outline.covers(Point(region.centre.longitude, region.centre.latitude))
    assert not any(
        place.centre.derived for place in gazetteer.places(exercise=True) if place.centre and not place.outline
    )


def test_sources_stay_with_the_place() -> None:
    region = coded(island(), "XA1")
    assert [(one.licence, one.data_as_of) for one in region.sources] == [
        ("CC0 1.0", date(2026, 10, 1)),
        ("ODbL 1.0", date(2026, 10, 1)),
    ]
