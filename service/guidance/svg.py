"""SVG from outside, read strictly: shapes alone; nothing that runs, fetches, refers or grows."""

import re
from collections.abc import Callable
from xml.parsers import expat

from service.guidance.unfit import Unfit

MOST_ELEMENTS, MOST_DEPTH, MOST_VALUE = 5_000, 32, 32 * 1024
_NAMESPACE = "http://www.w3.org/2000/svg"
_ELEMENTS = frozenset({"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "title", "desc"})
_ATTRIBUTES = frozenset(
    """
    viewBox width height x y x1 y1 x2 y2 cx cy r rx ry d points transform id version
    fill fill-rule stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray
    preserveAspectRatio
    """.split()  # noqa: SIM905 - quoted words are no easier to read
)
_PAINT = frozenset({"fill", "stroke"})
_COLOUR = re.compile(r"none|black|white|#(?:000|fff|000000|ffffff)", re.IGNORECASE)
_VIEW = re.compile(r"0 0 [1-9][0-9]{0,3} [1-9][0-9]{0,3}")
_SAID = re.compile(rb"<((?:[\w.-]+:)?(?:title|desc))\b[^>]*(?:/>|>.*?</\1\s*>)", re.DOTALL)
_REMEDY = "save it as plain shapes: no text, picture, style, script, link or entity"


def check(content: bytes) -> None:
    """Raise Unfit for anything but plain shapes in black and white."""
    reader = _Reader()
    parser = expat.ParserCreate(encoding="UTF-8", namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refused("declares a document type or an entity")
    parser.EntityDeclHandler = _refused("declares a document type or an entity")
    parser.ProcessingInstructionHandler = _refused("holds a processing instruction")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(content, True)
    except expat.ExpatError as fault:
        raise Unfit(f"is no XML (line {fault.lineno})", "save it as SVG again") from fault


def silent(content: bytes) -> bytes:
    """Return a drawing without its titles and descriptions, which are in one language at most; Unfit as `check`.

    What is left is checked again: a title may hold what is no element as long as it stands there.
    """
    left = _SAID.sub(b"", content)
    check(left)
    return left


class _Reader:
    def __init__(self) -> None:
        self._depth = 0
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._count > MOST_ELEMENTS or self._depth > MOST_DEPTH:
            raise Unfit("has too many elements, or too deep ones", "draw it simpler")
        space, _, element = name.rpartition(" ")
        if space != _NAMESPACE or element not in _ELEMENTS:
            raise Unfit(f"holds the element {element[:40]!r}", _REMEDY)
        if (self._depth == 1) != (element == "svg"):
            raise Unfit("is not one drawing", _REMEDY)
        if self._depth == 1 and not _VIEW.fullmatch(attributes.get("viewBox", "")):
            raise Unfit("has no viewBox that begins at 0 0", 'save it with viewBox="0 0 WIDTH HEIGHT"')
        for attribute, value in attributes.items():
            _check_attribute(attribute, value)

    def end(self, _name: str) -> None:
        self._depth -= 1


def _check_attribute(name: str, value: str) -> None:
    if name not in _ATTRIBUTES or len(value) > MOST_VALUE:
        raise Unfit(f"has the attribute {name[-40:]!r}", _REMEDY)
    if name in _PAINT and not _COLOUR.fullmatch(value):
        raise Unfit(f"has the colour {value[:20]!r}", "draw in black and white: photocopies know no other")


def _refused(reason: str) -> Callable[..., None]:
    def refuse(*_parts: object) -> None:
        raise Unfit(reason, _REMEDY)

    return refuse
