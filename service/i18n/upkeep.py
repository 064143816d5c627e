"""What `surefoot locales` does: extract, update, check, count. Files in, files or findings out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from service.i18n import channels, fieldtests, parts, po, review, texting
from service.i18n.channels import Demand
from service.i18n.checking import SMS_SAMPLES, check_copy, check_language, check_source, unusable
from service.i18n.extract import BadMessage, entry, find
from service.i18n.loading import SOURCE, direction_of, no_language, tags_in
from service.i18n.model import Finding, Hole, Message, State
from service.kit.errors import Kind, Refused


@dataclass(frozen=True, slots=True)
class Change:
    """What `update` did to one catalogue of a language, in entries."""

    tag: str
    domain: str
    kept: int
    emptied: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Count:
    """How far one catalogue of a language is, in entries of the source."""

    tag: str
    domain: str
    texts: int
    translated: int
    fuzzy: int
    reviewed: int
    tested: int
    state: State


def extract(code: Path, folder: Path) -> int:
    """Write the source catalogues from the code and return how many messages they have; Refused if one is bad."""
    messages = _declared(code)
    po.write(po.path_of(folder, SOURCE), SOURCE, map(entry, messages))
    guidance = _declared(code, po.GUIDANCE)
    if guidance:
        po.write(po.path_of(folder, SOURCE, po.GUIDANCE), SOURCE, map(entry, guidance))
    lessons = 0
    for domain in parts.courses(code):
        declared = _declared(code, domain)
        po.write(po.path_of(folder, SOURCE, domain), SOURCE, map(entry, declared))
        lessons += len(declared)
    return len(messages) + len(guidance) + lessons


def update(
    folder: Path, *, add: Sequence[str] = (), plain: Sequence[str] = (), lessons: Sequence[tuple[str, str]] = ()
) -> list[Change]:
    """Bring every language up to the source catalogues, and begin those to `add`, their guidance and lessons too.

    Of the languages in `plain` the variants in GSM-7 are begun, of the pairs in `lessons` a course in a language. A
    translation is kept only for exactly the same English under exactly the same id. Nothing is matched by likeness:
    that once gave "Now walk there." the old words of "Do not walk there.".
    """
    _read(folder, SOURCE)  # refused before anything is begun
    for tag in add:
        _begin(folder, tag, _parts(folder))
    for tag in plain:
        _begin(folder, tag, (po.PLAIN,))
    for tag, course in lessons:
        _begin(folder, tag, (_lessons(folder, course),))
    others = [tag for tag in tags_in(folder) if tag != SOURCE]
    return [
        _update_one(folder, tag, domain, _source(folder, domain))
        for domain in (po.DOMAIN, *po.MAY_LACK, *po.lesson_domains(folder, SOURCE))
        for tag in others
        if _is_there(folder, tag, domain)
    ]


def check(
    code: Path, folder: Path, *, names: Mapping[str, Hole] = SMS_SAMPLES, demands: Sequence[Demand] = ()
) -> list[Finding]:
    """Return everything that is wrong with the code's messages and the catalogues, file by file.

    `names` are the longest that an SMS is filled with; `demands` is the core set, which no released language may lack.
    """
    try:
        program, guidance = find(code), find(code, po.GUIDANCE)
        lessons = {domain: find(code, domain) for domain in parts.courses(code)}
    except BadMessage as bad:
        return [Finding(str(code), "", str(bad), "mend the code")]
    declared = [*program, *guidance]
    first = texting.naming_first(declared)
    findings = [*check_source(declared, file=str(code)), *channels.source_faults(declared, demands, file=str(code))]
    needed = frozenset(one.id for one in demands)
    for tag in tags_in(folder):
        findings += _check_one(folder, tag, program)
        findings += parts.check(folder, tag, guidance, po.GUIDANCE, needed)
        findings += parts.check(folder, tag, [one for one in declared if one.sms], po.PLAIN)
        findings += [*_check_channels(folder, tag, demands), *parts.headers(folder, tag)]
    findings += parts.check_lessons(code, folder, lessons)
    for one in _texts(folder, declared, names):
        findings += texting.faults(one, named_first=one.id in first)
    return findings


def declared(code: Path, domain: str) -> tuple[Message, ...]:
    """Return the messages that a catalogue translates; Refused if one is bad, or there is no such catalogue."""
    if domain == po.PLAIN:
        return tuple(one for part in (po.DOMAIN, po.GUIDANCE) for one in _declared(code, part) if one.sms)
    known = (po.DOMAIN, po.GUIDANCE, *parts.courses(code))
    if domain not in known:
        remedy = f"name one of {', '.join((*known, po.PLAIN))}"
        raise Refused(Kind.NOT_FOUND, "no-such-catalogue", f"{domain!r} is no catalogue", remedy=remedy)
    return _declared(code, domain)


def texts(code: Path, folder: Path, *, names: Mapping[str, Hole] = SMS_SAMPLES) -> list[texting.Texted]:
    """Return every text of an SMS in every language that has it, filled with these names and measured."""
    return list(_texts(folder, [*_declared(code), *_declared(code, po.GUIDANCE)], names))


def stats(folder: Path) -> list[Count]:
    """Count every catalogue of every language against the source."""
    return [
        _count(folder, tag, domain, _source(folder, domain))
        for domain in (*_parts(folder), po.PLAIN)
        for tag in tags_in(folder)
        if _is_there(folder, tag, domain)
    ]


def _declared(code: Path, domain: str = po.DOMAIN) -> tuple[Message, ...]:
    try:
        return find(code, domain)
    except BadMessage as bad:
        raise Refused(Kind.INVALID, "bad-message", str(bad), remedy="mend the code") from bad


def _read(folder: Path, tag: str, domain: str = po.DOMAIN) -> tuple[po.Translation, ...]:
    return _read_path(po.path_of(folder, tag, domain))


def _read_path(path: Path) -> tuple[po.Translation, ...]:
    try:
        return po.read(path)
    except po.BadCatalogue as bad:
        found = bad.finding
        raise Refused(Kind.INVALID, "bad-catalogue", found.reason, where=found.file, remedy=found.remedy) from bad


def _source(folder: Path, domain: str) -> tuple[po.Translation, ...]:
    """Return what a catalogue is translated from: plain variants stand for the texts of an SMS, wherever those are."""
    if domain != po.PLAIN:
        return _read(folder, SOURCE, domain)
    return tuple(one for part in _parts(folder) for one in _read(folder, SOURCE, part) if po.is_sms(one))


def _parts(folder: Path) -> list[str]:
    """Return the catalogues that there are in English; those of the program alone may have no guidance."""
    parts = [part for part in (po.DOMAIN, po.GUIDANCE) if part == po.DOMAIN or _is_there(folder, SOURCE, part)]
    return [*parts, *po.lesson_domains(folder, SOURCE)]


def _is_there(folder: Path, tag: str, domain: str) -> bool:
    return po.path_of(folder, tag, domain).exists()


def _lessons(folder: Path, course: str) -> str:
    domain, known = po.lessons_of(course), po.lesson_domains(folder, SOURCE)
    if domain not in known:
        remedy = f"name one of {', '.join(str(po.course_of(one)) for one in known)}"
        raise Refused(Kind.NOT_FOUND, "course-unknown", f"{course!r} is no course", remedy=remedy)
    return domain


def _begin(folder: Path, tag: str, domains: Iterable[str]) -> None:
    for found in no_language(folder, tag):
        raise Refused(Kind.INVALID, "bad-language", f"{tag!r} {found.reason}", remedy=found.remedy)
    for domain in domains:
        if not _is_there(folder, tag, domain):
            po.write(po.path_of(folder, tag, domain), tag, ())


def _update_one(folder: Path, tag: str, domain: str, source: Sequence[po.Translation]) -> Change:
    old = _read(folder, tag, domain)
    texts = {(one.id, one.english): one for one in old}
    merged = [_carried(one, texts.get((one.id, one.english))) for one in source]
    po.write(po.path_of(folder, tag, domain), tag, merged)
    kept = sum(1 for one in merged if one.text)
    dropped = len(texts.keys() - {(one.id, one.english) for one in source})
    return Change(tag, domain, kept=kept, emptied=len(merged) - kept, dropped=dropped)


def _carried(source: po.Translation, old: po.Translation | None) -> po.Translation:
    """Return the source's entry with the old words, its fuzzy mark and the translator's remarks."""
    if old is None:
        return replace(source, text="")
    return replace(source, text=old.text, fuzzy=old.fuzzy, remarks=old.remarks)


def _check_one(folder: Path, tag: str, messages: Sequence[Message]) -> list[Finding]:
    path = po.path_of(folder, tag)
    misnamed = no_language(folder, tag)
    if misnamed:
        return misnamed
    try:
        entries = po.read(path)
        review.read(review.path_beside(folder, tag))
        fieldtests.read(fieldtests.path_beside(folder, tag))
        if tag == SOURCE:
            return check_copy(messages, entries, file=str(path))
        if po.is_begun(folder, tag):
            return _check_begun(messages, entries, tag, path)
        return check_language(messages, entries, tag=tag, direction=direction_of(tag), file=str(path))
    except po.BadCatalogue as bad:
        return [bad.finding]
    except Refused as unwritten:
        return [Finding(str(path), "", unwritten.detail, unwritten.remedy or "")]


def _check_begun(messages: Sequence[Message], entries: Sequence[po.Translation], tag: str, path: Path) -> list[Finding]:
    """Check what there is of a language that is only begun; once nothing is missing, it must no longer say so."""
    there = {one.id: one for one in entries if one.text}
    wanted = [message for message in messages if message.id in there]
    findings = check_language(wanted, list(there.values()), tag=tag, direction=direction_of(tag), file=str(path))
    if len(wanted) == len(messages):
        findings.append(Finding(str(path), po.BEGUN, "says that the language is only begun", "take the file away"))
    return findings


def _check_channels(folder: Path, tag: str, demands: Sequence[Demand]) -> list[Finding]:
    """Measure the core set's texts; a file that cannot be read is told of elsewhere."""
    if no_language(folder, tag):
        return []
    paths = [po.path_of(folder, tag, domain) for domain in (po.DOMAIN, po.GUIDANCE)]
    return [found for path in paths for found in channels.faults(_usable(path), demands, tag=tag, file=str(path))]


