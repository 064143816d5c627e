"""Hands the texts of one lesson's file to Babel, so that each course has a catalogue and translators their notes."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from service.guidance.model import Text
from service.guidance.yaml import BadYaml, Fields, parse
from service.i18n.extract import BadMessage, limit_note
from service.lessons.reading import COURSE_FILE, read_head, read_lesson


def read_yaml(
    fileobj: IO[bytes], _keywords: Collection[str], _tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, tuple[str, ...], list[str]]]:
    """Extract every text of a file: its id is the context; note and limit become comments. BadMessage with its line."""
    del options
    path = Path(getattr(fileobj, "name", "?"))
    try:
        for text in _texts(fileobj.read(), path):
            comments = [text.note] if text.note else []
            comments += [limit_note(text.limit)] if text.limit else []
            yield int(text.where.rpartition(":")[2]), "Message", (text.id, text.english), comments
    except BadYaml as bad:
        raise BadMessage(str(bad)) from bad


def _texts(raw: bytes, path: Path) -> Iterator[Text]:
    file = parse(raw, name=path.name)
    if path.name == COURSE_FILE:
        yield from read_head(Fields(file, what="the course"), path.parent.name)
    else:
        yield from read_lesson(path.parent.name, path.stem, file, origin="").texts()
