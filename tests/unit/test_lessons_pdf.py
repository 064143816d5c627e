"""Lessons on paper: large enough, black on white, within their pages, and saying on each what a reader must know."""

import re
from dataclasses import replace
from datetime import date
from functools import cache

import pypdfium2
import pytest

from service.guidance.model import Audience
from service.kit.errors import Refused
from service.lessons.formats import mixing, pdf
from service.lessons.model import File, ItemKind, SheetKind
from service.lessons.said import SaidCourse, SaidItem
from tests.lessons_made import a_course, the_emergency_course

SCRIPTS = ("en", "uk", "ar", "km", "my", "fa-AF", "ps")
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2066-\u2069\u202a-\u202e\ufffe\\s-]+")
MOST_BYTES = 2 * 1024**2
A4, A3, SLIDE = (595, 842), (842, 1191), (960, 540)
SIZES = {"guide": A4, "worksheets": A4, "board": A4, "poster": A3, "slides": SLIDE}


@cache
def course(kind: str, tag: str) -> SaidCourse:
    return the_emergency_course(tag) if kind == "emergency" else a_course(tag, Audience(kind))


@cache
def made(kind: str, tag: str) -> dict[str, File]:
    found = course(kind, tag)
    return {one.name.removeprefix(f"{found.name}-").removesuffix(".pdf"): one for one in pdf.make(found)}


def bare(text: str) -> str:
    return UNSEEN.sub("", text)


