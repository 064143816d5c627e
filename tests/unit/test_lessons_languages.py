"""The emergency lesson can be had in all twelve languages, and no gap of one brings adults' words to children."""

from dataclasses import replace

import pytest

from service.guidance.editions import Deployment
from service.guidance.loading import load as load_guidance
from service.i18n.catalogues import Catalogues
from service.i18n.loading import load_all
from service.i18n.model import State
from service.lessons import editions, loading, words
from service.lessons.catalogues import with_lessons
from service.lessons.loading import Own
from service.lessons.model import CourseKind
from service.lessons.said import SaidCourse
from tests.conftest import LOCALES

TWELVE = ("en", "uk", "ru", "es", "ar", "fr", "pt", "bs", "fa-AF", "ps", "km", "my")
DEPLOYMENT = Deployment("112", "", 100, ())
GUIDANCE = load_guidance()
SHIPPED = Catalogues(load_all(LOCALES), confirmed=frozenset())


def said(course: str, tag: str) -> SaidCourse:
    catalogues = with_lessons(SHIPPED, LOCALES, Own())
    return editions.edition(GUIDANCE, loading.load()[course], catalogues, tag, DEPLOYMENT)


@pytest.mark.parametrize("tag", TWELVE)
def test_the_emergency_lesson_is_whole_in_all_twelve_languages(tag: str) -> None:
    course = said("emergency", tag)
    assert course.lessons[0].messages[0].id == "found.stop"
    assert course.pictures.keys() == course.drawings.keys()
    assert course.caveat
    if course.state is State.DRAFT:
        assert course.notices


@pytest.mark.parametrize("tag", ["bs", "fa-AF", "ps", "km", "my"])
def test_r14_a_wording_for_the_smallest_is_never_given_adults_reasons(tag: str) -> None:
    stop = said("emergency", tag).lessons[0].messages[0]
    catalogue = SHIPPED.catalogue(tag)
    english = next(one for one in GUIDANCE.messages() if one.id == stop.id).variants[0].text.english
    assert stop.text == catalogue.texts["guidance.found.stop.children-5-7", english]
    assert stop.why is None


def test_teachers_and_parents_are_not_called_pupils() -> None:
    course = loading.load()["5-7"]
    catalogues = with_lessons(SHIPPED, LOCALES, Own())
    for kind in (CourseKind.TEACHERS, CourseKind.PARENTS):
        grown = editions.edition(GUIDANCE, replace(course, kind=kind), catalogues, "en", DEPLOYMENT)
        assert grown.labels["pupils"] == words.ADULTS["pupils"].english
        assert grown.labels.keys() == words.LABELS.keys()
