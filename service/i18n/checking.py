"""What makes a translation unfit: each finding says file, entry, reason and remedy."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache

from service.i18n import forbidden, letters, likeness, mandatory, zawgyi
from service.i18n.filling import fill, holes
from service.i18n.model import Dated, Direction, Finding, Hole, Message, Metres
from service.i18n.po import Translation
from service.i18n.review import digest
from service.kit.sms import fold, foreign

BRACE = re.compile(r"\{[a-z][a-z0-9_]*\}|([{}])")
WORD = re.compile(r"\w+")
MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&#?\w+;|\*\*|__|`|https?://\S+|%(?:\(\w+\))?[sd]\b")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # all of Unicode's category Cc
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
OPENING, CLOSING = "\u2066\u2067\u2068", "\u2069"
EMBEDDING = frozenset("\u202a\u202b\u202c\u202d\u202e")

SAMPLES: Mapping[str, Hole] = {
    "place": "Nova Petrivka na Dibrovtsi",
    "authority": "Mine action authority",
    "authority_short": "Mine service",
    "date": datetime(2026, 9, 23, 22, 45, tzinfo=UTC),
    "earlier": datetime(2026, 9, 21, 10, 15, tzinfo=UTC),
    "surveyor": "Mine action authority",
    "day": date(2026, 9, 23),
    "depth": 200,
    "number": "112",
    "distance": Metres(2000),
    "signs": "red triangles, red and white tape, crossed sticks",
    "referral": "the school's counsellor, or the nearest health centre",
    "revision": "12+overlay.12-1a2b3c4d",
    "count": 100,
    "youngest": 12,
    "oldest": 14,
}
"""What holes are filled with for measuring; the place is as long as nineteen names of twenty are at most."""

SMS_SAMPLES: Mapping[str, Hole] = {
    "place": "Velyka Oleksandrivka Nova",
    "authority_short": "Mine service",
    "date": Dated(date(2026, 9, 23), 9999),
    "number": "+380441234567",
    "code": "123456",
}
"""The longest that an SMS is filled with: a longer name of a place gives way to that of its parent unit."""

Exemptions = frozenset[tuple[str, str, str]]


def sample(name: str) -> Hole:
    """Return something to fill a hole of this name with, for checks and previews."""
    return SAMPLES.get(name, "Nova Petrivka na Dibrovtsi")


def as_sms(text: str, *, tag: str, direction: Direction, names: Mapping[str, Hole] = SMS_SAMPLES) -> str:
    """Fill a text's holes with the longest that an SMS takes, in plain letters where the text has no others."""
    values = {name: names.get(name, sample(name)) for name in holes(text)}
    return fill(text, plainly(text, values), tag=tag, direction=direction)


def plainly(text: str, values: Mapping[str, Hole]) -> Mapping[str, Hole]:
    """Return what goes into a text's holes: names in the letters of GSM-7 if all the letters of the text are."""
    if foreign(text):
        return values
    return {name: fold(value) if isinstance(value, str) else value for name, value in values.items()}


def unusable(entry: Translation, *, file: str) -> list[Finding]:
    """Return what would harm a reader at once, so that a catalogue with it is not even loaded."""
    if not entry.text or entry.fuzzy:
        return []
    reasons: list[tuple[str, str]] = []
    if holes(entry.english) != holes(entry.text):
        wanted = ", ".join(sorted(holes(entry.english))) or "none"
        reasons.append(("its holes are not those of the source", f"use exactly these holes: {wanted}"))
    if any(match[1] for match in BRACE.finditer(entry.text)):
        reasons.append(("it has a brace that belongs to no hole", "write holes as {name}, and no other brace"))
    if CONTROL.search(entry.text):
        reasons.append(("it has a control character or a line break", "write one line of plain text"))
    if not _is_balanced(entry.text):
        reasons.append(("its bidi controls are unbalanced", "remove them: names are isolated by the program"))
    if place := zawgyi.found_in(entry.text):
        remedy = "convert the whole text to Unicode (ICU calls the conversion Zawgyi-my), and have it read again"
        reasons.append((f"is Burmese in Zawgyi, not in Unicode, at {place!r}", remedy))
    if not entry.text.strip() or entry.text != entry.text.strip():
        reasons.append(("it is blank, or has blanks at its ends", "write the text without them"))
    return [Finding(file, entry.id, reason, remedy) for reason, remedy in reasons]


def check_source(messages: Sequence[Message], *, file: str) -> list[Finding]:
    """Check the English that the code declares, by the same rules as its translations."""
    findings: list[Finding] = []
    for message in messages:
        entry = Translation(message.id, message.english, message.english)
        findings += unusable(entry, file=file)
        findings += _claims(entry, "en", file=file)
        findings += _too_long(entry, message, tag="en", direction="ltr", file=file)
    return findings


