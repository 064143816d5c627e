"""Catalogues out to translators and back: what Poedit, Weblate and office programs write is read, or refused whole."""

# ruff: noqa: RUF001 - sentences are written in their own alphabets here

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.commands.locales import app
from service.i18n import counting, exchange, fieldtests, po, review, reviewing, sheets, upkeep, xliff
from service.i18n.channels import Demand
from service.i18n.exchange import Against, Format
from service.i18n.model import Message
from service.kit.errors import Refused
from tests.locales import folder
from tests.locales.folder import CALL, STOP, UKRAINIAN

AGAINST = Against(po.DOMAIN, [STOP, CALL])
SIGNED = reviewing.Signature("Olha Bondar", "Ivan Koval", date(2026, 9, 23))

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


def table(locales: Path, *, delimiter: str = ",", **cells: str) -> Path:
    """Fill in a reviewer's table: each text's id names its verdict, with the comment behind a colon."""
    rows = list(csv.DictReader(io.StringIO(exchange.written(locales, "uk", po.DOMAIN, Format.CSV).decode("utf-8-sig"))))
    for row in rows:
        row["verdict"], _, row["comment"] = cells.get(row["id"].removeprefix("a."), "").partition(":")
    out = io.StringIO()
    made = csv.DictWriter(out, sheets.COLUMNS, delimiter=delimiter)
    made.writeheader()
    made.writerows(rows)
    path = locales.parent / "sheet.csv"
    path.write_text(out.getvalue(), "utf-8")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_an_accepted_text_gets_a_line_that_is_bound_to_its_words(locales: Path, delimiter: str) -> None:
    path = table(locales, delimiter=delimiter, stop="accept")
    assert reviewing.take(locales, "uk", po.DOMAIN, path, signed=SIGNED) == reviewing.Read(1, 0, 1)
    (line,) = review.read(review.path_beside(locales, "uk"))
    assert (line.id, line.reviewer, line.translator, line.date) == ("a.stop", "Olha Bondar", "Ivan Koval", SIGNED.day)
    entries = po.read(po.path_of(locales, "uk"))
    assert review.reviewed(entries, [line]) == {"a.stop"}
    folder.write(locales, "uk", UKRAINIAN | {STOP: "Стійте."})
    assert review.reviewed(po.read(po.path_of(locales, "uk")), [line]) == frozenset(), "changed words are a draft again"
    assert [one.reviewed for one in upkeep.stats(locales) if one.tag == "uk"] == [0]


def test_a_table_that_is_taken_twice_writes_each_line_once(locales: Path) -> None:
    path = table(locales, stop="accept", call="accept")
    for _ in range(2):
        reviewing.take(locales, "uk", po.DOMAIN, path, signed=SIGNED)
    assert len(review.read(review.path_beside(locales, "uk"))) == 2


def test_a_rejected_text_is_shown_to_nobody_and_says_why(locales: Path) -> None:
    reviewing.take(locales, "uk", po.DOMAIN, table(locales, call="reject:not how we say it"), signed=SIGNED)
    entry = next(one for one in po.read(po.path_of(locales, "uk")) if one.id == "a.call")
    assert entry.fuzzy
    assert entry.remarks == ("Rejected by Olha Bondar, 2026-09-23: not how we say it",)


@pytest.mark.parametrize("translator", ["Olha Bondar", " olha  bondar", "Bondar, Olha", "ＯＬＨＡ BONDAR"])
def test_the_reviewer_is_never_the_translator(locales: Path, translator: str) -> None:
    signed = reviewing.Signature("Olha Bondar", translator, SIGNED.day)
    with pytest.raises(Refused, match="their own") as refused:
        reviewing.take(locales, "uk", po.DOMAIN, table(locales, stop="accept"), signed=signed)
    assert "another person" in str(refused.value.remedy)
    assert not review.path_beside(locales, "uk").exists()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Зупиніться.", "Стійте.", "other words"),
        ("Stop.", "Halt.", "other words"),
        ("a.stop", "a.nothing", "no text of this catalogue"),
        ("reject:", "reject", ""),
        ("accept", "approve", "verdict"),
        ("sha256", "hash", "lacks the column"),
    ],
)
def test_a_table_that_speaks_of_other_words_is_refused_whole(locales: Path, old: str, new: str, reason: str) -> None:
    path = table(locales, stop="accept", call="reject" if not reason else "accept")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(Refused, match=reason or "without a comment"):
        reviewing.take(locales, "uk", po.DOMAIN, path, signed=SIGNED)
    assert not review.path_beside(locales, "uk").exists()


