"""Proposes a mapping for a file, from its columns and some of its values; what it cannot guess it says."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from service.imports import values
from service.imports.columns import USUAL, Columns, Field, column_name, plain
from service.imports.mapping import MEANINGS
from service.intake.model import Record
from service.zones.model import Hazard

_MOST_ROWS = 5_000
_MOST_WORDS = 60
_SHOWN = 3
_LONGEST = 60
_UNKNOWN = "?"
_NEEDED = {
    Field.ID: "the source's own id of each area: an import needs it",
    Field.CLASS: "suspected (sha) or confirmed (cha); without it state --class",
}


@dataclass
class Sampled:
    """What was seen of a file's columns: their names as written, how often they are filled, some of their values."""

    rows: int = 0
    names: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        properties = record.feature.get("properties")
        if self.rows >= _MOST_ROWS or not isinstance(properties, dict):
            return
        self.rows += 1
        for name, value in properties.items():
            key = column_name(str(name))
            self.names.setdefault(key, str(name))
            counted = self.seen.setdefault(key, Counter())
            if value is not None and str(value).strip() and len(counted) < _MOST_ROWS:
                counted[str(value).strip()[:_LONGEST]] += 1


def sample(records: Iterable[Record]) -> Sampled:
    found = Sampled()
    for record in records:
        found.add(record)
    return found


def propose(sampled: Sampled, *, name: str, remarks: Iterable[str] = ()) -> str:
    """Return a mapping as commented YAML: lines that begin with `# ?` wait for a person."""
    guessed = {meaning: _column(sampled, meaning) for meaning in Field}
    found = {meaning: column for meaning, column in guessed.items() if column is not None}
    lines = [
        f"# Mapping proposed for {_one_line(name)}, from {sampled.rows:,} rows. Read it through before you use it.",
        *(f"# {_one_line(remark)}" for remark in remarks),
        "columns:",
        *(f"  {meaning.value}: {_quoted(sampled.names[column])}{_examples(sampled, column)}"
          for meaning, column in found.items()),
        *(f"  # ? {meaning.value}: {why}" for meaning, why in _NEEDED.items() if meaning not in found),
        *_words(sampled, found),
        *_days(sampled, found),
        *_left(sampled, found),
    ]  # fmt: skip  # in the order of the file that is proposed
    return "\n".join(lines) + "\n"


def _column(sampled: Sampled, meaning: Field) -> str | None:
    there = [name for name in USUAL[meaning] if sampled.seen.get(name)]
    if meaning is Field.ID and not there:
        return _id_like(sampled)
    if meaning is Field.CLASS and not there:
        return next((name for name in USUAL[Field.STATUS] if _names_classes(sampled, name)), None)
    return there[0] if there else None


def _id_like(sampled: Sampled) -> str | None:
    """Find a column that has another value in every row and calls itself an id or a number."""
    unique = [name for name, seen in sampled.seen.items() if sampled.rows and len(seen) == sampled.rows == seen.total()]
    named = [name for name in unique if name.endswith("id") or any(part in name for part in ("code", "number", "no_"))]
    return named[0] if named else None


def _names_classes(sampled: Sampled, name: str) -> bool:
    known = values.SUSPECTED | values.CONFIRMED
    return any(plain(word) in known for word in sampled.seen.get(name, ()))


def _words(sampled: Sampled, found: Mapping[Field, str]) -> list[str]:
    """Translate every word of the columns that hold words; `?` where nobody can say."""
    lines = []
    for meaning, column in found.items():
        if meaning not in MEANINGS:
            continue
        words = [word for word, _ in sampled.seen[column].most_common(_MOST_WORDS)]
        told = [(word, _meant(meaning, word)) for word in words]
        if meaning is Field.CLASS and found.get(Field.STATUS) == column:
            told = [(word, meant) for word, meant in told if meant != _UNKNOWN]
        if told:
            lines.append(f"  {meaning.value}:")
            lines += [_pair(word, meant, meaning) for word, meant in told]
    return ["values:", *lines] if any(not line.lstrip().startswith("#") for line in lines) else []


def _pair(word: str, meant: str, meaning: Field) -> str:
    if meant == _UNKNOWN:
        return f"    # ? {_quoted(word)}: one of {', '.join(str(one) for one in MEANINGS[meaning])}"
    return f"    {_quoted(word)}: {meant}"


def _meant(meaning: Field, word: str) -> str:
    columns = Columns(names={meaning: ("x",)})
    named: dict[str, Any] = {"x": word}
    if meaning in {Field.CLASS, Field.STATUS}:
        return _class_or_status(meaning, word)
    if meaning is Field.HAZARDS:
        hazards, strange = values.hazards(named, columns)
        return _UNKNOWN if strange or len(hazards) > 1 else str(next(iter(hazards), Hazard.UNKNOWN))
    try:
        if meaning in {Field.DEACTIVATING, Field.FICTIONAL}:
            said = values.yes_or_no(named, columns, meaning)
            return _UNKNOWN if said is None else "yes" if said else "no"
        found: object = values.choice(named, columns, meaning, None)
    except values.Unclear:
        return _UNKNOWN
    if isinstance(found, bool):
        return "direct" if found else "indirect"
    return str(found) if found is not None else _UNKNOWN


def _class_or_status(meaning: Field, word: str) -> str:
    form = plain(word)
    if meaning is Field.CLASS:
        known = form in values.SUSPECTED, form in values.CONFIRMED | values.MINED
        return "sha" if known[0] else "cha" if known[1] else _UNKNOWN
    if form in values.CLOSED:
        kind = values.closed_as(word)
        return kind.value if kind is not None else "handed over" if "hand" in form else "closed"
    return "open" if form in values.ACTIVE | values.SUSPECTED | values.CONFIRMED | values.MINED else _UNKNOWN


def _days(sampled: Sampled, found: Mapping[Field, str]) -> list[str]:
    """Ask how days are written where the usual ways do not fit."""
    for meaning in (Field.REPORTED, Field.SURVEYED, Field.CLOSED_ON, Field.EVIDENCE_DATE):
        for word in sampled.seen.get(found.get(meaning, ""), ()):
            if values.written(word, None) is None and not word.isdigit():
                return [f"# ? dates: how days are written, as in %d/%m/%Y (seen: {_one_line(word)})"]
    return []


def _left(sampled: Sampled, found: Mapping[Field, str]) -> list[str]:
    left = [name for name in sampled.seen if name not in set(found.values())]
    return [f"# kept as it is: {_one_line(sampled.names[name])}{_examples(sampled, name)}" for name in left]


def _examples(sampled: Sampled, column: str) -> str:
    words = [_one_line(word) for word, _ in sampled.seen[column].most_common(_SHOWN)]
    return f"  # as in {' | '.join(words)}" if words else "  # empty"


def _quoted(text: str) -> str:
    """Write a text as YAML does on one line."""
    return yaml.safe_dump(text, allow_unicode=True, width=10_000, default_flow_style=True).split("\n")[0]


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:200]
