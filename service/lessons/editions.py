"""A course in one language, filled in for a deployment: whole, or not at all; every package is made of it."""

from collections.abc import Iterable, Iterator
from datetime import date

from service.guidance import drawings
from service.guidance import words as around
from service.guidance.drawings import Drawing
from service.guidance.editions import Deployment, Speaker, said_message
from service.guidance.model import Audience, Guidance, KeyMessage, Text
from service.guidance.recalls import revision
from service.i18n.catalogues import Catalogues
from service.i18n.model import Direction, Message
from service.kit.errors import Kind, Refused
from service.lessons import words
from service.lessons.model import Course, Lesson
from service.lessons.said import (
    SaidActivity,
    SaidBoard,
    SaidCode,
    SaidCourse,
    SaidItem,
    SaidKey,
    SaidLabel,
    SaidLesson,
    SaidObjective,
    SaidOption,
    SaidQuestion,
    SaidRow,
    SaidStep,
    SaidWorksheet,
)


class Unsaid(Exception):  # noqa: N818 - something is not said
    """A text that the language lacks, or a key message that was withdrawn; `what` is its id."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def edition(guidance: Guidance, course: Course, catalogues: Catalogues, tag: str, deployment: Deployment) -> SaidCourse:
    """Say a course in exactly one language; `catalogues` hold the lessons' texts too.

    Refused `course-not-whole` names the first text that the language lacks, or the key message that was withdrawn.
    """
    try:
        return _edition(_Teller(guidance, course, Speaker(catalogues, tag, deployment)), catalogues)
    except Unsaid as unsaid:
        detail = f"The course {course.id} is not whole in {tag!r}: {unsaid.what} is missing, or was withdrawn."
        remedy = "Translate it, or take another language; a withdrawn message needs a new wording first."
        raise Refused(Kind.CONFLICT, "course-not-whole", detail, where=unsaid.what, remedy=remedy) from unsaid


def is_whole(guidance: Guidance, course: Course, catalogues: Catalogues, tag: str, deployment: Deployment) -> bool:
    """Say whether a language has all of a course."""
    try:
        edition(guidance, course, catalogues, tag, deployment)
    except Refused:
        return False
    return True


class _Teller:
    """Says texts of one course in one language, with the local colour; Unsaid for what it cannot say."""

    def __init__(self, guidance: Guidance, course: Course, speaker: Speaker) -> None:
        self.guidance, self.course, self.speaker = guidance, course, speaker
        self._messages = {one.id: one for one in guidance.messages()}
        self._colour = {
            "place": self.must(words.PLACE),
            "signs": self.must(words.SIGNS),
            "referral": self.must(words.REFERRAL),
        }

    def must(self, message: Message, **holes: str | int | date) -> str:
        return _there(self.speaker.say(message, **holes), message.id)

    def say(self, text: Text) -> str:
        return _there(self.speaker.say(text, **self._colour), text.id)

    def may(self, text: Text | None) -> str | None:
        return None if text is None else self.say(text)

    def key(self, name: str) -> SaidKey:
        """Say a key message in the wording that was named, or in the one for the course's readers."""
        topic, message, *wording = name.split(".")
        known = self._messages.get(f"{topic}.{message}")
        said = said_message(known, self.guidance, self.speaker) if known else None
        if known is None or said is None:
            raise Unsaid(name)
        text, why = self._worded(known, Audience(wording[0]) if wording else self.course.audience)
        if text is None and wording:
            raise Unsaid(name)
        if text is None:
            text, why = said.text, said.supporting.get("why")
        return SaidKey(known.id, said.revision, text, why, known.picture)

    def _worded(self, message: KeyMessage, audience: Audience) -> tuple[str | None, str | None]:
        """Return the wording for some readers, with its own reason where the language has that: no adults' reason."""
        found = next((one for one in message.variants if one.audience is audience), None)
        return (self.speaker.say(found.text), self.speaker.say(found.why)) if found else (None, None)


def _there(said: str | None, what: str) -> str:
    if said is None:
        raise Unsaid(what)
    return said


