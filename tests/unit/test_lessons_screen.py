"""Lessons on a screen: whole without a script, marked as what they are, alike byte for byte, and nothing outside."""

import base64
import hashlib
import io
import itertools
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import lxml.etree
import lxml.html
import pytest

from service.lessons import linting
from service.lessons.formats import html, quizzes, scorm
from service.lessons.formats.markup import ASSETS
from service.lessons.model import File, ItemKind
from service.lessons.said import SaidCourse
from tests import screens

LANGUAGES = ("en", "uk", "ar")
SCHEMAS = Path(__file__).parents[3] / "shared" / "data" / "scorm" / "scorm12-xsd"
MAKERS = {"html": html.make, "scorm": scorm.make}


def package(course: SaidCourse, kind: str) -> File:
    (made,) = MAKERS[kind](course)
    return made


def pages(made: File) -> dict[str, lxml.html.HtmlElement]:
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        texts = {one: archive.read(one).decode() for one in archive.namelist() if one.endswith(".html")}
    return {path: lxml.html.document_fromstring(text) for path, text in texts.items()}


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("kind", MAKERS)
def test_every_page_says_language_direction_notices_caveat_licence_and_revision(kind: str, tag: str) -> None:
    course = screens.of_all_kinds(tag)
    for path, page in pages(package(course, kind)).items():
        assert (page.get("lang"), page.get("dir")) == (course.language, course.direction), path
        text = " ".join(page.text_content().split())
        for said in (*course.notices, course.caveat, course.licence, course.stamp):
            assert said in text, (path, said)
        assert page.findtext(".//title")
        about = {one.get("name"): one.get("content") for one in page.iter("meta")}
        assert about["dcterms.license"] == "CC BY 4.0"
        assert about["revision"] == course.revision


@pytest.mark.parametrize("kind", MAKERS)
def test_a_lesson_is_read_whole_without_a_script(kind: str) -> None:
    course = screens.of_all_kinds("uk")
    lesson = course.lessons[0]
    made = pages(package(course, kind))
    text = " ".join(made[f"lesson-{lesson.of.id}.html"].text_content().split())
    said = [one.text for one in lesson.messages] + [
        one.feedback for item in lesson.items.values() for one in item.options
    ]
    said += [lesson.homework, *(one.how for one in lesson.activities), *(item.ask for item in lesson.items.values())]
    said += [lesson.board.alternative] if lesson.board else []
    assert [one for one in said if one not in text] == []
    hidden = made[f"lesson-{lesson.of.id}.html"].xpath("//details[@class='answers'][@hidden]")
    assert hidden == []


def test_teachers_have_the_plan_the_questions_and_help_on_a_page_of_their_own() -> None:
    course = screens.said("emergency", "uk")
    lesson = course.lessons[0]
    text = " ".join(pages(package(course, "html"))[f"teacher-{lesson.of.id}.html"].text_content().split())
    said = [lesson.distress, *(one.teacher for one in lesson.steps), *(one.answer for one in lesson.questions)]
    said += [*lesson.adaptations.values(), *(one.text for one in lesson.objectives)]
    assert [one for one in said if one not in text] == []


@pytest.mark.parametrize("kind", MAKERS)
def test_pages_have_landmarks_one_heading_of_all_and_no_id_twice(kind: str) -> None:
    for path, page in pages(package(screens.of_all_kinds("en"), kind)).items():
        ids = page.xpath("//@id")
        assert sorted(set(ids)) == sorted(ids), path
        assert [len(page.xpath(f"//{one}")) for one in ("header", "main", "footer", "h1")] == [1, 1, 1, 1], path
        levels = [int(one.tag[1]) for one in page.xpath("//h1|//h2|//h3")]
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), path
        assert page.xpath("//img[not(@alt)]") == []
        assert set(page.xpath("//*[@aria-labelledby]/@aria-labelledby")) <= set(ids)
        fields = page.xpath("//input[not(ancestor::label) and not(@aria-label)]|//textarea[not(@id)]")
        assert fields == [], path


