"""`surefoot locales`: what it finds, what it keeps, and that it never guesses."""

# ruff: noqa: RUF001 - sentences are written in their own alphabets here

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.commands.locales import app
from service.conversations import words
from service.i18n import po, upkeep
from service.i18n.model import Finding
from service.kit.errors import Refused

CODE = '''"""Says things."""

from service.i18n.model import Message

NOTE = "To a neighbour."
{messages}
'''
WALK = 'WALK = Message("a.walk", "Do not walk there.", NOTE, limit=40)\n'
CALL = 'CALL = Message("a.call", "Call {number}" " now.", note="Short. " + NOTE)\n'

Project = tuple[Path, Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Code with two messages, and catalogues in which Ukrainian is whole."""
    code, folder = tmp_path / "code", tmp_path / "locales"
    code.mkdir()
    declare(code, WALK + CALL)
    upkeep.extract(code, folder)
    upkeep.update(folder, add=["uk"])
    translate(folder, {"a.walk": "Не ходіть туди.", "a.call": "Телефонуйте зараз: {number}."})
    return code, folder


def declare(code: Path, messages: str) -> None:
    (code / "says.py").write_text(CODE.replace("{messages}", messages), "utf-8")


def translate(folder: Path, texts: dict[str, str], *, fuzzy: bool = False) -> None:
    entries = po.read(po.path_of(folder, "uk"))
    changed = [
        po.Translation(one.id, one.english, texts.get(one.id, one.text), fuzzy, one.notes, ("by hand",))
        for one in entries
    ]
    po.write(po.path_of(folder, "uk"), "uk", changed)


def reasons(project: Project) -> list[tuple[str, str]]:
    return [(finding.entry, finding.reason) for finding in upkeep.check(*project)]


def test_a_whole_project_has_nothing_to_mend(project: Project) -> None:
    assert upkeep.check(*project) == []


def test_translators_see_id_note_and_limit(project: Project) -> None:
    raw = po.path_of(project[1], "uk").read_text("utf-8")
    assert 'msgctxt "a.walk"\nmsgid "Do not walk there."' in raw
    assert "#. To a neighbour.\n#. At most 40 characters" in raw
    assert "#. Short. To a neighbour." in raw


def test_reversing_a_sources_meaning_keeps_the_old_words_nowhere(project: Project) -> None:
    code, folder = project
    declare(code, WALK.replace("Do not walk there.", "Now walk there.") + CALL)
    assert ("a.walk", "is not translated") in reasons(project)
    upkeep.extract(code, folder)
    assert upkeep.update(folder) == [upkeep.Change("uk", "surefoot", kept=1, emptied=1, dropped=1)]
    assert "ходіть" not in po.path_of(folder, "uk").read_text("utf-8")
    assert [one.text for one in po.read(po.path_of(folder, "uk"))] == ["Телефонуйте зараз: {number}.", ""]


def test_a_new_id_with_the_same_english_is_translated_anew(project: Project) -> None:
    code, folder = project
    declare(code, WALK.replace("a.walk", "b.walk") + CALL)
    upkeep.extract(code, folder)
    upkeep.update(folder)
    assert {one.id: one.text for one in po.read(po.path_of(folder, "uk"))}["b.walk"] == ""


def test_an_update_keeps_words_marks_and_remarks_and_changes_nothing_twice(project: Project) -> None:
    translate(project[1], {}, fuzzy=True)
    before = po.path_of(project[1], "uk").read_bytes()
    upkeep.update(project[1])
    assert po.path_of(project[1], "uk").read_bytes() == before
    assert b"by hand" in before
    assert b"fuzzy" in before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not translated"),
        ("Do not walk there.", "still English"),
        ("Нe ходіть туди.", "two scripts"),
        ("Не ходіть туди 2 дні.", "other numbers"),
        ("Не ходіть {place} туди.", "holes"),
        ("Не ходіть туди.\u2069", "bidi"),
        ("Не ходіть\tтуди.", "control"),
        ("Тут безпечно.", "no danger"),
        ("မိုင္းရွိတယ္", "Zawgyi"),
        ("ေတြ႕ရင္ ဗံုးကို မထိပါနဲ႔", "Zawgyi"),
        ("Не ходіть туди, бо там може бути дуже небезпечно.", "40 are allowed"),
    ],
)
def test_a_bad_translation_is_found_with_file_entry_reason_and_remedy(project: Project, text: str, reason: str) -> None:
    translate(project[1], {"a.walk": text})
    (found,) = upkeep.check(*project)
    assert found.file.endswith("locales/uk/LC_MESSAGES/surefoot.po")
    assert found.entry == "a.walk"
    assert reason in found.reason
    assert found.remedy


def test_a_fuzzy_entry_is_found(project: Project) -> None:
    translate(project[1], {}, fuzzy=True)
    assert reasons(project) == [("a.call", "is fuzzy, so it is not used"), ("a.walk", "is fuzzy, so it is not used")]


def test_a_message_that_nobody_extracted_is_found_in_every_language(project: Project) -> None:
    declare(project[0], WALK + CALL + 'GO = Message("a.go", "Go back.")\n')
    assert reasons(project) == [("a.go", "is not what the code says"), ("a.go", "is not translated")]


def test_what_the_code_no_longer_says_is_found(project: Project) -> None:
    declare(project[0], WALK)
    assert reasons(project) == [
        ("a.call", "is not what the code says"),
        ("a.call", "is stale: the code no longer says this"),
    ]


def test_a_claim_in_the_source_is_found(project: Project) -> None:
    declare(project[0], WALK + CALL + 'GO = Message("a.go", "The road is open again.")\n')
    assert any(entry == "a.go" and "claims" in reason for entry, reason in reasons(project))


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ('A = Message("a", "One.")\nB = Message("a", "Two.")\n', "already another sentence"),
        ('A = Message("a", f"{1} two")\n', "not written out"),
        ('A = Message("a", "One" + other())\n', "not written out"),
        ('A = Message("a")\n', "not written out"),
        ('A = Message("a", "One.", note=help)\n', "not written out"),
    ],
)
def test_a_message_that_cannot_be_extracted_is_refused_with_its_line(
    project: Project, messages: str, reason: str
) -> None:
    declare(project[0], messages)
    (found,) = upkeep.check(*project)
    assert reason in found.reason
    assert "says.py:" in found.reason
    with pytest.raises(Refused, match=reason):
        upkeep.extract(*project)


def test_another_librarys_message_is_none_of_ours(project: Project) -> None:
    (project[0] / "other.py").write_text("from elsewhere import Message\nMessage(1, 2)\n", "utf-8")
    assert upkeep.check(*project) == []


@pytest.mark.parametrize("tag", ["klingon", "uk_UA", "xx", "../../evil"])
def test_a_language_that_is_none_cannot_be_begun(project: Project, tag: str) -> None:
    with pytest.raises(Refused):
        upkeep.update(project[1], add=[tag])


def test_a_language_without_a_list_of_claims_is_not_ready(project: Project) -> None:
    upkeep.update(project[1], add=["de"])
    entries = [
        po.Translation(one.id, one.english, "Rufen Sie {number}." if "call" in one.id else "Nicht hingehen.")
        for one in po.read(po.path_of(project[1], "de"))
    ]
    po.write(po.path_of(project[1], "de"), "de", entries)
    assert any("forbidden claims" in reason for _, reason in reasons(project))


def test_stats_count_what_is_translated_fuzzy_and_reviewed(project: Project) -> None:
    translate(project[1], {"a.walk": ""})
    english, ukrainian = upkeep.stats(project[1])
    assert (english.texts, english.translated, english.state) == (2, 2, "source")
    assert (ukrainian.translated, ukrainian.fuzzy, ukrainian.reviewed, ukrainian.state) == (1, 0, 0, "draft")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def checked() -> dict[str, tuple[int, str]]:
    """What the check says of the project's own catalogues, for people and for programs; each takes seconds."""
    return {"text": run("check", "--sms"), "json": run("check", "--sms", "--json")}


def test_the_commands_work_on_the_projects_own_catalogues(checked: dict[str, tuple[int, str]]) -> None:
    status, output = checked["text"]
    assert (status, output.splitlines()[-1]) == (0, "Nothing to mend.")
    status, output = checked["json"]
    assert (status, json.loads(output)["findings"]) == (0, [])
    status, output = run("stats", "--json")
    assert {row["tag"] for row in json.loads(output)["languages"]} >= {"en", "uk", "ru", "es", "ar"}
    assert "draft" in run("stats")[1]


def test_the_check_shows_only_what_is_wrong_unless_asked_for_more(project: Project) -> None:
    status, output = run("check", "--json", "--locales", str(project[1]))
    assert status == 1, "the small folder lacks what the program says"
    assert json.loads(output).keys() == {"findings"}


def test_the_check_shows_each_sms_with_encoding_units_and_segments(checked: dict[str, tuple[int, str]]) -> None:
    _, output = checked["json"]
    shown = {(one["tag"], one["id"], one["plain"]): one for one in json.loads(output)["sms"]}
    near = shown["uk", "guidance.sms.hazard-near", False]
    assert (near["sms"]["encoding"], near["sms"]["segments"], near["fits"]) == ("UCS-2", 3, True)
    assert shown["es", "guidance.sms.hazard-near", True]["sms"]["encoding"] == "GSM-7"
    assert "guidance.sms.hazard-near" in checked["text"][1]


def test_the_check_fails_with_a_name_of_a_place_that_is_too_long_and_says_text_and_count() -> None:
    status, output = run("check", "--place", "San José del Guaviare y de todos sus alrededores")
    assert status == 1
    assert "guidance.sms.update: as an SMS with the longest names needs" in output
    assert "306 in 2 are allowed: 'Update: mines near San José del Guaviare" in output


def test_the_command_fails_and_says_where_when_something_is_wrong(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert run("extract", "--locales", folder)[0] == 0
    assert run("update", "--locales", folder, "--add", "uk")[0] == 0
    status, output = run("check", "--locales", folder)
    assert status == 1
    assert "uk/LC_MESSAGES/surefoot.po: alert.hazard_near.title: is not translated" in output


def test_a_folder_without_catalogues_ends_with_status_2_and_a_remedy(tmp_path: Path) -> None:
    status, output = run("check", "--locales", str(tmp_path))
    assert status == 2
    assert "SUREFOOT_LOCALES" in output


def test_the_folder_may_come_from_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUREFOOT_LOCALES", str(tmp_path))
    assert run("extract")[0] == 0
    assert po.path_of(tmp_path, "en").is_file()


def test_a_language_may_be_begun_but_says_so_no_longer_once_it_is_whole(project: Project) -> None:
    code, folder = project
    translate(folder, {"a.call": ""})
    assert reasons(project) == [("a.call", "is not translated")]
    (folder / "uk" / po.BEGUN).touch()
    assert upkeep.check(code, folder) == []
    translate(folder, {"a.walk": "Do not walk there."})
    assert reasons(project) != []
    translate(folder, {"a.walk": "Не ходіть туди.", "a.call": "Телефонуйте зараз: {number}."})
    assert reasons(project) == [(po.BEGUN, "says that the language is only begun")]


def test_the_check_finds_words_that_may_be_no_keyword(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Finding("es.toml", "eliminar", "contains 'mina'", "choose another word")
    monkeypatch.setattr(words, "check", lambda: [wrong])
    status, output = run("check")
    assert status == 1
    assert "es.toml: eliminar: contains 'mina'" in output
