"""Turns a sheet into what typst sets: sizes, pictures, the square code."""

import asyncio
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import segno
from PIL import Image

from service.guidance.drawings import drawings
from service.guidance.media import OwnPicture
from service.guidance.model import Guidance
from service.kit import typesetting
from service.kit.errors import Kind, Refused
from service.kit.typesetting import Form
from service.prints.composing import pictures_used
from service.prints.model import CHILDREN, Format, Sheet

HERE = Path(__file__).parent
_MM = 72 / 25.4
_A4, _A6 = (round(210 * _MM, 3), round(297 * _MM, 3)), (round(105 * _MM, 3), round(148 * _MM, 3))
_CARD = (540, 675)
"""In points: 1080 x 1350 dots, two to a point."""
_PICTURE = 45 * _MM
_LEAST, _LEAST_SMALL = 11, 18
_MOST_PAGES = 16
_SHADES = 16
_SHADE = 255 / (_SHADES - 1)
MOST_CARD_BYTES = 150 * 1024


Plan: TypeAlias = tuple[str, int, float]
"""How messages and pictures stand to each other, the size of the letters, the width of a picture, in points."""


def _sizes(biggest: int, least: int, strip_from: int) -> list[Plan]:
    """Return what is tried in turn: messages beside their pictures, then pictures in a row; large before small."""
    beside: list[Plan] = [("rows", size, _PICTURE) for size in range(biggest, strip_from - 1, -1)]
    return [*beside, *(("strip", size, _PICTURE) for size in range(biggest, least - 1, -1))]


_POSTER: Mapping[str, Any] = {
    "layout": "page", "width": _A4[0], "height": _A4[1], "margin": 12 * _MM, "foot": _LEAST, "title_size": 26,
    "picture": _PICTURE, "most_pictures": 4, "code_width": 30 * _MM, "sizes": _sizes(20, _LEAST, 13),
}  # fmt: skip
_POSTER_SMALL = {**_POSTER, "foot": _LEAST, "title_size": 32, "sizes": _sizes(30, _LEAST_SMALL, 20)}
_LAYOUTS: Mapping[Format, Mapping[str, Any]] = {
    Format.POSTER: _POSTER,
    Format.POSTER_5_7: {**_POSTER_SMALL, "foot": _LEAST_SMALL, "code_width": 34 * _MM},
    Format.POSTER_8_11: {**_POSTER_SMALL, "sizes": _sizes(24, 14, 15)},
    Format.RECOGNITION: _POSTER,
    Format.LEAFLET: {
        **_POSTER, "layout": "pages", "width": _A6[0], "height": _A6[1], "margin": 8 * _MM, "title_size": 16,
        "code_width": 26 * _MM, "most_pages": _MOST_PAGES,
    },
    Format.CARD: {
        **_POSTER, "width": _CARD[0], "height": _CARD[1], "margin": 20, "title_size": 24, "foot": 10,
        "sizes": [("strip", size, 110) for size in range(20, 12, -1)] + [("strip", size, 70) for size in (13, 12, 11)],
    },
}  # fmt: skip


def form_of(form: Format) -> Form:
    """Return what the pages of a format are made into."""
    return Form.PNG if form is Format.CARD else Form.PDF


def template() -> str:
    """Return the template of all sheets."""
    return _read("sheet.typ")


def data(sheet: Sheet, form: Format, guidance: Guidance) -> dict[str, Any]:
    """Return what the template reads: texts as they are, pictures as bytes, sizes by format."""
    return {
        **_LAYOUTS[form],
        **typesetting.language(sheet.language),
        "direction": sheet.direction,
        "title": sheet.title,
        "author": "Surefoot",
        "revision": sheet.revision,
        "items": [{"text": one.text, "why": one.why, "picture": one.picture} for one in sheet.items],
        "own": [_own(one, sheet.language) for one in sheet.own],
        "pictures": _pictures(sheet, guidance),
        "notices": list(sheet.notices),
        "caveat": sheet.caveat,
        "call": sheet.call,
        "numbers": [{"number": one.number, "label": one.label} for one in sheet.numbers],
        "stamp": sheet.stamp,
        "words": words(sheet, whole=_LAYOUTS[form]["layout"] == "pages"),
        **_code(None if form is Format.CARD else sheet.link, sheet.link_label),
    }


def words(sheet: Sheet, *, whole: bool) -> str:
    """Return all that a sheet says, in the order of reading, for machines: the file is attached to its PDF."""
    lines = [sheet.title, *sheet.notices]
    for number, item in enumerate(sheet.items, 1):
        lines += [f"{number}. {item.text}", *([item.why] if whole and item.why else [])]
    lines += [one.alternatives[sheet.language] for one in sheet.own]
    lines += [sheet.call or "", *(f"{one.number} {one.label}".strip() for one in sheet.numbers)]
    lines += [sheet.caveat, sheet.stamp, sheet.link or ""]
    return "\n".join(line for line in lines if line) + "\n"


def finished(pages: bytes, form: Format) -> bytes:
    """Return a file as it goes out: a card in sixteen shades, opaque, in a third of the bytes."""
    if form is not Format.CARD:
        return pages
    shades = Image.open(io.BytesIO(pages)).convert("L").point(lambda value: round(value / _SHADE))
    card = Image.frombytes("P", shades.size, shades.tobytes())
    card.putpalette([part for shade in range(_SHADES) for part in (round(shade * _SHADE),) * 3])
    smaller = io.BytesIO()
    card.save(smaller, "PNG", optimize=True, bits=4)
    if smaller.tell() > MOST_CARD_BYTES:
        detail = f"The card has {smaller.tell()} bytes, {MOST_CARD_BYTES} are the most."
        raise Refused(Kind.CONFLICT, "card-too-large", detail, remedy="Say the topic's messages in fewer words.")
    return smaller.getvalue()


async def finished_apart(pages: bytes, form: Format) -> bytes:
    """Do the same in a thread, which gives way while it works."""
    return await asyncio.to_thread(finished, pages, form)


def smallest(form: Format) -> int:
    """Return the smallest letters that a format may have, in points."""
    return _LEAST_SMALL if form is Format.POSTER_5_7 else _LEAST


def is_for_children(form: Format) -> bool:
    """Say whether children below twelve are who reads it."""
    return form in CHILDREN


def _own(picture: OwnPicture, language: str) -> dict[str, Any]:
    """Return a deployment's picture; JSON holds its bytes as numbers, which typst reads back."""
    words = picture.alternatives[language]
    return {"image": list(picture.content), "format": picture.format, "words": words}


def _pictures(sheet: Sheet, guidance: Guidance) -> dict[str, dict[str, str]]:
    """Return each picture with its words, turned round where the language is read from right to left."""
    drawn = drawings(guidance.pictures, sheet.direction)
    return {
        name: {"image": drawn[name].content.decode(), "format": "svg", "words": words}
        for name, words in pictures_used(sheet.items, sheet.pictures).items()
    }


def _code(link: str | None, label: str | None) -> dict[str, str | None]:
    if link is None or label is None:
        return {"code": None, "link": None, "code_label": None}
    drawn = io.BytesIO()
    segno.make(link, error="m", micro=False).save(drawn, kind="svg", border=4, xmldecl=False, scale=4)
    return {"code": drawn.getvalue().decode(), "link": link, "code_label": label}


@cache
def _read(name: str) -> str:
    return (HERE / "templates" / name).read_text(encoding="utf-8")
