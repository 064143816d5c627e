"""Finds every Message that the code declares, by Babel, so that catalogues and checks cover all of them."""

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from babel.messages.extract import extract_from_dir

from service.i18n import model  # not its Message by name: this file declares none
from service.i18n.po import DOMAIN, GUIDANCE, SMS_NOTE, Translation, course_of

METHODS = {
    DOMAIN: [("**.py", "service.i18n.extract:read_python")],
    GUIDANCE: [("guidance/**.yaml", "service.guidance.extraction:read_yaml")],
}
"""What Babel reads for which catalogue, and by which function; those of content are named, since they stand above."""

LESSONS_METHOD = "service.lessons.extraction:read_yaml"

KEYWORDS = {"Message": ((1, "c"), 2)}
FIELDS = ("id", "english", "note", "limit")


class BadMessage(Exception):  # noqa: N818 - the message is bad
    """A Message in the code that cannot be extracted; the text says where, why and what to do."""


def find(folder: Path, domain: str = DOMAIN) -> tuple[model.Message, ...]:
    """Return every message of one catalogue that a folder of code declares, by id; BadMessage where two share an id."""
    found: dict[str, model.Message] = {}
    rows = extract_from_dir(folder, method_map=_methods(domain), keywords=KEYWORDS)
    for file, line, english, comments, context in rows:
        message = _message(str(context), str(english), comments)
        if found.setdefault(message.id, message).english != message.english:
            raise BadMessage(f"{file}:{line}: {message.id!r} is already another sentence: give this one its own id")
    return tuple(found[key] for key in sorted(found))


def _methods(domain: str) -> list[tuple[str, str]]:
    course = course_of(domain)
    return [(f"lessons/content/{course}/*.yaml", LESSONS_METHOD)] if course else METHODS[domain]


def read_python(
    fileobj: IO[bytes], keywords: Collection[str], _tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, tuple[str, ...], list[str]]]:
    """Extract `Message(id, english, note, limit=…)` calls for Babel; the note and the limit become comments.

    Every argument is a literal or the name of a constant of the same module: what is computed cannot be translated.
    """
    del options
    raw = fileobj.read()
    if not any(word.encode() in raw for word in keywords):
        return  # most files; parsing them takes seconds
    tree = ast.parse(raw)
    constants = _constants(tree)
    ours = any(_imports_message(node) for node in tree.body)
    for node in ast.walk(tree) if ours else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            given = _arguments(node, constants, file=getattr(fileobj, "name", "?"))
            comments = [given["note"]] if given["note"] else []
            comments += [limit_note(given["limit"])] if given["limit"] else []
            comments += [SMS_NOTE] if given["sms"] else []
            yield node.lineno, node.func.id, (given["id"], given["english"]), comments


def entry(message: model.Message) -> Translation:
    """Return a message as an entry of the source catalogue, with what translators are told."""
    notes = [message.note] if message.note else []
    notes += [limit_note(message.limit)] if message.limit else []
    notes += [SMS_NOTE] if message.sms else []
    return Translation(id=message.id, english=message.english, text=message.english, notes=tuple(notes))


LIMIT_WORDS = ("At most ", " characters with its holes filled.")


def limit_note(limit: int) -> str:
    """Tell translators how long a text may be."""
    return f"{LIMIT_WORDS[0]}{limit}{LIMIT_WORDS[1]}"


def _message(context: str, english: str, comments: list[str]) -> model.Message:
    limits = [note for note in comments if note.startswith(LIMIT_WORDS[0]) and note.endswith(LIMIT_WORDS[1])]
    limit = int(limits[0].removeprefix(LIMIT_WORDS[0]).removesuffix(LIMIT_WORDS[1])) if limits else 0
    notes = [note for note in comments if note not in limits and note != SMS_NOTE]
    return model.Message(context, english, " ".join(notes), limit, sms=SMS_NOTE in comments)


def _imports_message(node: ast.stmt) -> bool:
    """Tell our Message from those of other libraries."""
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == model.__name__
        and any(name.name == model.Message.__name__ for name in node.names)
    )


def _constants(tree: ast.Module) -> dict[str, str | int]:
    """Return the module's constants that are written as literals, or as sums of such constants."""
    known: dict[str, str | int] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = _value(node.value, known)
            if value is not None:
                known[node.targets[0].id] = value
    return known


def _arguments(call: ast.Call, constants: Mapping[str, str | int], *, file: str) -> dict[str, Any]:
    nodes = dict(zip(FIELDS, call.args, strict=False)) | {word.arg: word.value for word in call.keywords if word.arg}
    given = {name: _value(node, constants) for name, node in nodes.items()}
    unread = [name for name, value in given.items() if value is None]
    if unread or not given.get("id") or not given.get("english"):
        what = ", ".join(unread) or "id or english"
        raise BadMessage(f"{file}:{call.lineno}: {what} of a Message is not written out: use a literal")
    return {"note": "", "limit": 0, "sms": False} | given


def _value(node: ast.expr, constants: Mapping[str, str | int]) -> str | int | None:
    match node:
        case ast.Constant(value=str() | int() as value):
            return value
        case ast.Name(id=name):
            return constants.get(name)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _value(left, constants), _value(right, constants)
            return first + second if isinstance(first, str) and isinstance(second, str) else None
        case _:
            return None
