"""What no text of guidance may say, and what each age is not told, as far as single sentences can show it."""

# content.md calls the list "Forbidden everywhere"; its numbers stand beside the groups. Claims that there is no danger
# (1) have lists of their own in service/i18n/forbidden. Some acts may only be named in order to forbid them: those need
# a denial earlier in the same sentence.

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from service.guidance.model import CHILDREN, GROWN_UPS, Audience, Text
from service.i18n import forbidden

SENTENCE = re.compile(r"(?<=[.!?:])[\"”]?\s+")
DENIAL = re.compile(
    r"\b(?:not|never|no|nobody|none|nor|neither|cannot|without|instead of|rather than|refuse)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text, and how to mend it."""

    reason: str
    remedy: str


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


NEVER: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        _words(r"[✓✔✅☑→➔➜➡⇒]", r"\bgreen (?:light|zone|area|tick|road|path|flag)\b", r"\bopen route\b"),
        "draws a tick, an arrow or a green light",  # 1
        "say what to do in words",
    ),
    (
        _words(
            r"\b(?:fuz|fus)(?:e|es|ed|ing)\b",
            r"\bdetonat\w*|\btrigger\w*|\btrip ?-?wires?\b|\bpressure plates?\b|\bfiring pins?\b|\bsafety pins?\b",
            r"\bwarheads?\b|\bboosters?\b|\bbooby\w*|\btilt rods?\b|\bclaymores?\b|\bbutterfly mines?\b|\bduds?\b",
            r"\b(?:PFM|PMN|OZM|POMZ|MON|TM|PMD|BLU)\b(?:-?\d+)?",
            r"\b(?:radius|range) of (?:effect|fragments?)\b|\bkilos?\b",
            r"\bkilograms?\b|\bgrams?\b|\b\d+ ?(?:kg|g|mm|cm)\b",
            r"\b(?:tell|know) (?:a )?live\b|\blive (?:from|or) dead\b",
        ),
        "names a part, a kind or a figure of a device",  # 2
        "say only that it may explode",
    ),
    (
        _words(r"\brewards?\b", r"\bbount(?:y|ies)\b", r"\bprivate (?:deminers?|clearers?|sappers?)\b"),
        "speaks of rewards or of private clearing",  # 3
        "name only those responsible",
    ),
    (
        _words(
            r"\btreasures?\b",
            r"\b(?:hunt|search|look)\w* for (?:the |more )?(?:mines?|bombs?|shells?|objects?)\b",
            r"\b(?:collect|find|spot) (?:the |as many |all )?(?:mines?|bombs?|shells?)\b",
        ),
        "makes a game of finding, or asks to search",  # 5 and 6
        "say what to do when something is seen",
    ),
    (
        _words(
            r"\bblood\w*|\bcorpses?\b|\bdead (?:body|bodies|man|men|woman|women|child|children)\b",
            r"\bmutilat\w*|\bcrippl\w*|\bwounds?\b|\bkill(?:s|ed)? you\b|\byou(?:r \w+)? will (?:die|lose|be killed)\b",
            r"\b(?:lost|lose|loses) (?:a|his|her|their|your|both) (?:legs?|arms?|hands?|foot|feet|eyes?|life|lives)\b",
            r"\bwill happen to you\b|\btorn (?:off|apart)\b|\bvictims?\b",
        ),
        "frightens with wounds or death",  # 7
        "give the reason calmly, without a body in it",
    ),
    (
        _words(
            r"\b(?:stupid|careless|foolish|idiots?|irresponsible|ignorant|greedy|lazy|reckless)\b",
            r"\byour (?:own )?fault\b|\bbad (?:mothers?|fathers?|parents?)\b|\bblame the\b",
        ),
        "blames somebody",  # 9
        "say what helps",
    ),
    (
        _words(
            r"\benem(?:y|ies)\b|\barm(?:y|ies)\b|\btroops?\b|\bsoldiers?\b|\bmilitar\w*|\bmilitias?\b|\bterroris\w*",
            r"\boccupiers?\b|\boccupied\b|\binvaders?\b|\brebels?\b|\binsurgents?\b|\baggressors?\b|\bflags?\b|\buniforms?\b",
            r"\b(?:russia|ukrain|serb|croat|taliban|houthi|israel|american|nato)\w*",
        ),
        "names a party, a nation or its marks",  # 9
        "leave out who it was",
    ),
    (
        _words(r"\b-?\d{1,3}\.\d{3,}\b", r"\d{3,}", r"\b\d+ ?(?:m|km|metres?|meters?|kilometres?)\b"),
        "has a number that a deployment must set, or a position",  # 10
        "use {number} or {distance}, and no position",
    ),
    (
        _words(r"\bfalse alarm\b|\bcancel(?:l?ed|s)\b|\bthis is (?:not )?a drill\b|\bit is over\b|\ball[- ]clear\b"),
        "calls a warning off",  # 11
        "say what is known, and the caveat",
    ),
    (_words(r"\bit depends\b"), "leaves the right act open", "say what to do"),  # 12
)

ASK = r"(?:^|[,;:“\"] *|\b(?:and|then|or|must|should|please|you can|you may|you could|have to|need to|try to) )"
"""What stands before a verb that asks for something; "the wind can move them" does not."""

