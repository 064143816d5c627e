"""The real registers of Ukraine, loaded together: what joins, what is found, whose ground answers."""

import asyncio
import gc
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row
from shapely import Point

from service.alerts import covering
from service.kit import geo
from service.kit.db import Tx
from service.operators.model import Operator
from service.places import actions
from service.places.gazetteer import Gazetteer
from service.places.model import Effect, NameKind, Place, Report, Stated
from tests.bench.places import is_right, queries
from tests.build import an_admin
from tests.conftest import NOW, ServerUrls, a_database

DAY = date(2025, 5, 16)
REGISTER = "katottg-2025-05-16.csv"
# ISO 3166-2 numbers five units otherwise than the codifier does.
OTHERWISE = {"UA01": "UA-43", "UA73": "UA-77", "UA44": "UA-09", "UA80": "UA-30", "UA85": "UA-40"}


@dataclass(frozen=True)
class Loaded:
    """What each load reported, and all places after them."""

    reports: dict[str, Report]
    again: Report
    gazetteer: Gazetteer


@pytest.fixture(scope="module")
def loaded(shared: Path, server_urls: ServerUrls, template: str) -> Iterator[Loaded]:
    """Everything, loaded once for all tests of this file: it takes some seconds, and nothing here changes it."""

    async def load(url: str) -> Loaded:
        async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as tx:
            return await _load_all(tx, await an_admin(tx), shared / "places")

    # What is loaded stays: looking again and again for what could be thrown away doubles the time.
    gc.disable()
    try:
        with a_database(server_urls, template) as url:
            kept = asyncio.run(load(url))
    finally:
        gc.enable()
    gc.freeze()
    yield kept
    gc.unfreeze()


async def _load_all(tx: Tx, operator: Operator, folder: Path) -> Loaded:
    async def load(*paths: Path) -> Report:
        files = {path.name: path.read_bytes() for path in paths}
        return await actions.run_load(tx, operator, files, Stated("UA", dated=DAY), None, now=NOW)

    reports = {name: await load(folder / name) for name in (REGISTER, "hromadas.json", "raions.json")}
    reports["adm1"] = await load(*sorted((folder / "adm1").glob("*.geojson")))
    reports["country"] = await load(folder / "countries-50m.json")
    return Loaded(reports, await load(folder / REGISTER), await actions.gazetteer(tx))


def by_code(gazetteer: Gazetteer, code: str) -> Place:
    found = gazetteer.find(code).only
    assert found is not None
    return found


def test_all_units_of_the_register_are_loaded_and_a_second_time_none_changes(loaded: Loaded) -> None:
    assert loaded.reports[REGISTER].counts[Effect.NEW] == 31_748
    assert loaded.reports[REGISTER].faults == ()
    assert loaded.again.counts == {Effect.NEW: 0, Effect.CHANGED: 0, Effect.UNCHANGED: 31_748, Effect.MISSING: 0}
    assert len(loaded.gazetteer.places()) == 31_749


def test_p_codes_join_but_for_the_exclusion_zone_which_is_said(loaded: Loaded) -> None:
    communities, districts = loaded.reports["hromadas.json"], loaded.reports["raions.json"]
    assert (communities.counts[Effect.NEW], districts.counts[Effect.NEW]) == (1768, 138)
    assert [fault.detail for fault in communities.unjoined] == ["No place on record has the code UA3200000."]
    assert [fault.detail for fault in districts.unjoined] == ["No place on record has the code UA3200."]
    assert (len(communities.notes), len(districts.notes)) == (2, 6)


def test_every_region_has_its_own_outline_though_iso_numbers_five_otherwise(loaded: Loaded) -> None:
    regions = [place for place in loaded.gazetteer.places() if place.level == 1]
    assert len(regions) == 27
    for region in regions:
        pcode = next(code for scheme, code in region.codes if scheme == "pcode")
        iso = next(code for scheme, code in region.codes if scheme == "iso-3166-2")
        assert iso == OTHERWISE.get(pcode, f"UA-{pcode[2:]}")
    assert loaded.reports["adm1"].elsewhere == 36


def test_a_districts_other_name_is_kept_and_found(loaded: Loaded) -> None:
    district = by_code(loaded.gazetteer, "UA4612")
    assert [name.text for name in district.names if name.kind is NameKind.ALIAS] == ["Червоноградський"]
    assert loaded.gazetteer.find("Червоноградський район").groups[0].places[0] == district


def test_the_commonest_name_is_a_list_that_a_region_narrows(loaded: Loaded) -> None:
    whole = loaded.gazetteer.find("Іванівка").groups[0].places
    narrowed = loaded.gazetteer.find("Ивановка, Херсонская область").groups[0].places
    assert len(whole) == 119
    assert 1 < len(narrowed) < 10
    for place in narrowed:
        assert loaded.gazetteer.above(place)[-2].name.text == "Херсонська"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("UA80000000000093317", "UA80"),
        ("Севастополь", "UA85"),
        ("Автономна Республіка Крим", "UA01"),
        ("Kherson oblast", "UA65"),
        ("Бериславський район", "UA6502"),
        ("Лозова громада", "UA6310005"),
        ("Kamianets-Podilskyi", "UA68020110010097898"),
        ("м. Камянець Подільський", "UA68020110010097898"),
        ("Каменец-Подольский", "UA68020110010097898"),
    ],
)
def test_places_are_found_as_people_write_them(loaded: Loaded, query: str, code: str) -> None:
    places = [place for group in loaded.gazetteer.find(query).groups[:3] for place in group.places]
    assert any(code in {one for _, one in place.codes} for place in places)


