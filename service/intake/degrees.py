"""Reads latitudes and longitudes as people write them: decimal, or with minutes and seconds, in several languages."""

# ruff: noqa: RUF001 - the letters and marks of many scripts are what this file is about

import re
import unicodedata

from service.intake.model import NotAnArea, Unread

# Longer spellings first. The lone O is east in German and west in French, Spanish and Portuguese: nobody can say.
_SIDES = (
    ("north", 1, "lat"), ("south", -1, "lat"), ("east", 1, "lon"), ("west", -1, "lon"),
    ("пн.ш", 1, "lat"), ("пд.ш", -1, "lat"), ("сх.д", 1, "lon"), ("зх.д", -1, "lon"),
    ("с.ш", 1, "lat"), ("ю.ш", -1, "lat"), ("в.д", 1, "lon"), ("з.д", -1, "lon"),
    ("n", 1, "lat"), ("s", -1, "lat"), ("e", 1, "lon"), ("w", -1, "lon"),
    ("с", 1, "lat"), ("ю", -1, "lat"), ("в", 1, "lon"), ("з", -1, "lon"),
)  # fmt: skip  # a table reads better in lines
_SIDE_OF = {word: (sign, axis) for word, sign, axis in _SIDES}
_WORDS = "|".join(re.escape(word) for word, _, _ in _SIDES)
_NUMBER = r"\d{1,3}(?:[.,]\d+)?"
_SMALL = r"\d{1,2}(?:[.,]\d+)?"
_BETWEEN = r"\s*(?:°|º|˚|:|\*|deg(?:rees?)?|d|гр\.?)?\s*"
_VALUE = (
    rf"(?P<before>{_WORDS})?\.?\s*(?P<sign>[-+−])?\s*"
    rf"(?P<degrees>\d{{1,3}}(?:[.,]\d+)?){_BETWEEN}"
    rf"(?:(?P<minutes>{_SMALL})\s*(?:'|:|(?P<letter>min|m|мин|мін|м)\.?)?\s*)?"
    # A small s is the seconds' after an m for minutes only: in any other place it could be the south.
    rf"(?:(?P<seconds>{_SMALL})\s*(?:\"|sec\.?|сек\.?|(?(letter)(?-i:s)|(?!)))?\s*)?"
    rf"(?P<after>{_WORDS})?\.?"
)
_ONE = re.compile(rf"\s*{_VALUE}\s*", re.IGNORECASE)
_MARKS = str.maketrans(
    {"′": "'", "’": "'", "‘": "'", "ʹ": "'", "´": "'", "`": "'", "″": '"', "”": '"', "“": '"', "ʺ": '"', "\u00a0": " "}
)
_PAIR = re.compile(rf"^(.*?(?:{_WORDS})\.?)\s*[,;/]?\s*(.+)$", re.IGNORECASE)
_MOST = {"lat": 90.0, "lon": 180.0}
_SIXTY = 60


def one(text: str, axis: str) -> float:
    """Return a latitude ("lat") or longitude ("lon") in degrees. Raises NotAnArea."""
    shown = repr(text.strip()[:40])
    found = _ONE.fullmatch(unicodedata.normalize("NFC", text).translate(_MARKS).replace("''", '"'))
    if found is None:
        more = (
            "; O is east in one language and west in another: write E or W"
            if re.search(r"[oо]", text, re.IGNORECASE)
            else ""
        )
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{shown} is no {_name(axis)}{more}")
    value = _degrees(found, shown)
    sides = {_SIDE_OF[word.lower()] for word in (found["before"], found["after"]) if word}
    if len(sides) > 1 or any(side != axis for _, side in sides):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{shown} stands where a {_name(axis)} is expected")
    if found["sign"] and found["sign"] != "+":
        if any(sign < 0 for sign, _ in sides):
            raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{shown} is negative twice")
        value = -value
    value *= next(iter(sides), (1, axis))[0]
    if abs(value) > _MOST[axis]:
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{shown} is beyond any {_name(axis)}; metres need a system")
    return value


def pair(text: str) -> tuple[float, float]:
    """Return longitude and latitude of a place in one text, latitude first unless letters say so. Raises NotAnArea."""
    marked = text.translate(_MARKS)
    for first, second in _splits(marked):
        for axes in (("lat", "lon"), ("lon", "lat")):
            try:
                values = dict(zip(axes, (one(first, axes[0]), one(second, axes[1])), strict=True))
            except NotAnArea:
                continue
            return values["lon"], values["lat"]
    raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{text.strip()[:60]!r} is no latitude and longitude")


def _splits(text: str) -> list[tuple[str, str]]:
    """Return the ways to part a text into two values, the plainest first."""
    found = []
    for between in (";", ", ", ",", "/", " "):
        parts = text.split(between)
        if len(parts) == 2:  # noqa: PLR2004 - two values
            found.append((parts[0], parts[1]))
    lettered = _PAIR.match(text)
    return found + ([(lettered[1], lettered[2])] if lettered else [])


def _degrees(found: re.Match[str], shown: str) -> float:
    parts = [found["degrees"], found["minutes"], found["seconds"]]
    given = [part.replace(",", ".") for part in parts if part is not None]
    if any("." in part for part in given[:-1]) or any(float(part) >= _SIXTY for part in given[1:]):
        raise NotAnArea(Unread.GEOMETRY_BROKEN, f"{shown} has minutes or seconds beyond 60, or fractions amid")
    return sum((float(part) / 60.0**place for place, part in enumerate(given)), 0.0)


def _name(axis: str) -> str:
    return "latitude" if axis == "lat" else "longitude"
