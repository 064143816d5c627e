"""A table of a TOML file whose keys are taken out one by one; what is wrong is noted, and reading goes on."""

import difflib
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from re import Pattern
from typing import Any, TypeVar

from service.delivery.provider_ways import Secret
from service.kit.errors import Fault

E = TypeVar("E", bound=StrEnum)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST = 2_000
_MOST_CENTS = 6


class Table:
    """What is taken and wrong comes back as an empty value, so that one pass finds every fault.

    No fault repeats what the file says: it may be a password in the wrong place.
    """

    def __init__(self, given: object, *, where: str, faults: list[Fault]) -> None:
        self.where = where
        self.faults = faults
        self._left: dict[str, Any] = given if isinstance(given, dict) else {}
        self._left = dict(self._left)
        self._known: set[str] = set()
        if not isinstance(given, dict):
            self.note("", "is no table", "Write keys and values below a [heading].")

    def note(self, key: str, detail: str, remedy: str) -> None:
        """Note what is wrong with a key, or with the whole table."""
        self.faults.append(Fault(self._at(key), f"{detail}.", remedy))

    def has(self, key: str) -> bool:
        return key in self._left

    def is_text(self, key: str) -> bool:
        return isinstance(self._left.get(key), str)

    def text(self, key: str, default: str | None = None, *, fits: str = "", remedy: str = "Write a text.") -> str:
        """Take a text; with `fits` the whole of it has that pattern."""
        found: str | None = self._take(key, str, default, remedy)
        if found is None:
            return ""
        if len(found) > _LONGEST or (fits and not re.fullmatch(fits, found)):
            self.note(key, "does not have the right form", remedy)
            return ""
        return found

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Take a whole number from `low` to `high`."""
        remedy = f"Write a whole number from {low} to {high}."
        found = self._take(key, int, default, remedy)
        if found is not None and not low <= found <= high:
            self.note(key, "is too small or too large", remedy)
            found = None
        return low if found is None else found

    def flag(self, key: str, *, default: bool) -> bool:
        found = self._take(key, bool, default, "Write true or false.")
        return default if found is None else found

    def price(self, key: str) -> Decimal:
        """Take an amount of money, exact however it is written; not below nothing."""
        remedy = 'Write an amount with a point, as "0.045".'
        found = self._take(key, (Decimal, int, str), None, remedy)
        try:
            amount = Decimal(0 if found is None else found)
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or amount < 0 or -int(amount.as_tuple().exponent) > _MOST_CENTS:
            self.note(key, "is no price", remedy)
            return Decimal(0)
        return amount

    def word(self, key: str, kind: type[E], default: E | None = None) -> E:
        """Take one of a few words."""
        return self._among(key, self._take(key, str, default, _choice(kind)), kind)

    def words(self, key: str, kind: type[str] | type[int] = str) -> tuple[Any, ...]:
        """Take a list of texts or of numbers; empty if there is none."""
        remedy = "Write a list of whole numbers." if kind is int else "Write a list of texts."
        found = self._take(key, list, [], remedy) or []
        if any(type(one) is not kind for one in found):
            self.note(key, "holds something else", remedy)
            return ()
        return tuple(found)

    def pattern(self, key: str) -> Pattern[str] | None:
        """Take a regular expression; None if there is none."""
        if not self.has(key):
            self._known.add(key)
            return None
        found = self.text(key)
        try:
            return re.compile(found, re.DOTALL)
        except re.error:
            self.note(key, "is no regular expression", "Mend it; in 'single quotes' backslashes stand for themselves.")
            return None

    def table(self, key: str) -> "Table | None":
        """Take a table; None if there is none."""
        self._known.add(key)
        return Table(self._left.pop(key), where=self._at(key), faults=self.faults) if self.has(key) else None

    def need(self, key: str) -> "Table":
        """Take a table that must be there."""
        found = self.table(key)
        if found is None:
            self.note(key, "is missing", f"Add a table [{key}] to it.")
            found = Table({}, where=self._at(key), faults=[])
        return found

    def tables(self, key: str) -> Iterator["Table"]:
        """Take a list of tables."""
        found = self._take(key, list, [], f"Write [[{key}]] above each of them.") or []
        for number, one in enumerate(found, 1):
            yield Table(one, where=f"{self._at(key)}[{number}]", faults=self.faults)

    def translation(self, key: str, kind: type[E]) -> dict[str, E]:
        """Take a table from the provider's words to ours; empty if there is none."""
        found = self.table(key)
        return {} if found is None else {word: found.word(word, kind) for word in found.names()}

    def names(self) -> tuple[str, ...]:
        return tuple(self._left)

    def value(self, key: str) -> object:
        """Take whatever there is."""
        self._known.add(key)
        return self._left.pop(key)

    def path(self, key: str) -> Path | None:
        """Take the path of a file; None if there is none."""
        found = self.text(key, "", fits=r"/.+|", remedy="Write the whole path, from / on.")
        return Path(found) if found else None

    def secret(self, key: str) -> Secret:
        """Take where a secret is kept; the secret itself is refused."""
        remedy = f'Write {key} = {{env = "NAME"}} or {key} = {{file = "/path"}}, and keep the secret there.'
        if key in self._left and not isinstance(self._left[key], dict):
            self.value(key)
            self.note(key, "must not stand in this file", remedy)
            return Secret()
        if not self.has(key):
            self._known.add(key)
            self.note(key, "is missing", remedy)
            return Secret()
        found = self.need(key)
        made = Secret(found.text("env", "", fits=f"{_VARIABLE.pattern}|", remedy=remedy), found.path("file"))
        if bool(made.env) == bool(made.file):
            found.note("", "names no place, or two", remedy)
        found.done()
        return made

    def done(self) -> None:
        """Refuse the keys that nobody asked for."""
        for key in self._left:
            like = difflib.get_close_matches(key, self._known, 1)
            remedy = f"Did you mean {like[0]}?" if like else "Remove it, or put it where it belongs."
            self.note(key, "is no key that is known here", remedy)

    def _take(self, key: str, kind: type | tuple[type, ...], default: Any, remedy: str) -> Any:
        """Return a value of the kind, the default if there is none, or None after noting what is wrong."""
        self._known.add(key)
        if key not in self._left:
            if default is None:
                self.note(key, "is missing", remedy)
            return default
        found = self._left.pop(key)
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if type(found) not in kinds:
            self.note(key, "is of the wrong kind", remedy)
            return None
        return found

    def _among(self, key: str, found: str | None, kind: type[E]) -> E:
        try:
            return kind(found or "")
        except ValueError:
            if found is not None:
                self.note(key, "is none of the words that are known", _choice(kind))
            return next(iter(kind))

    def _at(self, key: str) -> str:
        return f"{self.where}.{key}" if key else self.where


def _choice(kind: type[StrEnum]) -> str:
    return f"Write one of: {', '.join(kind)}."
