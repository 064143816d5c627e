"""Finds English that was left in a translation, and translations that say the same where the English does not."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz, process

from service.i18n.filling import HOLE
from service.i18n.letters import UNBROKEN
from service.i18n.model import Finding
from service.i18n.po import Translation

WORD = re.compile("[^\\W\\d_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][^\\W\\d_]+)*")
ENGLISH = frozenset(
    """
    about always and any anybody anything approach are around away because been before but call called can cannot
    children could danger dangerous does every everybody from have here if is it keep know leave may might mines must
    near never nobody not nothing object of only other others place report say see should somebody something stay step
    stop such suspicious that the their them then there these they thing this those touch touching until wait walk was
    way were what when where which who will with without you your yourself
    """.split()  # noqa: SIM905 - a hundred quoted words are no easier to read
)
"""English words that are plain enough to know a forgotten sentence by."""

SPELT_ALIKE = {
    "es": frozenset({"are", "danger", "can", "has", "was"}),
    "fr": frozenset({"danger", "or", "but", "place", "object", "stop", "report", "mines", "touch", "are", "if", "was"}),
    "pt": frozenset({"do", "as", "are", "it", "stop", "step"}),
    "bs": frozenset({"do", "on", "to", "stop", "way", "is"}),
}
"""Words that are English and, spelt alike, words of the language or loans that its readers use."""

RUN = 3
EQUAL, NEAR, ALIKE, APART = 100.0, 90.0, 80.0, 3
"""Of two texts as like as the second figure every word is compared: those as like as the third are one word in two
forms. The texts are copies if no word is left and their English differs by as many words as the last."""

PUNCTUATION = str.maketrans({mark: " " for mark in map(chr, range(128)) if not (mark.isalnum() or mark in "{}_")})
"""The marks of ASCII are blanks; those around and in a hole's name are not."""


def leftover(text: str, english: str, tag: str) -> str:
    """Return words of the source that stand untranslated in the text, in the language's own script or not."""
    ours, theirs = _words(text), _words(english)
    runs = {tuple(theirs[at : at + RUN]) for at in range(len(theirs) - RUN + 1)}
    for at in range(len(ours) - RUN + 1):
        if tuple(ours[at : at + RUN]) in runs:
            return " ".join(ours[at : at + RUN])
    known = ENGLISH - SPELT_ALIKE.get(tag.partition("-")[0], frozenset())
    return next((word for word in ours if word in known and word in theirs), "")


def thin_copies(entries: Sequence[Translation], *, tag: str, file: str) -> Iterator[Finding]:
    """Yield a finding for each text that says what another one says, though their English says two things.

    In a language without blanks between words only texts that are equal are found.
    """
    said = [one for one in entries if one.text and not one.fuzzy]
    texts, english = [_bare(one.text) for one in said], [_bare(one.english) for one in said]
    cutoff = EQUAL if tag in UNBROKEN else NEAR
    alike = process.cdist(texts, texts, scorer=fuzz.ratio, score_cutoff=cutoff, workers=1)
    for first, second in zip(*alike.nonzero(), strict=True):
        apart = first < second and english[first] != english[second]
        if apart and _is_copy(texts[first], texts[second], english[first], english[second]):
            reason = f"says the same as {said[first].id}, though the English does not"
            yield Finding(file, said[second].id, reason, "translate each from its own English")


def _is_copy(text: str, other: str, english: str, other_english: str) -> bool:
    if text == other:
        return True
    words, others = Counter(text.split()), Counter(other.split())
    mine, theirs = list((words - others).elements()), list((others - words).elements())
    if len(mine) != len(theirs) or any(max(fuzz.ratio(word, one) for one in theirs) < ALIKE for word in mine):
        return False
    source, second = Counter(english.split()), Counter(other_english.split())
    return (source - second).total() + (second - source).total() >= APART


def _words(text: str) -> list[str]:
    return WORD.findall(HOLE.sub(" . ", text).casefold())


def _bare(text: str) -> str:
    """Return a text without what a copy may differ in: capitals, punctuation, doubled blanks."""
    return " ".join(text.translate(PUNCTUATION).casefold().split())
