"""The gate for lessons: every course whole in Ukrainian, the emergency lesson everywhere, and no fault anywhere."""

from datetime import date
from pathlib import Path

import pytest

from service.i18n import exchange, fieldtests, po, reviewing, upkeep
from service.i18n.exchange import Against, Format
from service.i18n.model import Finding
from service.i18n.parts import EVERYWHERE
from service.kit.errors import Refused
from tests import schoolbook
from tests.locales.test_upkeep import CALL, declare

VALLEY = po.lessons_of("valley")
TITLE = "lesson.valley.title"
LETTERS = "абвгґдеєжзиіїйклмнопрстуфхцчшщ"
Project = tuple[Path, Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Code with one message and two courses; Ukrainian is whole, Spanish has the emergency lesson and no more."""
    code, folder = tmp_path / "code", tmp_path / "locales"
    code.mkdir()
    declare(code, CALL)
    for course in ("valley", "emergency"):
        here = code / "lessons" / "content" / course
        here.mkdir(parents=True)
        (here / "course.yaml").write_text(schoolbook.head(course).split("lessons:")[0] + "lessons: [first]\n")
        (here / "first.yaml").write_text(schoolbook.lesson("first"))
    upkeep.extract(code, folder)
    upkeep.update(folder, add=["uk"])
    po.write(po.path_of(folder, "es"), "es", ())
    upkeep.update(folder, lessons=[("es", "emergency")])
    for tag in ("uk", "es"):
        for domain in (po.DOMAIN, *po.lesson_domains(folder, tag)):
            translate(folder, tag, domain)
    return code, folder


def translate(folder: Path, tag: str, domain: str, texts: dict[str, str] | None = None) -> None:
    """Give every entry words of its own, or some of them these; the empty word leaves one out."""
    path = po.path_of(folder, tag, domain)
    entries = [
        po.Translation(
            one.id, one.english, (texts or {}).get(one.id, one.text or _word(number, one, tag)), notes=one.notes
        )
        for number, one in enumerate(po.read(path))
    ]
    po.write(path, tag, entries)


def _word(number: int, entry: po.Translation, tag: str) -> str:
    letters = LETTERS if tag == "uk" else "abcdefghijlmnopqrstuvz"
    word = "".join(letters[number // len(letters) ** power % len(letters)] for power in range(4)) * 2
    holes = "".join(f" {{{name}}}" for name in ("number", "referral") if f"{{{name}}}" in entry.english)
    return f"{word}{holes}"


def found(project: Project) -> list[Finding]:
    return upkeep.check(*project)


def test_a_project_with_lessons_has_nothing_to_mend(project: Project) -> None:
    assert found(project) == []


def test_every_course_is_whole_in_ukrainian_and_elsewhere_the_emergency_lesson(project: Project) -> None:
    _, folder = project
    translate(folder, "uk", VALLEY, {TITLE: ""})
    [finding] = found(project)
    assert (finding.entry, finding.reason) == (TITLE, "is not translated")
    assert finding.file.endswith("uk/LC_MESSAGES/lessons-valley.po")
    assert finding.remedy
    translate(folder, "uk", VALLEY)
    translate(folder, "es", EVERYWHERE, {"lesson.emergency.title": ""})
    [finding] = found(project)
    assert finding.file.endswith("es/LC_MESSAGES/lessons-emergency.po")
    po.path_of(folder, "es", EVERYWHERE).unlink()
    assert [one.reason for one in found(project)] == ["is missing"]


def test_a_course_may_be_begun_in_a_language_and_is_checked_as_far_as_it_goes(project: Project) -> None:
    _, folder = project
    upkeep.update(folder, lessons=[("es", "valley")])
    assert found(project) == []
    translate(folder, "es", VALLEY, {TITLE: "Pueden volver a casa."})
    assert any("no danger" in one.reason and one.entry == TITLE for one in found(project))
    with pytest.raises(Refused) as refused:
        upkeep.update(folder, lessons=[("es", "hill")])
    assert refused.value.name == "course-unknown"


def test_a_lesson_that_nobody_extracted_is_found_and_so_is_a_stray_catalogue(project: Project) -> None:
    code, folder = project
    path = code / "lessons" / "content" / "valley" / "first.yaml"
    path.write_text(path.read_text().replace("My own page", "Our own page"))
    entry = "lesson.valley.first.worksheet.title"
    assert {(one.entry, Path(one.file).parts[-3]) for one in found(project)} == {(entry, "en"), (entry, "uk")}
    path.write_text(path.read_text().replace("Our own page", "My own page"))
    po.path_of(folder, "es", EVERYWHERE).with_name("lessons-hill.po").write_bytes(po.path_of(folder, "es").read_bytes())
    assert [one.reason for one in found(project)] == ["holds a course that there is not"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("Дорога знову безпечна.", "no danger"), ("Lessons of a test", "still English"), ("Урок {place}", "holes")],
)
def test_a_bad_translation_of_a_lesson_is_found(project: Project, text: str, reason: str) -> None:
    translate(project[1], "uk", VALLEY, {TITLE: text})
    assert any(reason in one.reason and one.entry == TITLE for one in found(project))


def test_a_lesson_that_cannot_be_read_is_found_with_its_line(project: Project) -> None:
    code, _ = project
    (code / "lessons" / "content" / "valley" / "first.yaml").write_text("lesson: second\n")
    [finding] = found(project)
    assert "first.yaml:1" in finding.reason


@pytest.mark.parametrize("form", list(Format))
def test_lessons_go_out_to_translators_and_come_back(project: Project, tmp_path: Path, form: Format) -> None:
    code, folder = project
    sheet = tmp_path / f"valley.{form}"
    sheet.write_bytes(exchange.written(folder, "uk", VALLEY, form))
    assert TITLE.encode() in sheet.read_bytes()
    against = Against(VALLEY, upkeep.declared(code, VALLEY))
    taken = exchange.take(folder, "uk", sheet, form=form, against=against)
    assert (taken.changed, taken.left) == (0, 0)
    assert taken.same == len(against.messages)


def test_lessons_are_counted_reviewed_and_tried_on_readers(project: Project, tmp_path: Path) -> None:
    _, folder = project
    sheet = tmp_path / "sheet.csv"
    rows = exchange.written(folder, "uk", VALLEY, Format.CSV).decode("utf-8-sig").splitlines()
    at = next(number for number, row in enumerate(rows) if row.startswith(f"{TITLE},"))
    sheet.write_text("\n".join([rows[0], rows[at].removesuffix(",") + "accept,"]) + "\n", "utf-8")
    signed = reviewing.Signature("Olha", "Ivan", date(2026, 11, 26))
    assert reviewing.take(folder, "uk", VALLEY, sheet, signed=signed).accepted == 1
    tried = {
        "id": TITLE,
        "date": date(2026, 11, 26),
        "place": "A district",
        "people": 9,
        "understood": 8,
        "said": "Stop",
    }
    reviewing.record_test(folder, "uk", VALLEY, tried)
    assert fieldtests.read(fieldtests.path_beside(folder, "uk"))
    [count] = [one for one in upkeep.stats(folder) if (one.tag, one.domain) == ("uk", VALLEY)]
    assert (count.reviewed, count.tested, count.translated) == (1, 1, count.texts)
