"""Hands the texts of one content file to Babel, so that guidance has a catalogue and translators their notes."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from service.guidance.lists import read_core, read_pictures, read_sms
from service.guidance.model import Text
from service.guidance.topics import read_topic
from service.guidance.yaml import BadYaml, Pairs, parse
from service.i18n.extract import BadMessage, limit_note
from service.i18n.po import SMS_NOTE

LISTS_OF_MESSAGES = {"core.yaml": read_core, "sms.yaml": read_sms}
UNSPOKEN = frozenset({"contacts.yaml", "recalls.yaml", "overlay.yaml"})


def read_yaml(
    fileobj: IO[bytes], _keywords: Collection[str], _tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, tuple[str, ...], list[str]]]:
    """Extract every text of a file: its id is the context; note and limit become comments. BadMessage with its line."""
    del options
    name = Path(getattr(fileobj, "name", "?")).name
    if name in UNSPOKEN:
        return
    try:
        for text in _texts(parse(fileobj.read(), name=name), name):
            comments = [text.note] if text.note else []
            comments += [limit_note(text.limit)] if text.limit else []
            comments += [SMS_NOTE] if text.sms else []
            yield _line(text), "Message", (text.id, text.english), comments
    except BadYaml as bad:
        raise BadMessage(str(bad)) from bad


def _texts(file: Pairs, name: str) -> Iterator[Text]:
    if name in LISTS_OF_MESSAGES:
        yield from (entry.text for entry in LISTS_OF_MESSAGES[name](file) if entry.text)
    elif name == "pictures.yaml":
        yield from (picture.alternative for picture in read_pictures(file).values())
    else:
        topic = read_topic(file, origin="")
        yield topic.title
        yield from (text for message in topic.messages.values() for text, _ in message.texts())


def _line(text: Text) -> int:
    return int(text.where.rpartition(":")[2])
