"""Lessons are said with guidance's own messages: one source, so that a change or recall of one reaches every lesson."""

from dataclasses import replace
from datetime import date

import pytest

from service.guidance.editions import Deployment
from service.guidance.loading import load as load_guidance
from service.guidance.model import Guidance, Recall, RecallReason, Text
from service.i18n.catalogues import Catalogues
from service.kit.errors import Refused
from service.lessons import editions
from tests import schoolbook
from tests.conftest import LOCALES

DEPLOYMENT = Deployment("112", "", 100, ())
CATALOGUES = Catalogues.load(LOCALES, confirmed=frozenset())
GUIDANCE = load_guidance()
COURSE = schoolbook.course({"second.yaml": schoolbook.lesson("second").replace("[found.stop]", "[found.go-back]")})


def revisions(guidance: Guidance) -> dict[str, str]:
    said = editions.edition(guidance, COURSE, CATALOGUES, "en", DEPLOYMENT)
    return {lesson.of.id: lesson.revision for lesson in said.lessons} | {"course": said.revision}


def with_message(guidance: Guidance, english: str) -> Guidance:
    """Reword `found.stop` for children from eight on."""
    topic = guidance.topics["found"]
    message = topic.messages["stop"]
    variants = tuple(
        replace(one, text=replace(one.text, english=english)) if one.audience == COURSE.audience else one
        for one in message.variants
    )
    assert variants != message.variants
    stop = replace(message, variants=variants, revision=message.revision + 1)
    return replace(
        guidance, topics={**guidance.topics, "found": replace(topic, messages={**topic.messages, "stop": stop})}
    )


def test_a_changed_key_message_makes_a_new_revision_of_exactly_the_lessons_that_use_it() -> None:
    before, after = revisions(GUIDANCE), revisions(with_message(GUIDANCE, "Stop at once. Keep your hands off it."))
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"first", "third", "fourth", "course"}
    assert revisions(GUIDANCE) == before


def test_a_withdrawn_key_message_takes_the_course_away() -> None:
    recall = Recall("found.go-back", ("1", "2", "3"), date(2026, 11, 26), RecallReason.WRONG)
    with pytest.raises(Refused) as refused:
        revisions(replace(GUIDANCE, recalls=(recall,)))
    assert (refused.value.name, refused.value.where) == ("course-not-whole", "found.go-back")
    assert refused.value.remedy


def test_a_lesson_says_the_wording_for_its_readers() -> None:
    said = editions.edition(GUIDANCE, COURSE, CATALOGUES, "en", DEPLOYMENT)
    [key] = said.lessons[0].messages
    [worded] = [one for one in GUIDANCE.topics["found"].messages["stop"].variants if one.audience == COURSE.audience]
    assert key.text == worded.text.english
    assert isinstance(worded.text, Text)