IT = r"(?:it|them|this|the (?:object|mine|find|shell|bomb|thing|rocket|grenade)s?)"
DENIED: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        _words(
            r"\b(?:disarm|defuse|neutrali[sz]e|detonate|probe|poke)\b",
            rf"{ASK}(?:burn|throw|kick|sink|bury|cover|shoot at|move|lift|carry|store|keep) {IT}\b",
            rf"{ASK}(?:sell|cut|open|hide|bring|take) {IT}\b",
            rf"{ASK}(?:hand {IT} in|hand in|pick {IT} up|pick up)\b",
        ),
        "asks for something that only specialists may do",  # 3
        "forbid it in the same sentence, or leave it out",
    ),
    (
        _words(
            rf"{ASK}(?:touch|approach|photograph|film|measure|mark|guard) (?:{IT}|what|where)\b",
            rf"{ASK}(?:mark|guard|measure|photograph|film) the (?:place|spot|area)\b",
            rf"{ASK}(?:go|walk|come|move|step|get|look) (?:up to {IT}|closer|nearer|near {IT})\b",
            rf"{ASK}take (?:a |some )?(?:photos?|pictures?|(?:closer|second|last) look)\b",
            rf"{ASK}(?:go|come) back (?:to {IT}|to the (?:place|spot)|to (?:look|show|see)|for )",
            rf"{ASK}return to (?:{IT}|the (?:place|spot))\b",
        ),
        "asks somebody to go near, to look closer, to mark or to return",  # 4
        "forbid it in the same sentence, or leave it out",
    ),
)

BY_A_CHILD = _words(
    r"\b(?:lead|guide|show|bring|take) (?:[\w-]+ ){0,3}(?:the place|the spot|there|where)\b",
    r"\b(?:search|look) for (?:it|them|more|the)\b|\bgo back to (?:it|the (?:place|spot))\b",
)
DATED = _words(r"\d+", r"\b(?:days|weeks|months|per ?cent)\b")
"""How long it takes until a device is said to switch itself off: nobody is told, since it would be believed."""

ANY_CHILD = _words(r"\{distance\}", r"\bbleed\w*", r"\bmetres?\b|\bkilomet\w*")
SMALL_CHILD = _words(
    r"\bexplo\w*|\bblasts?\b|\bblow\w* up\b|\bbombs?\b|\bmines\b|\ba mine\b",
    r"\bhurts?\b|\binjur\w*|\bdie[ds]?\b|\bdead\b|\bdeath\b|\bkill\w*",
    r"\bfar\b(?! away\.)|\bsteps away\b|\bdistance\b|\bphone\b",
)
CALL = _words(r"\{number\}", r"\bcall the number\b|\bdial\b")

MEAN_WORDS: tuple[tuple[frozenset[Audience], int], ...] = (
    (frozenset({Audience.CHILDREN_5_7, Audience.EVERYBODY}), 8),
    (frozenset({Audience.CHILDREN_8_11}), 11),
    (frozenset({Audience.YOUTH_12_14}), 15),
    (frozenset({Audience.YOUTH_15_18}), 18),
    (GROWN_UPS, 20),
)
"""The most words that a sentence may have on average, by the youngest reader."""


def sentences(text: str) -> list[str]:
    """Split a text at the ends of its sentences, and at colons."""
    return [part for part in SENTENCE.split(text) if part.strip(' "“”')]


@lru_cache(maxsize=2048)
def forbidden_in(text: str) -> tuple[Fault, ...]:
    """Return what nobody may be told."""
    return tuple(_forbidden_in(text))


def _forbidden_in(text: str) -> Iterator[Fault]:
    for claim in forbidden.find(text, "en"):
        yield Fault(f"claims that there is no danger: {claim.words!r}", "say what is known, and the caveat")
    for pattern, reason, remedy in NEVER:
        yield from (Fault(f"{reason}: {match[0]!r}", remedy) for match in pattern.finditer(text))
    for sentence in sentences(text):
        for pattern, reason, remedy in DENIED:
            match = pattern.search(sentence)
            if match and not DENIAL.search(sentence[: match.start()]):
                yield Fault(f"{reason}: {match[0]!r}", remedy)


def unfit_for(readers: frozenset[Audience], text: Text) -> Iterator[Fault]:
    """Return what these readers are not told, or not so: words by age, length of sentences by the youngest."""
    words = text.english
    everybody = Audience.EVERYBODY in readers
    if "{distance}" in words and not readers <= GROWN_UPS:
        yield Fault("has a distance", "give distances to adults only")
    if everybody or readers & CHILDREN:
        yield from unfit_for_children(words)
    if everybody or Audience.CHILDREN_5_7 in readers:
        yield from unfit_for_the_smallest(words)
    most = next((most for ages, most in MEAN_WORDS if readers & ages), MEAN_WORDS[-1][1])
    parts = sentences(words)
    mean = sum(len(part.split()) for part in parts) / len(parts)
    if mean > most:
        yield Fault(f"has {mean:.1f} words a sentence, {most} are the most for its youngest readers", "cut sentences")


def unfit_for_children(words: str) -> Iterator[Fault]:
    """Return what nobody under twelve is told, or asked for."""
    for match in ANY_CHILD.finditer(words):
        yield Fault(f"tells children of distances or bleeding: {match[0]!r}", "leave it out")
    for sentence in sentences(words):
        asked = BY_A_CHILD.search(sentence)
        if asked and not DENIAL.search(sentence[: asked.start()]):
            yield Fault(f"asks a child to search, to go back or to lead: {asked[0]!r}", "let the child tell a grown-up")
    if CALL.search(words) and not re.search(r"grown-up|\balone\b", words):
        yield Fault("lets a child report alone", "let the child tell a grown-up, who calls")


def unfit_for_the_smallest(words: str) -> Iterator[Fault]:
    """Return what nobody under eight is told, or asked for."""
    for match in SMALL_CHILD.finditer(words):
        yield Fault(f"tells the smallest of explosions, injuries or distances: {match[0]!r}", "leave it out")
    for sentence in sentences(words):
        if CALL.search(sentence) and "alone" not in sentence:
            yield Fault("lets a small child make the call", "let the child tell a grown-up, who calls")
