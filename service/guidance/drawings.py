"""The pictures as they are given out: named by their hash, turned round for who reads from right to left."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.guidance.loading import PICTURES
from service.guidance.media import OwnPicture
from service.guidance.model import Picture
from service.i18n.model import Direction

_OPENING = re.compile(rb"<svg\b[^>]*\bviewBox=\"0 0 (\d+) (\d+)\"[^>]*>")
_TITLE = re.compile(rb"\s*<title>[^<]*</title>")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture's bytes and their SHA-256."""

    name: str
    content: bytes
    sha256: str
    format: str = "svg"

    @property
    def path(self) -> str:
        """Return where it is served, under /v1/guidance/."""
        return f"pictures/{self.name}/{self.sha256}.{self.format}"


def drawings(pictures: Mapping[str, Picture], direction: Direction, folder: Path = PICTURES) -> dict[str, Drawing]:
    """Return the pictures for one direction of writing, by name; the title inside is dropped: it is English."""
    return {
        name: _drawing(name, (folder / f"{name}.svg").read_bytes(), turned=picture.mirrored and direction == "rtl")
        for name, picture in sorted(pictures.items())
    }


def own_drawing(picture: OwnPicture) -> Drawing:
    """Return a deployment's picture as it is given out, under its name without the end."""
    name = picture.name.rpartition(".")[0]
    return Drawing(name, picture.content, hashlib.sha256(picture.content).hexdigest(), picture.format)


@cache
def _drawing(name: str, svg: bytes, *, turned: bool) -> Drawing:
    content = _TITLE.sub(b"", svg)
    content = mirrored(content) if turned else content
    return Drawing(name, content, hashlib.sha256(content).hexdigest())


def mirrored(svg: bytes) -> bytes:
    """Turn a drawing round; ValueError for one whose view does not begin at 0 0."""
    opening = _OPENING.search(svg)
    if opening is None:
        raise ValueError("the drawing has no viewBox that begins at 0 0")
    body, end = svg[opening.end() :].rsplit(b"</svg>", 1)
    turn = b'<g transform="matrix(-1 0 0 1 %s 0)">' % opening[1]
    return svg[: opening.end()] + turn + body + b"</g></svg>" + end
