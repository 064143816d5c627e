"""Loads the content: ours, and a deployment's own laid over it, which is checked as ours is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from service.guidance import lists, rules
from service.guidance.model import CoreEntry, Guidance, KeyMessage, Overlay, Topic
from service.guidance.topics import read_topic
from service.guidance.yaml import BadYaml, Pairs, read
from service.i18n.channels import Demand
from service.i18n.model import Finding
from service.kit.errors import Fault, Kind, Refused

HERE = Path(__file__).parent
CONTENT = HERE / "content"
PICTURES = HERE / "pictures"
LISTS = ("core.yaml", "sms.yaml", "contacts.yaml", "recalls.yaml", "overlay.yaml")
MOST_FILES = 100

T = TypeVar("T")
Files = Mapping[str, Pairs]


def load(overlay: Path | None = None) -> Guidance:
    """Return our content, with the texts of an overlay folder in place of ours or beside them.

    Refused `bad-guidance` names file, line, reason and remedy of the first thing that cannot be read, or everything
    that the checks find in an overlay. Our own content is checked by the tests.
    """
    try:
        ours = _ours()
        if overlay is None:
            return ours
        laid = lay(ours, read_folder(overlay))
    except BadYaml as bad:
        raise Refused(Kind.INVALID, "bad-guidance", bad.reason, where=bad.where, remedy=bad.remedy) from bad
    _refuse(overlay, rules.check(laid))
    return laid


def demands(overlay: Path | None = None) -> tuple[Demand, ...]:
    """Return what every released language must have: the core set, and what its channels take."""
    return tuple(
        Demand(entry.id, entry.kind, {str(channel): most for channel, most in entry.channels.items()})
        for entry in load(overlay).core
    )


def read_folder(folder: Path) -> Files:
    """Read every `*.yaml` of a folder by its name; links, subfolders and other files are refused."""
    if not folder.is_dir():
        raise BadYaml(str(folder), "is no folder", "name the folder with the deployment's texts")
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if len(paths) > MOST_FILES:
        raise BadYaml(str(folder), f"holds more than {MOST_FILES} files", "put one topic into one file")
    for path in paths:
        if path.is_symlink() or not path.is_file() or path.suffix != ".yaml":
            raise BadYaml(path.name, "is no plain .yaml file", "take it out of the folder, links and subfolders too")
    return {path.name: read(path, name=path.name) for path in paths}


def lay(ours: Guidance, files: Files) -> Guidance:
    """Return our guidance with an overlay's files on top; what an overlay does not name stays as it is."""
    overlay = _one(files, "overlay.yaml", lists.read_overlay)
    if overlay is None:
        raise BadYaml("overlay.yaml", "is missing", "add it with `name:` and `revision:`")
    topics = dict(ours.topics)
    seen: dict[str, str] = {}
    for name, topic in _topics(files, origin=overlay.name).items():
        if topic.id in seen:
            raise BadYaml(name, f"the topic {topic.id} stands in {seen[topic.id]} already", "put it into one file")
        seen[topic.id] = name
        topics[topic.id] = _over_topic(topics.get(topic.id), topic)
    contacts = _one(files, "contacts.yaml", lists.read_contacts) or {}
    core = _one(files, "core.yaml", lists.read_core) or ()
    sms = _one(files, "sms.yaml", lists.read_sms) or ()
    return replace(
        ours,
        topics=topics,
        core=_over(ours.core, core),
        sms=_over(ours.sms, sms),
        contacts={**ours.contacts, **contacts},
        overlay=overlay,
        recalls=(*ours.recalls, *(_one(files, "recalls.yaml", lists.read_recalls) or ())),
    )


def revision_of(message: KeyMessage, overlay: Overlay | None) -> str:
    """Name a message's revision, such as `3` for ours and `2+overlay.5` for a deployment's own (R16)."""
    return f"{message.revision}+overlay.{overlay.revision}" if message.origin and overlay else str(message.revision)


@cache
def _ours() -> Guidance:
    files = read_folder(CONTENT)
    return Guidance(
        topics={topic.id: topic for topic in _topics(files, origin="").values()},
        core=_one(files, "core.yaml", lists.read_core) or (),
        sms=_one(files, "sms.yaml", lists.read_sms) or (),
        contacts=_one(files, "contacts.yaml", lists.read_contacts) or {},
        pictures=lists.read_pictures(read(PICTURES / "pictures.yaml", name="pictures.yaml")),
        recalls=_one(files, "recalls.yaml", lists.read_recalls) or (),
        core_revision=_one(files, "core.yaml", lists.read_revision) or 1,
    )


def _topics(files: Files, *, origin: str) -> dict[str, Topic]:
    return {name: read_topic(file, origin=origin) for name, file in files.items() if name not in LISTS}


def _one(files: Files, name: str, read_list: Callable[[Pairs], T]) -> T | None:
    return read_list(files[name]) if name in files else None


def _over_topic(ours: Topic | None, theirs: Topic) -> Topic:
    """Lay a topic over ours: their title and messages win, whole; the rest of ours stays."""
    return replace(theirs, messages={**ours.messages, **theirs.messages}) if ours else theirs


def _over(ours: tuple[CoreEntry, ...], theirs: tuple[CoreEntry, ...]) -> tuple[CoreEntry, ...]:
    """Put an overlay's wording in place of ours; what the list holds and where it goes is not its to change."""
    words = {entry.id: entry for entry in theirs}
    for stranger in words.keys() - {entry.id for entry in ours if entry.text}:
        remedy = "give wording only to entries that have a text in our file of the same name"
        raise BadYaml(words[stranger].where, f"{stranger} is no text of the core set, or of an SMS", remedy)
    return tuple(
        replace(entry, text=words[entry.id].text or entry.text, where=words[entry.id].where)
        if entry.id in words
        else entry
        for entry in ours
    )


def _refuse(folder: Path, findings: list[Finding]) -> None:
    if not findings:
        return
    faults = [Fault(f"{found.file} {found.entry}".strip(), found.reason, found.remedy) for found in findings]
    first = faults[0]
    raise Refused(
        Kind.INVALID,
        "bad-guidance",
        f"{first.where} {first.detail}",
        where=str(folder),
        remedy=first.remedy,
        faults=faults,
    )
