"""A whole course as large as courses may be, in any language: for whoever tests what courses are made into."""

# Its English is made up and says nothing; in another language the words of that language's guidance stand in for it,
# as many letters as the English has, and its key messages, notices and headings are the real ones where there are any.

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from itertools import count, cycle
from typing import Any, TypeVar

from service.guidance import drawings, editions, loading
from service.guidance.editions import Deployment, Speaker
from service.guidance.model import Audience, Text
from service.guidance.words import DRAFT
from service.i18n.catalogues import Catalogues
from service.i18n.loading import load_all
from service.lessons import editions as lesson_editions
from service.lessons import loading as lessons
from service.lessons import words
from service.lessons.catalogues import with_lessons
from service.lessons.loading import Own
from service.lessons.model import (
    Activity,
    Asked,
    Board,
    Course,
    CourseKind,
    Forms,
    Item,
    ItemKind,
    Label,
    Lesson,
    Need,
    Objective,
    Option,
    Row,
    SheetKind,
    Step,
    Worksheet,
)
from service.lessons.said import SaidCourse, SaidKey
from tests.conftest import LOCALES

T = TypeVar("T")

HERE = Deployment("112", "Exercise Authority", 100, ("UA",))
DAY = date(2026, 11, 26)
AGES = {"children-5-7": (5, 7), "children-8-11": (8, 11), "youth-12-14": (12, 14), "youth-15-18": (15, 18)}
KEYS = (
    ("found.stop", "found.go-back", "found.call", "found.keep-others-away"),
    ("signs.turn-back", "signs.leave-it-in-place", "signs.report-damage"),
    ("inside.freeze", "inside.shout", "inside.wait", "inside.own-footprints"),
    ("hurt.stay-out", "hurt.call-for-rescue", "hurt.keep-talking"),
)
SHEETS = (SheetKind.DRAW, SheetKind.WRITE, SheetKind.MATCH, SheetKind.ORDER)
KINDS = (ItemKind.SINGLE, ItemKind.SCENE, ItemKind.MULTIPLE, ItemKind.ORDER, ItemKind.MATCH)
SAID = (
    "The children look at the board and say in their own words what happens on the way home when somebody calls "
    "from the gate and waits for an answer while the others sit down and draw the houses that they know by heart "
    "with the long road beside the river and the tall trees behind the school where grown-ups meet every morning"
)
WORDS = SAID.split()
STROKES = (
    "M 14 60 L 14 36 L 26 24 L 38 36 L 38 60 L 14 60", "M 38 58 L 140 58", "M 38 66 L 140 66",
    "M 92 38 A 4 4 0 1 1 92 37.9", "M 88 42 L 88 52", "M 88 52 L 84 60", "M 88 52 L 92 60", "M 82 46 L 94 46",
    "M 82 34 Q 62 18 42 34", "M 120 20 L 120 50", "M 112 28 L 128 28", "M 110 50 L 130 50",
)  # fmt: skip


def a_course(language: str = "en", audience: Audience = Audience.CHILDREN_8_11) -> SaidCourse:
    """Return a course of four lessons, each about as long as the measures let it be."""
    return _dressed(_in_english(audience), language)


def the_emergency_course(language: str = "en") -> SaidCourse:
    """Return the emergency course as it is shipped in a language."""
    return a_shipped_course("emergency", language)


def a_shipped_course(name: str, language: str = "en", deployment: Deployment = HERE) -> SaidCourse:
    """Return a course as it is shipped in a language, filled in for a deployment."""
    catalogues = with_lessons(_catalogues(), LOCALES, Own())
    return lesson_editions.edition(loading.load(), lessons.load()[name], catalogues, language, deployment)


@cache
def _catalogues() -> Catalogues:
    return Catalogues(load_all(LOCALES), confirmed=frozenset())


@cache
def _in_english(audience: Audience) -> SaidCourse:
    return lesson_editions.edition(loading.load(), course(audience), _catalogues(), "en", HERE)


