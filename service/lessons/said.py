"""What a course is in one language, ready to be read: every package is made of this and of nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.guidance.drawings import Drawing
from service.i18n.model import Direction, State
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
class SaidCode:
    """The square code of printed lessons: the page where a lesson can be asked after, and what that page is called."""

    page: str
    words: str


@dataclass(frozen=True, slots=True)
class SaidCourse:
    """A course in one language. `notices` must be shown on every page, the caveat in every package.

    `labels` are the headings by the names of `words.LABELS`; `drawings` the pictures that are used, with their words
    in `pictures`; `age_groups` are those by which a deployment counts people in reports. Of the same revision
    everything is the same, byte for byte.
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
    age_groups: tuple[str, ...]
    code: SaidCode | None = None

    @property
    def name(self) -> str:
        """Return what names of files begin with, such as `5-7-uk-2-1a2b3c4d`."""
        return f"{self.of.id}-{self.language}-{self.revision.replace('+', '-')}"