def test_every_exact_name_finds_its_place_in_the_first_group(loaded: Loaded) -> None:
    for place in random.Random(1).sample(loaded.gazetteer.places(), 300):  # noqa: S311 - a choice that can be repeated
        assert place in loaded.gazetteer.find(place.name.text).groups[0].places


def test_the_right_name_is_among_the_first_three_for_95_of_100(loaded: Loaded) -> None:
    asked = queries(loaded.gazetteer, 400, seed=7)
    right = sum(is_right(loaded.gazetteer, query) for query in asked if query.is_misspelt)
    assert right / 200 >= 0.95


def test_every_settlement_answers_for_its_community_if_that_has_a_centre(loaded: Loaded) -> None:
    gazetteer = loaded.gazetteer
    for place in gazetteer.places():
        answering = gazetteer.answering_for(place.id)
        assert answering is not None
        above = gazetteer.above(place)
        if above and above[0].level == 3:
            community, district = above[:2]
            assert answering.unit == (community if community.centre else district)


def test_what_a_warning_for_a_region_covers_holds_every_part_of_it(loaded: Loaded) -> None:
    gazetteer = loaded.gazetteer
    for region in (place for place in gazetteer.places() if place.level == 1):
        area = gazetteer.covers(region.id)
        assert area is not None
        for part in (one for below in gazetteer.below(region) for one in (below, *gazetteer.below(below))):
            if part.centre is not None:
                assert area.covers(Point(part.centre.longitude, part.centre.latitude)), part.name.text


def test_what_a_warning_for_the_country_covers_holds_what_its_outline_leaves_out(loaded: Loaded) -> None:
    """Natural Earth draws Ukraine without Crimea; the register has it."""
    gazetteer = loaded.gazetteer
    country = next(place for place in gazetteer.places() if place.level == 0)
    area = gazetteer.covers(country.id)
    assert country.outline is not None
    assert area is not None
    assert not country.outline.covers(Point(34.1, 44.95))
    assert area.covers(Point(34.1, 44.95))


def test_discs_of_communities_leave_no_ground_of_a_region_out(loaded: Loaded) -> None:
    gazetteer = loaded.gazetteer
    region = by_code(gazetteer, "UA65")
    assert region.outline is not None
    districts = [area for each in gazetteer.below(region) if (area := gazetteer.covers(each.id)) is not None]
    dice = random.Random(3)  # noqa: S311 - a choice that can be repeated
    west, south, east, north = 31.6, 46.2, 35.2, 47.6
    land = next(place for place in gazetteer.places() if place.level == 0).outline
    assert land is not None
    points = [Point(dice.uniform(west, east), dice.uniform(south, north)) for _ in range(2_000)]
    own = [point for point in points if region.outline.covers(point) and land.covers(point)]
    there = {one.id for district in gazetteer.below(region) for one in gazetteer.below(district)}
    everywhere = [one for one in gazetteer.places() if one.level == 3 and one.centre is not None]
    nearest = [point for point in own if _nearest(everywhere, point).id in there]
    assert len(nearest) > 300
    assert all(any(area.covers(point) for area in districts) for point in nearest)


def _nearest(places: list[Place], point: Point) -> Place:
    """Return the nearest by the great circle: the widest cosine of the angle."""
    at = np.radians([(one.centre.longitude, one.centre.latitude) for one in places if one.centre is not None])
    x, y = np.radians((point.x, point.y))
    cosines = np.sin(y) * np.sin(at[:, 1]) + np.cos(y) * np.cos(at[:, 1]) * np.cos(at[:, 0] - x)
    return places[int(cosines.argmax())]


def test_r21_a_warning_for_a_region_is_for_all_its_parts_and_the_country_and_for_no_other_region(
    loaded: Loaded,
) -> None:
    gazetteer = loaded.gazetteer
    region = by_code(gazetteer, "UA-63")
    area = covering.around(gazetteer.standing_for(region.id) or Point(0, 0).buffer(1), 0)
    rings = covering.of_units(gazetteer, [region], area, reach_m=0)
    (country,) = gazetteer.above(region)
    meant = [place for place in gazetteer.places() if -place.number in rings]
    parts = [place for place in meant if region in gazetteer.above(place)]
    assert {place.id for place in meant} == {place.id for place in (country, region, *parts)}
    assert [sum(place.level == level for place in parts) for level in (2, 3, 4)] == [7, 56, 0]
    assert {rings[-place.number] for place in (region, *parts)} == {0}
    assert rings[-country.number] == area.last_ring + 1
    assert len(area.told) <= 40
    assert area.cells > 5_000


def test_r21_a_field_touches_its_municipality_and_all_above_in_every_region(loaded: Loaded) -> None:
    gazetteer, chance = loaded.gazetteer, random.Random(21)  # noqa: S311 - a sample for a test
    municipalities = [place for place in gazetteer.places() if place.level == 3 and place.centre is not None]
    for place in chance.sample(municipalities, 40):
        assert place.centre is not None
        field = geo.circle(place.centre.longitude, place.centre.latitude, 50)
        area = covering.around(field, 500)
        rings = covering.touching(gazetteer, field, area, exercise=False)
        assert rings[-place.number] == 0
        assert {rings[-above.number] for above in gazetteer.above(place)} == {area.last_ring + 1}
        assert len(rings) < 60
