"""What `surefoot locales` does: extract, update, check, count. Files in, files or findings out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from service.i18n import po, review
from service.i18n.checking import check_copy, check_language, check_source
from service.i18n.extract import BadMessage, entry, find
from service.i18n.loading import SOURCE, direction_of, no_language, tags_in
from service.i18n.model import Finding, Message, State
from service.kit.errors import Kind, Refused


@dataclass(frozen=True, slots=True)
class Change:
    """What `update` did to one language, in entries."""

    tag: str
    kept: int
    emptied: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Count:
    """How far one language is, in entries of the source catalogue."""

    tag: str
    texts: int
    translated: int
    fuzzy: int
    reviewed: int
    state: State


def extract(code: Path, folder: Path) -> int:
    """Write the source catalogues from the code and return how many messages they have; Refused if one is bad."""
    messages = _declared(code)
    po.write(po.path_of(folder, SOURCE), SOURCE, map(entry, messages))
    guidance = _declared(code, po.GUIDANCE)
    if guidance:
        po.write(po.path_of(folder, SOURCE, po.GUIDANCE), SOURCE, map(entry, guidance))
    return len(messages) + len(guidance)


def update(folder: Path, *, add: Sequence[str] = ()) -> list[Change]:
    """Bring every language up to the source catalogues, and begin those to `add`, their guidance too.

    A translation is kept only for exactly the same English under exactly the same id. Nothing is matched by likeness:
    that once gave "Now walk there." the old words of "Do not walk there.".
    """
    source = _read(folder, SOURCE)
    for tag in add:
        _begin(folder, tag)
    others = [tag for tag in tags_in(folder) if tag != SOURCE]
    changes = [_update_one(po.path_of(folder, tag), tag, source) for tag in others]
    begun = [tag for tag in others if po.path_of(folder, tag, po.GUIDANCE).exists()]
    guidance = _read(folder, SOURCE, po.GUIDANCE) if begun else ()
    return changes + [_update_one(po.path_of(folder, tag, po.GUIDANCE), tag, guidance) for tag in begun]


def check(code: Path, folder: Path) -> list[Finding]:
    """Return everything that is wrong with the code's messages and the catalogues, file by file."""
    try:
        messages, guidance = find(code), find(code, po.GUIDANCE)
    except BadMessage as bad:
        return [Finding(str(code), "", str(bad), "mend the code")]
    findings = check_source([*messages, *guidance], file=str(code))
    for tag in tags_in(folder):
        findings += _check_one(folder, tag, messages) + _check_guidance(folder, tag, guidance)
    return findings


def stats(folder: Path) -> list[Count]:
    """Count every language's entries against the source catalogue."""
    source = _read(folder, SOURCE)
    return [_count(folder, tag, source) for tag in tags_in(folder)]


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


def _begin(folder: Path, tag: str) -> None:
    for found in no_language(folder, tag):
        raise Refused(Kind.INVALID, "bad-language", f"{tag!r} {found.reason}", remedy=found.remedy)
    for domain in (po.DOMAIN, po.GUIDANCE):
        there = po.path_of(folder, tag, domain).exists()
        if not there and po.path_of(folder, SOURCE, domain).exists():
            po.write(po.path_of(folder, tag, domain), tag, ())


def _update_one(path: Path, tag: str, source: Sequence[po.Translation]) -> Change:
    old = _read_path(path)
    texts = {(one.id, one.english): one for one in old}
    merged = [_carried(one, texts.get((one.id, one.english))) for one in source]
    po.write(path, tag, merged)
    kept = sum(1 for one in merged if one.text)
    dropped = len(texts.keys() - {(one.id, one.english) for one in source})
    return Change(tag=tag, kept=kept, emptied=len(merged) - kept, dropped=dropped)


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


def _check_guidance(folder: Path, tag: str, messages: Sequence[Message]) -> list[Finding]:
    """Check what there is of guidance in a language: what is not translated yet is no fault, what is stale is one."""
    path = po.path_of(folder, tag, po.GUIDANCE)
    if no_language(folder, tag):
        return []
    if not path.exists():
        missing = Finding(str(path), "", "is missing", "run `surefoot locales extract`")
        return [missing] if tag == SOURCE and messages else []
    try:
        entries = po.read(path)
    except po.BadCatalogue as bad:
        return [bad.finding]
    if tag == SOURCE:
        return check_copy(messages, entries, file=str(path))
    there = {one.id: one for one in entries if one.text}
    wanted = [message for message in messages if message.id in there]
    return check_language(wanted, list(there.values()), tag=tag, direction=direction_of(tag), file=str(path))


def _count(folder: Path, tag: str, source: Sequence[po.Translation]) -> Count:
    current = {(one.id, one.english) for one in source}
    entries = [one for one in _read(folder, tag) if (one.id, one.english) in current]
    usable = [one for one in entries if one.text and not one.fuzzy]
    read = review.reviewed(usable, review.read(review.path_beside(folder, tag)))
    whole = len(read) == len(source)
    state = State.SOURCE if tag == SOURCE else State.REVIEWED if whole else State.DRAFT
    fuzzy = sum(1 for one in entries if one.fuzzy)
    return Count(tag, len(source), len(usable), fuzzy, len(read), state)
