"""A deployment's own lessons: they replace or join ours, whole, carry its revision, and say nothing forbidden (R16)."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from service.config import Settings
from service.guidance.editions import Deployment
from service.guidance.following import Following
from service.guidance.model import Guidance
from service.guidance.opening import open_guidance
from service.i18n import po
from service.i18n.catalogues import Catalogues
from service.i18n.model import MissingTranslation
from service.i18n.review import Review, add_lines, digest, path_beside
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.lessons import editions, loading, opening
from service.lessons.catalogues import with_lessons
from service.lessons.loading import Own
from service.lessons.opening import open_words
from service.lessons.said import SaidCourse
from tests import schoolbook
from tests.conftest import LOCALES

DEPLOYMENT = Deployment("112", "", 100, ())
OURS = loading.CONTENT / "emergency" / "stop-go-back-tell.yaml"
CLAIM = "The road is safe again."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An overlay with a course of its own, beside ours."""
    made = tmp_path / "own"
    (made / "guidance").mkdir(parents=True)
    (made / "guidance" / "overlay.yaml").write_text("name: The authority\nrevision: 5\n")
    put(made, "valley", {"course.yaml": schoolbook.head("valley"), **lessons()})
    shutil.copytree(LOCALES / "en", few(made) / "en")
    po.write(po.path_of(few(made), "uk"), "uk", ())
    return made


def few(folder: Path) -> Path:
    """Return the folder of our catalogues: English, and Ukrainian that says nothing yet, which are read at once."""
    return folder.parent / "locales"


def lessons() -> dict[str, str]:
    return {f"{name}.yaml": schoolbook.lesson(name) for name in schoolbook.names_of_lessons()}


def put(folder: Path, course: str, files: Mapping[str, str]) -> None:
    here = folder / "lessons" / course
    here.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (here / name).write_text(text)


def settings(folder: Path) -> Settings:
    return Settings(locales=few(folder), overlay=folder)


def house(folder: Path) -> House:
    made = House(cast("Any", None), cast("Any", None), cast("Any", None))
    made.put(settings(folder))
    open_words(settings(folder)).into(made)
    return made


def refusal(folder: Path) -> Refused:
    with pytest.raises(Refused) as refused:
        open_words(settings(folder))
    assert refused.value.kind is Kind.INVALID
    assert refused.value.remedy
    return refused.value


def said(folder: Path, course: str, tag: str = "en") -> SaidCourse:
    here = house(folder)
    own = here.get(Own)
    catalogues = with_lessons(here.get(Catalogues), few(folder), own)
    return editions.edition(here.get(Guidance), loading.load(own)[course], catalogues, tag, DEPLOYMENT)


def test_r16_a_deployment_adds_a_course_and_ours_stay(folder: Path) -> None:
    courses = loading.load(house(folder).get(Own))
    assert courses.keys() == loading.load().keys() | {"valley"}
    assert next(iter(courses)) == "emergency"
    assert courses["emergency"] == loading.load()["emergency"]
    assert courses["valley"].origin == "The authority"


def test_r16_a_lesson_of_theirs_replaces_ours_and_carries_their_revision(folder: Path) -> None:
    put(folder, "emergency", {"stop-go-back-tell.yaml": OURS.read_text().replace("Draw the sketch.", "Draw it big.")})
    course = said(folder, "emergency")
    [lesson] = course.lessons
    assert lesson.revision.startswith("1+overlay.5-")
    assert course.revision.startswith("1+overlay.5-")
    assert any("Draw it big." in step.teacher for step in lesson.steps)
    assert loading.load()["emergency"].lessons["stop-go-back-tell"].origin == ""


def test_r16_a_deployment_adds_a_lesson_to_a_course_of_ours(folder: Path) -> None:
    put(folder, "emergency", {"first.yaml": schoolbook.lesson("first", 45)})
    courses = loading.load(house(folder).get(Own))
    assert list(courses["emergency"].lessons) == ["stop-go-back-tell", "first"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("task: Write", f"task: {CLAIM} Write", "no danger"),
        ("roleplay_roles: [pupil, grown-up]", "roleplay_roles: [deminer]", "lets somebody play 'deminer'"),
        ("[found.stop]", "[found.nothing]", "which there is not"),
        ("text: I stop.\n        right: yes", "text: I touch it.\n        right: yes", "a wrong act"),
        ("minutes: 42", "minutes: 41", "steps of 42 minutes"),
    ],
)
def test_what_nobody_may_say_or_do_is_refused_with_its_line(folder: Path, old: str, new: str, reason: str) -> None:
    whole = schoolbook.lesson("first")
    assert old in whole
    put(folder, "valley", {"first.yaml": whole.replace(old, new, 1)})
    refused = refusal(folder)
    assert refused.name == "bad-lessons"
    assert any(reason in one.detail and one.where.startswith("valley/first.yaml:") for one in refused.faults)
    assert all(one.remedy for one in refused.faults)


