"""Keeps texts in tables from being taken for formulas, and takes that back."""

from typing import Any

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_MARK = "'"


def inert(value: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would run; numbers stay numbers."""
    text = isinstance(value, str) and value.startswith((*_FORMULAS, _MARK))
    return f"{_MARK}{value}" if text else value


def alive(value: Any) -> Any:
    """Undo what `inert` did."""
    text = isinstance(value, str) and value.startswith(_MARK) and value[1:].startswith((*_FORMULAS, _MARK))
    return value[1:] if text else value