def _texts(folder: Path, messages: Sequence[Message], names: Mapping[str, Hole]) -> Iterator[texting.Texted]:
    """Measure what is translated from the present English; files that cannot be read are told of elsewhere."""
    wanted = {(one.id, one.english) for one in messages if one.sms}
    for tag in tags_in(folder):
        for domain in (po.DOMAIN, *po.MAY_LACK):
            path = po.path_of(folder, tag, domain)
            for one in _usable(path) if not no_language(folder, tag) else ():
                if (one.id, one.english) in wanted:
                    yield texting.texted(one, names, tag=tag, file=str(path), plain=domain == po.PLAIN)


def _usable(path: Path) -> list[po.Translation]:
    """Return the entries that may be filled and shown; none of a file that is not there or cannot be read."""
    try:
        entries = po.read(path) if path.exists() else ()
    except po.BadCatalogue:
        return []
    return [one for one in entries if one.text and not one.fuzzy and not unusable(one, file=str(path))]


def _count(folder: Path, tag: str, domain: str, source: Sequence[po.Translation]) -> Count:
    current = {(one.id, one.english) for one in source}
    entries = [one for one in _read(folder, tag, domain) if (one.id, one.english) in current]
    usable = [one for one in entries if one.text and not one.fuzzy]
    read = review.reviewed(usable, review.read(review.path_beside(folder, tag)))
    tried = fieldtests.tested(usable, fieldtests.read(fieldtests.path_beside(folder, tag)))
    whole = len(read) == len(source)
    state = State.SOURCE if tag == SOURCE else State.REVIEWED if whole else State.DRAFT
    fuzzy = sum(1 for one in entries if one.fuzzy)
    return Count(tag, domain, len(source), len(usable), fuzzy, len(read), len(tried), state)
