"""Catalogues out to translators and back: what comes back is checked as a whole, and taken whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from service.i18n import channels, po, rules, sheets, texting, xliff
from service.i18n.channels import Demand
from service.i18n.checking import SMS_SAMPLES, check_language
from service.i18n.loading import SOURCE, direction_of
from service.i18n.model import Finding, Hole, Message
from service.kit.errors import Fault, Kind, Refused


class Format(StrEnum):
    """What translators' programs read and write."""

    PO = "po"
    XLIFF = "xliff"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Against:
    """What a catalogue is held against: the messages that it translates, and what channels demand of them."""

    domain: str
    messages: Sequence[Message]
    demands: Sequence[Demand] = ()
    names: Mapping[str, Hole] = field(default_factory=lambda: SMS_SAMPLES)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did, in entries: taken over, the same already, left out because fuzzy or empty."""

    changed: int
    same: int
    left: int


def read_catalogue(path: Path) -> tuple[po.Translation, ...]:
    """Read a catalogue; Refused `bad-catalogue` says what is wrong with it."""
    try:
        return po.read(path)
    except po.BadCatalogue as bad:
        raise refusal([bad.finding]) from bad


def written(folder: Path, tag: str, domain: str, form: Format) -> bytes:
    """Return a catalogue as a file of this format."""
    path = po.path_of(folder, tag, domain)
    entries = read_catalogue(path)
    match form:
        case Format.PO:
            return path.read_bytes()
        case Format.XLIFF:
            return xliff.write(tag, domain, entries)
        case Format.CSV:
            return sheets.write(tag, entries)


def take(folder: Path, tag: str, offered: Path, *, form: Format, against: Against) -> Taken:
    """Take over what a file translates; Refused lists everything that is wrong with it, and nothing is written.

    Entries that are fuzzy or empty are left out, and so is what the file does not name. What changes is a draft again,
    since reviews are bound to the words.
    """
    if tag == SOURCE:
        raise Refused(
            Kind.INVALID, "source-language", "English is written in code and content", remedy="change it there"
        )
    kept = po.path_of(folder, tag, against.domain)
    old = {one.id: one for one in read_catalogue(kept)}
    try:
        given = _read(offered, tag, form)
    except po.BadCatalogue as bad:
        raise refusal([bad.finding]) from bad
    usable = [one for one in given if one.text and not one.fuzzy]
    findings = _stale(usable, against.messages, str(offered))
    merged = {**old, **{one.id: _over(old.get(one.id), one) for one in usable}}
    findings = findings or _faults(list(merged.values()), {one.id for one in usable}, tag, str(offered), against)
    if findings:
        raise refusal(findings)
    changed = sum(1 for one in usable if one.id not in old or old[one.id].text != one.text or old[one.id].fuzzy)
    if changed:
        po.write(kept, tag, merged.values())
    return Taken(changed, len(usable) - changed, len(given) - len(usable))


def refusal(findings: Sequence[Finding]) -> Refused:
    """Return a refusal that lists everything that was found."""
    faults = [Fault(f"{one.file}: {one.entry}".removesuffix(": "), one.reason, one.remedy) for one in findings]
    first = faults[0]
    return Refused(Kind.INVALID, "bad-catalogue", first.detail, where=first.where, remedy=first.remedy, faults=faults)


def _read(path: Path, tag: str, form: Format) -> tuple[po.Translation, ...]:
    match form:
        case Format.PO:
            given, entries = po.header_of(path, "Language"), po.read(path)
        case Format.XLIFF:
            given, entries = xliff.read(path)
        case Format.CSV:
            rows = sheets.read(path)
            given, entries = tag, tuple(po.Translation(row.id, row.english, row.text) for row in rows)
    if rules.known(given) != tag:
        reason = f"is in the language {given!r}, not {tag!r}"
        raise po.BadCatalogue(Finding(str(path), "", reason, "name the language that the file is in"))
    return entries


def _stale(entries: Iterable[po.Translation], messages: Iterable[Message], file: str) -> list[Finding]:
    known = {message.id: message.english for message in messages}
    remedy = "export the catalogue again, and translate its present English"
    return [
        Finding(file, one.id, "translates an English sentence that the program does not say", remedy)
        for one in entries
        if known.get(one.id) != one.english
    ]


def _over(old: po.Translation | None, new: po.Translation) -> po.Translation:
    """Put the words of a file into the entry that is there, which keeps its notes, and a translator's own remarks."""
    if old is None:
        return new
    return replace(old, english=new.english, text=new.text, fuzzy=False, remarks=new.remarks or old.remarks)


def _faults(entries: list[po.Translation], new: set[str], tag: str, file: str, against: Against) -> list[Finding]:
    """Check the catalogue as it would be, and return what is wrong with the entries that are new in it."""
    there = {one.id: one for one in entries if one.text and not one.fuzzy}
    wanted = [message for message in against.messages if message.id in there]
    found = check_language(wanted, list(there.values()), tag=tag, direction=direction_of(tag), file=file)
    found += channels.faults(list(there.values()), against.demands, tag=tag, file=file)
    found = [one for one in found if one.entry in new]
    first = texting.naming_first(against.messages)
    for message in wanted if not found else ():
        if message.sms and message.id in new:
            plain = against.domain == po.PLAIN
            said = texting.texted(there[message.id], against.names, tag=tag, file=file, plain=plain)
            found += texting.faults(said, named_first=message.id in first)
    return found
