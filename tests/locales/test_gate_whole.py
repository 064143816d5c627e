"""The gate as a whole: what is read aloud and what our content must measure are in it, with the line to mend."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from service.commands import locales_gate
from service.conversations import words
from service.guidance import loading, rules
from service.i18n import po, upkeep
from service.i18n.checking import SMS_SAMPLES
from service.i18n.cyrillic import CYRILLIC
from service.i18n.model import Finding
from tests.conftest import LOCALES

STOP = "guidance.found.stop"
LONG = "Стій тут, жди всіх. " * 18


@pytest.fixture
def aloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of some languages; of the gate only what is about reading aloud is run."""
    for tag in ("en", "uk", "bs"):
        shutil.copytree(LOCALES / tag, tmp_path / tag)
    monkeypatch.setattr(upkeep, "check", lambda *_, **__: [])
    monkeypatch.setattr(words, "check", list)
    return tmp_path


def lengthen(folder: Path, tag: str, text: str) -> int:
    """Put other words into one entry and return its line."""
    path = po.path_of(folder, tag, po.GUIDANCE)
    po.write(path, tag, [replace(one, text=text.strip()) if one.id == STOP else one for one in po.read(path)])
    return po.line_of(path, STOP)


def found(folder: Path, overlay: Path | None = None) -> list[Finding]:
    return locales_gate.findings(folder, overlay, names=SMS_SAMPLES)


def test_what_takes_too_long_to_be_read_aloud_fails_with_its_line(aloud: Path) -> None:
    line = lengthen(aloud, "uk", LONG)
    [finding] = found(aloud)
    assert finding.file == f"{po.path_of(aloud, 'uk', po.GUIDANCE)}:{line}"
    assert Path(finding.file.rpartition(":")[0]).read_text("utf-8").splitlines()[line - 1] == f'msgctxt "{STOP}"'
    assert (finding.entry, finding.remedy) == (STOP, "say it in fewer words")
    assert "s to read aloud in 'uk', 30 are the most" in finding.reason


def test_bosnian_in_cyrillic_letters_is_mended_where_it_is_written(aloud: Path) -> None:
    line = lengthen(aloud, "bs", "Stani i čekaj tu. " * 20)
    where = f"{po.path_of(aloud, 'bs', po.GUIDANCE)}:{line}"
    assert [one.file for one in found(aloud)] == [where, where]
    assert f"in {CYRILLIC!r}" in found(aloud)[1].reason


def test_r16_a_deployments_own_words_are_timed_too(aloud: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "guidance").mkdir(parents=True)
    (own / "guidance" / "overlay.yaml").write_text("name: authority\nrevision: 1\n", encoding="utf-8")
    [entry] = [one for one in po.read(po.path_of(LOCALES, "uk", po.GUIDANCE)) if one.id == STOP]
    path = po.path_of(own / "locales", "uk", po.GUIDANCE)
    po.write(path, "uk", [replace(entry, text=LONG.strip())])
    assert [one.file for one in found(aloud, own) if one.entry == STOP] == [f"{path}:{po.line_of(path, STOP)}"]


def test_words_that_cannot_be_read_at_all_are_told_of_once_by_the_check_of_catalogues(tmp_path: Path) -> None:
    for tag in ("en", "uk"):
        shutil.copytree(LOCALES / tag, tmp_path / tag)
    po.path_of(tmp_path, "uk", po.GUIDANCE).write_text('msgid "', encoding="utf-8")
    assert [one.file for one in found(tmp_path)] == [str(po.path_of(tmp_path, "uk", po.GUIDANCE))]


@pytest.mark.parametrize(
    ("measure", "value", "reason"),
    [
        ("A_TOPIC", 40, "key messages, 40 are the least"),
        ("IN_ALL", 900, "key messages, 900 are the least"),
        ("FOR_CHILDREN", 300, "messages written for children, 300 are the least"),
        ("CORE", 61, "has 60 messages, not 61"),
        ("KEY", (60, 61), "characters, 60 to 61 are allowed"),
        ("SUPPORTING", (150, 151), "characters, 150 to 151 are allowed"),
        ("REASONS", 9, "supporting messages, 9 are the least"),
        ("SHARED", 0.0, "says nearly the same as"),
        ("TOPICS", ("unheard-of",), "is a topic without a file"),
    ],
)
def test_each_measure_of_the_content_is_counted_by_the_gate(
    aloud: Path, monkeypatch: pytest.MonkeyPatch, measure: str, value: object, reason: str
) -> None:
    monkeypatch.setattr(rules, measure, value)
    assert any(reason in one.reason and one.file and one.remedy for one in found(aloud))


def test_a_core_entry_that_nobody_declares_fails_in_the_gate(aloud: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = loading.load()
    strange = replace(ours, core=(*ours.core[1:], replace(ours.core[0], id="alert.no_such", text=None)))
    monkeypatch.setattr(loading, "load", lambda _overlay=None: strange)
    reasons = {(one.entry, one.reason) for one in found(aloud)}
    assert ("alert.no_such", "names a message that nobody declares") in reasons
