"""What stands on the pages of a lesson: for everybody to read and do, and for the teacher alone."""

from collections.abc import Iterable
from html import escape

from service.lessons.formats import quizzes
from service.lessons.formats.markup import image
from service.lessons.model import SheetKind
from service.lessons.said import SaidActivity, SaidBoard, SaidCourse, SaidKey, SaidLesson


def for_pupils(course: SaidCourse, lesson: SaidLesson) -> str:
    """Return a lesson in the order in which a class meets it."""
    labels = course.labels
    return "\n".join(
        [
            f'<p class="meta">{escape(course.title)} · {escape(lesson.time)} · {named(lesson)}</p>',
            quizzes.forms(course, lesson, "before"),
            keys(course, lesson),
            _sketch(course, lesson),
            section("activities", labels["activities"], (activity(course, one) for one in lesson.activities)),
            _worksheet(course, lesson),
            quiz(course, lesson),
            quizzes.forms(course, lesson, "after"),
            section("homework", labels["homework"], [paragraph(lesson.homework)]),
        ]
    )


def for_teachers(course: SaidCourse, lesson: SaidLesson) -> str:
    """Return the plan, what may be asked, what to do when somebody is upset, and the answers."""
    labels = course.labels
    objectives = "".join(f"<li>{escape(one.text)}</li>" for one in lesson.objectives)
    steps = "\n".join(
        f"<li><h3>{number}. {escape(one.title)} · {escape(one.time)}</h3>"
        f"<p><strong>{escape(labels['teacher'])}:</strong> {escape(one.teacher)}</p>"
        f"<p><strong>{escape(labels['pupils'])}:</strong> {escape(one.pupils)}</p></li>"
        for number, one in enumerate(lesson.steps, 1)
    )
    asked = (f"<h3>{escape(one.ask)}</h3>{paragraph(one.answer)}" for one in lesson.questions)
    adapted = "".join(
        f"<dt>{escape(labels[need])}</dt><dd>{escape(said)}</dd>" for need, said in lesson.adaptations.items()
    )
    banked = (f"<h3>{escape(one.ask)}</h3>{quizzes.answers(course, one)}" for one in lesson.items.values())
    return "\n".join(
        [
            f'<p class="meta">{escape(course.title)} · {escape(lesson.time)} · {named(lesson)}</p>',
            section("objectives", labels["objectives"], [f"<ul>{objectives}</ul>"]),
            section("steps", labels["steps"], [f'<ol class="plan">\n{steps}\n</ol>']),
            keys(course, lesson),
            _sketch(course, lesson),
            section("activities", labels["activities"], (activity(course, one) for one in lesson.activities)),
            section("questions", labels["questions"], asked),
            section("distress", labels["distress"], [paragraph(lesson.distress)]),
            section("adaptations", labels["adaptations"], [f"<dl>{adapted}</dl>"]),
            section("homework", labels["homework"], [paragraph(lesson.homework)]),
            section("answers", labels["answers"], banked),
        ]
    )


def named(lesson: SaidLesson) -> str:
    """Return which lesson this is and how it was worded, as the recall list names it."""
    return f"<bdi>{lesson.of.key}</bdi> · <bdi>{lesson.revision}</bdi>"


def keys(course: SaidCourse, lesson: SaidLesson) -> str:
    """Return the key messages with their pictures and reasons."""
    listed = "\n".join(_key(course, one) for one in lesson.messages)
    return section("key-messages", course.labels["key_messages"], [f'<ul class="keys">\n{listed}\n</ul>'])


def quiz(course: SaidCourse, lesson: SaidLesson) -> str:
    """Return all questions of the lesson."""
    asked = quizzes.questions(course, lesson, "bank", tuple(lesson.items))
    return section("quiz", course.labels["quiz"], [asked])


def section(key: str, title: str, parts: Iterable[str]) -> str:
    """Return a part of a page under its heading."""
    body = "\n".join(parts)
    return f'<section aria-labelledby="{key}"><h2 id="{key}">{escape(title)}</h2>\n{body}\n</section>'


def paragraph(text: str) -> str:
    """Return a text as a paragraph."""
    return f"<p>{escape(text)}</p>"


def _key(course: SaidCourse, key: SaidKey) -> str:
    picture = image(course, key.picture) if key.picture else ""
    why = f'<p class="why">{escape(key.why)}</p>' if key.why else ""
    return f'<li>{picture}<div><p class="said">{escape(key.text)}</p>{why}</div></li>'


def _sketch(course: SaidCourse, lesson: SaidLesson) -> str:
    if lesson.board is None:
        return ""
    return section("board", course.labels["board"], [board(lesson.board)])


def board(sketch: SaidBoard) -> str:
    """Return the sketch with its words, and in words."""
    strokes = "".join(f'<path d="{escape(one)}"/>' for one in sketch.strokes)
    words = "".join(f'<text x="{one.x:g}" y="{one.y:g}">{escape(one.text)}</text>' for one in sketch.labels)
    said = escape(sketch.alternative)
    return f"""<figure>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 100" role="img" aria-label="{said}">
<g fill="none" stroke="#111" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round">{strokes}</g>
<g fill="#111" stroke="#fff" stroke-width="1.6" paint-order="stroke" font-size="6.5" font-weight="700"
 text-anchor="middle" dominant-baseline="middle">{words}</g>
</svg>
<figcaption>{said}</figcaption>
</figure>"""


def activity(course: SaidCourse, told: SaidActivity) -> str:
    """Return an activity, its parts by their names."""
    parts = ("materials", "grouping", "how", "debrief", "stop_rule")
    said = "".join(f"<dt>{escape(course.labels[one])}</dt><dd>{escape(getattr(told, one))}</dd>" for one in parts)
    return f"<h3>{escape(told.title)}</h3><dl>{said}</dl>"


def _worksheet(course: SaidCourse, lesson: SaidLesson) -> str:
    sheet = lesson.worksheet
    if sheet is None:
        return ""
    name = "ol" if sheet.kind is SheetKind.WRITE else "ul"
    rows = "".join(f"<li>{escape(one.text)}</li>" for one in sheet.rows)
    mates = sorted(one.mate for one in sheet.rows if one.mate)
    right = f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in mates)}</ul>" if mates else ""
    body = (
        f'<div class="sheet"><h3>{escape(sheet.title)}</h3>{paragraph(sheet.task)}<{name}>{rows}</{name}>{right}</div>'
    )
    return section("worksheet", course.labels["worksheet"], [body])
