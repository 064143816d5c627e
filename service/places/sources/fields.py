"""Reads the text of files, and the values that every format has: names, numbers, points."""

import math
import unicodedata
from collections.abc import Callable, Iterable

from service.kit.errors import Fault, Kind, Refused
from service.kit.geo import NORTHMOST
from service.places.model import Centre, Unit

MOST_BYTES = 50 * 1024 * 1024
LONGEST_NAME = 200
LONGEST_CODE = 60


class Unfit(ValueError):  # noqa: N818 - names what is wrong
    """A row that cannot be used: what is wrong with it, and how to mend it."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy

    def at(self, where: str) -> Fault:
        return Fault(where, self.detail, self.remedy)


class Gathering:
    """The units of a source, and the rows that could not be used."""

    def __init__(self) -> None:
        self.units: dict[str, Unit] = {}
        self.faults: list[Fault] = []
        self.spoiled: set[str] = set()

    def take(self, where: str, read: Callable[[], Unit | None], spoilt: Iterable[str] = ()) -> None:
        """Keep the unit that a row gives; note an unfit row, and the keys that it may have had."""
        try:
            unit = read()
        except Unfit as unfit:
            self.faults.append(unfit.at(where))
            self.spoiled.update(spoilt)
            return
        if unit is None:
            return
        if unit.key in self.units:
            detail = f"The code {unit.codes[0][1]} stood in {self.units[unit.key].where} already."
            self.faults.append(Fault(where, detail, "Keep one of both."))
            return
        self.units[unit.key] = unit


def decoded(content: bytes, file: str, encoding: str = "utf-8-sig") -> str:
    """Return a file's text. Refused for one that is too large or not in the encoding that it should be in."""
    if len(content) > MOST_BYTES:
        detail = f"{file} has {len(content) >> 20} MiB; at most {MOST_BYTES >> 20} are read."
        raise Refused(Kind.TOO_LARGE, "file-too-large", detail, where=file, remedy="Load it in parts, with --part.")
    try:
        return content.decode(encoding)
    except LookupError:
        detail = f"There is no encoding {encoding[:40]!r}."
        raise Refused(
            Kind.INVALID, "encoding-unknown", detail, where="encoding", remedy="Name one, as cp1251."
        ) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        detail = f"{file} is not {encoding.removesuffix('-sig')}: line {line} holds the byte {content[error.start]:#x}."
        remedy = "Convert it, as with `iconv -f CP1251 -t UTF-8`; names would be garbled otherwise."
        raise Refused(Kind.INVALID, "encoding-unknown", detail, where=f"{file}, line {line}", remedy=remedy) from None


def name(value: object) -> str:
    """Return a name without outer, doubled and invisible signs. Unfit for one that says nothing or is absurdly long."""
    text = value if isinstance(value, str) else ""
    visible = "".join(sign if not unicodedata.category(sign).startswith("C") else " " for sign in text)
    found = " ".join(unicodedata.normalize("NFC", visible).split())
    if not any(sign.isalnum() for sign in found):
        raise Unfit("The row has no name.", "Give it one.")
    if len(found) > LONGEST_NAME:
        raise Unfit(f"A name has {len(found)} signs.", f"Shorten it to {LONGEST_NAME}.")
    return found


def code(value: object) -> str:
    """Return a code as the source writes it. Unfit for one that is empty, too long or not printable."""
    found = str(value).strip() if isinstance(value, str | int) else ""
    if not found or len(found) > LONGEST_CODE or not found.isprintable():
        raise Unfit("The row has no code that could be one.", f"Give it one of at most {LONGEST_CODE} signs.")
    return found


def number(value: object, what: str) -> float:
    """Return a decimal number. Unfit for anything else, infinity and what is no number at all included."""
    try:
        found = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise Unfit(
            f"The {what} is no number: {str(value)[:40]!r}.", "Write it in decimal degrees or metres, with a point."
        )
    return found


def centre(longitude: object, latitude: object) -> Centre:
    """Return a point on the globe. Unfit outside of it, and near the poles, where nobody lives."""
    x, y = number(longitude, "longitude"), number(latitude, "latitude")
    if abs(x) > 180 or abs(y) > NORTHMOST:  # noqa: PLR2004 - degrees
        raise Unfit(f"There is no place at longitude {x}, latitude {y}.", "Look whether the two are swapped.")
    if x == 0 and y == 0:
        raise Unfit("The point is 0, 0, which stands for no point.", "Leave both empty, or give the true ones.")
    return Centre(x, y)
