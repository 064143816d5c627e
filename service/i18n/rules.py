"""Which language to answer in: the nearest by CLDR within one language, never another one unasked."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import langcodes
from langcodes import language_distance
from langcodes.tag_parser import LanguageTagError

LIMIT = 10
"""CLDR distance: a member of a macro-language to its common written form is 10, another script usually 50."""

MACROLANGUAGES = frozenset({"ar", "az", "fa", "mn", "ps", "sq", "sw", "uz", "zh"})
"""ISO 639-3 macro-languages whose members mostly read one common written form; CLDR says which (arz, pbt, yue)."""

TWO_SCRIPTS = frozenset({"bs"})
"""Languages whose readers learn both scripts at school: CLDR says so of Serbian only, by the distance below."""

SCRIPT_APART = 5

NEVER = frozenset({("hr", "bs"), ("sr", "bs")})
"""Pairs that no setting may allow: nobody who asked for the first is shown a text that calls itself the second."""

NO_LANGUAGE = frozenset({"und", "mul", "mis", "zxx", "root", "art"})
MEMORY = 4096
TAG = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,7}")
RANGE = re.compile(r"\s*([A-Za-z0-9*-]{1,35})\s*(?:;\s*[qQ]\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?")
MAX_TAG, MAX_RANGES = 35, 20

Near = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a reader asked for: normalised tags, the best first, and the tags that are refused (q=0)."""

    tags: tuple[str, ...]
    refused: frozenset[str]


def known(tag: str) -> str | None:
    """Normalise a BCP 47 tag to language, script and territory ("uk_UA" to "uk-UA", "iw" to "he").

    None if it names no language. Extensions and private parts are dropped: they say more of a person than we need.
    """
    if len(tag) > MAX_TAG or not TAG.fullmatch(tag):
        return None
    return _known(tag.lower().replace("_", "-"))


@lru_cache(maxsize=MEMORY)
def _known(tag: str) -> str | None:
    _forget_strangers()
    try:
        given = langcodes.Language.get(tag)
    except LanguageTagError:
        return None
    language = langcodes.Language.make(language=given.language, script=given.script, territory=given.territory)
    if not language.language or language.language in NO_LANGUAGE or not language.is_valid():
        return None
    private = "qaa" <= language.language <= "qtz" and len(language.language) == len("qaa")
    return None if private else language.simplify_script().to_tag()


def _forget_strangers() -> None:
    """Empty langcodes' memories, which keep every tag for ever; the tags are chosen by strangers."""
    language = langcodes.Language
    if max(len(language._INSTANCES), len(language._PARSE_CACHE)) > MEMORY:  # noqa: SLF001 - no public way; tested
        language._INSTANCES.clear()  # noqa: SLF001 - as above
        language._PARSE_CACHE.clear()  # noqa: SLF001 - as above
        language_distance._DISTANCE_CACHE.clear()  # noqa: SLF001 - as above


@lru_cache(maxsize=MEMORY)
def distance(wanted: str, shown: str) -> int | None:
    """CLDR's distance between two known tags of one language; None beyond the limit or across languages.

    A territory never makes a text unreadable, so it only orders what is left ("en-GB" before "en" for "en-AU").
    """
    _forget_strangers()
    wish = langcodes.Language.get(wanted).prefer_macrolanguage()
    offer = langcodes.Language.get(shown).prefer_macrolanguage()
    full = offer.maximize()
    member = wish.language != offer.language
    if member and offer.language not in MACROLANGUAGES:
        return None
    # CLDR has no likely script for most members and would take them to be written in Latin letters.
    script = wish.script or (full.script if member else wish.maximize().script)
    here = langcodes.Language.make(language=wish.language, script=script, territory=full.territory)
    readable = here.distance(full)
    if readable > LIMIT:
        both = not member and wish.language in TWO_SCRIPTS and {script, full.script} == {"Cyrl", "Latn"}
        return SCRIPT_APART if both else None
    return readable if member else wish.distance(offer)


def parse_accept_language(header: str) -> Wishes:
    """Read an Accept-Language header (RFC 9110): by q, then by place; what cannot be read is passed over."""
    graded: list[tuple[float, str]] = []
    for part in header.split(",")[:MAX_RANGES]:
        match = RANGE.fullmatch(part)
        tag = known(match[1]) if match else None
        if match and tag:
            graded.append((float(match[2] or 1), tag))
    graded.sort(key=lambda grade: -grade[0])
    return Wishes(
        tags=tuple(dict.fromkeys(tag for q, tag in graded if q > 0)),
        refused=frozenset(tag for q, tag in graded if q == 0),
    )


def acceptable(tags: Iterable[str], refused: Collection[str]) -> tuple[str, ...]:
    """Leave out the tags that a reader refuses; "en" refused refuses "en-GB" too (RFC 4647, basic filtering)."""
    return tuple(tag for tag in tags if not any(f"{tag}-".startswith(f"{no}-") for no in refused))


def choose(wanted: Sequence[str], *, among: Sequence[str], default: str, near: Near) -> str:
    """Choose the one of `among` to answer in; what comes first in `among` wins a tie.

    In order: the first wish that has a match in its own language, the first wish whose allow-list in `near` has one,
    the default, and where that is not to be had, the first of `among`. `among` may not be empty.
    """
    wishes = [tag for tag in map(known, wanted) if tag]
    spoken = {_primary(wish) for wish in wishes}
    fit = [tag for tag in among if not _barred(tag, spoken)] or among
    others = [other for wish in wishes for other in near.get(_primary(wish), ())]
    for tag in (*wishes, *others):
        best = _nearest(tag, fit)
        if best:
            return best
    return default if default in fit else fit[0]


def _primary(tag: str) -> str:
    return tag.split("-", maxsplit=1)[0]


def _barred(tag: str, spoken: Collection[str]) -> bool:
    shown = _primary(tag)
    return shown not in spoken and any((wish, shown) in NEVER for wish in spoken)


def _nearest(wish: str, among: Sequence[str]) -> str | None:
    """Return the nearest of `among` within one language, or None."""
    measured = [(far, tag) for tag in among if (far := distance(wish, tag)) is not None]
    return min(measured, key=lambda found: found[0])[1] if measured else None


def parse_near(pairs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Read a deployment's allow-list across languages, such as `rue:uk`; ValueError says what is wrong with a pair."""
    near: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        asked, _, shown = (part.strip() for part in pair.partition(":"))
        wish, offer = known(asked), known(shown)
        if not wish or not offer or "-" in wish:
            raise ValueError(f"{pair!r} does not name two languages")
        if (wish, _primary(offer)) in NEVER:
            raise ValueError(f"{pair!r} is never allowed: nobody who asked for {wish} is shown {offer}")
        near[wish] = (*near.get(wish, ()), offer)
    return near
