"""What a text means and in which language it may be written; how the lines of a list are named. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from service.conversations import words
from service.conversations.model import CODES, Meaning, State, Understood
from service.kit.hidden import Hidden

MOST_LINES = 9
_OF_A_PLACE = re.compile(r"[\W_]*33(?!\d)[\W_]*(?P<rest>.+)", re.DOTALL)
_CODE_DIGITS = 6
_KHMER, _MYANMAR, _ARABIC, _CYRILLIC, _LATIN = "KHMER", "MYANMAR", "ARABIC", "CYRILLIC", "LATIN"

# Letters by which one language is told from its neighbours in the same script; the first that fits counts.
_TELLING: tuple[tuple[str, str, str], ...] = (
    (_ARABIC, "ps", "ټډړږښڼېۍځڅ"),
    (_ARABIC, "fa-AF", "پچژگکی۰۱۲۳۴۵۶۷۸۹"),
    (_ARABIC, "ar", ""),
    (_CYRILLIC, "uk", "іїєґ"),
    (_CYRILLIC, "ru", "ыэёъ"),
    (_CYRILLIC, "bs", "ђћџљњј"),
    (_LATIN, "es", "ñ¿¡"),
    (_LATIN, "pt", "ãõ"),
    (_LATIN, "bs", "čćđšž"),
    (_LATIN, "fr", "œçêèùàâîëï"),
    (_KHMER, "km", ""),
    (_MYANMAR, "my", ""),
)
_BOTH_CYRILLIC = ("uk", "ru")


def understand(text: str) -> Understood:
    """Return what a text means. An end comes first, then a find in whatever words, then all else."""
    folded = words.fold(text)
    spoken = words.vocabulary()
    keyword = spoken.keyword(folded)
    code = words.code(folded)
    if code is Meaning.STOP or (keyword is not None and keyword[0] is Meaning.STOP):
        return Understood(Meaning.STOP, languages(text, keyword[1] if keyword else ()))
    rest = _of_a_place(text)
    finders = spoken.finders(folded)
    if finders:
        return Understood(Meaning.FOUND, languages(text, finders), Hidden(rest))
    if rest:
        return Understood(Meaning.PLACE, languages(rest, ()), Hidden(rest))
    if keyword is not None:
        return Understood(keyword[0], languages(text, keyword[1]))
    likely = languages(text, ())
    return _of_digits(folded, likely) or Understood(Meaning.OTHER, likely)


def _of_digits(folded: str, spoken: tuple[str, ...]) -> Understood | None:
    digits = folded.replace(" ", "")
    if not digits.isascii() or not digits.isdigit():
        return None
    if folded in CODES:
        return Understood(CODES[folded], spoken)
    if len(folded) == 1 and folded != "0":
        return Understood(Meaning.NUMBER, spoken, number=int(folded))
    return Understood(Meaning.PROOF, spoken, rest=Hidden(digits)) if len(digits) == _CODE_DIGITS else None


def _of_a_place(text: str) -> str:
    """Return what stands behind the code for a place; nothing where no such code begins the text."""
    plain = "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        for sign in unicodedata.normalize("NFKC", text[: words.LONGEST])
    )
    found = _OF_A_PLACE.fullmatch(plain)
    return found["rest"].strip() if found else ""


def languages(text: str, of_words: Sequence[str]) -> tuple[str, ...]:
    """Return in which languages a text may be, the likeliest first: those of its words that its letters bear out."""
    likely = written_in(text)
    agreed = [tag for tag in likely if tag in of_words]
    return tuple(dict.fromkeys((*agreed, *of_words, *likely)))


def written_in(text: str) -> tuple[str, ...]:
    """Return the languages that a text's letters tell of; none for letters that many languages share."""
    here = words.scripts(text)
    letters = set(unicodedata.normalize("NFC", text[: words.LONGEST]).casefold())
    for script, tag, telling in _TELLING:
        if script in here and (not telling or letters & set(telling)):
            return (tag,)
    return _BOTH_CYRILLIC if _CYRILLIC in here else ()


def wanted(state: State, registered: Iterable[str], guessed: Sequence[str], *, default: str) -> tuple[str, ...]:
    """Return the languages to answer in, the best first.

    What was chosen in this conversation, then those of the registration, then those of the words and of the text
    before; where these are words of several languages, the one spoken so far or the deployment's comes first.
    """
    guesses = sorted(guessed, key=lambda tag: (tag not in state.spoken, tag != default))
    return tuple(dict.fromkeys(tag for tag in (state.language, *registered, *guesses, *state.spoken, default) if tag))


def lines(texts: Sequence[str]) -> str:
    """Return the lines of a list with their numbers, from 1."""
    return ", ".join(f"{number} {text}" for number, text in enumerate(texts, 1))


def placed(name: str, above: Sequence[str]) -> str:
    """Return a name with where it lies."""
    return f"{name} ({above[0]})" if above else name


def told_apart(names: Sequence[Sequence[str]]) -> list[str] | None:
    """Return for each place the name of a unit above that no other of them has, the largest unit that does it.

    `names` holds for each place the names of the units above it, in the order in which they are tried: district,
    municipality, region. None where they cannot be told apart by one of them.
    """
    for level in range(max(map(len, names), default=0)):
        found = [above[level] for above in names if level < len(above)]
        if len(found) == len(names) and len(set(found)) == len(names):
            return found
    return None
