"""R5: an answer is never empty, never says that there is no danger, and errs on the side of caution."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from shapely import Polygon, box

from service.atlas import features, schemas
from service.atlas.answering import Terms, answer, relation
from service.atlas.chart import Atlas, Chart
from service.atlas.model import Answer, Coverage, Place, Relation
from service.i18n.catalogues import Catalogues
from service.kit import geo
from service.zones.model import PublicZone

TODAY = date(2026, 11, 2)
ZONE = PublicZone(
    id=UUID(int=1),
    revision=1,
    exercise=False,
    authority="Mine Action Centre",
    data_as_of=date(2026, 7, 31),
    accuracy_m=100.0,
    stale=False,
    outline=box(17.0, 45.0, 17.01, 45.01),
)
INSIDE = Place(17.005, 45.005, accuracy_m=0, radius_m=500)


def _atlas(*zones: PublicZone) -> Atlas:
    return Atlas(
        1, Chart.of([one for one in zones if not one.exercise]), Chart.of([one for one in zones if one.exercise])
    )


def _asked(place: Place, *zones: PublicZone, stale: bool = False) -> Answer:
    return answer(_atlas(*zones), place, Terms(TODAY, 180, unread=stale))


def _ids(found: Answer) -> list[UUID | None]:
    return [None if hit.zone is None else hit.zone.id for hit in found.hits]


def _east(metres: float) -> Place:
    """A place so many metres east of the zone."""
    degrees = metres / geo.haversine(17.01, 45.005, 18.01, 45.005)
    return replace(INSIDE, longitude=17.01 + degrees, radius_m=2_000)


def test_r5_an_empty_answer_says_unknown_never_clear() -> None:
    found = _asked(INSIDE)
    (hit,) = found.hits
    assert hit.relation is Relation.UNKNOWN
    assert found.coverage is Coverage.NO_DATA
    assert [source.authority for source in found.sources] == [None]


def test_r5_a_place_far_from_every_zone_is_unknown_and_names_whose_data_that_rests_on() -> None:
    found = _asked(replace(INSIDE, latitude=46.0), ZONE)
    assert [hit.relation for hit in found.hits] == [Relation.UNKNOWN]
    assert found.coverage is Coverage.NO_DATA
    (source,) = found.sources
    assert (source.authority, source.data_as_of, source.days) == ("Mine Action Centre", date(2026, 7, 31), 94)


@pytest.mark.parametrize(
    ("metres", "named"),
    [(1, Relation.WITHIN_500M), (499, Relation.WITHIN_500M), (501, Relation.WITHIN_2KM), (1_999, Relation.WITHIN_2KM)],
)
def test_r5_the_relation_comes_from_the_closed_list(metres: float, named: Relation) -> None:
    (hit,) = _asked(_east(metres), ZONE).hits
    assert hit.relation is named


def test_r5_inside_and_on_the_edge_are_inside() -> None:
    for place in (INSIDE, replace(INSIDE, longitude=17.01)):
        (hit,) = _asked(place, ZONE).hits
        assert hit.relation is Relation.INSIDE


def test_r5_beyond_two_kilometres_nothing_is_said_but_unknown() -> None:
    assert [hit.relation for hit in _asked(_east(2_050), ZONE).hits] == [Relation.UNKNOWN]


def test_an_uncertain_position_counts_as_nearer() -> None:
    assert relation(800, 0) is Relation.WITHIN_2KM
    assert relation(800, 400) is Relation.WITHIN_500M
    assert relation(1, 400) is Relation.WITHIN_500M


def test_r5_a_small_circle_is_raised_to_500_metres_plus_the_accuracy() -> None:
    found = _asked(replace(INSIDE, radius_m=10, accuracy_m=120), ZONE)
    assert found.radius_m == 620
    assert found.raised
    wide = _asked(replace(INSIDE, radius_m=1_500, accuracy_m=120), ZONE)
    assert wide.radius_m == 1_500
    assert not wide.raised


def test_r5_a_raised_circle_finds_what_the_asked_one_would_have_missed() -> None:
    (hit,) = _asked(replace(_east(450), radius_m=10), ZONE).hits
    assert hit.relation is Relation.WITHIN_500M


def test_r27_an_exercise_zone_is_never_in_a_real_answer_nor_the_reverse() -> None:
    exercise = replace(ZONE, id=UUID(int=2), exercise=True)
    assert _ids(_asked(INSIDE, exercise)) == [None]
    assert _ids(_asked(replace(INSIDE, exercise=True), ZONE)) == [None]
    assert _ids(_asked(replace(INSIDE, exercise=True), exercise, ZONE)) == [exercise.id]


def test_the_nearest_zone_comes_first() -> None:
    far = replace(ZONE, id=UUID(int=2), outline=box(17.02, 45.0, 17.03, 45.01))
    assert _ids(_asked(_east(200), far, ZONE)) == [ZONE.id, far.id]


def test_coverage_is_never_more_than_partly_listed_without_the_outline_of_what_was_surveyed() -> None:
    assert _asked(INSIDE, ZONE).coverage is Coverage.PARTLY_LISTED


def test_an_answer_from_old_memory_or_of_a_stale_zone_says_so() -> None:
    assert _asked(INSIDE, ZONE, stale=True).coverage is Coverage.STALE
    assert _asked(INSIDE, stale=True).coverage is Coverage.STALE
    assert _asked(INSIDE, replace(ZONE, stale=True)).coverage is Coverage.STALE


def test_old_data_is_shown_as_old_and_its_zones_stay() -> None:
    old = replace(ZONE, data_as_of=date(2026, 5, 1))
    found = _asked(INSIDE, old)
    assert found.coverage is Coverage.STALE
    assert [hit.relation for hit in found.hits] == [Relation.INSIDE]
    assert _asked(INSIDE, old, replace(ZONE, id=UUID(int=2))).coverage is Coverage.PARTLY_LISTED


def test_coverages_never_say_surveyed() -> None:
    assert {one.value for one in Coverage} == {"listed", "partly_listed", "no_data", "out_of_coverage", "stale"}
    assert {one.value for one in Relation} == {"inside", "within_500m", "within_2km", "unknown"}


def _shown(found: Answer, catalogues: Catalogues, tag: str = "en", *, exact: bool = False) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(schemas.as_json(schemas.checked(found, catalogues, tag, exact=exact)))
    return shown


def test_r5_answers_with_and_without_a_hit_have_the_same_fields(catalogues: Catalogues) -> None:
    hit, miss = _shown(_asked(INSIDE, ZONE), catalogues), _shown(_asked(INSIDE), catalogues)
    assert hit.keys() == miss.keys()
    assert hit["answers"][0].keys() == miss["answers"][0].keys()
    assert hit["sources"][0].keys() == miss["sources"][0].keys()
    assert hit["caveat"] == miss["caveat"] != ""
    assert miss["answers"][0]["advice"]


def test_r5_no_value_of_an_answer_without_a_hit_could_be_drawn_as_a_tick(catalogues: Catalogues) -> None:
    """A boolean, an empty list or a zero would be drawn as "none here"."""
    miss = _shown(_asked(INSIDE), catalogues)
    values = [*miss["answers"][0].values(), *(value for name, value in miss.items() if name != "draft")]
    assert not [value for value in values if value in (True, 0, [], "", {}) and value is not False]


def test_r5_metres_are_for_operators_only(catalogues: Catalogues) -> None:
    found = _asked(_east(321), ZONE)
    assert _shown(found, catalogues)["answers"][0]["metres"] is None
    assert _shown(found, catalogues, exact=True)["answers"][0]["metres"] == pytest.approx(321, abs=0.2)


def test_r5_the_age_and_authority_of_the_data_come_along(catalogues: Catalogues) -> None:
    (hit,) = _shown(_asked(INSIDE, ZONE), catalogues)["answers"]
    assert (hit["authority"], hit["data_as_of"], hit["age_days"]) == ("Mine Action Centre", "2026-07-31", 94)


def test_a_raised_circle_is_said_in_words(catalogues: Catalogues) -> None:
    assert _shown(_asked(replace(INSIDE, accuracy_m=50), ZONE), catalogues)["raised"]
    assert _shown(_asked(INSIDE, ZONE), catalogues)["raised"] is None


def test_r25_the_public_properties_are_these_and_no_more(catalogues: Catalogues) -> None:
    shown = features.feature(ZONE, catalogues, "en").model_dump(mode="json")
    assert set(shown["properties"]) == {
        "label", "language", "direction", "authority", "data_as_of", "revision", "accuracy_m", "exercise", "stale",
    }  # fmt: skip
    assert set(shown) == {"type", "id", "geometry", "properties"}


def test_an_exercise_zone_says_so_in_its_label(catalogues: Catalogues) -> None:
    shown = features.feature(replace(ZONE, exercise=True), catalogues, "en")
    assert shown.properties.exercise
    assert "xercise" in shown.properties.label


def test_a_hole_in_an_outline_does_not_exist_for_the_public() -> None:
    holed = Polygon(box(17, 45, 17.1, 45.1).exterior, [box(17.04, 45.04, 17.06, 45.06).exterior])
    zone = replace(ZONE, outline=geo.outward(holed, 10))
    (hit,) = _asked(Place(17.05, 45.05, 0, 500), zone).hits
    assert hit.relation is Relation.INSIDE
