"""Courses as they are given out: emergency first, whole or not at all, the same bytes from the same words."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.__main__ import app
from service.config import Settings
from service.guidance.loading import load as load_guidance
from service.guidance.model import Recall, RecallReason
from service.guidance.recalls import Standing
from service.i18n.catalogues import Catalogues
from service.kit.errors import Kind, Refused
from service.lessons import actions, linting, making, recalls
from service.lessons.actions import Source
from service.lessons.formats import bundle
from service.lessons.loading import Own
from service.lessons.model import File, Format
from service.lessons.said import SaidCourse
from tests.conftest import LOCALES

LESSON = "emergency.stop-go-back-tell"
ASKED = ["lessons", "export", "emergency", "--format", "json"]


@pytest.fixture
def source(catalogues: Catalogues) -> Source:
    return actions.source_of(Settings(locales=LOCALES), load_guidance(), catalogues, Own())


@pytest.fixture
def emergency(source: Source) -> SaidCourse:
    return actions.say(source, "emergency", "en")


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner(env={"SUREFOOT_LOCALES": str(LOCALES)})


def a_recall(text: str, *languages: str) -> Recall:
    return Recall(text, ("99",), date(2026, 11, 20), RecallReason.WRONG, languages)


def test_the_emergency_lesson_comes_first_in_every_language(source: Source) -> None:
    offered = actions.offered(source)
    assert {"en", "uk", "ru", "es", "ar"} <= offered.keys()
    assert all(courses[0].of.id == "emergency" for courses in offered.values())


def test_a_course_that_is_not_whole_is_refused_with_the_first_text_that_is_missing(source: Source) -> None:
    guidance = replace(source.guidance, recalls=(a_recall("inside.freeze"),))
    revision = str(guidance.topics["inside"].messages["freeze"].revision)
    guidance = replace(guidance, recalls=(replace(guidance.recalls[0], revisions=(revision,)),))
    with pytest.raises(Refused) as refused:
        actions.say(replace(source, guidance=guidance), "emergency", "en")
    assert (refused.value.name, refused.value.where) == ("course-not-whole", "inside.freeze")
    assert "emergency" not in {one.of.id for one in actions.whole(replace(source, guidance=guidance), "en")}


@pytest.mark.parametrize(
    ("course", "tag", "name"), [("no", "en", "course-unknown"), ("emergency", "xx", "language-unknown")]
)
def test_what_is_unknown_is_refused_with_what_there_is(source: Source, course: str, tag: str, name: str) -> None:
    with pytest.raises(Refused) as refused:
        actions.say(source, course, tag)
    assert refused.value.name == name
    assert ("emergency" if name == "course-unknown" else "uk") in str(refused.value.remedy)


def test_a_tag_is_taken_as_it_is_written_elsewhere(source: Source) -> None:
    assert actions.say(source, "emergency", "UK").language == "uk"


@pytest.mark.parametrize("form", [one for one in actions.FORMATS if one is not Format.PDF])
def test_the_same_revision_gives_the_same_bytes(emergency: SaidCourse, source: Source, form: Format) -> None:
    again = actions.say(source, "emergency", "en")
    assert actions.export(emergency, form) == actions.export(again, form)


@pytest.mark.parametrize("form", actions.FORMATS)
def test_every_file_is_named_by_course_language_and_revision(emergency: SaidCourse, form: Format) -> None:
    assert all(file.name.startswith(emergency.name) for file in actions.export(emergency, form))


def test_a_package_that_is_too_large_is_refused(emergency: SaidCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linting, "MOST_BYTES", 1_000)
    with pytest.raises(Refused) as refused:
        actions.export(emergency, Format.JSON)
    assert refused.value.name == "package-too-large"


def test_a_package_that_leads_out_of_itself_is_refused(emergency: SaidCourse, monkeypatch: pytest.MonkeyPatch) -> None:
    led = File("a.txt", "text/plain", b"see https://example.org/lesson")
    monkeypatch.setattr(bundle, "make", lambda _: (led,))
    with pytest.raises(Refused) as refused:
        actions.export(emergency, Format.JSON)
    assert refused.value.name == "external-reference"


def test_a_bundle_holds_all_that_a_phone_shows(emergency: SaidCourse) -> None:
    said = json.loads(bundle.content(emergency))
    lesson = said["lessons"][0]
    assert lesson["id"] == LESSON
    assert said["caveat"] == emergency.caveat
    assert said["licence"]["id"] == "CC-BY-4.0"
    assert said["direction"] == "ltr"
    assert {key["id"] for key in lesson["messages"]} >= {"found.stop", "inside.freeze"}
    assert all(option["feedback"] for item in lesson["items"] for option in item["options"])
    assert {one for form in lesson["forms"].values() for items in form.values() for one in items} == {
        item["id"] for item in lesson["items"]
    }
    assert all(one["svg"].startswith("<svg") and one["alternative"] for one in said["pictures"].values())


def test_a_draft_says_so_in_its_bundle(source: Source) -> None:
    said = json.loads(bundle.content(actions.say(source, "emergency", "ar")))
    assert said["state"] == "draft"
    assert said["notices"]
    assert said["direction"] == "rtl"


def test_a_changed_word_changes_few_lines_of_a_bundle(emergency: SaidCourse) -> None:
    lesson = replace(emergency.lessons[0], homework="Something else.")
    before, after = (
        set(bundle.content(one).split(b"\n")) for one in (emergency, replace(emergency, lessons=(lesson,)))
    )
    assert len(before ^ after) == 2


def test_a_process_that_makes_a_package_leaves_it_whole_or_not_at_all(
    emergency: SaidCourse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> tuple[File, ...]:
        raise Refused(Kind.CONFLICT, "broken", "It broke.")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "export", broken)
        with pytest.raises(Refused):
            making.make(emergency, Format.JSON, tmp_path / "one")
    assert [one.name for one in tmp_path.iterdir()] == ["lock"]
    making.make(emergency, Format.JSON, tmp_path / "one")
    listing = json.loads((tmp_path / "one" / making.LISTING).read_text())
    assert [name for name, *_ in listing] == [file.name for file in actions.export(emergency, Format.JSON)]
    making.make(emergency, Format.JSON, tmp_path / "one")  # somebody else was quicker


def test_a_withdrawn_message_puts_exactly_the_lessons_on_the_list_that_say_it(source: Source) -> None:
    offered = actions.offered(source)
    listed = recalls.recalled([a_recall("inside.freeze")], source.courses.values(), offered)
    says = {
        lesson.key
        for course in source.courses.values()
        for lesson in course.lessons.values()
        if any(name.startswith("inside.freeze") for name in lesson.messages)
    }
    assert {one.lesson for one in listed} == says
    assert LESSON in says
    assert listed[0].lesson == LESSON, "the emergency lesson comes first"
    assert recalls.recalled([a_recall("no.such")], source.courses.values(), offered) == ()


def test_of_a_recalled_lesson_only_what_stands_may_be_taught(source: Source) -> None:
    offered = actions.offered(source)
    (one, *_) = recalls.recalled([a_recall("inside", "en")], source.courses.values(), offered)
    stands = dict(one.standing)["en"]
    assert not one.withdraws(LESSON, "en", stands)
    assert one.withdraws(LESSON, "en", "1-00000000")
    assert not one.withdraws(LESSON, "uk", "1-00000000"), "in other languages nothing was withdrawn"


def test_how_a_printed_revision_stands(source: Source) -> None:
    course, withdrawn = source.courses["emergency"], [a_recall("inside.freeze")]
    stood = [
        recalls.judge(found, course, LESSON, "en", is_current=current).standing
        for found, current in [((), True), ((), False), (withdrawn, True), (withdrawn, False)]
    ]
    assert stood == [Standing.CURRENT, Standing.REPLACED, Standing.CURRENT, Standing.WITHDRAWN]
    assert recalls.judge((), None, "no", "en", is_current=False).standing is Standing.UNKNOWN


def test_the_command_line_lists_courses_for_programs(runner: CliRunner) -> None:
    done = runner.invoke(app, ["lessons", "list", "--json"])
    told = json.loads(done.stdout)["courses"]
    assert told[0]["course"] == "emergency"
    assert set(told[0]["formats"]) == {form.value for form in actions.FORMATS}


def test_the_command_line_writes_the_same_bytes_again_and_leaves_nothing_half(
    runner: CliRunner, tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        done = runner.invoke(app, [*ASKED, "--lang", "uk", "--out", str(tmp_path / folder), "--json"])
        assert done.exit_code == 0, done.output
    (one,), (two,) = ([*(tmp_path / folder).iterdir()] for folder in ("one", "two"))
    assert (one.name, one.read_bytes()) == (two.name, two.read_bytes())


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--lang", "xx"], "Nothing is said in this language"),
        (["--lang", "en", "--out", "/proc/no"], "cannot be written"),
    ],
)
def test_the_command_line_says_what_is_wrong_and_how_to_mend_it(
    runner: CliRunner, tmp_path: Path, more: list[str], words: str
) -> None:
    done = runner.invoke(app, [*ASKED, "--out", str(tmp_path / "out"), *more])
    assert done.exit_code == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