def check_language(
    messages: Sequence[Message], entries: Sequence[Translation], *, tag: str, direction: Direction, file: str
) -> list[Finding]:
    """Compare one language's entries with the messages of the code; an empty list is what may be shipped."""
    source = {message.id: message for message in messages}
    findings = _missing(messages, entries, file=file)
    for entry in entries:
        message = source.get(entry.id)
        if message is None or message.english != entry.english:
            findings.append(Finding(file, entry.id, "is stale: the code no longer says this", _UPDATE))
        elif entry.fuzzy:
            findings.append(Finding(file, entry.id, "is fuzzy, so it is not used", "translate it, remove the flag"))
        elif entry.text:
            findings += _check_text(entry, message, tag=tag, direction=direction, file=file)
    return [*findings, *likeness.thin_copies(entries, tag=tag, file=file)]


def check_copy(messages: Sequence[Message], entries: Sequence[Translation], *, file: str) -> list[Finding]:
    """Compare the source catalogue, from which translators work, with the code."""
    declared = {(message.id, message.english, message.english) for message in messages}
    written = {(entry.id, entry.english, entry.text) for entry in entries}
    return [
        Finding(file, key, "is not what the code says", "run `surefoot locales extract`, then `update`")
        for key in sorted({row[0] for row in declared ^ written})
    ]


def claims_in(filled: str, entry: Translation, tag: str) -> tuple[forbidden.Claim, ...]:
    """Return the claims of a text with its holes filled, but for those of a template that is exempt from them."""
    excused = {claim.pattern for claim in forbidden.find(entry.text, tag)} if _is_exempt(entry, tag) else set()
    return tuple(claim for claim in forbidden.find(filled, tag) if claim.pattern not in excused)


_UPDATE = "run `surefoot locales update`, then translate what is empty"


def _missing(messages: Sequence[Message], entries: Sequence[Translation], *, file: str) -> list[Finding]:
    there = {(entry.id, entry.english) for entry in entries if entry.text}
    return [
        Finding(file, message.id, "is not translated", _UPDATE)
        for message in messages
        if (message.id, message.english) not in there
    ]


def _check_text(entry: Translation, message: Message, *, tag: str, direction: Direction, file: str) -> list[Finding]:
    findings = unusable(entry, file=file)
    if findings:
        return findings
    findings = check_words(entry, tag=tag, file=file) + _claims(entry, tag, file=file)
    return findings + _too_long(entry, message, tag=tag, direction=direction, file=file)


def check_words(entry: Translation, *, tag: str, file: str) -> list[Finding]:
    """Compare the letters, words, numbers and marks of a translation with those of its source."""
    if entry.text == entry.english and WORD.search(BRACE.sub("", entry.text)):
        return [Finding(file, entry.id, "is still English", "translate it")]
    findings: list[Finding] = []
    if words := likeness.leftover(entry.text, entry.english, tag):
        findings.append(Finding(file, entry.id, f"has English left in it: {words!r}", "translate it"))
    if Counter(MARKUP.findall(entry.text)) != Counter(MARKUP.findall(entry.english)):
        findings.append(
            Finding(file, entry.id, "has other markup than the source", "keep the source's marks and links")
        )
    lost = (*letters.faults(entry.text, entry.english, tag), *mandatory.lost(entry.english, entry.text, tag))
    findings += [Finding(file, entry.id, reason, remedy) for reason, remedy in lost]
    if re.findall(r"\d+", entry.text) != re.findall(r"\d+", entry.english):
        findings.append(Finding(file, entry.id, "has other numbers than the source", "keep the source's numbers"))
    return findings


def _claims(entry: Translation, tag: str, *, file: str) -> list[Finding]:
    filled = fill(entry.text, {name: sample(name) for name in holes(entry.text)}, tag=tag, direction="ltr")
    return [
        Finding(file, entry.id, f"claims that there is no danger: {claim.words!r}", "say what is known, and the caveat")
        for claim in claims_in(filled, entry, tag)
    ]


def _too_long(entry: Translation, message: Message, *, tag: str, direction: Direction, file: str) -> list[Finding]:
    filled = fill(entry.text, {name: sample(name) for name in holes(entry.text)}, tag=tag, direction=direction)
    if not message.limit or len(filled) <= message.limit:
        return []
    reason = f"has {len(filled)} characters with its holes filled, {message.limit} are allowed"
    return [Finding(file, entry.id, reason, "say it in fewer words")]


def _is_balanced(text: str) -> bool:
    """Say whether every isolate that opens also closes, and no embedding or override is used."""
    depth = 0
    for letter in BIDI.findall(text):
        depth += (letter in OPENING) - (letter == CLOSING)
        if depth < 0 or letter in EMBEDDING:
            return False
    return depth == 0


def _is_exempt(entry: Translation, tag: str) -> bool:
    return (entry.id, tag, digest(entry.english, entry.text)) in _exemptions()


@cache
def _exemptions() -> Exemptions:
    return read_exemptions((forbidden.HERE / "exemptions.toml").read_text("utf-8"))


def read_exemptions(text: str) -> Exemptions:
    """Read the exempt texts by id, language and hash; KeyError if one of them lacks a part, the reason included."""
    rows: Iterable[Mapping[str, str]] = tomllib.loads(text).get("exempt", [])
    return frozenset((row["id"], row["language"], row["sha256"]) for row in rows if row["reason"])
