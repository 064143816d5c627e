"""Catalogues out to translators and back: what Poedit and Weblate write is read, or refused whole."""

# ruff: noqa: RUF001 - sentences are written in their own alphabets here

from pathlib import Path

import pytest

from service.i18n import exchange, po, xliff
from service.i18n.exchange import Against, Format
from service.i18n.model import Message
from service.kit.errors import Refused
from tests.locales import folder
from tests.locales.folder import CALL, STOP, UKRAINIAN

AGAINST = Against(po.DOMAIN, [STOP, CALL])

WEBLATE = """\
# Ukrainian translations for Surefoot.
# Olha <olha@example.org>, 2026.
msgid ""
msgstr ""
"Project-Id-Version: Surefoot 1\\n"
"PO-Revision-Date: 2026-09-23 10:00+0000\\n"
"Last-Translator: Ivan <ivan@example.org>\\n"
"Language-Team: Ukrainian <https://example.org/uk/>\\n"
"Language: uk\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && n"
"%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2;\\n"
"X-Generator: Weblate 5.13\\n"

#. To a neighbour.
#: service/says.py:3
#, fuzzy, python-brace-format
#| msgctxt "a.call"
#| msgid "Ring {number} from {place}."
msgctxt "a.call"
msgid "Call {number} from {place}."
msgstr "Дзвоніть {number}, {place}."

#. Short.
#, max-length:40
msgctxt "a.stop"
msgid "Stop."
msgstr ""
"Стійте "
"на місці."

#~ msgctxt "a.old"
#~ msgid "Go."
#~ msgstr "Йдіть."
"""
POEDIT = WEBLATE.replace("Weblate 5.13", "Poedit 3.6").replace(
    '"X-Gen', '"X-Poedit-SourceCharset: UTF-8\\n"\n"X-Poedit-Basepath: ..\\n"\n"X-Gen'
)


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """English, Ukrainian and Arabic, whole."""
    return folder.write_all(tmp_path / "locales")


def texts(locales: Path) -> dict[str, str]:
    return {one.id: one.text for one in po.read(po.path_of(locales, "uk"))}


def offer(locales: Path, raw: str | bytes, form: Format) -> exchange.Taken:
    path = locales.parent / "offered"
    path.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return exchange.take(locales, "uk", path, form=form, against=AGAINST)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(WEBLATE, id="Weblate"),
        pytest.param(POEDIT, id="Poedit"),
        pytest.param(POEDIT.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(b"\xef\xbb\xbf" + POEDIT.encode(), id="BOM"),
    ],
)
def test_po_of_translators_programs_is_taken_but_what_is_fuzzy_changes_nothing(locales: Path, raw: str | bytes) -> None:
    assert offer(locales, raw, Format.PO) == exchange.Taken(changed=1, same=0, left=1)
    assert texts(locales) == {"a.stop": "Стійте на місці.", "a.call": UKRAINIAN[CALL]}
    written = po.path_of(locales, "uk").read_text("utf-8")
    assert not any(word in written for word in ("example.org", "Weblate", "Poedit", "a.old", "\r"))


@pytest.mark.parametrize("form", Format)
def test_what_is_exported_comes_back_without_a_change(locales: Path, form: Format) -> None:
    before = po.path_of(locales, "uk").read_bytes()
    assert offer(locales, exchange.written(locales, "uk", po.DOMAIN, form), form) == exchange.Taken(0, 2, 0)
    assert po.path_of(locales, "uk").read_bytes() == before


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param("Телефонуйте {number}, {place}.", "Телефонуйте {number}.", "holes", id="a lost hole"),
        pytest.param("Зупиніться.", "Тут безпечно.", "no danger", id="a claim"),
        pytest.param("Зупиніться.", "Зупинiться.", "two scripts", id="a Latin i"),
        pytest.param("Stop.", "Walk on.", "does not say", id="another English"),
    ],
)
def test_an_import_with_one_fault_is_refused_and_nothing_of_it_is_taken(
    locales: Path, form: Format, old: str, new: str, reason: str
) -> None:
    good = exchange.written(locales, "uk", po.DOMAIN, form).decode()
    before = po.path_of(locales, "uk").read_bytes()
    other = good.replace("Телефонуйте", "Дзвоніть") if "Телефонуйте" not in old else good
    with pytest.raises(Refused) as refused:
        offer(locales, other.replace(old, new), form)
    assert any(reason in fault.detail and fault.remedy and fault.where for fault in refused.value.faults)
    assert po.path_of(locales, "uk").read_bytes() == before


