"""A small folder of catalogues for tests: what differs between two tests is all that a test says."""

from collections.abc import Mapping
from pathlib import Path

from service.i18n import po
from service.i18n.model import Message

STOP = Message("a.stop", "Stop.")
CALL = Message("a.call", "Call {number} from {place}.")
SOURCE = {STOP: "Stop.", CALL: "Call {number} from {place}."}
UKRAINIAN = {STOP: "Зупиніться.", CALL: "Телефонуйте {number}, {place}."}
ARABIC = {STOP: "توقفوا.", CALL: "اتصلوا بالرقم {number} من {place}."}


def write(folder: Path, tag: str, texts: Mapping[Message, str], *, fuzzy: frozenset[Message] = frozenset()) -> Path:
    """Write one language's catalogue and return its path."""
    entries = [po.Translation(one.id, one.english, text, fuzzy=one in fuzzy) for one, text in texts.items()]
    po.write(po.path_of(folder, tag), tag, entries)
    return po.path_of(folder, tag)


def write_all(folder: Path) -> Path:
    """Write the source, Ukrainian and Arabic, whole."""
    for tag, texts in (("en", SOURCE), ("uk", UKRAINIAN), ("ar", ARABIC)):
        write(folder, tag, texts)
    return folder
