"""What translators get is read by programs that know nothing of ours, and what those write back is taken."""

import shutil
from pathlib import Path

import polib
import pytest
from moz.l10n.formats import Format as MozFormat
from moz.l10n.model import Entry, Message, PatternMessage, Resource
from moz.l10n.resource import parse_resource, serialize_resource

from service.config import HERE
from service.guidance.loading import demands
from service.i18n import exchange, po, upkeep
from service.i18n.exchange import Against, Format, Taken
from service.i18n.loading import SOURCE, tags_in
from tests.conftest import LOCALES

DOMAINS = (po.DOMAIN, *po.MAY_LACK)
SHIPPED = [(tag, domain) for tag in tags_in(LOCALES) for domain in DOMAINS if po.path_of(LOCALES, tag, domain).exists()]


def opened(raw: bytes) -> tuple[Resource[Message], dict[str, Entry[Message]]]:
    """Read XLIFF by Mozilla's library."""
    found = parse_resource(MozFormat.xliff, raw)
    [section] = found.sections
    return found, {".".join(one.id): one for one in section.entries if isinstance(one, Entry)}


def meta(entry: Entry[Message], key: str) -> list[str]:
    return [one.value for one in entry.meta if one.key == key]


@pytest.mark.parametrize(("tag", "domain"), SHIPPED)
def test_every_catalogue_as_xliff_says_the_same_to_another_program(tag: str, domain: str) -> None:
    found, units = opened(exchange.written(LOCALES, tag, domain, Format.XLIFF))
    entries = {one.id: one for one in po.read(po.path_of(LOCALES, tag, domain))}
    assert [one.value for one in found.sections[0].meta if one.key == "@target-language"] == [tag]
    assert units.keys() == entries.keys()
    for key, unit in units.items():
        entry = entries[key]
        assert meta(unit, "source") == [entry.english]
        assert isinstance(unit.value, PatternMessage)
        assert "".join(map(str, unit.value.pattern)) == entry.text
        assert meta(unit, "note") == ([" ".join(entry.notes)] if entry.notes else []), "a note is one note"


@pytest.mark.parametrize(("tag", "domain"), SHIPPED)
def test_every_catalogue_is_read_by_another_program_as_by_ours(tag: str, domain: str) -> None:
    path = po.path_of(LOCALES, tag, domain)
    theirs = {(one.msgctxt, one.msgid, one.msgstr, one.fuzzy) for one in polib.pofile(str(path))}
    assert theirs == {(one.id, one.english, one.text, one.fuzzy) for one in po.read(path)}


@pytest.mark.parametrize(
    ("tag", "domain", "key", "new"),
    [
        ("uk", po.GUIDANCE, "guidance.found.title", "Коли бачите щось підозріле"),
        ("ar", po.DOMAIN, "zone.label", "منطقة خطرة: لا تدخلوها أبدًا"),
    ],
)
def test_a_translation_that_another_program_changed_is_taken_and_nothing_else(
    tmp_path: Path, tag: str, domain: str, key: str, new: str
) -> None:
    for language in (SOURCE, tag):
        shutil.copytree(LOCALES / language, tmp_path / language)
    path = po.path_of(tmp_path, tag, domain)
    before = {one.id: one for one in po.read(path)}
    found, units = opened(exchange.written(tmp_path, tag, domain, Format.XLIFF))
    assert before[key].text != new
    units[key].value = PatternMessage([new])
    back = tmp_path / "back.xlf"
    back.write_text("".join(serialize_resource(found)), encoding="utf-8")
    against = Against(domain, upkeep.declared(HERE, domain), demands())
    assert exchange.take(tmp_path, tag, back, form=Format.XLIFF, against=against) == Taken(1, len(before) - 1, 0)
    after = {one.id: one for one in po.read(path)}
    assert {one for one in before if after[one] != before[one]} == {key}
    assert (after[key].text, after[key].notes) == (new, before[key].notes)
