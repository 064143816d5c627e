"""The gate for catalogues that a language may lack, in part or in whole: guidance, plain texts of an SMS, lessons."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from service.i18n import plurals, po
from service.i18n.checking import check_copy, check_language, check_source
from service.i18n.loading import SOURCE, direction_of, no_language, tags_in
from service.i18n.model import Finding, Message
from service.kit.errors import Refused

WHOLE = "uk"
"""The language that has every course whole beside English; where any course of another is begun, it may have gaps."""

EVERYWHERE = po.lessons_of("emergency")
"""The course that every language has whole: it is taught where nothing else can be."""


def courses(code: Path) -> list[str]:
    """Return the catalogues of the courses that the code holds."""
    return [po.lessons_of(path.parent.name) for path in sorted(code.glob("lessons/content/*/course.yaml"))]


def check(
    folder: Path, tag: str, messages: Sequence[Message], domain: str, needed: frozenset[str] = frozenset()
) -> list[Finding]:
    """Check a catalogue that a language may lack: what is not translated yet is no fault, what is stale is one.

    What is `needed` must be there, unless the language is only begun.
    """
    path = po.path_of(folder, tag, domain)
    if no_language(folder, tag):
        return []
    if not path.exists():
        missing = Finding(str(path), "", "is missing", "run `surefoot locales extract`, or `update`")
        lacks = tag == SOURCE or (needed and not po.is_begun(folder, tag))
        return [missing] if domain != po.PLAIN and messages and lacks else []
    try:
        entries = po.read(path)
    except po.BadCatalogue as bad:
        return [bad.finding]
    if tag == SOURCE:
        return check_copy(messages, entries, file=str(path))
    there = {one.id: one for one in entries if one.text}
    known = there.keys() if po.is_begun(folder, tag) else there.keys() | needed
    wanted = [message for message in messages if message.id in known]
    try:
        return check_language(wanted, list(there.values()), tag=tag, direction=direction_of(tag), file=str(path))
    except Refused as unwritten:
        return [Finding(str(path), "", unwritten.detail, unwritten.remedy or "")]


def check_lessons(code: Path, folder: Path, lessons: Mapping[str, Sequence[Message]]) -> list[Finding]:
    """Check the lessons of every course, by the names of their catalogues, in every language that has some of them."""
    findings: list[Finding] = []
    for domain, messages in lessons.items():
        findings += check_source(messages, file=str(code))
        every = frozenset(message.id for message in messages)
        for tag in tags_in(folder):
            findings += check(
                folder, tag, messages, domain, every if tag == WHOLE or domain == EVERYWHERE else frozenset()
            )
    for tag in tags_in(folder):
        for stray in sorted(set(po.lesson_domains(folder, tag)) - lessons.keys()):
            file = str(po.path_of(folder, tag, stray))
            findings.append(Finding(file, "", "holds a course that there is not", "correct its name, or take it away"))
    return findings


def headers(folder: Path, tag: str) -> Iterator[Finding]:
    """Yield each catalogue that counts otherwise than our table; a file that cannot be read is told of elsewhere."""
    remedy = "run `surefoot locales update`, which writes the header"
    domains = (po.DOMAIN, *po.MAY_LACK, *po.lesson_domains(folder, tag))
    for path in (po.path_of(folder, tag, domain) for domain in domains):
        header = po.header_of(path, "Plural-Forms") if path.is_file() else ""
        if header and (wrong := plurals.fault(header, tag)):
            yield Finding(str(path), "Plural-Forms", wrong, remedy)
