"""Lays a deployment's own words over ours (R16): checked as ours are, all of them or none."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from service.i18n import model, po, review, texting  # not its Message by name: this file declares none
from service.i18n.checking import SMS_SAMPLES, check_language, check_source, unusable
from service.i18n.cyrillic import CYRILLIC
from service.i18n.loading import (
    SOURCE,
    Catalogue,
    direction_of,
    judged,
    load_all,
    own_name,
    refuse,
    usable,
    with_cyrillic,
)
from service.i18n.model import Finding, Language, State
from service.i18n.overlays import Theirs, read_all
from service.kit.errors import Refused
from service.kit.sms import foreign

LONGEST = 2_000
SHAPING = frozenset("\u200b\u200c\u200d\u2066\u2067\u2068\u2069")
"""Invisible letters that a text may need: Khmer's breaks, Persian's joiners, isolates."""

LIMIT = re.compile(r"At most (\d+) characters with its holes filled\.")


@dataclass(frozen=True, slots=True)
class Overlay:
    """A deployment's own words: whose they are, their revision, the folder of their catalogues.

    `guidance` is all that guidance says, in the deployment's English, by id.
    """

    name: str
    revision: int
    folder: Path
    guidance: Mapping[str, model.Message]


@dataclass(frozen=True, slots=True)
class Laid:
    """Our catalogues with a deployment's on top, and what was lost by new English that nobody has translated yet.

    `theirs` is what their files hold, that of lessons too, which is laid over ours where lessons are read.
    """

    catalogues: list[Catalogue]
    replaced: int
    lost: tuple[Finding, ...]
    theirs: tuple[Theirs, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    """What is said in English: the program's messages, guidance, and which of them a deployment words otherwise."""

    program: Mapping[str, model.Message]
    guidance: Mapping[str, model.Message]
    changed: frozenset[str]

    def of(self, domain: str) -> Mapping[str, model.Message]:
        texts = {po.DOMAIN: self.program, po.GUIDANCE: self.guidance}
        return texts.get(domain, {**self.program, **self.guidance})


def load(folder: Path, overlay: Overlay | None) -> Laid:
    """Read our catalogues and lay a deployment's over them; Refused `bad-catalogue` lists what is wrong with either."""
    ours = load_all(folder)
    if overlay is None:
        return Laid(ours, 0, ())
    findings: list[Finding] = []
    theirs = {one.tag: one for one in read_all(overlay.folder, findings)}
    refuse(overlay.folder, findings)
    known = _source(folder, ours[0], overlay)
    own = theirs.pop(SOURCE, Theirs(SOURCE, {}, ()))
    findings += _check_english(overlay.folder, own, known.program)
    refuse(overlay.folder, findings)
    said = _worded(known, own)
    for one in theirs.values():
        findings += _check(overlay.folder, one, said)
    refuse(overlay.folder, findings)
    lost = [found for one in ours[1:] for found in _losses(overlay.folder, one, theirs.get(one.language.tag), said)]
    replaced = len(said.changed) + sum(len(one.of(po.DOMAIN, po.GUIDANCE, po.PLAIN)) for one in theirs.values())
    return Laid(_lay_all(ours, own, theirs, said, known), replaced, tuple(lost), tuple(theirs.values()))


def _source(folder: Path, english: Catalogue, overlay: Overlay) -> _Source:
    program = {one.id: _message(one) for one in po.read(po.path_of(folder, SOURCE))}
    before = dict(english.texts.keys())
    changed = frozenset(key for key, one in overlay.guidance.items() if before.get(key) != one.english)
    return _Source(program, overlay.guidance, changed)


def _message(entry: po.Translation) -> model.Message:
    limit = LIMIT.search(" ".join(entry.notes))
    return model.Message(entry.id, entry.english, limit=int(limit[1]) if limit else 0, sms=po.is_sms(entry))


def _worded(known: _Source, own: Theirs) -> _Source:
    """Return what is said in the deployment's English: its guidance came so, the program's messages are in `own`."""
    words = {one.id: one.text for one in own.of(po.DOMAIN) if one.text != one.english}
    program = {key: replace(one, english=words.get(key, one.english)) for key, one in known.program.items()}
    return replace(known, program=program, changed=known.changed | words.keys())


def _check_english(folder: Path, own: Theirs, program: Mapping[str, model.Message]) -> list[Finding]:
    findings = [
        Finding(str(po.path_of(folder, SOURCE, domain)), "", "is not read", "write English guidance as YAML")
        for domain in own.entries
        if domain != po.DOMAIN
    ]
    file = str(po.path_of(folder, SOURCE))
    first = texting.naming_first(program.values())
    for entry in own.of(po.DOMAIN):
        message = program.get(entry.id)
        if message is None or message.english != entry.english:
            findings.append(_stale(file, entry))
            continue
        findings += unusable(entry, file=file) or check_source([replace(message, english=entry.text)], file=file)
        findings += _strange(entry, file) + _as_sms(entry, message, own.tag, po.DOMAIN, file=file, first=first)
    return findings


def _check(folder: Path, theirs: Theirs, said: _Source) -> list[Finding]:
    """Check one language as ours are checked; what is not translated is no fault. Lessons are checked elsewhere."""
    domains = [one for one in theirs.entries if po.course_of(one) is None]
    return [found for one in domains for found in check_domain(folder, theirs, one, said.of(one))]


