"""Single sheets of lessons: each says which lesson it is, can be asked after, and is read aloud whole."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
import segno
from pypdfium2 import raw

from service.lessons.formats import mixing, pdf
from service.lessons.model import File, ItemKind
from service.lessons.said import SaidCourse, SaidItem, SaidLesson
from tests.lessons_made import HERE, a_shipped_course, the_emergency_course
from tests.unit.test_lessons_pdf import bare, pages

ADDRESS = "https://guidance.example.org"
PRINTED = ("guide", "worksheets", "board", "poster")


@cache
def emergency(tag: str) -> SaidCourse:
    return the_emergency_course(tag)


@cache
def made(tag: str) -> dict[str, File]:
    return dict(zip(pdf.PARTS, pdf.make(emergency(tag)), strict=True))


def read_aloud(file: File) -> str:
    """All that a reader that speaks is given: what no page marks as decoration."""
    document = pypdfium2.PdfDocument(file.content)
    try:
        return bare("".join(text for page in document for text in _spoken(page)))
    finally:
        document.close()


def _spoken(page: pypdfium2.PdfPage) -> Iterator[str]:
    texts = page.get_textpage()
    for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        marks = [raw.FPDFPageObj_GetMark(one.raw, n) for n in range(raw.FPDFPageObj_CountMarks(one.raw))]
        if "Artifact" not in {_name(mark) for mark in marks}:
            letters = (raw.FPDF_WCHAR * 4_000)()
            size = raw.FPDFTextObj_GetText(one.raw, texts.raw, letters, 4_000)
            yield bytes(letters)[: max(0, size - 2)].decode("utf-16-le")


def _name(mark: object) -> str:
    letters, size = (raw.FPDF_WCHAR * 40)(), raw.c_ulong()
    raw.FPDFPageObjMark_GetName(mark, letters, 80, size)
    return bytes(letters)[: max(0, size.value - 2)].decode("utf-16-le")


@pytest.mark.parametrize("part", pdf.PARTS)
def test_the_draft_and_the_caveat_are_read_aloud_and_not_on_every_page(part: str) -> None:
    said = emergency("uk")
    spoken = read_aloud(made("uk")[part])
    for one in (*said.notices, said.caveat, said.licence, said.stamp):
        assert 1 <= spoken.count(bare(one)) <= 2, one


@pytest.mark.parametrize("part", PRINTED)
def test_every_printed_lesson_names_itself_and_its_revision(part: str) -> None:
    lesson = emergency("uk").lessons[0]
    found = [bare(page) for page in pages(made("uk")[part])]
    named = [page for page in found if bare(lesson.of.key) in page and bare(lesson.revision) in page]
    assert len(named) == (1 if part == "guide" else len(found))


def test_a_square_code_asks_whether_exactly_this_wording_still_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    make = segno.make

    def noted(link: str, **how: Any) -> segno.QRCode:
        asked.append(link)
        return make(link, **how)

    monkeypatch.setattr(segno, "make", noted)
    assert emergency("en").code is None
    pdf.make(emergency("en"))
    assert asked == []
    said = reached()
    files = pdf.make(said)
    link = urlsplit(asked[0])
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{ADDRESS}/v1/lessons/recall"
    assert parse_qs(link.query) == {
        "lesson": ["emergency.stop-go-back-tell"],
        "revision": [said.lessons[0].revision],
        "language": ["en"],
    }
    assert [len(pages(files[n])) for n in (0, 2, 3)] == [2, 1, 1]


def test_r16_an_address_that_changes_makes_a_new_revision_of_the_course_and_of_no_lesson() -> None:
    assert reached().revision != emergency("en").revision
    assert [one.revision for one in reached().lessons] == [one.revision for one in emergency("en").lessons]


@cache
def reached() -> SaidCourse:
    """The emergency course of a deployment that phones reach."""
    return a_shipped_course("emergency", "en", replace(HERE, address=ADDRESS))


def test_slides_show_every_sketch_and_every_question_that_a_class_can_answer_with_hands() -> None:
    said = a_shipped_course("8-11")
    found = [bare(page) for page in pages(pdf.make(said)[4])]
    for lesson in said.lessons:
        assert lesson.board is not None
        labels = [bare(one.text) for one in lesson.board.labels]
        assert any(all(one in page for one in labels) for page in found)
        for one in lesson.items.values():
            asked = any(page.startswith(bare(lesson.title)) and bare(one.ask) in page for page in found)
            assert asked == (one.kind in {ItemKind.SINGLE, ItemKind.SCENE}), one.id


@pytest.mark.parametrize(
    ("feedback", "told"), [("Yes. {}", "Yes. {}"), ("{}", "Right. {}"), ("Right. {}", "Right. {}")]
)
def test_right_answers_are_told_in_words_too_and_only_once(feedback: str, told: str) -> None:
    lesson = emergency("en").lessons[0]
    for name, item in _with_feedback(lesson, feedback).items():
        for one in item.options:
            said = mixing.verdicts(replace(lesson, items=_with_feedback(lesson, feedback)), "Right")
            wanted = told.format(f"Why {name}.") if one.right else one.feedback
            assert said.get((name, one.id), "") + one.feedback == wanted


def _with_feedback(lesson: SaidLesson, feedback: str) -> dict[str, SaidItem]:
    """The lesson's items, each right answer with another reason behind the same beginning."""
    return {
        name: replace(
            item,
            options=tuple(
                replace(one, feedback=feedback.format(f"Why {name}.")) if one.right else one for one in item.options
            ),
        )
        for name, item in lesson.items.items()
    }
