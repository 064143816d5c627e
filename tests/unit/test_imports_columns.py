"""What the columns of a source mean."""

import math
from typing import Any

import pytest

from service.imports import columns, values
from service.imports.columns import Columns
from service.kit import storable
from service.zones.model import Hazard, HazardClass

USUAL = Columns()
SUSPECTED, CONFIRMED = HazardClass.SUSPECTED, HazardClass.CONFIRMED


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"class": "SHA"}, SUSPECTED),
        ({"Status": " cha "}, CONFIRMED),
        ({"hazard class": "Confirmed Hazardous Area"}, CONFIRMED),
        ({"CLASSIFICATION": "suspected_hazardous_area"}, SUSPECTED),
        ({"class": "\uff33\uff28\uff21"}, SUSPECTED),
        ({"type": "Minefield"}, CONFIRMED),
        ({"status": "Open", "class": "CHA"}, CONFIRMED),
        ({"type": "minefield", "class": "SHA"}, SUSPECTED),
        ({"status": "SHA", "class": "CHA"}, CONFIRMED),
        ({"class": "підтверджена небезпечна ділянка"}, CONFIRMED),
    ],
)
def test_r4_the_class_is_recognised(properties: dict[str, Any], said: HazardClass) -> None:
    assert values.classify(columns.by_name(properties), USUAL).said is said


@pytest.mark.parametrize("word", ["Open", "ACTIVE", "Hazardous area"])
def test_an_open_area_counts_as_suspected_and_is_remarked(word: str) -> None:
    classified = values.classify(columns.by_name({"status": word}), USUAL)
    assert classified.said is SUSPECTED
    assert classified.assumed == word


@pytest.mark.parametrize(
    "word", ["Closed", "Cleared", "released", "Cancelled", "Reduced", "Handed over", "handed-over"]
)
def test_r2_a_closing_word_is_a_claim_and_no_class(word: str) -> None:
    classified = values.classify(columns.by_name({"status": word}), USUAL)
    assert classified.claim == word
    assert classified.said is None
    assert classified.unknown == ()


@pytest.mark.parametrize("word", ["not cleared", "uncleared", "partially cleared", "Safe", "SHA?", "green"])
def test_a_word_that_is_not_known_is_not_guessed(word: str) -> None:
    classified = values.classify(columns.by_name({"status": word}), USUAL)
    assert classified.unknown == (word,)
    assert classified.said is None
    assert not classified.claim


def test_a_strange_type_says_nothing_about_the_class() -> None:
    assert values.classify(columns.by_name({"type": "Polygon"}), USUAL).unknown == ()


def test_two_classes_are_remarked() -> None:
    assert values.classify(columns.by_name({"status": "SHA", "class": "CHA"}), USUAL).doubt


def test_blanks_are_as_good_as_absent() -> None:
    assert columns.by_name({"class": None, "status": "  ", "zone id": "7"}) == {"zone_id": "7"}
    assert columns.by_name(None) == {}


@pytest.mark.parametrize(
    ("properties", "feature_id", "named", "found"),
    [
        ({"zone_id": " A-1 "}, None, None, "A-1"),
        ({"ID": 17}, None, None, "17"),
        ({"external_id": "x"}, "y", None, "x"),
        ({}, "y", None, "y"),
        ({}, 3, None, "3"),
        ({"OBJECTID": "9", "id": "1"}, None, "objectid", "9"),
        ({"id": "1"}, "y", "objectid", None),
        ({"id": ""}, None, None, None),
        ({"id": True}, None, None, None),
        ({"id": {"a": 1}}, None, None, None),
        ({"id": "a\x00b\ud800"}, None, None, "a\ufffdb\ufffd"),
    ],
)
def test_the_sources_id_is_found(
    properties: dict[str, Any], feature_id: Any, named: str | None, found: str | None
) -> None:
    assert (
        columns.identifier(columns.by_name(properties), feature_id, USUAL.with_id(named), chosen=named is not None)
        == found
    )


def test_ids_that_differ_by_case_width_or_a_space_are_one() -> None:
    assert columns.folded(" \uff21-1 ") == columns.folded("a-1")
    assert columns.folded("Straße  2") == columns.folded("STRASSE 2")


@pytest.mark.parametrize(
    ("value", "found", "strange"),
    [
        ("AP mine; UXO", {Hazard.ANTI_PERSONNEL_MINE, Hazard.OTHER_ORDNANCE}, ()),
        (["AVM", "ied"], {Hazard.ANTI_VEHICLE_MINE, Hazard.IMPROVISED_DEVICE}, ()),
        ("cluster-munition", {Hazard.CLUSTER_MUNITION_REMNANT}, ()),
        ("PMN-2", {Hazard.UNKNOWN}, ("PMN-2",)),
        ("APM, gadget", {Hazard.ANTI_PERSONNEL_MINE}, ("gadget",)),
        (None, {Hazard.UNKNOWN}, ()),
    ],
)
def test_device_categories_are_gichds(value: Any, found: set[Hazard], strange: tuple[str, ...]) -> None:
    assert values.hazards(columns.by_name({"hazards": value}), USUAL) == (frozenset(found), strange)


@pytest.mark.parametrize(
    ("value", "metres"),
    [(30, 30), ("30", 30), ("x", 100), (-1, 100), (math.nan, 100), (1e9, 100), (True, 100), (None, 100)],
)
def test_r7_a_row_may_state_its_own_accuracy(value: Any, metres: float) -> None:
    assert values.accuracy_m(columns.by_name({"accuracy_m": value}), USUAL, 100) == metres


def test_names_hold_one_visible_line() -> None:
    assert columns.line("a\u202eb\x00\n c") == "ab\ufffd c"
    assert len(columns.line("x" * 1_000)) == columns.LONGEST_TEXT


def test_what_the_database_cannot_hold_is_replaced() -> None:
    strange = {"a\x00": ["\ud800", math.inf, {"b": math.nan}], "n": 1}
    assert storable.kept(strange) == {"a\ufffd": ["\ufffd", "inf", {"b": "nan"}], "n": 1}


def test_attributes_are_capped_in_whole_entries() -> None:
    kept, cut = storable.capped({"a": "x" * 50, "b": "y" * 500, "c": 1}, 100)
    assert kept == {"a": "x" * 50, "c": 1}
    assert cut
