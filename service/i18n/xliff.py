"""XLIFF 1.2 (OASIS), as translators' programs read and write it; one file holds one catalogue of one language."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from service.i18n.model import Finding
from service.i18n.po import MOST_BYTES, BadCatalogue, Translation

SPACE = "urn:oasis:names:tc:xliff:document:1.2"
UNFINISHED = ("new", "needs-")
"""States, or their beginnings, of a target that nobody stands behind yet: what a PO file calls fuzzy."""

PRESERVE = "{http://www.w3.org/XML/1998/namespace}space"
REMEDY = "export it again as XLIFF 1.2, and change the targets only"


def write(tag: str, domain: str, entries: Iterable[Translation]) -> bytes:
    """Return a catalogue as XLIFF; what is untranslated has no target, notes are those of the developer."""
    ET.register_namespace("", SPACE)
    root = ET.Element(f"{{{SPACE}}}xliff", {"version": "1.2"})
    about = {"original": domain, "source-language": "en", "target-language": tag, "datatype": "plaintext"}
    body = ET.SubElement(ET.SubElement(root, f"{{{SPACE}}}file", about), f"{{{SPACE}}}body")
    for entry in entries:
        unit = ET.SubElement(body, f"{{{SPACE}}}trans-unit", {"id": entry.id, PRESERVE: "preserve"})
        ET.SubElement(unit, f"{{{SPACE}}}source").text = entry.english
        if entry.text:
            state = "needs-review-translation" if entry.fuzzy else "translated"
            ET.SubElement(unit, f"{{{SPACE}}}target", {"state": state}).text = entry.text
        if entry.notes:  # a PO file breaks them into lines
            ET.SubElement(unit, f"{{{SPACE}}}note", {"from": "developer"}).text = " ".join(entry.notes)
    ET.indent(root)
    told: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return told + b"\n"


def read(path: Path) -> tuple[str, tuple[Translation, ...]]:
    """Return a file's target language and its entries; BadCatalogue for what is not plain XLIFF 1.2."""
    (file,) = _files(path, _root(path))
    found: dict[str, Translation] = {}
    for unit in file.iter(f"{{{SPACE}}}trans-unit"):
        entry = _entry(path, unit)
        if found.setdefault(entry.id, entry) is not entry:
            raise _bad(path, entry.id, "stands here twice")
    return file.get("target-language", ""), tuple(found.values())


def _root(path: Path) -> ET.Element:
    raw = path.read_bytes()
    if len(raw) > MOST_BYTES:
        raise _bad(path, "", f"is larger than {MOST_BYTES} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise _bad(path, "", f"byte {fault.start} is not UTF-8") from fault
    if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
        raise _bad(path, "", "has a document type, which could hold entities without end")
    try:
        return ET.fromstring(text.encode())  # noqa: S314 - in UTF-8 and without a document type there are no entities
    except (ET.ParseError, LookupError, ValueError) as fault:
        raise _bad(path, "", f"is not well-formed XML: {fault}") from fault


def _files(path: Path, root: ET.Element) -> list[ET.Element]:
    if root.tag != f"{{{SPACE}}}xliff" or root.get("version") != "1.2":
        raise _bad(path, "", "is not XLIFF 1.2")
    files = root.findall(f"{{{SPACE}}}file")
    if len(files) != 1:
        raise _bad(path, "", f"holds {len(files)} files, one catalogue is wanted")
    return files


def _entry(path: Path, unit: ET.Element) -> Translation:
    key = unit.get("id") or ""
    source, target = unit.find(f"{{{SPACE}}}source"), unit.find(f"{{{SPACE}}}target")
    if not key or source is None:
        raise _bad(path, key, "is a trans-unit without id or source")
    for part in (source, target):
        if part is not None and len(part):
            raise _bad(path, key, "has an element inside its text, which no text of ours has")
    state = target.get("state", "") if target is not None else ""
    text = (target.text or "") if target is not None else ""
    return Translation(key, source.text or "", text, fuzzy=state.startswith(UNFINISHED))


def _bad(path: Path, entry: str, reason: str) -> BadCatalogue:
    return BadCatalogue(Finding(str(path), entry, reason, REMEDY))
