"""Reads what pupils work at: activities, questions with feedback, worksheets, sketches for the board."""

import re
from collections.abc import Iterable

from service.guidance.model import Text
from service.guidance.topics import A_WORD, WORD, name_note, word
from service.guidance.yaml import BadYaml, Fields, Items, Node, Scalar
from service.lessons.model import (
    Activity,
    Asked,
    Board,
    Item,
    ItemKind,
    Label,
    Option,
    Row,
    SheetKind,
    Worksheet,
)

YES_OR_NO = {"yes": True, "no": False}
ITEM_KINDS = f"write one of {', '.join(ItemKind)}"
SHEET_KINDS = f"write one of {', '.join(SheetKind)}"
STROKE = re.compile(r"M(?: ?-?\d+(?:\.\d+)?){2}(?: [LHVCQAZ](?: ?-?\d+(?:\.\d+)?)*)+")
A_STROKE = "write one path of absolute letters, such as M 10 10 L 90 10"
POINT = re.compile(r"(\d+(?:\.\d+)?) (\d+(?:\.\d+)?)")
WIDE, HIGH = 160, 100


def named(fields: Fields, key: str) -> Iterable[tuple[str, Node]]:
    """Take a mapping whose keys are ids, in its order."""
    where, found = fields.where, fields.mapping(key)
    if not found:
        raise BadYaml(where, f"the lesson has no {key}", f"add `{key}:`")
    for one, node in found.items():
        if not WORD.fullmatch(one):
            raise BadYaml(node.where, f"{one[:40]!r} is no id", A_WORD)
    return found.items()


def activity(key: str, node: Node, slug: str) -> Activity:
    """Read one activity; what could harm must be declared."""
    fields, about = Fields(node, what=key), f"{slug}.activity.{key}"
    yes_or_no = "write yes or no"
    found = Activity(
        id=key,
        title=_text(fields, "title", f"{about}.title", "Title of an activity.", 80),
        materials=_text(fields, "materials", f"{about}.materials", "What an activity needs.", 400),
        grouping=_text(fields, "grouping", f"{about}.grouping", "How pupils are grouped for an activity.", 400),
        how=_text(fields, "how", f"{about}.how", "How an activity goes; read by the teacher.", 1_900),
        debrief=_text(fields, "debrief", f"{about}.debrief", "What is talked over after an activity.", 1_200),
        stop_rule=_text(fields, "stop-rule", f"{about}.stop-rule", "When the teacher ends an activity.", 600),
        contains_object_image=fields.one("contains_object_image", YES_OR_NO.__getitem__, remedy=yes_or_no),
        roleplay_roles=_roles(fields),
        outdoors=fields.one("outdoors", YES_OR_NO.__getitem__, remedy=yes_or_no),
        where=node.where,
    )
    fields.done()
    return found


def asked(key: str, node: Node, slug: str) -> Asked:
    """Read a question that teachers get."""
    fields, about = Fields(node, what=key), f"{slug}.question.{key}"
    ask = _text(fields, "ask", about, "A question that pupils put to their teacher.", 300)
    answer = _text(fields, "answer", f"{about}.answer", "What the teacher may answer.", 1_200)
    fields.done()
    return Asked(key, ask, answer)


def item(key: str, node: Node, slug: str) -> Item:
    """Read one item of the bank."""
    fields, about = Fields(node, what=key), f"{slug}.item.{key}"
    kind = fields.one("kind", ItemKind, remedy=ITEM_KINDS)
    ask = _text(fields, "ask", about, f"A question of a quiz ({kind}).", 500)
    picture = fields.one("picture", word, remedy=A_WORD) if fields.has("picture") else None
    options = tuple(_option(one, each, about, kind) for one, each in named(fields, "options"))
    fields.done()
    return Item(key, kind, ask, options, picture, node.where)


