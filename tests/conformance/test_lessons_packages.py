"""Every package of every course against its checker; without SUREFOOT_REQUIRE_ALL one course, in its turn."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from moodle_xml_parser.parser import parse_bytes

from service.kit.archives import zipped
from service.lessons import actions
from service.lessons.formats import moodle
from service.lessons.model import File, Format, ItemKind
from service.lessons.said import SaidCourse
from tests import screens

GIFT = Path(os.environ.get("SUREFOOT_TEST_GIFT_PARSER", "absent"))
READ_GIFT = """
const parsed = require(process.argv[1]).parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(parsed));
"""
COURSES = [pytest.param(*one, id="-".join(one)) for one in screens.chosen()]
Books = Mapping[tuple[str, str], bytes]


def files(course: SaidCourse, form: Format) -> tuple[File, ...]:
    return actions.export(course, form)


@pytest.mark.parametrize(("course", "tag"), COURSES)
def test_a_course_is_made_into_every_format_within_two_megabytes_and_without_anything_outside(
    course: str, tag: str
) -> None:
    for form in Format:
        made = files(screens.said(course, tag), form)
        assert made
        assert all(one.name.startswith(screens.said(course, tag).name) and one.content for one in made), form


@pytest.mark.parametrize("form", Format)
def test_the_same_revision_is_the_same_byte_for_byte(form: Format) -> None:
    course = screens.said("emergency", "uk")
    assert files(course, form) == files(course, form)


@pytest.fixture(scope="module")
def books() -> Books:
    """Return the books by course and language, and one that lacks what a book must have."""
    made = {one: files(screens.said(*one), Format.EPUB)[0].content for one in screens.chosen()}
    return made | {("broken", "en"): without_language(next(iter(made.values())))}


def without_language(book: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(book)) as archive:
        inside = {one: archive.read(one) for one in archive.namelist()}
    head, _, rest = inside["EPUB/book.opf"].partition(b"<dc:language>")
    inside["EPUB/book.opf"] = head + rest.partition(b"</dc:language>")[2]
    return zipped(inside, day=screens.said("emergency", "en").day, stored="mimetype")


@pytest.mark.skipif(shutil.which("java") is None, reason="no Java run-time, which EPUBCheck needs (see .ci/run)")
@pytest.mark.timeout(400)
def test_epubcheck_finds_neither_errors_nor_warnings(books: Books, tmp_path: Path) -> None:
    paths = {one: tmp_path / f"{'-'.join(one)}.epub" for one in books}
    for one, path in paths.items():
        path.write_bytes(books[one])
    command = [sys.executable, "-m", "tests.epubs", *map(str, paths.values())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=380)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert any("dc:language" in one for one in said.pop(str(paths["broken", "en"]))), "the checker checks"
    assert {path: found for path, found in said.items() if found} == {}


@pytest.mark.parametrize(("course", "tag"), COURSES)
def test_moodles_xml_comes_back_as_it_was_written(course: str, tag: str) -> None:
    told = screens.said(course, tag)
    xml, _ = files(told, Format.MOODLE)
    found = {one.name: one for one in parse_bytes(BytesIO(xml.content))["multichoice"]}
    items = [(lesson, item) for lesson in told.lessons for item in lesson.items.values()]
    chosen = [(lesson, item) for lesson, item in items if item.kind not in moodle.JOINED]
    assert len(found) == len(chosen)
    for lesson, item in chosen:
        one = found[moodle.name_of(lesson, item)]
        assert plain(one.text_pre_parse) == moodle.asked(item, told)
        assert one.single is (item.kind is not ItemKind.MULTIPLE)
        options = [(plain(option.answer), plain(option.feedback), option.score_fraction > 0) for option in one.options]
        assert options == [(option.text, option.feedback, option.right) for option in item.options]
    assert xml.content.count(b"<subquestion") == sum(
        len(item.options) for _, item in items if item.kind in moodle.JOINED
    )


@pytest.mark.skipif(
    not GIFT.is_file() or shutil.which("node") is None,
    reason="no parser of GIFT (SUREFOOT_TEST_GIFT_PARSER, see .ci/run)",
)
@pytest.mark.parametrize(("course", "tag"), COURSES)
def test_gift_comes_back_as_it_was_written(course: str, tag: str) -> None:
    told = screens.said(course, tag)
    _, gift = files(told, Format.MOODLE)
    command = ["node", "-e", READ_GIFT, str(GIFT)]
    done = subprocess.run(command, input=gift.content, capture_output=True, check=True, timeout=60)
    found = {one["title"]: one for one in json.loads(done.stdout) if one["type"] not in {"Category", "Description"}}
    items = [(lesson, item) for lesson in told.lessons for item in lesson.items.values()]
    assert len(found) == len(items)
    for lesson, item in items:
        one = found[moodle.name_of(lesson, item)]
        assert one["stem"]["text"] == moodle.asked(item, told)
        if item.kind in moodle.JOINED:
            # Of a pair's second half the parser keeps its own sign for what was escaped.
            pairs = [(pair["subquestion"]["text"], unmarked(pair["subanswer"])) for pair in one["matchPairs"]]
            assert pairs == moodle.pairs(item)
        else:
            options = [(choice["text"]["text"], choice["feedback"]["text"]) for choice in one["choices"]]
            assert options == [(option.text, option.feedback) for option in item.options]
            right = [choice["isCorrect"] or float(choice["weight"] or 0) > 0 for choice in one["choices"]]
            assert right == [option.right for option in item.options]


def unmarked(text: str) -> str:
    return re.sub(r"&&(\d{3});", lambda sign: chr(int(sign[1])), text)


def plain(rich: str) -> str:
    """Return the text of one paragraph, whose marks of language and direction stay with it."""
    return rich.partition(">")[2].removesuffix("</p>")