def course(audience: Audience = Audience.CHILDREN_8_11) -> Course:
    """Return the course before it is said in a language."""
    made = {f"lesson-{n + 1}": _lesson(n, _Pen(n)) for n in range(4)}
    pen = _Pen(9)
    return Course(
        id="made",
        revision=2,
        revised=DAY,
        order=5,
        kind=CourseKind.PUPILS,
        audience=audience,
        ages=AGES.get(audience),
        title=pen("title", 5),
        summary=pen("summary", 40),
        lessons=made,
    )


class _Pen:
    """Writes texts of so many words; each lesson's begin elsewhere in WORDS, and each text is another."""

    def __init__(self, number: int) -> None:
        self._slug = f"lesson.made.lesson-{number + 1}"
        self._next = count(number * 7)

    def __call__(self, name: str, words: int) -> Text:
        start = next(self._next)
        said = [WORDS[(start * 5 + n) % len(WORDS)].lower() for n in range(words)]
        sentences = [" ".join(said[n : n + 11]).capitalize() for n in range(0, words, 11)]
        end = "" if words < 6 else "."
        return Text(f"{self._slug}.{name}", ". ".join(sentences) + end)


def _lesson(n: int, pen: _Pen) -> Lesson:
    items = {f"item-{m}": _item(m, pen) for m in range(10)}
    names = tuple(items)
    return Lesson(
        course="made",
        id=f"lesson-{n + 1}",
        revision=2,
        revised=DAY,
        title=pen("title", 5),
        minutes=40,
        messages=KEYS[n],
        objectives=tuple(Objective(f"o{m}", pen(f"objective.o{m}", 12), names[m : m + 1]) for m in range(3)),
        steps=tuple(
            Step(f"s{m}", 5, pen(f"step.s{m}", 4), pen(f"step.s{m}.teacher", 32), pen(f"step.s{m}.pupils", 18))
            for m in range(8)
        ),
        activities=tuple(_activity(f"a{m}", pen) for m in range(2)),
        questions=tuple(Asked(f"q{m}", pen(f"question.q{m}", 11), pen(f"question.q{m}.answer", 42)) for m in range(5)),
        distress=pen("distress", 95),
        adaptations={need: pen(f"adaptation.{need}", 28) for need in Need},
        homework=pen("homework", 45),
        items=items,
        forms=Forms({"a": names[:4], "b": names[4:8]}, {"a": names[4:8], "b": names[6:10]}),
        worksheet=_worksheet(SHEETS[n], pen),
        board=_board(pen),
    )


def _activity(name: str, pen: _Pen) -> Activity:
    about = f"activity.{name}"
    return Activity(
        id=name,
        title=pen(f"{about}.title", 4),
        materials=pen(f"{about}.materials", 14),
        grouping=pen(f"{about}.grouping", 14),
        how=pen(f"{about}.how", 90),
        debrief=pen(f"{about}.debrief", 25),
        stop_rule=pen(f"{about}.stop-rule", 22),
        contains_object_image=False,
        roleplay_roles=(),
        outdoors=False,
    )


def _item(m: int, pen: _Pen) -> Item:
    kind = KINDS[m % len(KINDS)]
    plain = kind in {ItemKind.ORDER, ItemKind.MATCH}
    options = tuple(
        Option(
            id=f"option-{k}",
            text=pen(f"item.item-{m}.option-{k}", 4 if plain else 9),
            feedback=pen(f"item.item-{m}.option-{k}.feedback", 15),
            right=plain or k == 0 or (kind is ItemKind.MULTIPLE and k == 1),
            mate=pen(f"item.item-{m}.option-{k}.mate", 4) if kind is ItemKind.MATCH else None,
        )
        for k in range(3)
    )
    return Item(f"item-{m}", kind, pen(f"item.item-{m}", 14), options, "sign-triangle" if m == 1 else None)


def _worksheet(kind: SheetKind, pen: _Pen) -> Worksheet:
    rows = tuple(
        Row(f"r{m}", pen(f"worksheet.r{m}", 7), pen(f"worksheet.r{m}.mate", 6) if kind is SheetKind.MATCH else None)
        for m in range(4)
    )
    return Worksheet(kind, pen("worksheet.title", 4), pen("worksheet.task", 16), rows)