def test_burmese_in_zawgyi_is_refused_on_import_with_a_remedy(locales: Path) -> None:
    po.write(po.path_of(locales, "my"), "my", [])
    raw = xliff.write("my", po.DOMAIN, [po.Translation(STOP.id, STOP.english, "မသြားပါႏွင့္။")])
    path = locales.parent / "my.xlf"
    path.write_bytes(raw)
    with pytest.raises(Refused, match="Zawgyi") as refused:
        exchange.take(locales, "my", path, form=Format.XLIFF, against=AGAINST)
    assert "Unicode" in str(refused.value.remedy)


UNIT = '<trans-unit id="a.stop"><source>Stop.</source><target{}>Стійте.</target></trans-unit>'
XLIFF = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2">'
    '<file original="x" source-language="en" target-language="uk" datatype="po"><body>{}</body></file></xliff>'
)


@pytest.mark.parametrize(
    ("unit", "taken"),
    [
        (UNIT.format(' state="translated"'), (1, 0)),
        (UNIT.format(' state="final" xml:lang="uk"'), (1, 0)),
        (UNIT.format(""), (1, 0)),
        (UNIT.format(' state="needs-review-translation"'), (0, 1)),
        (UNIT.format(' state="new"'), (0, 1)),
        ('<group id="g">' + UNIT.format("") + "</group>", (1, 0)),
        ('<trans-unit id="a.stop" approved="no"><source>Stop.</source></trans-unit>', (0, 1)),
    ],
)
def test_xliff_of_translators_programs_is_taken_by_its_states(locales: Path, unit: str, taken: tuple[int, int]) -> None:
    done = offer(locales, XLIFF.format(unit), Format.XLIFF)
    assert (done.changed, done.left) == taken


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (XLIFF.format(UNIT.format("") * 2), "twice"),
        (XLIFF.format(UNIT.format("").replace("Стійте", "<g id='1'>Стійте</g>")), "element inside"),
        (XLIFF.format(UNIT.format("").replace(' id="a.stop"', "")), "without id"),
        (XLIFF.format("").replace('version="1.2"', 'version="2.0"', 1), "not XLIFF 1.2"),
        (XLIFF.format("").replace('"uk"', '"ru"'), "language 'ru'"),
        (XLIFF.format("").replace("<xliff", '<!DOCTYPE x [<!ENTITY a "aa">]><xliff'), "document type"),
        (XLIFF.format("<"), "well-formed"),
        (XLIFF.format("").encode("utf-16"), "UTF-8"),
        (XLIFF.format("").replace("<file", "<file/><file").replace("<file/>", '<file original="y"/>'), "2 files"),
        (XLIFF.format("").replace('encoding="UTF-8"', 'encoding="UTF-99"'), "well-formed"),
    ],
)
def test_xliff_that_could_be_read_in_two_ways_is_refused(locales: Path, raw: str | bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        offer(locales, raw, Format.XLIFF)


def test_a_text_that_is_too_long_for_an_sms_is_refused_on_import(locales: Path) -> None:
    sms = Message(STOP.id, STOP.english, sms=True)
    path = locales.parent / "long.xlf"
    path.write_bytes(xliff.write("uk", po.DOMAIN, [po.Translation(STOP.id, STOP.english, "Стійте. " * 30 + "Так.")]))
    with pytest.raises(Refused, match="segments"):
        exchange.take(locales, "uk", path, form=Format.XLIFF, against=Against(po.DOMAIN, [sms, CALL]))
