"""What the reading process says to the one that asked: frames of JSON, a length before each."""

import json
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

from service.intake.model import Noticed, Record, Remark, Unread
from service.kit.errors import Kind, Refused

LENGTH_BYTES = 4
MOST_BYTES = 128 * 1024 * 1024  # four times a row's text: JSON may spell what the source wrote shorter
_BATCH = 256 * 1024
_LONGEST_TRACE = 4_000


class Malformed(Exception):  # noqa: N818 - names what it is
    """The reading process said what it cannot mean to say."""


class Writer:
    """Gathers rows and remarks into frames; a reader that falls behind holds it up."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._waiting: list[str] = []
        self._size = 0
        self._done = 0

    def advanced(self, done: int) -> None:
        self._done = done

    def add(self, item: Record | Remark) -> None:
        match item:
            case Record():
                self._say("row", [item.row, item.feature, item.unread, item.radius_m, item.accuracy_m])
            case Remark():
                self._say("remark", astuple(item))

    def refuse(self, refused: Refused) -> None:
        self._say("refused", [refused.kind, refused.name, refused.detail, refused.where, refused.remedy])
        self._flush()

    def crash(self, trace: str) -> None:
        """Tell what went wrong in our own program; it is for the log, not for who sent the file."""
        self._say("crashed", trace[-_LONGEST_TRACE:])
        self._flush()

    def end(self, rows: int) -> None:
        self._say("end", rows)
        self._flush()

    def _say(self, word: str, value: object) -> None:
        text = json.dumps([word, value], ensure_ascii=False, separators=(",", ":"))
        self._waiting.append(text)
        self._size += len(text)
        if self._size >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        waiting = [*self._waiting, json.dumps(["progress", self._done])]
        body = f"[{','.join(waiting)}]".encode("utf-8", "surrogatepass")
        self._write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
        self._waiting, self._size = [], 0


def length(head: bytes) -> int:
    """Return how long the next frame is. Raises Malformed for one that is longer than any can be."""
    found = int.from_bytes(head, "big")
    if found > MOST_BYTES:
        raise Malformed(f"a frame of {found} bytes")
    return found


def heard(body: bytes) -> list[tuple[str, Any]]:
    """Return what a frame says, each a word and its value, checked. Raises Malformed and Refused."""
    try:
        said = json.loads(body.decode("utf-8", "surrogatepass"))
        return [(word, _MEANINGS[word](value)) for word, value in said]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Malformed(repr(error)[:200]) from None


def _row(value: Any) -> Record:
    row, feature, unread, radius_m, accuracy_m = value
    if not isinstance(feature, dict) or not isinstance(row, int):
        raise TypeError("a row is no object")
    return Record(row, feature, Unread(unread) if unread else None, _metres(radius_m), _metres(accuracy_m))


def _metres(value: Any) -> float | None:
    return None if value is None else float(value)


def _remark(value: Any) -> Remark:
    code, detail, row = value
    return Remark(Noticed(code), str(detail), None if row is None else int(row))


def _refused(value: Any) -> Refused:
    kind, name, detail, where, remedy = value
    return Refused(Kind(kind), str(name), str(detail), where=where, remedy=remedy)


_MEANINGS: dict[str, Callable[[Any], Any]] = {
    "row": _row,
    "remark": _remark,
    "refused": _refused,
    "progress": int,
    "end": int,
    "crashed": str,
}
