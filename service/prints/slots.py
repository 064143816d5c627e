"""What a deployment adds in its folder to be heard: recordings, checked; its pictures are read by guidance."""

# Everything in the folder is hostile until it is checked: what is wrong with one file is said with its name, and the
# file is not used. A recording whose words have changed since is listed as stale, never played.

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from service.guidance.slots import contents, names
from service.guidance.unfit import Unfit, Unused
from service.i18n import rules
from service.prints import opus
from service.prints.model import Recording, Spoken
from service.prints.reading import MOST_SECONDS

RECORDINGS = "audio"
_RECORDING = re.compile(r"(?P<id>[a-z][a-z0-9._-]{0,120})\.(?P<tag>[A-Za-z0-9-]{2,35})\.(?P<hash>[0-9a-f]{16})\.opus")


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
    for each in names(home):
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
