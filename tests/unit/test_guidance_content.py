"""The content that ships: it keeps to its own measures, its drills say what they must, its pictures can be copied."""

import re

import pytest

from service.config import HERE
from service.guidance import rules
from service.guidance.loading import CONTENT, PICTURES, load
from service.guidance.model import CHILDREN, GROWN_UPS, Audience
from service.i18n import extract, po
from service.i18n.checking import as_sms
from service.i18n.lengths import first_part, measure
from service.kit.sms import Encoding

GUIDANCE = load()
DECLARED = {message.id: message for message in extract.find(HERE)}
SMS = [entry for entry in (*GUIDANCE.core, *GUIDANCE.sms) if entry.kind == "sms"]
ALERTS = ["hazard-near", "accident-near", "newly-reported"]
ENDS = {
    "off-list-surveyed": "after a survey, deminers did not search it",
    "part-excluded": "after a technical survey, only parts searched",
    "searched": "searched by deminers to {depth} cm",
    "off-list-in-parts": "part by part, deminers did not search it all",
}
CORRECTIONS = ["wrong-place", "wrong-time", "sent-by-mistake", "was-an-exercise"]
THINNEST = 4
DRILL = ("stop. Do not approach, touch or move it", "the way you came", "Keep others away", "Once away, call +38")
DRAWINGS = sorted(PICTURES.glob("*.svg"))


def said(key: str) -> str:
    return next(text.english for text in GUIDANCE.texts() if text.id == f"guidance.{key}")


def test_the_content_keeps_to_every_measure() -> None:
    assert rules.check(GUIDANCE) == []
    assert rules.check_references(GUIDANCE, DECLARED) == []


def test_the_content_is_as_large_as_it_must_be() -> None:
    assert set(GUIDANCE.topics) == set(rules.TOPICS)
    assert sum(1 for _ in GUIDANCE.messages()) >= 90
    assert rules.written_for_children(GUIDANCE) >= 25


def test_every_file_of_the_content_is_read() -> None:
    names = {path.stem for path in CONTENT.iterdir()}
    assert names == {*rules.TOPICS, "core", "contacts", "recalls", "sms"}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("found.stop", ["Stop", "Do not approach", "touch", "move"]),
        ("found.go-back", ["Go back", "the way you came"]),
        ("found.keep-others-away", ["Warn everybody", "not to go there"]),
        ("found.call", ["Call {number} once you are away", "Do not use a phone or a radio beside it"]),
        ("inside.freeze", ["Freeze", "Do not take another step"]),
        ("inside.shout", ["Shout to warn", "help"]),
        ("inside.wait", ["Wait", "however long"]),
        ("inside.own-footprints", ["only in your own footprints", "clearly see every single one"]),
        ("inside.stay-in-vehicle", ["Stop", "stay in it", "Do not turn", "verge"]),
        ("inside.lights-and-horn", ["hazard lights", "horn"]),
        ("inside.leave-only-for-fire", ["only if it burns", "direct threat", "its own visible track"]),
        ("found.stop.children-5-7", ["Stop", "Do not touch", "Go back and tell a grown-up you trust"]),
    ],
)
def test_r10_each_drill_says_its_steps(key: str, words: list[str]) -> None:
    assert [word for word in words if word not in said(key)] == []


def test_r10_distances_stand_in_texts_for_adults_only() -> None:
    for message in GUIDANCE.messages():
        for text, readers in message.texts():
            assert "{distance}" not in text.english or readers <= GROWN_UPS


def test_r1_mines_that_are_said_to_switch_themselves_off_are_a_subject_for_adults_only() -> None:
    for message in GUIDANCE.topics["deactivation"].messages.values():
        assert message.audience <= GROWN_UPS
        assert not message.variants
    others = [message for message in GUIDANCE.messages() if not message.id.startswith("deactivation.")]
    assert not [text for message in others for text, _ in message.texts() if "switch themselves off" in text.english]


def test_children_of_every_age_have_the_three_steps_and_the_rule_for_friends() -> None:
    for key in ("recognise.anything", "found.stop", "found.go-back", "found.keep-others-away", "signs.turn-back"):
        topic, slug = key.split(".")
        ages = {variant.audience for variant in GUIDANCE.topics[topic].messages[slug].variants}
        assert ages >= CHILDREN


def test_youth_of_twelve_reads_the_whole_drill_on_foot() -> None:
    for slug in ("freeze", "shout", "wait", "own-footprints", "hands-and-feet-still"):
        assert Audience.YOUTH_12_14 in GUIDANCE.topics["inside"].messages[slug].audience


@pytest.mark.parametrize("name", ALERTS)
def test_r13_an_sms_says_danger_place_and_do_not_go_there_first(name: str) -> None:
    filled = as_sms(said(f"sms.{name}"), tag="en", direction="ltr")
    assert "Do not go there." in first_part(filled)
    assert "Velyka Oleksandrivka Nova" in first_part(filled)
    assert "Mine service, 23.09.2026" in filled
    for step in DRILL:
        assert step in filled