def test_an_office_program_runs_no_text_as_a_formula_and_gives_it_back(tmp_path: Path) -> None:
    entry = po.Translation("a.f", "=1+1", "'=2+2")
    path = tmp_path / "sheet.csv"
    path.write_bytes(sheets.write("uk", [entry]))
    assert b",=" not in path.read_bytes()
    (row,) = sheets.read(path)
    assert (row.english, row.text) == ("=1+1", "'=2+2")


def test_a_reviewer_reads_the_text_as_readers_see_it(locales: Path) -> None:
    raw = exchange.written(locales, "uk", po.DOMAIN, Format.CSV).decode("utf-8-sig")
    assert "Телефонуйте 112, Nova Petrivka na Dibrovtsi." in raw


TOLD = {
    "id": "a.stop",
    "date": date(2026, 9, 23),
    "place": "Izium district",
    "people": 12,
    "understood": 11,
    "said": "stop",
}


def test_a_test_on_readers_counts_for_exactly_the_words_that_were_tried(locales: Path) -> None:
    reviewing.record_test(locales, "uk", po.DOMAIN, TOLD)
    assert [one.tested for one in upkeep.stats(locales) if one.tag == "uk"] == [1]
    folder.write(locales, "uk", UKRAINIAN | {STOP: "Стійте."})
    assert [one.tested for one in upkeep.stats(locales) if one.tag == "uk"] == [0]


def test_stats_show_what_nobody_has_read_or_tried_by_kind(locales: Path) -> None:
    demands = [Demand(STOP.id, "drill"), Demand(CALL.id, "drill"), Demand("a.absent", "alert")]
    reviewing.take(locales, "uk", po.DOMAIN, table(locales, stop="accept"), signed=SIGNED)
    reviewing.record_test(locales, "uk", po.DOMAIN, TOLD | {"id": "a.call"})
    counts = {(one.tag, one.kind): one for one in counting.by_kind(locales, demands)}
    assert counts["uk", "drill"] == counting.KindCount("uk", "drill", 2, 2, unreviewed=1, untested=1)
    assert counts["ar", "drill"] == counting.KindCount("ar", "drill", 2, 2, unreviewed=2, untested=2)
    assert counts["uk", "alert"] == counting.KindCount("uk", "alert", 1, 0, unreviewed=0, untested=0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": "the school in Izium"}, {"place": "49.2, 37.3"}, {"place": "village of Kamianka"},
        {"people": 0}, {"understood": 13}, {"said": ""}, {"id": "a.nothing"},
    ],
)  # fmt: skip
def test_forbidden_10_a_test_narrows_nobody_down_and_adds_up(locales: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        reviewing.record_test(locales, "uk", po.DOMAIN, TOLD | wrong)
    assert refused.value.remedy
    assert fieldtests.read(fieldtests.path_beside(locales, "uk")) == ()


def test_the_commands_export_import_review_and_record(locales: Path) -> None:
    runner, sheet = CliRunner(), locales.parent / "out.csv"
    where = ["--locales", str(locales)]
    assert runner.invoke(app, ["export", "uk", "--format", "csv", "--out", str(sheet), *where]).exit_code == 0
    sheet.write_bytes(table(locales, stop="accept").read_bytes())
    named = ["--as", "Olha Bondar", "--translator", "Ivan Koval", "--on", "2026-09-23"]
    done = runner.invoke(app, ["review", "uk", str(sheet), *named, *where])
    assert (done.exit_code, done.output) == (0, "1 accepted, 0 rejected and fuzzy from now on, 1 left open.\n")
    own = runner.invoke(app, ["review", "uk", str(sheet), *named, "--translator", "olha bondar", *where])
    assert (own.exit_code, "another person" in own.output) == (2, True)
    tried = ["--place", "Izium district", "--people", "9", "--understood", "9", "--said", "stop", "--on", "2026-09-23"]
    assert runner.invoke(app, ["fieldtest", "uk", "a.stop", *tried, *where]).exit_code == 0
    strange = runner.invoke(app, ["import", "uk", str(sheet), "--format", "csv", *where])
    assert (strange.exit_code, "the program does not say" in strange.output) == (2, True)


def test_a_text_that_is_too_long_for_an_sms_is_refused_on_import(locales: Path) -> None:
    sms = Message(STOP.id, STOP.english, sms=True)
    path = locales.parent / "long.xlf"
    path.write_bytes(xliff.write("uk", po.DOMAIN, [po.Translation(STOP.id, STOP.english, "Стійте. " * 30 + "Так.")]))
    with pytest.raises(Refused, match="segments"):
        exchange.take(locales, "uk", path, form=Format.XLIFF, against=Against(po.DOMAIN, [sms, CALL]))
