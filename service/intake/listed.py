"""Reads a plain JSON list of objects as a table whose columns are their keys; a Feature among them is read as one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from service.intake import documents, features, refusals, streamed, tables
from service.intake.model import Limits, Record, Remark
from service.intake.opening import Source


def rows(source: Source) -> Iterator[Record | Remark]:
    """Yield a row for each entry, numbered by its place in the list. Raises Refused."""
    header: dict[str, None] = {}
    for _, value in _values(source, lambda _: None):
        if isinstance(value, dict) and not _is_feature(value):
            header |= dict.fromkeys(value)
        if len(header) > source.limits.columns:
            break  # the table refuses so many
    names = list(header)
    lines = (_line(row, value, names, source.limits) for row, value in _values(source, source.advanced))
    yield from tables.rows(names, lines, source.layout, source.limits)


def _values(source: Source, advanced: Callable[[int], None]) -> Iterator[tuple[int, Any]]:
    source.stream.seek(0)
    text = streamed.Text(source.stream, source.limits, source.encoding or "utf-8-sig", advanced)
    try:
        yield from enumerate(documents.items(text), start=1)
        left = text.peek()
    except ValueError as error:
        raise refusals.broken("JSON list", features.why(error)) from None
    if left:
        raise refusals.broken("JSON list", f"more follows it near line {text.line}")


def _line(row: int, value: Any, names: Sequence[str], limits: Limits) -> tuple[int, Sequence[Any]] | Record:
    if not isinstance(value, dict):
        return features.unreadable(row, str(value), "it is no object")
    feature = value if _is_feature(value) else {"type": "Feature", "properties": value, "geometry": None}
    judged = features.record(row, feature, depth=limits.depth)
    return judged if judged.unread or _is_feature(value) else (row, [value.get(name) for name in names])


def _is_feature(value: dict[str, Any]) -> bool:
    return value.get("type") == "Feature" and "properties" in value