def worksheet(node: Node, slug: str) -> Worksheet:
    """Read the page that pupils work on."""
    fields, about = Fields(node, what="the worksheet"), f"{slug}.worksheet"
    kind = fields.one("kind", SheetKind, remedy=SHEET_KINDS)
    title = _text(fields, "title", f"{about}.title", "Title of a worksheet.", 80)
    task = _text(fields, "task", f"{about}.task", "Tells pupils what to do on a worksheet.", 400)
    rows = tuple(_row(one, each, about, joined=kind is SheetKind.MATCH) for one, each in named(fields, "rows"))
    fields.done()
    return Worksheet(kind, title, task, rows)


def board(node: Node, slug: str) -> Board:
    """Read a sketch for the board."""
    fields, about = Fields(node, what="the board"), f"{slug}.board"
    alternative = _text(fields, "alternative", f"{about}.alternative", "Says what a sketch on the board shows.", 500)
    strokes = fields.many("strokes", _stroke, remedy=A_STROKE)
    labels = tuple(_label(one, each, about) for one, each in fields.mapping("labels").items())
    fields.done()
    return Board(alternative, strokes, labels, node.where)


def _option(key: str, node: Node, about: str, kind: ItemKind) -> Option:
    fields = Fields(node, what=key)
    chosen = kind in {ItemKind.SINGLE, ItemKind.MULTIPLE, ItemKind.SCENE}
    note = f"An answer of a quiz ({kind})."
    mate = (
        _text(fields, "mate", f"{about}.{key}.mate", "Belongs to a word of a quiz.", 160) if kind == "match" else None
    )
    right = fields.one("right", YES_OR_NO.__getitem__, remedy="write yes or no") if chosen else True
    found = Option(
        id=key,
        text=_text(fields, "text", f"{about}.{key}", note, 300),
        feedback=_text(fields, "feedback", f"{about}.{key}.feedback", "Said to whoever chose the answer.", 500),
        right=right,
        mate=mate,
    )
    fields.done()
    return found


def _row(key: str, node: Node, about: str, *, joined: bool) -> Row:
    if isinstance(node, Scalar) and not joined:
        return Row(key, _made(node, f"{about}.{key}", "A line of a worksheet.", 300))
    fields = Fields(node, what=key)
    text = _text(fields, "text", f"{about}.{key}", "A line of a worksheet.", 160)
    mate = _text(fields, "mate", f"{about}.{key}.mate", "Belongs to a line of a worksheet.", 160)
    fields.done()
    return Row(key, text, mate)


def _label(key: str, node: Node, about: str) -> Label:
    fields = Fields(node, what=key)
    x, y = fields.one("at", _point, remedy=f"write x and y within {WIDE} and {HIGH}, such as 80 20")
    found = Label(key, _text(fields, "text", f"{about}.{key}", "A word on the board; short.", 40), x, y)
    fields.done()
    return found


def _roles(fields: Fields) -> tuple[str, ...]:
    node = fields.node("roleplay_roles")
    if isinstance(node, Items) and not node.values:
        return ()
    if not isinstance(node, Items) or not all(isinstance(each, Scalar) for each in node.values):
        raise BadYaml(node.where, "roleplay_roles is no list", "write `[]` where nobody plays anybody")
    return tuple(each.text for each in node.values if isinstance(each, Scalar))


def _stroke(text: str) -> str:
    if not STROKE.fullmatch(text):
        raise ValueError(text)
    return text


def _point(text: str) -> tuple[float, float]:
    found = POINT.fullmatch(text)
    if found is None or float(found[1]) > WIDE or float(found[2]) > HIGH:
        raise ValueError(text)
    return float(found[1]), float(found[2])


def _text(fields: Fields, key: str, slug: str, note: str, limit: int) -> Text:
    return _made(fields.scalar(key), slug, note, limit)


def _made(found: Scalar, slug: str, note: str, limit: int) -> Text:
    told = f"{note} {name_note(found.text)}".strip()
    return Text(slug, " ".join(found.text.split()), told, limit, where=found.where)
