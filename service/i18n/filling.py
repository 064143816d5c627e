"""Filling a text's named holes the way its language writes names, numbers, dates and distances."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import assert_never

from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_decimal
from babel.units import format_unit

from service.i18n.model import Dated, Direction, Hole, Metres, ShortDay, UnfilledHole

HOLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
FIGURES = re.compile(r"[0-9]+(?:[./][0-9]+)+")
PHONE = re.compile(r"\+?[0-9][0-9 ,/()+-]*")
LRI, FSI, PDI = "\u2066", "\u2068", "\u2069"

CONVENTIONS = {"en": "en_150"}
"""English is written here for readers everywhere: day before month, 24 hours (CLDR's English of Europe)."""

DAYS = {"uk": "d MMMM y 'року'", "ru": "d MMMM y 'года'", "my": "y 'ခုနှစ်' MMMM d 'ရက်'"}
"""CLDR's long date ends in an abbreviation with a full stop, which collides with the end of a sentence, or (Burmese) in
the bare number of a day, behind which an hour cannot be told from it."""

KILOMETRE = 1000
RTL_PARTS = frozenset({"R", "AL", "NSM"})
RTL_LETTERS = frozenset({"R", "AL", "AN"})
DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
JOINERS = frozenset({"\u200c", "\u200d"})  # they shape words in Persian, Burmese and others


def holes(text: str) -> frozenset[str]:
    """Return the names of the holes in a text."""
    return frozenset(HOLE.findall(text))


def fill(text: str, values: Mapping[str, Hole], *, tag: str, direction: Direction) -> str:
    """Put the values into the holes; a value whose direction could upset its sentence is isolated (UAX 9).

    UnfilledHole if a hole has no value; values without a hole are passed over, since title and body share them.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise UnfilledHole(match[1], text)
        return isolate(write(values[match[1]], tag), direction)

    return HOLE.sub(value, text)


def write(value: Hole, tag: str) -> str:  # noqa: PLR0911 - one for each kind of hole
    """Write one value as the language does. Text stays as given, but for control characters and line breaks."""
    locale = CONVENTIONS.get(tag, tag.replace("-", "_"))
    match value:
        case str():
            return _one_line(value)
        case int():
            return format_decimal(value, locale=locale)
        case Metres(metres) if metres < KILOMETRE:
            return _plain(format_unit(metres, "length-meter", locale=locale))
        case Metres(metres):
            return _plain(format_unit(round(metres / KILOMETRE, 1), "length-kilometer", locale=locale))
        case datetime():
            return _moment(value, locale)
        case date() | ShortDay():
            return _day(value, locale)
        case Dated(day, number):
            return f"{_day(ShortDay(day), locale)}/{number}"
        case _:
            assert_never(value)


def isolate(value: str, direction: Direction) -> str:
    """Wrap a value in isolates where its direction could clash; a number to dial reads left to right everywhere."""
    classes = {unicodedata.bidirectional(letter) for letter in value}
    if direction == "ltr":
        return f"{FSI}{value}{PDI}" if classes & RTL_LETTERS else value
    if PHONE.fullmatch(value):
        return f"{LRI}{value}{PDI}"
    if FIGURES.fullmatch(value):
        return value  # one number to UAX 9 (W4), which is read left to right in any sentence
    return value if classes <= RTL_PARTS | {"WS"} else f"{FSI}{value}{PDI}"


def _moment(value: datetime, locale: str) -> str:
    """Write day and minute; the zone is the caller's, and named only if it is UTC or none, which few people live by."""
    time = format_time(value, "HH:mm", locale=locale)
    pattern = str(get_datetime_format("medium", locale=locale))
    zone = "" if value.utcoffset() else " UTC"
    return _plain(pattern.replace("'", "").replace("{1}", _day(value, locale)).replace("{0}", time + zone))


def _day(value: date | ShortDay, locale: str) -> str:
    if isinstance(value, ShortDay):
        return f"{value.value:%d.%m.%Y}"
    return _plain(format_date(value, DAYS.get(locale, "long"), locale=locale))


def _plain(text: str) -> str:
    """Replace the narrow no-break space, which old phones draw as a box."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def _one_line(text: str) -> str:
    kept = (" " if letter.isspace() else letter for letter in text if _may_stay(letter))
    return " ".join("".join(kept).split())


def _may_stay(letter: str) -> bool:
    return letter.isspace() or letter in JOINERS or unicodedata.category(letter) not in DROPPED
