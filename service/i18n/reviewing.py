"""Turns a reviewer's table into lines of review.jsonl; nothing in it changes a text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from service.i18n import fieldtests, po, review, sheets
from service.i18n.exchange import read_catalogue, refusal
from service.i18n.loading import SOURCE
from service.i18n.model import Finding
from service.kit.errors import Kind, Refused


@dataclass(frozen=True, slots=True)
class Signature:
    """Who read the texts, who had translated them, and on which day."""

    reviewer: str
    translator: str
    day: date


@dataclass(frozen=True, slots=True)
class Read:
    """What a table said, in texts; what is rejected is fuzzy from now on, so that nobody is shown it."""

    accepted: int
    rejected: int
    open: int


def take(folder: Path, tag: str, domain: str, sheet: Path, *, signed: Signature) -> Read:
    """Write a line for each accepted text, and mark each rejected one fuzzy with the reviewer's remark.

    Refused if the reviewer is the translator, or lists every row that speaks of other words than those that stand in
    the catalogue now; then nothing is written.
    """
    _demand_two(signed, tag)
    path = po.path_of(folder, tag, domain)
    entries = {one.id: one for one in read_catalogue(path)}
    beside = review.path_beside(folder, tag)
    try:
        rows = sheets.read(sheet)
        known = {(one.id, one.sha256, one.reviewer) for one in review.read(beside)}
    except po.BadCatalogue as bad:
        raise refusal([bad.finding]) from bad
    findings = [found for row in rows for found in _faults(row, entries, sheet)]
    findings += _twice(rows, sheet)
    if findings:
        raise refusal(findings)
    rejected = {row.id: row for row in rows if row.verdict == "reject"}
    accepted = [_line(row, signed) for row in rows if row.verdict == "accept"]
    if rejected:
        po.write(path, tag, [_marked(one, rejected, signed) for one in entries.values()])
    review.add_lines(beside, [one for one in accepted if (one.id, one.sha256, one.reviewer) not in known])
    return Read(len(accepted), len(rejected), len(rows) - len(accepted) - len(rejected))


def record_test(folder: Path, tag: str, domain: str, told: Mapping[str, object]) -> fieldtests.FieldTest:
    """Write down that a message was tried on readers as it stands now; Refused if there is no such text."""
    entry = next((one for one in read_catalogue(po.path_of(folder, tag, domain)) if one.id == told["id"]), None)
    if entry is None or not entry.text or entry.fuzzy:
        raise Refused(
            Kind.NOT_FOUND,
            "no-such-text",
            f"there is no usable text {told['id']!r} in {tag!r}",
            remedy="name an id as `surefoot locales export` writes it",
        )
    try:
        line = fieldtests.FieldTest.model_validate({**told, "sha256": review.digest(entry.english, entry.text)})
        beside = fieldtests.path_beside(folder, tag)
        fieldtests.read(beside)
    except ValueError as fault:
        wrong = str(fault).splitlines()[2].strip() if len(str(fault).splitlines()) > 2 else str(fault)  # noqa: PLR2004 - pydantic says it in the third line
        raise Refused(Kind.INVALID, "bad-field-test", wrong, remedy="correct it, and record it again") from fault
    except po.BadCatalogue as bad:
        raise refusal([bad.finding]) from bad
    review.add_lines(beside, [line])
    return line


def _demand_two(signed: Signature, tag: str) -> None:
    if tag == SOURCE:
        raise Refused(Kind.INVALID, "source-language", "English is no translation", remedy="review another language")
    if not signed.reviewer.strip() or not signed.translator.strip():
        raise Refused(Kind.INVALID, "no-name", "a review names reviewer and translator", remedy="give both names")
    if review.same_person(signed.reviewer, signed.translator):
        raise Refused(
            Kind.FORBIDDEN,
            "own-translation",
            f"{signed.reviewer} would review a translation of their own",
            remedy="have another person read it, who speaks the language as their own",
        )


def _faults(row: sheets.Row, entries: Mapping[str, po.Translation], sheet: Path) -> Iterator[Finding]:
    if not row.verdict:
        return
    entry, again = entries.get(row.id), "export the catalogue again, and read its present words"
    if entry is None:
        yield Finding(str(sheet), row.id, f"row {row.line} is no text of this catalogue", again)
    elif row.text != entry.text or row.english != entry.english:
        reason = f"row {row.line} has other words than the catalogue"
        yield Finding(str(sheet), row.id, reason, f"change texts by `surefoot locales import`; else {again}")
    elif row.sha256 != review.digest(entry.english, entry.text):
        yield Finding(str(sheet), row.id, f"row {row.line} has another hash than its words", again)
    elif row.verdict == "accept" and (not entry.text or entry.fuzzy):
        yield Finding(str(sheet), row.id, f"row {row.line} accepts what is empty or fuzzy", "have it translated first")
    elif row.verdict == "reject" and not row.comment.strip():
        yield Finding(str(sheet), row.id, f"row {row.line} rejects without a comment", "say what is wrong with it")


def _twice(rows: Sequence[sheets.Row], sheet: Path) -> Iterator[Finding]:
    seen: dict[str, sheets.Row] = {}
    for row in rows:
        if seen.setdefault(row.id, row) is not row:
            yield Finding(str(sheet), row.id, f"row {row.line} names a text twice", "leave one row for each text")


def _line(row: sheets.Row, signed: Signature) -> review.Review:
    return review.Review(
        id=row.id, sha256=row.sha256, translator=signed.translator, reviewer=signed.reviewer, date=signed.day
    )


def _marked(entry: po.Translation, rejected: Mapping[str, sheets.Row], signed: Signature) -> po.Translation:
    if entry.id not in rejected:
        return entry
    said = " ".join(rejected[entry.id].comment.split())
    remark = f"Rejected by {signed.reviewer}, {signed.day}: {said}"
    return replace(entry, fuzzy=True, remarks=(*entry.remarks, remark))