@pytest.mark.parametrize("kind", MAKERS)
def test_a_page_may_run_exactly_its_own_style_and_script_and_fetch_nothing(kind: str) -> None:
    for path, page in pages(package(screens.of_all_kinds("en"), kind)).items():
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        rules = dict(one.split(" ", 1) for one in policy.split("; "))
        assert rules["default-src"] == "'none'"
        for tag, rule in (("style", "style-src"), ("script", "script-src")):
            hashes = {
                f"'sha256-{base64.b64encode(hashlib.sha256((one.text or '').encode()).digest()).decode()}'"
                for one in page.iter(tag)
            }
            assert {rules[rule]} == hashes if hashes else rule not in rules
        assert ("connect-src" in rules) == (path == "class.html")
        assert page.xpath("//*[@style]|//*[starts-with(name(@*), 'on')]") == []


def test_no_style_or_script_of_ours_shows_green_red_or_a_tick() -> None:
    for path in ASSETS.iterdir():
        text = path.read_text()
        assert not re.search(r"\bgreen\b|\bred\b|[\u2713\u2714\u2705\u2611]|#0[0-9a-f]0\b|#f00", text, re.IGNORECASE), (
            path
        )
        shades = re.findall(r"#([0-9a-f])([0-9a-f])([0-9a-f])\b|#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\b", text)
        for found in shades:
            red, green, blue = (int(one, 16) for one in found if one)
            assert green <= max(red, blue), (path, found)


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("kind", MAKERS)
def test_a_package_is_small_alike_each_time_and_refers_to_nothing_outside(kind: str, tag: str) -> None:
    course = screens.of_all_kinds(tag)
    made = package(course, kind)
    assert made.name == f"{course.name}-{kind}.zip"
    assert package(course, kind) == made
    linting.refuse_external(made)
    assert len(made.content) < 400_000


@pytest.mark.parametrize(("course", "tag"), screens.chosen())
@pytest.mark.parametrize("kind", MAKERS)
def test_each_package_that_goes_out_is_whole_small_and_refers_to_nothing_outside(
    kind: str, course: str, tag: str
) -> None:
    said = screens.said(course, tag)
    made = package(said, kind)
    linting.refuse_external(made)
    assert len(pages(made)) >= len(said.lessons)


def test_steps_are_never_offered_in_their_right_order() -> None:
    item = screens.of_all_kinds("en").lessons[0].items["all-order"]
    for number in range(50):
        one = replace(item, id=f"q{number}")
        assert [place for place, _ in quizzes.shuffled(one)] != [0, 1, 2]


def test_the_right_answer_is_not_always_offered_first() -> None:
    items = [one for one in screens.said("emergency", "en").lessons[0].items.values() if one.kind is not ItemKind.ORDER]
    firsts = {quizzes.shuffled(replace(one, id=f"{one.id}{n}"))[0][1].right for one in items for n in range(9)}
    assert firsts == {True, False}


@pytest.mark.skipif(not SCHEMAS.exists(), reason="shared data of SCORM is absent")
@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_manifest_is_valid_by_the_schemas_of_scorm_1_2(tag: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(package(screens.of_all_kinds(tag), "scorm").content)) as archive:
        assert archive.namelist()[0] == "imsmanifest.xml"
        manifest = lxml.etree.fromstring(archive.read("imsmanifest.xml"))
        hrefs = set(manifest.xpath("//@href"))
        assert hrefs == set(archive.namelist()) - {"imsmanifest.xml"}
    schema(tmp_path).assertValid(manifest)
    title = manifest.find(".//{*}lom/{*}general/{*}title/{*}langstring")
    assert title.get("{http://www.w3.org/XML/1998/namespace}lang") == tag


def schema(folder: Path) -> lxml.etree.XMLSchema:
    """Return the three schemas as one, as each knows only its own elements.

    libxml2 reads them with two changes: it wants `xml` under no other name, and knows which of two rules an element
    follows only where extensions come from other namespaces, so that more is refused than by the schemas as they are.
    """
    changes = {' xmlns="http://www.w3.org/XML/1998/namespace"': "", 'namespace="##any"': 'namespace="##other"'}
    for path in SCHEMAS.glob("*.xsd"):
        text = path.read_text(encoding="utf-8-sig")
        for old, new in changes.items():
            text = text.replace(old, new)
        (folder / path.name).write_text(text)
    spaces = {"imscp_rootv1p1p2": scorm.CP, "adlcp_rootv1p2": scorm.ADLCP, "imsmd_rootv1p2p1": scorm.MD}
    imports = "".join(f'<xs:import namespace="{at}" schemaLocation="{name}.xsd"/>' for name, at in spaces.items())
    whole = folder / "whole.xsd"
    whole.write_text(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>')
    return lxml.etree.XMLSchema(lxml.etree.parse(str(whole)))
