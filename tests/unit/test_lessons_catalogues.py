"""The lessons' translations: read once when they are needed; what is fuzzy, stale or empty is never said."""

# ruff: noqa: RUF001 - sentences are written in their own alphabets here

from pathlib import Path

import pytest

from service.i18n import po
from service.i18n.catalogues import Catalogues
from service.i18n.model import MissingTranslation
from service.kit.errors import Refused
from service.lessons import loading
from service.lessons.catalogues import with_lessons
from service.lessons.loading import Own
from tests.locales.folder import write_all

TITLE = loading.load()["emergency"].title
DOMAIN = po.lessons_of("emergency")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = write_all(tmp_path)
    po.write(po.path_of(folder, "bs"), "bs", ())
    return folder


def put(folder: Path, tag: str, text: str, *, english: str = TITLE.english, fuzzy: bool = False) -> None:
    po.write(po.path_of(folder, tag, DOMAIN), tag, [po.Translation(TITLE.id, english, text, fuzzy)])


def opened(folder: Path) -> Catalogues:
    return with_lessons(Catalogues.load(folder, confirmed=frozenset()), folder, OWN)


OWN = Own()


def test_a_lesson_is_said_in_its_language(folder: Path) -> None:
    put(folder, "uk", "Невідкладний урок")
    catalogues = opened(folder)
    assert catalogues.render(TITLE.message(), "uk") == "Невідкладний урок"
    assert catalogues.render(TITLE.message(), "en") == TITLE.english


def test_bosnian_in_cyrillic_letters_comes_by_rule(folder: Path) -> None:
    put(folder, "bs", "Hitna lekcija")
    assert opened(folder).render(TITLE.message(), "bs-Cyrl") == "Хитна лекција"


@pytest.mark.parametrize(("english", "fuzzy"), [(TITLE.english, True), ("Another title", False)])
def test_what_is_fuzzy_or_stale_is_not_said(folder: Path, english: str, *, fuzzy: bool) -> None:
    put(folder, "uk", "Невідкладний урок", english=english, fuzzy=fuzzy)
    with pytest.raises(MissingTranslation):
        opened(folder).render(TITLE.message(), "uk")


def test_what_would_harm_a_reader_is_refused(folder: Path) -> None:
    put(folder, "uk", "Урок у {place}")
    with pytest.raises(Refused) as refused:
        opened(folder)
    assert "holes" in refused.value.faults[0].detail


def test_files_are_read_once_for_the_same_catalogues(folder: Path) -> None:
    put(folder, "uk", "Невідкладний урок")
    catalogues = Catalogues.load(folder, confirmed=frozenset())
    first = with_lessons(catalogues, folder, OWN)
    po.path_of(folder, "uk", DOMAIN).unlink()
    assert with_lessons(catalogues, folder, OWN) is first
