"""What a deployment adds in its folder of pictures: signs of its own, its authority's recognition pictures; checked."""

# Everything in the folder is hostile until it is checked: what is wrong with one file is said with its name, and the
# file is not used.

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from service.guidance import rasters, svg
from service.guidance.media import OwnPicture, Sort
from service.guidance.model import CHILDREN, Audience
from service.guidance.unfit import Unfit, Unused
from service.guidance.yaml import BadYaml, Fields, Pairs, read
from service.i18n import forbidden, rules, zawgyi
from service.kit.errors import Kind, Refused

PICTURES, LIST = "pictures", "pictures.yaml"
MOST_FILES = 2_000
MOST_BYTES: Mapping[str, int] = {".svg": 128 * 1024, ".png": 300 * 1024, ".jpg": 300 * 1024, ".opus": 160 * 1024}
MOST_PICTURES, MOST_TOGETHER = 40, 4 * 1024 * 1024
"""Phones keep all of them."""
_PICTURE = re.compile(r"[a-z][a-z0-9-]{0,55}\.(?:svg|png|jpg)")
_ALTERNATIVE = (20, 400)

YOUNG = CHILDREN | {Audience.YOUTH_12_14, Audience.EVERYBODY}
"""Readers among whom somebody is under 13."""
THIRTEEN = frozenset({Audience.YOUTH_15_18, Audience.ADULTS, Audience.PARENTS, Audience.TEACHERS})


def refuse_young(picture: OwnPicture, readers: Iterable[Audience]) -> None:
    """Refuse to show a picture of recognition where anybody under 13 reads (forbidden everywhere, 6)."""
    young = sorted(YOUNG.intersection(readers))
    if picture.sort is Sort.RECOGNITION and young:
        detail = f"The picture {picture.name} is for readers of 13 and over; {', '.join(young)} read this."
        remedy = "Leave it out, or make a sheet for youth-15-18, adults, parents or teachers."
        raise Refused(Kind.FORBIDDEN, "picture-unfit-for-age", detail, where=picture.name, remedy=remedy)


def pictures(folder: Path | None) -> tuple[tuple[OwnPicture, ...], tuple[Unused, ...]]:
    """Return the pictures of a folder that may be shown, and what is wrong with the others."""
    if folder is None:
        return (), ()
    home = folder / PICTURES
    if not folder.is_dir() or home.is_symlink() or (home.exists() and not home.is_dir()):
        where = folder if not folder.is_dir() else home
        return (), (Unused(str(where), "is no plain folder", "name the folder itself in SUREFOOT_GUIDANCE_MEDIA"),)
    if not home.is_dir():
        return (), ()
    try:
        listed = _listed(read(home / LIST, name=LIST))
    except BadYaml as bad:
        return (), (Unused(bad.where, bad.reason, bad.remedy),)
    strangers = [name for name in names(home) if name not in listed]
    good, bad_ones = _read(home, listed)
    return good, (*(Unused(name, "is not described", f"describe it in {LIST}") for name in strangers), *bad_ones)


def contents(path: Path) -> bytes:
    """Return a file's bytes; Unfit for links, for what is no file, and for what is too large."""
    most = MOST_BYTES.get(path.suffix, 0)
    if path.is_symlink() or not path.is_file():
        raise Unfit("is no plain file", "copy the file itself into the folder, no link")
    if path.stat().st_size > most:
        raise Unfit(f"has {path.stat().st_size} bytes, {most} are the most", "make it smaller")
    with path.open("rb") as file:
        return file.read(most + 1)


def names(home: Path) -> Iterator[str]:
    """Return the names in a folder, in order; Unfit files are named too, our own list is not."""
    found = sorted(path.name for path in home.iterdir() if path.name != LIST and not path.name.startswith("."))
    if len(found) > MOST_FILES:
        detail = f"The folder {home.name} holds more than {MOST_FILES} files."
        raise Refused(Kind.INVALID, "media-too-many", detail, remedy="Remove what is not used.")
    return iter(found)


def _read(
    home: Path, listed: Mapping[str, tuple[Sort, dict[str, str]]]
) -> tuple[tuple[OwnPicture, ...], tuple[Unused, ...]]:
    good: list[OwnPicture] = []
    bad_ones: list[Unused] = []
    for name, (sort, words) in listed.items():
        try:
            content = contents(home / name)
            kind = _kind(name, content)
            content = svg.silent(content) if kind == "svg" else content
            _demand_room(good, content)
            good.append(OwnPicture(name, sort, words, kind, content))
        except Unfit as unfit:
            bad_ones.append(Unused(name, unfit.reason, unfit.remedy))
    return tuple(good), tuple(bad_ones)


def _demand_room(there: Sequence[OwnPicture], content: bytes) -> None:
    if len(there) == MOST_PICTURES or sum(len(one.content) for one in there) + len(content) > MOST_TOGETHER:
        reason = f"is more than phones keep: {MOST_PICTURES} pictures, {MOST_TOGETHER} bytes"
        raise Unfit(reason, "make pictures smaller, or leave some out")


def _listed(file: Pairs) -> dict[str, tuple[Sort, dict[str, str]]]:
    fields = Fields(file, what=LIST)
    found = {name: _described(name, Fields(node, what=name)) for name, node in fields.mapping("pictures").items()}
    fields.done()
    return found


def _described(name: str, fields: Fields) -> tuple[Sort, dict[str, str]]:
    if not _PICTURE.fullmatch(name):
        raise BadYaml(fields.where, f"{name[:60]!r} is no name of a picture", "write such as national-sign.svg")
    sort = fields.one("shows", Sort, remedy=f"write one of {', '.join(Sort)}")
    node = fields.node("alternative")
    words = Fields(node, what=f"alternative of {name}")
    said = {tag: words.text(tag) for tag in words.keys()}  # noqa: SIM118 - no mapping: it takes keys out
    for tag, text in said.items():
        if fault := _fault(tag, text):
            raise BadYaml(node.where, f"the alternative of {name} in {tag[:35]!r} {fault[0]}", fault[1])
    fields.done()
    return sort, said


def _fault(tag: str, text: str) -> tuple[str, str] | None:
    """Say what is wrong with a picture's words: they stand beside it, and instead of it for who cannot see it."""
    least, most = _ALTERNATIVE
    if rules.known(tag) != tag or not least <= len(text) <= most:
        return "is unfit", f"write it behind a language such as uk, in {least} to {most} characters"
    if place := zawgyi.found_in(text):
        return f"is in Zawgyi at {place!r}", "convert it to Unicode"
    try:
        claims = forbidden.find(text, tag)
    except Refused as unwritten:
        return "cannot be checked", unwritten.remedy or "leave this language out"
    return (f"claims that there is no danger: {claims[0].words!r}", "say what the picture shows") if claims else None


def _kind(name: str, content: bytes) -> str:
    """Return the format of a picture that harms nobody; Unfit for any other."""
    if name.endswith(".svg"):
        svg.check(content)
        return "svg"
    found = rasters.check(content)
    if not name.endswith(found):
        raise Unfit(f"is {found.upper()} under another name", f"name it with .{found}")
    return found
