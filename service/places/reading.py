"""Takes a query apart: which words may be the name, which say where it lies, which say what sort of place it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service.places import folding
from service.places.model import Category

LONGEST_QUERY = 160
MOST_WORDS = 7
_PARTS = re.compile(rf"[\n{re.escape(folding.SPELLINGS['commas'])}]+")

UNIT_WORDS = {
    folding.plain(word).replace(" ", ""): Category(sort)
    for sort, words in folding.SPELLINGS["units"].items()
    for word in words.split()
}
"""Words, folded, that say what sort of unit a name is of."""

_LIVED_IN = {Category.CITY, Category.SETTLEMENT, Category.VILLAGE}


@dataclass(frozen=True, slots=True)
class Split:
    """One way to read a query: the name, folded, the words that say where, and the sort of unit, if it was said.

    `turned`: where it lies was said before its name.
    """

    name: str
    context: tuple[str, ...] = ()
    sort: Category | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    sort: Category | None


def splits(query: str) -> list[Split]:
    """Return the ways to read a query, the one that takes it most literally first; none for a query without letters."""
    given = query[:LONGEST_QUERY]
    parts = [words for part in _PARTS.split(given) if (words := _words(part))]
    found = dict.fromkeys((Split(folding.plain(_PARTS.sub(" ", given))), *_of(parts)))
    return [split for split in found if any(sign.isalnum() for sign in split.name)]


def _of(parts: list[list[_Word]]) -> Iterator[Split]:
    """Read the parts between commas as name and place, either first; without commas cut anywhere between words."""
    if len(parts) > 1:
        for at in (0, len(parts) - 1):
            others = [word for number, part in enumerate(parts) if number != at for word in part]
            yield _split(parts[at], others, turned=at > 0)
    words = [word for part in parts for word in part][:MOST_WORDS]
    if not words:
        return
    yield _split(words, [])
    for count in range(len(words) - 1, 0, -1):
        yield _split(words[:count], words[count:])
        yield _split(words[-count:], words[:-count], turned=True)


def _split(name: list[_Word], context: list[_Word], *, turned: bool = False) -> Split:
    sort = next((word.sort for word in name if word.sort), None)
    return Split(" ".join(word.text for word in name), tuple(word.text for word in context), sort, turned)


def _words(part: str) -> list[_Word]:
    """Return the words of a part; the words for a sort of unit are left out and noted at the name that they belong to.

    "село" stands before the name that it belongs to, "район" after it. Alone they are names themselves.
    """
    tokens = [token for token in map(folding.plain, re.split(r"[\s.]+", part)) if token]
    kept: list[_Word] = []
    before: Category | None = None
    for at, token in enumerate(tokens):
        sort = UNIT_WORDS.get(token.replace(" ", ""))
        if sort is None or (not kept and at == len(tokens) - 1):
            kept += [_Word(one, None if number else before) for number, one in enumerate(token.split())]
            before = None
        elif sort in _LIVED_IN or not kept:
            before = sort
        else:
            kept[-1] = _Word(kept[-1].text, sort)
    return kept
