"""An import adds danger at once and takes none away."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from shapely import Point

from service.imports import rules
from service.imports.model import Kind, Plan
from service.imports.reasons import Note, Reason
from service.imports.schemas import ImportIn
from service.kit import geo
from service.kit.errors import Refused
from service.zones.model import Hazard, HazardClass, Publication, Zone
from tests.build import a_feature, a_square, declared
from tests.planned import Planned, of_one

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LATER = date(2026, 8, 31)


def _import(feature: Mapping[str, Any], *zones: Zone, **stated: Any) -> Planned:
    return of_one(feature, declared(**stated), *zones)


def _zone(feature: Mapping[str, Any] | None = None, **stated: Any) -> Zone:
    plan = _import(a_feature() if feature is None else feature, **stated)
    assert plan.kinds == [Kind.NEW]
    return plan.zones[0]


def _wider() -> dict[str, Any]:
    return a_feature(geometry=a_square(16.995, 44.995, 0.02))


def _beside() -> dict[str, Any]:
    """Half of the old ground and as much new."""
    return a_feature(geometry=a_square(17.005, 45.0, 0.01))


def test_r7_a_new_zone_is_public_with_the_surveys_error_around_it() -> None:
    zone = _zone()
    assert zone.public is not None
    assert zone.accuracy_m == 100
    assert zone.public.covers(zone.official)
    assert zone.public.covers(geo.buffer_metres(zone.official, 90))


def test_the_same_content_changes_nothing() -> None:
    zone = _zone()
    plan = _import(a_feature(), zone)
    assert (plan.kinds, plan.zones, plan.lines[0].newer) == ([Kind.UNCHANGED], [], False)


def test_the_same_content_of_a_newer_day_is_confirmed_and_no_longer_stale() -> None:
    zone = replace(_zone(), stale=True)
    plan = _import(a_feature(), zone, dated=LATER)
    assert (plan.kinds, plan.lines[0].newer) == ([Kind.UNCHANGED], True)
    (after,) = plan.zones
    assert (after.data_as_of, after.stale, after.revision) == (LATER, False, 1)


def test_an_older_file_that_says_the_same_changes_nothing() -> None:
    assert _import(a_feature(), _zone(), dated=date(2020, 1, 1)).kinds == [Kind.UNCHANGED]


def test_an_older_file_that_differs_waits() -> None:
    plan = _import(_wider(), _zone(), dated=date(2020, 1, 1))
    assert (plan.kinds, plan.zones) == ([Kind.IN_DOUBT], [])
    assert [one.reason for one in plan.quarantined] == [Reason.OUTDATED]


def test_a_zone_that_grows_is_changed_at_once() -> None:
    zone = _zone()
    plan = _import(_wider(), zone)
    (after,) = plan.zones
    assert plan.kinds == [Kind.CHANGED]
    assert after.revision == 2
    assert not plan.quarantined
    assert after.public is not None
    assert zone.public is not None
    assert after.public.covers(zone.public)
    assert after.public.covers(after.official)


def test_r6_a_zone_that_would_shrink_stays_and_the_row_waits() -> None:
    zone = _zone(_wider())
    plan = _import(a_feature(), zone)
    assert [one.reason for one in plan.quarantined] == [Reason.SHRINKS]
    assert plan.kinds == [Kind.SHRUNK]
    assert plan.zones == [], "nothing else was new"


def test_r6_a_zone_that_moves_keeps_its_old_ground_beside_the_new() -> None:
    zone = _zone()
    plan = _import(_beside(), zone)
    (after,) = plan.zones
    assert plan.kinds == [Kind.MOVED]
    assert [one.reason for one in plan.quarantined] == [Reason.MOVES]
    assert after.public is not None
    assert after.public.covers(Point(17.001, 45.005))
    assert after.public.covers(Point(17.014, 45.005))
    assert after.public.covers(after.official)


def test_what_waits_does_not_make_the_zone_change_again_and_again() -> None:
    zone = _zone()
    (first,) = _import(_beside(), zone).zones
    again = _import(_beside(), first)
    assert again.zones == []
    assert [one.reason for one in again.quarantined] == [Reason.SHRINKS]


def test_r7_a_better_survey_alone_takes_no_ground_away() -> None:
    zone = _zone(accuracy_m=300)
    plan = _import(a_feature(), zone, accuracy_m=30)
    assert [one.reason for one in plan.quarantined] == [Reason.SHRINKS]
    assert all(after.public == zone.public for after in plan.zones)


def test_r4_a_suspected_area_may_become_confirmed() -> None:
    (after,) = _import(a_feature(**{"class": "CHA"}), _zone()).zones
    assert after.hazard_class is HazardClass.CONFIRMED


def test_r2_a_confirmed_area_stays_confirmed_until_a_second_person_decides() -> None:
    zone = _zone(a_feature(**{"class": "CHA"}))
    plan = _import(a_feature(), zone)
    assert [one.reason for one in plan.quarantined] == [Reason.DOWNGRADED]
    assert all(after.hazard_class is HazardClass.CONFIRMED for after in plan.zones)


def test_r21_growth_is_taken_even_where_the_class_has_to_wait() -> None:
    zone = _zone(a_feature(**{"class": "CHA"}))
    plan = _import(_wider(), zone)
    (after,) = plan.zones
    assert [one.reason for one in plan.quarantined] == [Reason.DOWNGRADED]
    assert after.public is not None
    assert after.public.covers(Point(17.014, 45.014))


def test_r2_a_claimed_closure_of_a_known_zone_ends_nothing() -> None:
    zone = _zone(a_feature(**{"class": "CHA"}))
    plan = _import(a_feature(**{"class": "Cleared"}), zone)
    (after,) = plan.zones
    assert after.hazard_class is HazardClass.CONFIRMED
    assert after.public == zone.public
    assert after.claim == "Cleared (historic, unproven)"
    assert [one.reason for one in plan.quarantined] == [Reason.CLOSED]
    assert {finding.note for finding in plan.findings} == {Note.NO_RELEASE_RECORD}


def test_hazards_only_ever_add_up() -> None:
    zone = _zone(a_feature(hazards="APM"))
    (after,) = _import(a_feature(hazards="UXO"), zone).zones
    assert after.particulars.hazards == {Hazard.ANTI_PERSONNEL_MINE, Hazard.OTHER_ORDNANCE}


def test_r8_a_withheld_zone_has_no_public_outline_and_stays_so() -> None:
    zone = _zone(publication=Publication.WITHHELD)
    assert zone.public is None
    plan = _import(_wider(), zone, publication=Publication.OUTLINE)
    (after,) = plan.zones
    assert after.public is None
    assert after.official.covers(zone.official)
    assert {finding.note for finding in plan.findings} == {Note.PUBLICATION_KEPT}


def test_r6_a_withheld_zone_does_not_shrink_either() -> None:
    zone = _zone(_wider(), publication=Publication.WITHHELD)
    plan = _import(a_feature(), zone, publication=Publication.WITHHELD)
    assert [one.reason for one in plan.quarantined] == [Reason.SHRINKS]
    assert plan.zones == []


def test_r8_a_generalised_zone_shows_cells_that_hold_the_official_outline() -> None:
    zone = _zone(publication=Publication.GENERALISED)
    other = _zone(a_feature(geometry=a_square(17.0005, 45.0005, 0.009)), publication=Publication.GENERALISED)
    assert zone.public is not None
    assert other.public is not None
    assert zone.public.covers(zone.official)
    assert zone.public.equals(other.public), "two outlines in the same cells look the same"
    assert geo.corners(zone.public) >= 6


def test_r8_a_generalised_zone_keeps_its_public_outline_while_the_official_one_moves_within_its_cells() -> None:
    zone = _zone(publication=Publication.GENERALISED)
    moved = a_feature(geometry=a_square(17.0005, 45.0005, 0.009))
    (after,) = _import(moved, zone, publication=Publication.GENERALISED).zones
    assert after.public == zone.public


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ({"authority": " "}, "authority-unfit"),
        ({"authority": "x" * 201}, "authority-unfit"),
        ({"authority": "a\x07b"}, "authority-unfit"),
        ({"dated": NOW.date() + timedelta(days=2)}, "date-in-future"),
        ({"dated": date(202, 1, 1)}, "date-too-old"),
        ({"accuracy_m": -1}, "accuracy-unfit"),
        ({"accuracy_m": float("nan")}, "accuracy-unfit"),
        ({"accuracy_m": 5_001}, "accuracy-unfit"),
    ],
)
def test_an_unfit_statement_is_refused_and_the_field_named(stated: dict[str, Any], name: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_declared(declared(**stated), now=NOW)
    assert refused.value.name == name
    assert refused.value.where
    assert refused.value.remedy


def test_spaces_around_an_authority_do_not_make_another_one() -> None:
    assert rules.check_declared(declared(authority="  Mine  Action Centre "), now=NOW).authority == "Mine Action Centre"


def test_counts_speak_of_every_row() -> None:
    plan = _import(a_feature())
    told = Plan(tuple(plan.lines), tuple(plan.quarantined), tuple(plan.findings))
    assert {name: number for name, number in rules.counts(told).items() if number} == {"new": 1}


@pytest.mark.parametrize(("stated", "metres"), [(None, 42), (0, 0), (30, 30)])
def test_r7_where_no_accuracy_is_stated_the_deployments_usual_one_counts(stated: float | None, metres: float) -> None:
    told = ImportIn(authority="Mine Action Centre", dated=LATER, accuracy_m=stated)
    assert told.declared(usual_error_m=42).accuracy_m == metres
