"""A course in one language, filled in for a deployment: whole, or not at all; every package is made of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from service.guidance import drawings
from service.guidance import words as around
from service.guidance.drawings import Drawing
from service.guidance.editions import Deployment, SaidMessage, Speaker, said_message
from service.guidance.model import Audience, Guidance, Text
from service.guidance.recalls import revision
from service.i18n.catalogues import Catalogues
from service.i18n.model import Direction, Message, State
from service.kit.errors import Kind, Refused
from service.lessons import words
from service.lessons.model import Course, ItemKind, Lesson, Need, SheetKind


@dataclass(frozen=True, slots=True)
class SaidKey:
    """A key message as the lesson says it; `why` where the language has a reason for it."""

    id: str
    revision: str
    text: str
    why: str | None
    picture: str | None


@dataclass(frozen=True, slots=True)
class SaidObjective:
    """What a pupil can do afterwards, and which items ask for it."""

    text: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SaidStep:
    """A step of the lesson; `time` is its minutes in words."""

    minutes: int
    time: str
    title: str
    teacher: str
    pupils: str


@dataclass(frozen=True, slots=True)
class SaidActivity:
    """An activity, ready to read."""

    id: str
    title: str
    materials: str
    grouping: str
    how: str
    debrief: str
    stop_rule: str


@dataclass(frozen=True, slots=True)
class SaidQuestion:
    """A question that teachers get, and its answer."""

    ask: str
    answer: str


@dataclass(frozen=True, slots=True)
class SaidOption:
    """One answer; see `model.Option` for what `right` and `mate` mean in each kind of item."""

    id: str
    text: str
    feedback: str
    right: bool
    mate: str | None


@dataclass(frozen=True, slots=True)
class SaidItem:
    """One question of the bank."""

    id: str
    kind: ItemKind
    ask: str
    options: tuple[SaidOption, ...]
    picture: str | None


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A line of a worksheet."""

    text: str
    mate: str | None


@dataclass(frozen=True, slots=True)
class SaidWorksheet:
    """A page for pupils."""

    kind: SheetKind
    title: str
    task: str
    rows: tuple[SaidRow, ...]


@dataclass(frozen=True, slots=True)
class SaidLabel:
    """A word on the board, its middle at x and y."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class SaidBoard:
    """A sketch in a field 160 wide and 100 high: SVG paths, and words."""

    alternative: str
    strokes: tuple[str, ...]
    labels: tuple[SaidLabel, ...]


@dataclass(frozen=True, slots=True)
class SaidLesson:
    """One lesson. `revision` names exactly these words in this language, those of its key messages too."""

    of: Lesson
    revision: str
    title: str
    time: str
    messages: tuple[SaidKey, ...]
    objectives: tuple[SaidObjective, ...]
    steps: tuple[SaidStep, ...]
    activities: tuple[SaidActivity, ...]
    questions: tuple[SaidQuestion, ...]
    distress: str
    adaptations: Mapping[Need, str]
    homework: str
    items: Mapping[str, SaidItem]
    worksheet: SaidWorksheet | None
    board: SaidBoard | None


@dataclass(frozen=True, slots=True)
class SaidCourse:
    """A course in one language. `notices` must be shown on every page, the caveat in every package.

    `labels` are the headings by the names of `words.LABELS`; `drawings` the pictures that are used, with their words
    in `pictures`. Of the same revision everything is the same, byte for byte.
    """

    of: Course
    language: str
    direction: Direction
    state: State
    revision: str
    day: date
    title: str
    summary: str
    ages: str | None
    basis: str
    licence: str
    stamp: str
    notices: tuple[str, ...]
    caveat: str
    number: str
    labels: Mapping[str, str]
    lessons: tuple[SaidLesson, ...]
    drawings: Mapping[str, Drawing]
    pictures: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return what names of files begin with, such as `5-7-uk-2-1a2b3c4d`."""
        return f"{self.of.id}-{self.language}-{self.revision.replace('+', '-')}"


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
        text, why = _worded(said, Audience(wording[0]) if wording else self.course.audience)
        if wording and text is None:
            raise Unsaid(name)
        return SaidKey(known.id, said.revision, text or said.text, why or said.supporting.get("why"), known.picture)


def _worded(said: SaidMessage, audience: Audience) -> tuple[str | None, str | None]:
    """Return the wording for some readers with its reason; nothing where there is none of its own."""
    found = next((one for one in said.variants if one.audience is audience), None)
    return (found.text, found.why) if found else (None, None)


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
    content = f"{course.revision}+overlay.{_overlay(teller)}" if _own(course) else str(course.revision)
    named = revision(content, said)
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
    )


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
