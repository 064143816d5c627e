"""Who should have got which text, judged without one line of the service: by what the SMSC carried to each number."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_CALL = "112"
_BEGINS = {"en": "EXERCISE", "uk": "НАВЧАННЯ", "ru": "УЧЕНИЯ", "es": "SIMULACRO", "ar": "تمرين"}
_DATED = re.compile(r"\b\d{2}\.\d{2}\.\d{4}/\d+\b")
_ARABIC, _CYRILLIC = re.compile("[\u0600-\u06ff]"), re.compile("[\u0400-\u04ff]")
_UKRAINIAN, _SPANISH = re.compile("[іїєґ]"), re.compile(r"\b(?:el|la|no|que|los|por|un|su|al)\b")
_ENGLISH = re.compile(r"\b(?:the|a|of|is|and|to|you|it|this|that)\b")


class Due(StrEnum):
    """Whether the truth about somebody demands the text of the warning, allows it or forbids it."""

    MUST = "must get it"
    MAY = "may get it"
    NOT = "must not get it"


class Wish(StrEnum):
    """What somebody writes to the service."""

    PLACE = "asks about a place"
    FIND = "found something"
    STOP = "wants no more texts"
    REAL = "asks whether a text is real"


@dataclass(frozen=True, slots=True)
class Read:
    """All that one person got: texts of the warning, answers, and how many texts that nothing explains."""

    number: int
    due: Due
    language: str
    warnings: Sequence[str]
    answers: Mapping[Wish, str]
    asked: Sequence[Wish] = ()
    surplus: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Names people by their numbers. `cut` are texts that are not whole, `unanswered` have no answer or a wrong one."""

    people: int
    meant: int
    texted: int
    allowed: int
    asked: int
    languages: Mapping[str, int]
    missed: tuple[int, ...] = ()
    extra: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    cut: tuple[int, ...] = ()
    wrong_language: tuple[int, ...] = ()
    unanswered: tuple[int, ...] = ()

    @property
    def exact(self) -> bool:
        """Say whether everybody got what is due: once, whole, in the right language, and every answer."""
        faults = (self.missed, self.extra, self.repeated, self.cut, self.wrong_language, self.unanswered)
        return not any(faults)


def judge(people: Iterable[Read]) -> Verdict:
    everybody = list(people)
    texted = [one for one in everybody if one.warnings]
    usual = _usual(texted)
    languages = [one for one in texted if any(language_of(text) != one.language for text in one.warnings)]
    return Verdict(
        people=len(everybody),
        meant=sum(one.due is Due.MUST for one in everybody),
        texted=len(texted),
        allowed=sum(one.due is Due.MAY for one in texted),
        asked=sum(len(one.asked) for one in everybody),
        languages=dict(sorted(Counter(one.language for one in texted).items())),
        missed=_named(one for one in everybody if one.due is Due.MUST and not one.warnings),
        extra=_named(one for one in texted if one.due is Due.NOT),
        repeated=_named(one for one in everybody if len(one.warnings) > 1 or one.surplus),
        cut=_named(one for one in texted if not all(text == usual[one.language] for text in one.warnings)),
        wrong_language=_named(languages),
        unanswered=_named(one for one in everybody if not _is_answered(one)),
    )


def _usual(texted: Iterable[Read]) -> dict[str, str]:
    """Return the whole text in each language: that which most got, if it has all that it must have; else none."""
    found: dict[str, Counter[str]] = {}
    for one in texted:
        found.setdefault(one.language, Counter()).update(one.warnings)
    best = {language: texts.most_common(1)[0][0] for language, texts in found.items()}
    return {language: text if is_whole(text, language) else "" for language, text in best.items()}


def is_whole(text: str, language: str) -> bool:
    """Say whether a text of the exercise says what it is, by whom and when, and ends with whom to call."""
    ends = _letters(text).rstrip(". ")
    return ends.startswith(_BEGINS[language]) and ends.endswith(_CALL) and _DATED.search(ends) is not None


def _is_answered(one: Read) -> bool:
    return all(_is_fit(wish, one.answers.get(wish, ""), one.language) for wish in one.asked)


def _is_fit(wish: Wish, answer: str, language: str) -> bool:
    """Say whether an answer names whom to call, in the language; no exercise is ever told of as a real warning."""
    plain = _letters(answer)
    if _CALL not in plain or language_of(answer) != language:
        return False
    match wish:
        case Wish.REAL:
            return _DATED.search(plain) is None
        case Wish.STOP:
            return "33" in plain
        case Wish.PLACE | Wish.FIND:
            return True


def language_of(text: str) -> str:
    """Return in which of the demo's five languages a text is, by its letters and shortest words."""
    plain = _letters(text).casefold()
    if _ARABIC.search(plain):
        return "ar"
    if _CYRILLIC.search(plain):
        # A place's name may keep its own letters; most of a text's are its language's.
        return "uk" if len(_UKRAINIAN.findall(plain)) > plain.count("ы") else "ru"
    return "es" if len(_SPANISH.findall(plain)) > len(_ENGLISH.findall(plain)) else "en"


def _letters(text: str) -> str:
    """Drop marks of direction, which are drawn by nobody."""
    return re.sub("[\u200e\u200f\u2066-\u2069]", "", text)


def _named(people: Iterable[Read]) -> tuple[int, ...]:
    return tuple(sorted(one.number for one in people))
