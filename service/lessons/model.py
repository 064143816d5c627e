"""What lessons are made of: courses, timed steps, activities, questions with feedback, boards and worksheets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from service.guidance.model import Audience, Text

PREFIX = "lesson."
"""What the ids of lessons begin with in the catalogues: `lesson.<course>.<lesson>.<slot>`."""

HOLES = frozenset({"place", "signs", "number", "authority", "referral"})
"""Local colour: the place, how signs look there, whom to call, who is responsible, who helps a troubled child."""


class CourseKind(StrEnum):
    """Whom a course is taught to; the emergency course is one lesson for all ages, with chalk alone."""

    EMERGENCY = "emergency"
    PUPILS = "pupils"
    TEACHERS = "teachers"
    PARENTS = "parents"


class ItemKind(StrEnum):
    """What is asked: one right option, several, steps in their order, words that belong together, a scene."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    ORDER = "order"
    MATCH = "match"
    SCENE = "scene"


class SheetKind(StrEnum):
    """What pupils do on a worksheet: write beside prompts, draw into frames, join words, number steps."""

    WRITE = "write"
    DRAW = "draw"
    MATCH = "match"
    ORDER = "order"


class Need(StrEnum):
    """For whom a lesson is adapted."""

    SEEING = "seeing"
    HEARING = "hearing"
    MOVING = "moving"
    LEARNING = "learning"


@dataclass(frozen=True, slots=True)
class Objective:
    """What a pupil can be seen to do afterwards, and the items of the bank that ask for it."""

    id: str
    text: Text
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the lesson, in minutes: what the teacher does and what the pupils do."""

    id: str
    minutes: int
    title: Text
    teacher: Text
    pupils: Text


@dataclass(frozen=True, slots=True)
class Activity:
    """Something done together. Whoever writes one declares what could harm: objects shown, roles, being outdoors."""

    id: str
    title: Text
    materials: Text
    grouping: Text
    how: Text
    debrief: Text
    stop_rule: Text
    contains_object_image: bool
    roleplay_roles: tuple[str, ...]
    outdoors: bool
    where: str = field(default="", compare=False)

    def texts(self) -> tuple[Text, ...]:
        return (self.title, self.materials, self.grouping, self.how, self.debrief, self.stop_rule)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that teachers get, and an answer to give."""

    id: str
    ask: Text
    answer: Text


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of an item with what is said to whoever chose it.

    Of `order` the options stand in the right order; of `match` each has its `mate`; both kinds have no wrong ones.
    """

    id: str
    text: Text
    feedback: Text
    right: bool = True
    mate: Text | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a lesson's bank."""

    id: str
    kind: ItemKind
    ask: Text
    options: tuple[Option, ...]
    picture: str | None = None
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Forms:
    """Two forms, so that neighbours have other questions: four items each before the lesson, and four each after."""

    before: Mapping[str, tuple[str, ...]]
    after: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a worksheet; only to be joined with `mate`."""

    id: str
    text: Text
    mate: Text | None = None


@dataclass(frozen=True, slots=True)
class Worksheet:
    """One page for pupils, to be copied."""

    kind: SheetKind
    title: Text
    task: Text
    rows: tuple[Row, ...]

    def texts(self) -> Iterator[Text]:
        yield from (self.title, self.task)
        yield from (text for row in self.rows for text in (row.text, row.mate) if text)


@dataclass(frozen=True, slots=True)
class Label:
    """A word on the board, its middle at x and y."""

    id: str
    text: Text
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Board:
    """A sketch to be drawn with chalk: SVG paths, one a stroke, in a field 160 wide and 100 high, and words."""

    alternative: Text
    strokes: tuple[str, ...]
    labels: tuple[Label, ...]
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One session. `messages` are ids of guidance, whose words it says; nothing of them is written here again.

    An id such as `found.stop` is said in the wording for the course's readers, if there is one;
    `found.stop.children-5-7` names one wording.
    """

    course: str
    id: str
    revision: int
    revised: date
    title: Text
    minutes: int
    messages: tuple[str, ...]
    objectives: tuple[Objective, ...]
    steps: tuple[Step, ...]
    activities: tuple[Activity, ...]
    questions: tuple[Asked, ...]
    distress: Text
    adaptations: Mapping[Need, Text]
    homework: Text
    items: Mapping[str, Item]
    forms: Forms
    worksheet: Worksheet | None
    board: Board | None
    origin: str = ""
    where: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """Return the lesson's id among all lessons, such as `5-7.three-steps`."""
        return f"{self.course}.{self.id}"

    def for_pupils(self) -> Iterator[Text]:
        """Return what pupils themselves read or ask; whoever teaches reads the rest."""
        yield self.title
        yield from (one.ask for one in self.questions)
        yield from (text for one in self.items.values() for text in texts_of(one))
        yield from self.worksheet.texts() if self.worksheet else ()

    def texts(self) -> Iterator[Text]:
        """Return everything that is translated here, in the order of the plan."""
        yield self.title
        yield from (one.text for one in self.objectives)
        yield from (text for one in self.steps for text in (one.title, one.teacher, one.pupils))
        yield from (text for one in self.activities for text in one.texts())
        yield from (text for one in self.questions for text in (one.ask, one.answer))
        yield from (self.distress, *self.adaptations.values(), self.homework)
        yield from (text for one in self.items.values() for text in texts_of(one))
        yield from self.worksheet.texts() if self.worksheet else ()
        if self.board:
            yield from (self.board.alternative, *(one.text for one in self.board.labels))


def texts_of(item: Item) -> Iterator[Text]:
    """Return everything that an item says."""
    yield item.ask
    for option in item.options:
        yield option.text
        if option.mate:
            yield option.mate
        yield option.feedback


@dataclass(frozen=True, slots=True)
class Course:
    """Lessons for one group of people, in their order; `ages` are the youngest and the oldest pupils."""

    id: str
    revision: int
    revised: date
    order: int
    kind: CourseKind
    audience: Audience
    ages: tuple[int, int] | None
    title: Text
    summary: Text
    lessons: Mapping[str, Lesson]
    origin: str = ""
    where: str = field(default="", compare=False)

    def texts(self) -> Iterator[Text]:
        """Return everything that is translated, lesson by lesson."""
        yield from (self.title, self.summary)
        yield from (text for lesson in self.lessons.values() for text in lesson.texts())


@dataclass(frozen=True, slots=True)
class File:
    """A file of a package that is ready: its name, kind and bytes."""

    name: str
    media_type: str
    content: bytes


class Format(StrEnum):
    """What a course is made into."""

    PDF = "pdf"
    EPUB = "epub"
    HTML = "html"
    SCORM = "scorm"
    MOODLE = "moodle"
    JSON = "json"