def test_r16_how_long_a_lesson_is_the_authority_decides(folder: Path) -> None:
    short = schoolbook.lesson("first").replace(schoolbook.words(60), "Say it.")
    put(folder, "valley", {"first.yaml": short})
    open_words(settings(folder))


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"first.yaml": "lesson: first\n"}, "valley/first.yaml:1"),
        ({"other.yaml": schoolbook.lesson("other")}, "valley/other.yaml:1"),
        ({"course.yaml": schoolbook.head("hill")}, "valley/course.yaml:1"),
        ({"notes.txt": "hello"}, "valley/notes.txt"),
    ],
)
def test_what_cannot_be_read_is_refused_with_file_and_line(folder: Path, files: dict[str, str], where: str) -> None:
    put(folder, "valley", files)
    refused = refusal(folder)
    assert (refused.name, refused.where) == ("bad-lessons", where)


def test_the_gate_finds_what_a_start_would_refuse(folder: Path) -> None:
    assert opening.check(few(folder), folder) == []
    put(folder, "valley", {"first.yaml": schoolbook.lesson("first").replace("task: Write", f"task: {CLAIM} Write")})
    findings = opening.check(few(folder), folder)
    assert findings
    assert all(one.file.startswith("valley/first.yaml:") and one.remedy for one in findings)


def test_a_link_is_not_followed(folder: Path) -> None:
    (folder / "lessons" / "hill").symlink_to(folder / "lessons" / "valley")
    assert "plain folder" in refusal(folder).detail


async def test_bad_lessons_change_nothing_and_good_ones_are_taken_up_while_it_runs(folder: Path) -> None:
    here = house(folder)
    before, follower = here.get(Own), Following(here, opened=open_words)
    whole = schoolbook.lesson("first")
    put(folder, "valley", {"first.yaml": whole.replace("task: Write", f"task: {CLAIM} Write")})
    await follower.look(at_once=True)
    assert here.get(Own) is before
    assert follower.trouble
    assert follower.trouble.name == "bad-lessons"
    put(folder, "valley", {"first.yaml": whole.replace("My own page", "Our own page")})
    await follower.look(at_once=True)
    assert follower.trouble is None
    sheet = loading.load(here.get(Own))["valley"].lessons["first"].worksheet
    assert sheet
    assert sheet.title.english == "Our own page"


def translate(folder: Path, texts: Mapping[str, str], *, tag: str = "uk") -> Path:
    course = loading.read_own(folder / "lessons", open_guidance(settings(folder)))["valley"]
    english = {one.id: one.english for one in course.texts()}
    path = po.path_of(folder / "locales", tag, "lessons-valley")
    po.write(path, tag, [po.Translation(key, english.get(key, "Nothing."), text) for key, text in texts.items()])
    return path


TITLE = "lesson.valley.title"
UKRAINIAN = "Уроки долини"


def test_r16_their_translations_are_said_and_reviewed_only_as_they_stand(folder: Path) -> None:
    translate(folder, {TITLE: UKRAINIAN})
    here = house(folder)
    catalogues = with_lessons(here.get(Catalogues), few(folder), here.get(Own))
    title = loading.load(here.get(Own))["valley"].title
    assert catalogues.render(title.message(), "uk") == UKRAINIAN
    assert TITLE not in catalogues.catalogue("uk").reviewed
    line = Review.model_validate(
        {"id": TITLE, "sha256": digest(title.english, UKRAINIAN), "translator": "A", "reviewer": "B"}
        | {"date": "2026-11-26"}
    )
    add_lines(path_beside(folder / "locales", "uk"), [line])
    here = house(folder)
    assert TITLE in with_lessons(here.get(Catalogues), few(folder), here.get(Own)).catalogue("uk").reviewed


def test_a_translation_of_theirs_is_checked_as_ours_is(folder: Path) -> None:
    translate(folder, {TITLE: "Дорога знову безпечна."})
    refused = refusal(folder)
    assert refused.name == "bad-catalogue"
    assert "lessons-valley.po" in (refused.faults[0].where or "")
    translate(folder, {"lesson.valley.nothing": UKRAINIAN})
    assert "nothing says" in refusal(folder).faults[0].detail


def test_a_translation_of_no_course_is_refused(folder: Path) -> None:
    translate(folder, {TITLE: UKRAINIAN}).rename(po.path_of(folder / "locales", "uk", "lessons-hill"))
    assert "no course" in refusal(folder).faults[0].detail


def test_what_is_not_translated_is_never_lent_from_english(folder: Path) -> None:
    translate(folder, {TITLE: UKRAINIAN})
    with pytest.raises(Refused) as refused:
        said(folder, "valley", "uk")
    assert refused.value.name == "course-not-whole"


def test_without_an_overlay_nothing_is_read_before_it_is_needed() -> None:
    words = open_words(Settings(locales=LOCALES))
    [own] = words.beside
    assert isinstance(own, Own)
    assert not own.courses
    title = loading.load()["emergency"].title
    with pytest.raises(MissingTranslation):
        words.catalogues.render(title.message(), "uk")
