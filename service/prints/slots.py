"""What a deployment adds in its folder: signs of its own, its authority's recognition pictures, recordings."""

# Everything in the folder is hostile until it is checked: what is wrong with one file is said with its name, and the
# file is not used. A recording whose words have changed since is listed as stale, never played.

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from service.guidance.model import CHILDREN, Audience
from service.guidance.yaml import BadYaml, Fields, Pairs, read
from service.i18n import rules
from service.kit.errors import Kind, Refused
from service.prints import opus, rasters, svg
from service.prints.model import OwnPicture, Recording, Sort, Spoken, Unused
from service.prints.reading import MOST_SECONDS
from service.prints.unfit import Unfit

PICTURES, RECORDINGS, LIST = "pictures", "audio", "pictures.yaml"
MOST_FILES = 2_000
MOST_BYTES: Mapping[str, int] = {".svg": 128 * 1024, ".png": 300 * 1024, ".jpg": 300 * 1024, ".opus": 160 * 1024}
_RECORDING = re.compile(r"(?P<id>[a-z][a-z0-9._-]{0,120})\.(?P<tag>[A-Za-z0-9-]{2,35})\.(?P<hash>[0-9a-f]{16})\.opus")
_PICTURE = re.compile(r"[a-z][a-z0-9-]{0,59}\.(?:svg|png|jpg)")
_ALTERNATIVE = (20, 400)


YOUNG = CHILDREN | {Audience.YOUTH_12_14, Audience.EVERYBODY}
"""Readers among whom somebody is under 13."""


def refuse_young(picture: OwnPicture, readers: Iterable[Audience]) -> None:
    """Refuse to show a picture of recognition where anybody under 13 reads (forbidden everywhere, 6)."""
    young = sorted(YOUNG.intersection(readers))
    if picture.sort is Sort.RECOGNITION and young:
        detail = f"The picture {picture.name} is for readers of 13 and over; {', '.join(young)} read this."
        remedy = "Leave it out, or make a sheet for youth-15-18, adults, parents or teachers."
        raise Refused(Kind.FORBIDDEN, "picture-unfit-for-age", detail, where=picture.name, remedy=remedy)


def pictures(folder: Path) -> tuple[tuple[OwnPicture, ...], tuple[Unused, ...]]:
    """Return the pictures of a folder that may be shown, and what is wrong with the others."""
    home = folder / PICTURES
    if not home.is_dir() or home.is_symlink():
        return (), ()
    try:
        listed = _listed(read(home / LIST, name=LIST))
    except BadYaml as bad:
        return (), (Unused(bad.where, bad.reason, bad.remedy),)
    good: list[OwnPicture] = []
    bad_ones = [
        Unused(name, "is not described", f"describe it in {LIST}") for name in _names(home) if name not in listed
    ]
    for name, (sort, words) in listed.items():
        try:
            content = contents(home / name)
            good.append(OwnPicture(name, sort, words, _checked(name, content), content))
        except Unfit as unfit:
            bad_ones.append(Unused(name, unfit.reason, unfit.remedy))
    return tuple(good), tuple(bad_ones)


def recordings(
    folder: Path, spoken: Callable[[str], Iterable[Spoken]], language: str | None = None, name: str | None = None
) -> tuple[tuple[Recording, ...], tuple[Unused, ...]]:
    """Return the recordings of a folder, current and stale, and what is wrong with the others.

    `spoken` gives the texts of a language that are read aloud. Of one `language` or one `name` alone if it is given.
    """
    home = folder / RECORDINGS
    if not home.is_dir() or home.is_symlink():
        return (), ()
    texts: dict[str, dict[str, str]] = {}
    good, bad_ones = [], []
    for each in _names(home):
        named = _RECORDING.fullmatch(each)
        if (language and (named is None or named["tag"] != language)) or (name and each != name):
            continue
        try:
            good.append(_recording(home / each, texts, spoken))
        except Unfit as unfit:
            bad_ones.append(Unused(each, unfit.reason, unfit.remedy))
    return tuple(good), tuple(bad_ones)


def name_of(message: str, language: str, sha256: str) -> str:
    """Return how the recording of a text must be named."""
    return f"{message}.{language}.{sha256[:16]}.opus"


def contents(path: Path) -> bytes:
    """Return a file's bytes; Unfit for links, for what is no file, and for what is too large."""
    most = MOST_BYTES.get(path.suffix, 0)
    if path.is_symlink() or not path.is_file():
        raise Unfit("is no plain file", "copy the file itself into the folder, no link")
    if path.stat().st_size > most:
        raise Unfit(f"has {path.stat().st_size} bytes, {most} are the most", "make it smaller")
    with path.open("rb") as file:
        return file.read(most + 1)


def _recording(path: Path, texts: dict[str, dict[str, str]], spoken: Callable[[str], Iterable[Spoken]]) -> Recording:
    named = _RECORDING.fullmatch(path.name)
    if named is None or rules.known(named["tag"]) != named["tag"]:
        raise Unfit("is not named as recordings are", "name it MESSAGE.LANGUAGE.HASH.opus as the script says")
    tag, message = named["tag"], named["id"]
    if tag not in texts:
        texts[tag] = {one.id: one.sha256 for one in spoken(tag)}
    seconds = opus.seconds(contents(path))
    if seconds > MOST_SECONDS:
        raise Unfit(f"is {seconds} s long, {MOST_SECONDS:.0f} are the most", "read it without pauses at both ends")
    if message not in texts[tag]:
        raise Unfit("belongs to no text that is read aloud in this language", "remove it")
    return Recording(path.name, message, tag, seconds, texts[tag][message].startswith(named["hash"]))


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
    least, most = _ALTERNATIVE
    for tag, text in said.items():
        if rules.known(tag) != tag or not least <= len(text) <= most:
            remedy = f"write it behind a language such as uk, in {least} to {most} characters"
            raise BadYaml(node.where, f"the alternative of {name} in {tag[:35]!r} is unfit", remedy)
    fields.done()
    return sort, said


def _checked(name: str, content: bytes) -> str:
    """Return the format of a picture that harms nobody; Unfit for any other."""
    if name.endswith(".svg"):
        svg.check(content)
        return "svg"
    return rasters.check(content)


def _names(home: Path) -> Iterator[str]:
    """Return the names in a folder, in order; Unfit files are named too, our own list is not."""
    names = sorted(path.name for path in home.iterdir() if path.name != LIST and not path.name.startswith("."))
    if len(names) > MOST_FILES:
        detail = f"The folder {home.name} holds more than {MOST_FILES} files."
        raise Refused(Kind.INVALID, "media-too-many", detail, remedy="Remove what is not used.")
    return iter(names)