def check_domain(folder: Path, theirs: Theirs, domain: str, messages: Mapping[str, model.Message]) -> list[Finding]:
    """Check one catalogue of a deployment's own against what it translates."""
    file, entries = str(po.path_of(folder, theirs.tag, domain)), theirs.of(domain)
    current = [one for one in entries if one.id in messages and messages[one.id].english == one.english]
    findings = [_stale(file, one) for one in entries if one not in current]
    wanted, first = [messages[one.id] for one in current], texting.naming_first(messages.values())
    try:
        direction = direction_of(theirs.tag)
        found = check_language(wanted, current, tag=theirs.tag, direction=direction, file=file)
        for one in [] if found else current:
            found += _as_sms(one, messages[one.id], theirs.tag, domain, file=file, first=first)
    except Refused as unwritten:
        found = [Finding(file, "", unwritten.detail, unwritten.remedy or "")]
    return [*findings, *found, *(strange for one in current for strange in _strange(one, file))]


def _stale(file: str, entry: po.Translation) -> Finding:
    reason = "is a translation of words that nothing says" if entry.id else "has no id"
    return Finding(file, entry.id, reason, "take msgctxt and msgid from ours, or from your own English, word for word")


def _strange(entry: po.Translation, file: str) -> list[Finding]:
    findings: list[Finding] = []
    if len(entry.text) > LONGEST:
        findings.append(Finding(file, entry.id, f"has more than {LONGEST} characters", "shorten it"))
    unseen = [one for one in entry.text if unicodedata.category(one) in {"Cf", "Cs", "Co", "Cn", "Zl", "Zp"}]
    for letter in sorted(set(unseen) - SHAPING)[:1]:
        reason = f"holds the invisible character U+{ord(letter):04X}"
        findings.append(Finding(file, entry.id, reason, "type the text anew"))
    return findings


def _as_sms(  # noqa: PLR0913 - which text of which file, in which language
    entry: po.Translation, message: model.Message, tag: str, domain: str, *, file: str, first: Collection[str]
) -> list[Finding]:
    """Check how long the text is as an SMS; Bosnian in Cyrillic letters never is one."""
    if not message.sms or tag == CYRILLIC or unusable(entry, file=file):
        return []
    one = texting.texted(entry, SMS_SAMPLES, tag=tag, file=file, plain=domain == po.PLAIN)
    return texting.faults(one, named_first=entry.id in first)


def _losses(folder: Path, ours: Catalogue, theirs: Theirs | None, said: _Source) -> Iterator[Finding]:
    """Name the texts that a language had until a deployment worded them otherwise in English."""
    tag = ours.language.tag
    there = {one.id for one in theirs.of(po.DOMAIN, po.GUIDANCE)} if theirs else set()
    for key in sorted(said.changed & {key for key, _ in ours.texts} - there):
        domain = po.DOMAIN if key in said.program else po.GUIDANCE
        remedy = "translate the deployment's own English; until then this text is not shown in this language"
        yield Finding(str(po.path_of(folder, tag, domain)), key, "is not translated from the new English", remedy)


def _lay_all(
    ours: Sequence[Catalogue], own: Theirs, theirs: Mapping[str, Theirs], said: _Source, known: _Source
) -> list[Catalogue]:
    english = ours[0].texts
    wanted = frozenset((one.id, one.english) for one in known.program.values())
    guidance = {(one.id, one.english): one.english for one in said.guidance.values()}
    words = {(one.id, one.english): one.text for one in own.of(po.DOMAIN)}
    kept = {key: text for key, text in english.items() if key[0] not in said.guidance}
    source = replace(ours[0], texts={**kept, **words, **guidance})
    by_tag = {one.language.tag: one for one in ours[1:]}
    tags = sorted({*by_tag, *theirs} - {CYRILLIC})
    laid = [_lay(by_tag.get(tag) or _begun(tag), theirs.get(tag), said, known) for tag in tags]
    whole = with_cyrillic([source, *(judged(one, wanted) for one in laid)])
    if CYRILLIC not in theirs:
        return whole
    there = {one.language.tag: one for one in whole}
    there[CYRILLIC] = judged(
        _lay(there.get(CYRILLIC) or _begun(CYRILLIC), theirs[CYRILLIC], said, known, drop=False), wanted
    )
    return list(there.values())


def _begun(tag: str) -> Catalogue:
    return Catalogue(Language(tag, direction_of(tag), State.DRAFT), own_name(tag), {}, frozenset(), 0, {}, frozenset())


def _lay(ours: Catalogue, theirs: Theirs | None, said: _Source, known: _Source, *, drop: bool = True) -> Catalogue:
    """Lay one language's own words over ours; what translates English that is no longer said goes out of use."""
    texts, plain = (theirs.of(po.DOMAIN, po.GUIDANCE), theirs.of(po.PLAIN)) if theirs else ([], [])
    reviews = theirs.reviews if theirs else ()
    gone = said.changed if drop else frozenset[str]()
    here, here_plain = {one.id for one in texts}, {one.id for one in plain}
    anew = gone | here
    # Our plain variant of words that were replaced would go out in place of theirs.
    return replace(
        ours,
        texts={key: text for key, text in ours.texts.items() if key[0] not in anew} | _keyed(texts, known),
        reviewed=ours.reviewed - anew | review.reviewed(texts, reviews),
        plain={key: text for key, text in ours.plain.items() if key[0] not in anew | here_plain}
        | {key: text for key, text in _keyed(plain, known).items() if not foreign(text)},
        plain_reviewed=ours.plain_reviewed - (anew | here_plain) | review.reviewed(plain, reviews),
    )


def _keyed(entries: Sequence[po.Translation], known: _Source) -> dict[tuple[str, str], str]:
    """Return texts under the English by which the code asks for them."""
    asked = [replace(one, english=known.program[one.id].english) if one.id in known.program else one for one in entries]
    return usable(asked)