@pytest.mark.parametrize("name", CORRECTIONS)
def test_r19_an_sms_of_correction_names_what_was_wrong_and_keeps_the_caveat(name: str) -> None:
    text = said(f"sms.{name}")
    assert {"{date}", "{place}", "{authority_short}"} <= set(re.findall(r"\{\w+\}", text))
    assert "Other dangerous areas may exist, there too" in text
    assert [step for step in DRILL if step not in as_sms(text, tag="en", direction="ltr")] == []


@pytest.mark.parametrize("name", ENDS)
def test_r19_an_sms_of_an_end_says_who_when_how_and_of_what_and_keeps_the_caveat(name: str) -> None:
    text = said(f"sms.{name}")
    assert ENDS[name] in text
    assert text.startswith("{place}: whole area ")
    assert "({authority_short}, {date})" in text
    assert "Other dangerous areas may exist." in text
    assert "cancel" not in text.casefold()


@pytest.mark.parametrize("name", [*ENDS, "update", "stands-after-all"])
def test_what_follows_a_warning_has_the_whole_drill_too(name: str) -> None:
    drill = (
        "stop, do not approach, touch or move it, go back slowly the way you came, keep others away; once away, call"
    )
    assert drill in said(f"sms.{name}")


def test_every_warning_correction_and_end_has_an_exercise_of_its_own() -> None:
    ids = {entry.id.removeprefix("guidance.sms.") for entry in SMS}
    for name in ("wrong-place", "wrong-time", "sent-by-mistake", "stands-after-all", "update", *ENDS):
        assert f"exercise-{name}" in ids
        assert said(f"sms.exercise-{name}").startswith("EXERCISE")
        assert "Real dangerous areas may exist." in said(f"sms.exercise-{name}")


def test_every_sms_fits_into_two_segments_in_plain_letters() -> None:
    assert len(SMS) == 28
    for entry in SMS:
        assert entry.text
        assert entry.text.sms
        sms = measure(as_sms(entry.text.english, tag="en", direction="ltr"))
        assert (sms.encoding, sms.fits) == (Encoding.GSM_7, True)


def test_r11_who_texts_of_a_find_learns_that_nobody_has_been_told_and_is_asked_nothing() -> None:
    text = said("sms.found-something")
    assert text.startswith("A text message calls nobody for help: nobody has been told.")
    assert text.index("Go away from it") < text.index("Once away, call {number}")
    assert "?" not in text


def test_r10b_nobody_is_told_to_turn_or_to_go_back_on_footprints_that_they_may_not_see() -> None:
    for text in GUIDANCE.texts():
        assert not re.search(r"turn (?:round )?on the spot|on (?:your|their) own steps", text.english.casefold())


def test_a_text_with_the_authoritys_name_tells_translators_that_it_stays_unchanged() -> None:
    for text in GUIDANCE.texts():
        assert ("nominative" in text.note) is ("{authority" in text.english)


def test_the_answers_about_a_place_are_equally_long_and_give_the_same_advice() -> None:
    with_record, without = said("sms.place-recorded"), said("sms.place-unrecorded")
    assert abs(len(with_record) - len(without)) <= min(len(with_record), len(without)) / 5
    advice = "Keep to ways in daily use. Anything suspicious: stop, do not approach, touch or move it, go back the way "
    assert advice in with_record
    assert advice in without


def test_no_hotline_is_invented() -> None:
    for contacts in GUIDANCE.contacts.values():
        assert contacts.hotline is None
        assert "libphonenumber" in contacts.source
        assert contacts.note


def test_the_catalogue_of_guidance_holds_every_text() -> None:
    found = extract.find(HERE, po.GUIDANCE)
    assert {(one.id, one.english, one.limit) for one in found} == {
        (text.id, text.english, text.limit) for text in GUIDANCE.texts()
    }
    assert all(message.note for message in found)


def test_every_picture_has_its_words_and_every_drawing_is_named() -> None:
    assert {drawing.stem for drawing in DRAWINGS} == set(GUIDANCE.pictures)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_survives_a_photocopier_and_reaches_for_nothing(drawing: object) -> None:
    svg = (PICTURES / f"{getattr(drawing, 'stem', '')}.svg").read_text("utf-8")
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", svg)) <= {"#000", "#fff"}
    assert min(float(width) for width in re.findall(r'stroke-width="([\d.]+)"', svg)) >= THINNEST
    outside = svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"http|href|<script|<image|<style|url\(|opacity|gradient|filter|green|marker|<!", outside)
    assert 'viewBox="0 0 480 480"' in svg
    assert "<title>" in svg


def test_a_sign_has_a_slot_for_the_local_word() -> None:
    for name, picture in GUIDANCE.pictures.items():
        if picture.slot:
            assert f'id="{picture.slot}"' in (PICTURES / f"{name}.svg").read_text("utf-8")
    assert GUIDANCE.pictures["sign-triangle"].slot == GUIDANCE.pictures["sign-square"].slot == "word"