def _edition(teller: _Teller, catalogues: Catalogues) -> SaidCourse:
    course, speaker = teller.course, teller.speaker
    title, summary = teller.say(course.title), teller.say(course.summary)
    lessons = tuple(_lesson(one, teller) for one in course.lessons.values())
    labels = {name: teller.must(one) for name, one in words.headings(course.kind).items()}
    basis, licence = teller.must(words.BASIS), teller.must(words.LICENCE, source=words.SOURCE)
    caveat = teller.must(words.CAVEAT)
    ages = teller.must(words.AGES, youngest=course.ages[0], oldest=course.ages[1]) if course.ages else None
    direction = catalogues.catalogue(speaker.tag).language.direction
    drawn, alternatives = _drawn(teller, lessons, direction)
    state = speaker.state_of([text.id for text in course.texts()])
    notices = (teller.must(around.DRAFT),) if speaker.draft else ()
    day = max((course.revised, *(one.revised for one in course.lessons.values())))
    said = [title, summary, basis, licence, caveat, *notices, *labels.values(), *(one.revision for one in lessons)]
    code = _code(speaker)
    said += [*speaker.age_groups, *([code.page, code.words] if code else [])]
    named = revision(_content(teller), said)
    return SaidCourse(
        of=course,
        language=speaker.tag,
        direction=direction,
        state=state,
        revision=named,
        day=day,
        title=title,
        summary=summary,
        ages=ages,
        basis=basis,
        licence=licence,
        stamp=teller.must(words.STAMP, revision=named, date=day),
        notices=notices,
        caveat=caveat,
        number=speaker.number,
        labels=labels,
        lessons=lessons,
        drawings=drawn,
        pictures=alternatives,
        age_groups=speaker.age_groups,
        code=code,
    )


def _code(speaker: Speaker) -> SaidCode | None:
    """Return where phones find out whether a printed lesson still stands, if they reach this service at all."""
    words = speaker.say(around.PAGE_TITLE) if speaker.address else None
    return SaidCode(f"{speaker.address}/v1/lessons/recall", words) if words else None


def _content(teller: _Teller) -> str:
    """Name the revision of what was written, a deployment's own as such."""
    course = teller.course
    return f"{course.revision}+overlay.{_overlay(teller)}" if _own(course) else str(course.revision)


def _own(course: Course) -> bool:
    return bool(course.origin) or any(one.origin for one in course.lessons.values())


def _overlay(teller: _Teller) -> int:
    overlay = teller.guidance.overlay
    return overlay.revision if overlay else 0


def _drawn(
    teller: _Teller, lessons: Iterable[SaidLesson], direction: Direction
) -> tuple[dict[str, Drawing], dict[str, str]]:
    used = {key.picture for one in lessons for key in one.messages if key.picture}
    used |= {item.picture for one in lessons for item in one.items.values() if item.picture}
    known = {name: teller.guidance.pictures[name] for name in sorted(used & teller.guidance.pictures.keys())}
    for missing in used - known.keys():
        raise Unsaid(missing)
    alternatives = {name: teller.say(one.alternative) for name, one in known.items()}
    return drawings.drawings(known, direction), alternatives


def _lesson(lesson: Lesson, teller: _Teller) -> SaidLesson:
    say = teller.say
    keys = tuple(teller.key(one) for one in lesson.messages)
    said = [*map(say, lesson.texts()), *(part for one in keys for part in (one.id, one.revision, one.text))]
    content = f"{lesson.revision}+overlay.{_overlay(teller)}" if lesson.origin else str(lesson.revision)
    return SaidLesson(
        of=lesson,
        revision=revision(content, said),
        title=say(lesson.title),
        time=teller.must(words.MINUTES, count=lesson.minutes),
        messages=keys,
        objectives=tuple(SaidObjective(say(one.text), one.items) for one in lesson.objectives),
        steps=tuple(
            SaidStep(
                one.minutes,
                teller.must(words.MINUTES, count=one.minutes),
                *(say(text) for text in (one.title, one.teacher, one.pupils)),
            )
            for one in lesson.steps
        ),
        activities=tuple(SaidActivity(one.id, *map(say, one.texts())) for one in lesson.activities),
        questions=tuple(SaidQuestion(say(one.ask), say(one.answer)) for one in lesson.questions),
        distress=say(lesson.distress),
        adaptations={need: say(text) for need, text in lesson.adaptations.items()},
        homework=say(lesson.homework),
        items=dict(_items(lesson, teller)),
        worksheet=_worksheet(lesson, teller),
        board=_board(lesson, teller),
    )


def _items(lesson: Lesson, teller: _Teller) -> Iterator[tuple[str, SaidItem]]:
    for item in lesson.items.values():
        options = tuple(
            SaidOption(one.id, teller.say(one.text), teller.say(one.feedback), one.right, teller.may(one.mate))
            for one in item.options
        )
        yield item.id, SaidItem(item.id, item.kind, teller.say(item.ask), options, item.picture)


def _worksheet(lesson: Lesson, teller: _Teller) -> SaidWorksheet | None:
    sheet = lesson.worksheet
    if sheet is None:
        return None
    rows = tuple(SaidRow(teller.say(one.text), teller.may(one.mate)) for one in sheet.rows)
    return SaidWorksheet(sheet.kind, teller.say(sheet.title), teller.say(sheet.task), rows)


def _board(lesson: Lesson, teller: _Teller) -> SaidBoard | None:
    board = lesson.board
    if board is None:
        return None
    labels = tuple(SaidLabel(teller.say(one.text), one.x, one.y) for one in board.labels)
    return SaidBoard(teller.say(board.alternative), board.strokes, labels)