def _board(pen: _Pen) -> Board:
    places = ((108.0, 40.0), (62.0, 18.0), (26.0, 72.0))
    labels = tuple(Label(f"l{m}", pen(f"board.l{m}", 2), x, y) for m, (x, y) in enumerate(places))
    return Board(pen("board", 24), STROKES, labels)


def _dressed(made: SaidCourse, language: str) -> SaidCourse:
    """Return a course as it would look in another language."""
    if language == "en":
        return made
    catalogues, speaker = _catalogues(), Speaker(_catalogues(), language, HERE)
    guidance = loading.load()
    said = _messages(language)
    cloth = _Cloth(one for one in catalogues.catalogue(language).texts.values() if len(one) > 40 and "{" not in one)
    lessons = tuple(
        replace(
            cloth.over(lesson, keep={"of", "revision", "time", "messages", "items"}),
            messages=tuple(_key(key, said, cloth) for key in lesson.messages),
            items={name: cloth.over(item, keep={"id", "kind", "picture"}) for name, item in lesson.items.items()},
        )
        for lesson in made.lessons
    )
    direction = catalogues.catalogue(language).language.direction
    known = {name: guidance.pictures[name] for name in made.drawings}

    def say(message: Any, otherwise: str, **holes: Any) -> str:
        return speaker.say(message, **holes) or cloth.as_long_as(otherwise)

    return replace(
        made,
        language=language,
        direction=direction,
        title=cloth.as_long_as(made.title),
        summary=cloth.as_long_as(made.summary),
        ages=made.ages and say(words.AGES, "6-14", youngest=6, oldest=14),
        basis=say(words.BASIS, made.basis),
        licence=say(words.LICENCE, made.licence),
        stamp=say(words.STAMP, made.stamp, revision=made.revision, date=made.day),
        notices=(say(DRAFT, ""),),
        caveat=speaker.by_id(editions.CAVEAT_ID) or "",
        labels={name: say(words.LABELS[name], label) for name, label in made.labels.items()},
        lessons=lessons,
        drawings=drawings.drawings(known, direction),
        pictures={name: say(one.alternative, one.alternative.english) for name, one in known.items()},
    )


def _messages(language: str) -> dict[str, editions.SaidMessage]:
    topics = editions.edition(loading.load(), _catalogues(), language, HERE).topics
    return {one.of.id: one for topic in topics for one in topic.messages}


def _key(key: SaidKey, said: Mapping[str, editions.SaidMessage], cloth: "_Cloth") -> SaidKey:
    """Return a key message as the language says it; of a language without guidance, as long as the English."""
    found = said.get(key.id)
    if found is None:
        return replace(key, text=cloth.as_long_as(key.text), why=cloth.as_long_as(key.why or ""))
    return replace(key, text=found.text, why=found.supporting.get("why"))


class _Cloth:
    """Words of a language, given out in turn."""

    KEPT = frozenset({"id", "kind", "time"})

    def __init__(self, texts: Iterable[str]) -> None:
        self._words = cycle([word for text in texts for word in text.split()])

    def as_long_as(self, english: str) -> str:
        if not english:
            return english
        said = ""
        while len(said) < len(english):
            word = next(self._words)
            room = len(english) - len(said)
            said = f"{said} {word}".strip() if len(word) <= 3 * room else f"{said} {word[:room]}".strip()
        return said

    def over(self, one: T, keep: set[str] | frozenset[str] = KEPT) -> T:
        """Return a said thing with other words in all its texts, but those of the fields to keep."""
        if isinstance(one, str):
            return self.as_long_as(one)  # type: ignore[return-value]  # a text for a text
        if isinstance(one, tuple):
            return tuple(self.over(each) for each in one)  # type: ignore[return-value]  # as many
        if isinstance(one, Mapping):
            return {key: self.over(each) for key, each in one.items()}  # type: ignore[return-value]  # the same keys
        if is_dataclass(one) and not isinstance(one, type):
            kept = keep | {"strokes"}
            texts = {each.name: self.over(getattr(one, each.name)) for each in fields(one) if each.name not in kept}
            return replace(one, **texts)
        return one
