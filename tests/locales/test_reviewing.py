"""Reviews and tests on readers: bound to the words, never signed by the translator, written whole or not at all."""

# ruff: noqa: RUF001 - sentences are written in their own alphabets here

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.commands.locales import app
from service.i18n import counting, exchange, fieldtests, po, review, reviewing, sheets, upkeep
from service.i18n.channels import Demand
from service.i18n.exchange import Format
from service.kit.errors import Refused
from tests.locales import folder
from tests.locales.folder import CALL, STOP, UKRAINIAN

SIGNED = reviewing.Signature("Olha Bondar", "Ivan Koval", date(2026, 9, 23))


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """English, Ukrainian and Arabic, whole."""
    return folder.write_all(tmp_path / "locales")


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