def pages(file: File) -> list[str]:
    document = pypdfium2.PdfDocument(file.content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def body(file: File, said: SaidCourse) -> str:
    """All that a file says without the feet of its pages, without spaces."""
    foot = bare(f"{said.notices[0] if said.notices else ''}{said.caveat}{said.licence}{said.stamp}")
    found = [bare(page) for page in pages(file)]
    assert all(foot in page for page in found)
    return "".join(re.sub(r"^\d+/\d+|\d+/\d+$", "", page.replace(foot, "")) for page in found)


def smallest_letters(file: File) -> float:
    """The size of the smallest letter of a file, in points."""
    document = pypdfium2.PdfDocument(file.content)
    try:
        texts = [page.get_textpage() for page in document]
        return min(
            float(pypdfium2.raw.FPDFText_GetFontSize(text, n))
            for text in texts
            for n in range(text.count_chars())
            if pypdfium2.raw.FPDFText_GetUnicode(text, n) > ord(" ") and not pypdfium2.raw.FPDFText_IsGenerated(text, n)
        )
    finally:
        document.close()


@pytest.mark.parametrize("tag", SCRIPTS)
def test_the_emergency_lesson_is_set_in_every_script_for_all_readers(tag: str) -> None:
    files = made("emergency", tag)
    assert tuple(files) == pdf.PARTS
    for part, one in files.items():
        assert b"pdfuaid:part" in one.content  # PDF/UA: typst refuses what falls short of it
        document = pypdfium2.PdfDocument(one.content)
        assert tuple(round(side) for side in document.get_page_size(0)) == SIZES[part]
        document.close()
    assert [len(pages(files[part])) for part in ("guide", "board", "poster")] == [2, 1, 1]


@pytest.mark.parametrize("part", pdf.PARTS)
@pytest.mark.parametrize("tag", ["en", "uk"])
def test_every_page_says_what_it_is_and_what_it_does_not_say(tag: str, part: str) -> None:
    said = course("children-8-11", tag)
    found = pages(made("children-8-11", tag)[part])
    assert (len(said.notices) > 0) == (tag != "en")
    for n, page in enumerate(found):
        needed = [*said.notices, said.caveat, said.licence, said.stamp, f"{n + 1} / {len(found)}"]
        assert [one for one in needed if bare(one) not in bare(page)] == []


@pytest.mark.parametrize("tag", ["en", "uk"])
def test_the_guide_says_all_of_a_lesson_and_can_be_read_out_by_a_machine(tag: str) -> None:
    said = course("children-8-11", tag)
    found = body(made("children-8-11", tag)["guide"], said)
    needed = [said.title, said.summary, said.basis, said.number]
    for lesson in said.lessons:
        needed += [lesson.title, lesson.revision, lesson.distress, lesson.homework, *lesson.adaptations.values()]
        needed += [text for one in lesson.messages for text in (one.id, one.revision, one.text, one.why or "")]
        needed += [text for one in lesson.questions for text in (one.ask, one.answer)]
        needed += [text for one in lesson.items.values() for each in one.options for text in (each.text, each.feedback)]
    assert [one for one in needed if bare(one) not in found] == []


@pytest.mark.parametrize("tag", ["en", "uk"])
def test_the_emergency_lesson_s_two_pages_hold_all_that_a_teacher_needs(tag: str) -> None:
    said = course("emergency", tag)
    lesson = said.lessons[0]
    found = body(made("emergency", tag)["guide"], said)
    needed = [said.basis, said.number, lesson.homework, *(one.text for one in lesson.messages)]
    needed += [text for one in lesson.steps for text in (one.title, one.time)]
    needed += [text for one in lesson.activities for text in (one.how, one.debrief, one.stop_rule)]
    needed += [text for one in lesson.items.values() for each in one.options for text in (each.text, each.feedback)]
    assert [one for one in needed if bare(one) not in found] == []


def test_the_pages_of_a_plan_are_counted_and_a_worksheet_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    said, files = course("children-8-11", "en"), made("children-8-11", "en")
    assert len(pages(files["worksheets"])) == len(said.lessons) * 5  # a worksheet, and two forms before and after
    assert len(pages(files["board"])) == len(said.lessons)
    monkeypatch.setattr(pdf, "MOST_PLAN_PAGES", 2)  # less than a lesson as long as the measures let it be can do with
    with pytest.raises(Refused, match=re.escape(said.lessons[0].of.key)):
        pdf.make(said)


@pytest.mark.parametrize("kind", ["emergency", "children-8-11"])
def test_a_lesson_that_is_too_long_is_refused_by_its_name(kind: str) -> None:
    said = course(kind, "en")
    long = replace(said.lessons[0], distress=" ".join([said.lessons[0].distress] * 40))
    with pytest.raises(Refused) as refused:
        pdf.make(replace(said, lessons=(long, *said.lessons[1:])))
    assert (refused.value.name, refused.value.where) == ("lesson-too-long", long.of.key)
    assert "fewer words" in (refused.value.remedy or "")


def test_a_worksheet_that_needs_a_second_page_is_refused() -> None:
    said = course("children-5-7", "en")
    sheet = said.lessons[2].worksheet
    assert sheet is not None
    long = replace(said.lessons[2], worksheet=replace(sheet, rows=sheet.rows * 6))
    with pytest.raises(Refused, match=re.escape(long.of.key)):
        pdf.make(replace(said, lessons=(*said.lessons[:2], long)))


def test_letters_on_paper_are_large_enough_to_be_copied_twice() -> None:
    for tag in ("en", "ar"):
        sizes = {part: smallest_letters(one) for part, one in made("emergency", tag).items()}
        assert min(sizes.values()) >= 11
        assert sizes["poster"] >= 11 * 2**0.5 - 0.01  # A3 is often printed on A4


def test_r14_pages_for_the_youngest_have_large_letters() -> None:
    files = made("children-5-7", "en")
    assert smallest_letters(files["worksheets"]) >= 18


def test_pages_are_black_on_white() -> None:
    for part, one in made("emergency", "uk").items():
        document = pypdfium2.PdfDocument(one.content)
        image = document[0].render(scale=1).to_pil().convert("RGB")
        colours = image.getcolors(maxcolors=1 << 20) or []
        assert all(max(colour) - min(colour) <= 2 for _, colour in colours), part
        dark = sum(count for count, colour in colours if max(colour) < 64)
        pale = sum(count for count, colour in colours if 160 < max(colour) < 190)
        assert 0 < pale < dark  # only edges of letters and lines are grey
        document.close()


def test_no_line_is_thinner_than_one_point() -> None:
    for path in sorted((pdf.HERE / "templates").glob("*.typ")):
        widths = re.findall(r"(?:stroke|top|bottom): (?:if[^{]*\{ )?([\d.]+)pt", path.read_text())
        assert all(float(width) >= 1 for width in widths), path.name
    assert pdf._OLD * (25 / 25.4 * 72) / 160 >= 1


def test_pages_carry_their_fonts() -> None:
    for tag, font in (("uk", b"NotoSans"), ("ar", b"NotoSansArabic"), ("km", b"NotoSansKhmer"), ("my", b"NotoSansMya")):
        for one in made("emergency", tag).values():
            assert font in one.content
            assert one.content.count(b"/FontFile") >= one.content.count(b"/FontDescriptor ") / 2 > 0


def test_r16_the_same_revision_is_the_same_file_byte_for_byte() -> None:
    assert pdf.make(course("emergency", "ar")) == tuple(made("emergency", "ar").values())
    later = replace(course("emergency", "en"), day=date(2027, 1, 1))
    assert pdf.make(later) != tuple(made("emergency", "en").values())


def test_a_package_is_small_enough_to_fetch() -> None:
    for kind, tag in (("emergency", "ar"), ("emergency", "km"), ("children-8-11", "uk"), ("children-5-7", "en")):
        assert sum(len(one.content) for one in made(kind, tag).values()) <= MOST_BYTES


def test_questions_before_and_after_ask_for_no_name_and_tell_no_answer() -> None:
    said = course("children-8-11", "en")
    found = pages(made("children-8-11", "en")["worksheets"])
    forms = [page for page in found if said.labels["form_a"] in page or said.labels["form_b"] in page]
    assert len(forms) == len(said.lessons) * 4
    assert [page for page in found if said.labels["name"] in page] == [page for page in found if page not in forms]
    told = [each.feedback for lesson in said.lessons for one in lesson.items.values() for each in one.options]
    assert not [one for one in told if bare(one) in bare("".join(found))]


def test_slides_give_the_answer_on_the_slide_after_the_question() -> None:
    said = course("emergency", "en")
    found = [bare(page) for page in pages(made("emergency", "en")["slides"])]
    for one in said.lessons[0].items.values():
        asked = next(n for n, page in enumerate(found) if bare(one.ask) in page)
        assert not any(bare(each.feedback) in found[asked] for each in one.options)
        assert all(bare(each.feedback) in found[asked + 1] for each in one.options)
    assert bare(said.caveat) in found[-1]


def test_a_page_does_not_tell_the_answer_by_its_place() -> None:
    firsts = [
        mixing.item(one, 1, lesson.of.key, {})["lines"][0] == one.options[0].text
        for lesson in course("children-8-11", "en").lessons
        for one in lesson.items.values()
        if one.kind in {ItemKind.SINGLE, ItemKind.SCENE}
    ]
    assert 0 < sum(firsts) < len(firsts)
    for lesson in course("children-8-11", "en").lessons:
        for one in lesson.items.values():
            _differs(one, lesson.of.key)
        sheet = lesson.worksheet
        if sheet and sheet.kind is SheetKind.ORDER:
            assert pdf._worksheet(sheet, lesson.of.key)["rows"] != [row.text for row in sheet.rows]


def _differs(one: SaidItem, key: str) -> None:
    mixed = mixing.item(one, 1, key, {})
    if one.kind is ItemKind.ORDER:
        assert mixed["lines"] != [each.text for each in one.options]
        assert sorted(mixed["lines"]) == sorted(each.text for each in one.options)
    if one.kind is ItemKind.MATCH:
        assert mixed["mates"] != [each.mate for each in one.options]
