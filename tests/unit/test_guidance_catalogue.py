"""Guidance has a catalogue of its own: it may be translated in part, but never be stale, fuzzy or wrong."""

# ruff: noqa: RUF001 - sentences are written in their own alphabets here

from pathlib import Path

import pytest

from service.i18n import po, upkeep
from service.i18n.checking import SMS_SAMPLES
from service.i18n.extract import BadMessage, find
from service.kit.errors import Refused
from tests.unit.test_guidance_yaml import COUNTRY, GOOD

CODE = (
    '"""Says things."""\n\nfrom service.i18n.model import Message\n\nWALK = Message("a.walk", "Do not walk there.")\n'
)
CORE = (
    "revision: 1\nmessages:\n  guidance.sms.x:\n    kind: sms\n    channels: {sms: 306}\n"
    "    text: Mines near {place}. Do not go there.\n"
)
SMS = "guidance.sms.x"
STOP, WHY = "guidance.found.stop", "guidance.found.stop.why"

Project = tuple[Path, Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Code with one message and one topic, and Ukrainian, in which the message is translated."""
    code, folder = tmp_path / "code", tmp_path / "locales"
    (code / "guidance" / "content").mkdir(parents=True)
    (code / "says.py").write_text(CODE)
    content(code, GOOD)
    (code / "guidance" / "content" / "contacts.yaml").write_text(COUNTRY)
    upkeep.extract(code, folder)
    upkeep.update(folder, add=["uk"])
    translate(folder, po.DOMAIN, {"a.walk": "Не ходіть туди."})
    return code, folder


def content(code: Path, text: str) -> None:
    (code / "guidance" / "content" / "found.yaml").write_text(text)


def translate(folder: Path, domain: str, texts: dict[str, str]) -> None:
    path = po.path_of(folder, "uk", domain)
    changed = [
        po.Translation(one.id, one.english, texts.get(one.id, one.text), notes=one.notes) for one in po.read(path)
    ]
    po.write(path, "uk", changed)


def reasons(project: Project) -> list[tuple[str, str]]:
    return [(finding.entry, finding.reason) for finding in upkeep.check(*project)]


def test_guidance_is_extracted_with_notes_and_limits_and_without_numbers_to_call(project: Project) -> None:
    entries = {one.id: one for one in po.read(po.path_of(project[1], "en", po.GUIDANCE))}
    assert entries.keys() == {"guidance.found.title", STOP, WHY}
    assert entries[STOP].notes == (
        "Read by adults; R10a.",
        "At most 400 characters with its holes filled.",
    )
    assert [one.id for one in po.read(po.path_of(project[1], "en"))] == ["a.walk"]


def test_a_language_may_lack_guidance_in_part_and_in_whole(project: Project) -> None:
    assert reasons(project) == []
    translate(project[1], po.GUIDANCE, {STOP: "Зупиніться."})
    assert reasons(project) == []
    po.path_of(project[1], "uk", po.GUIDANCE).unlink()
    assert reasons(project) == []


def test_an_sms_too_long_in_one_language_is_found_with_text_units_segments_and_limit(project: Project) -> None:
    code, folder = project
    (code / "guidance" / "content" / "core.yaml").write_text(CORE)
    upkeep.extract(code, folder)
    upkeep.update(folder)
    translate(folder, po.GUIDANCE, {SMS: "Міни: {place}. Не йдіть туди."})
    assert reasons(project) == []
    translate(folder, po.GUIDANCE, {SMS: "Міни: {place}." + " Не йдіть." * 18})
    [(key, reason)] = reasons(project)
    assert key == SMS
    assert "needs 212 units of UCS-2 in 4 segments, 201 in 3 are allowed: 'Міни: Velyka Oleksandrivka Nova." in reason


def with_sms(project: Project) -> Path:
    """Add one SMS, in Ukrainian too, and begin its plain variant."""
    code, folder = project
    (code / "guidance" / "content" / "core.yaml").write_text(CORE)
    upkeep.extract(code, folder)
    upkeep.update(folder, plain=["uk"])
    translate(folder, po.GUIDANCE, {SMS: "Міни: {place}. Не йдіть туди."})
    return folder


def test_a_plain_variant_is_begun_for_the_texts_of_an_sms_alone(project: Project) -> None:
    folder = with_sms(project)
    assert [one.id for one in po.read(po.path_of(folder, "uk", po.PLAIN))] == [SMS]
    assert reasons(project) == []  # what is not written yet is no fault


def but_for_script(project: Project) -> list[tuple[str, str]]:
    """What is wrong, but that Ukrainian in GSM-7 is not in its own letters: no such language has plain variants."""
    return [(key, said) for key, said in reasons(project) if "which is in Latin letters" not in said]


def test_a_plain_variant_with_other_letters_is_found_with_text_and_count(project: Project) -> None:
    folder = with_sms(project)
    translate(folder, po.PLAIN, {SMS: "Miny: {place}. Ne ydit tudy."})
    assert but_for_script(project) == []
    translate(folder, po.PLAIN, {SMS: "Miny: {place}. Ne ydit tudy, ő."})
    [(key, reason)] = but_for_script(project)
    assert key == SMS
    assert "letters that GSM-7 lacks (ő), so needs 1 segments: 'Miny: Velyka Oleksandrivka Nova. Ne ydit tudy, ő.'" in (
        reason
    )
    translate(folder, po.PLAIN, {SMS: "Miny: {place}. " + "Ne ydit. " * 30 + "Tudy."})
    [(key, reason)] = but_for_script(project)
    assert "306 in 2 are allowed" in reason


def test_a_plain_variant_of_another_sentence_is_stale_and_update_empties_it(project: Project) -> None:
    folder = with_sms(project)
    translate(folder, po.PLAIN, {SMS: "Miny: {place}. Ne ydit tudy."})
    (project[0] / "guidance" / "content" / "core.yaml").write_text(CORE.replace("Mines", "Danger"))
    assert any(key == SMS and "stale" in said for key, said in reasons(project))
    upkeep.extract(*project)
    changed = {(one.tag, one.domain): one.emptied for one in upkeep.update(folder)}
    assert changed["uk", po.PLAIN] == 1


def test_r13_a_place_that_is_named_too_late_is_found(project: Project) -> None:
    folder = with_sms(project)
    translate(folder, po.GUIDANCE, {SMS: "Не йдіть туди, бо там міни: просимо всіх вас. {place}."})
    [(key, reason)] = reasons(project)
    assert key == SMS
    assert "does not name the place in its first 67 units: 'Не йдіть туди" in reason


def test_texts_are_measured_with_the_deployments_own_longest_place(project: Project) -> None:
    folder = with_sms(project)
    place = "Криничуватська територіальна громада за рікою Мокрою Московкою"
    names = {**SMS_SAMPLES, "place": place}
    found = upkeep.check(*project, names=names)
    assert {one.reason.partition(":")[0] for one in found} == {"does not name the place in its first 67 units"}
    shown = {(one.tag, one.id): one.sms for one in upkeep.texts(project[0], folder, names=names)}
    assert shown["uk", SMS].units == len(f"Міни: {place}. Не йдіть туди.")


def test_every_catalogue_is_counted(project: Project) -> None:
    folder = with_sms(project)
    counts = {(one.tag, one.domain): (one.texts, one.translated) for one in upkeep.stats(folder)}
    assert counts == {
        ("en", "surefoot"): (1, 1),
        ("uk", "surefoot"): (1, 1),
        ("en", "guidance"): (4, 4),
        ("uk", "guidance"): (4, 1),
        ("uk", "sms_plain"): (1, 0),
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [("Stop.", "still English"), ("Зупиніться, {place}.", "holes"), ("Дорога знову відкрита.", "no danger")],
)
def test_what_is_translated_is_checked_as_everything_is(project: Project, text: str, reason: str) -> None:
    translate(project[1], po.GUIDANCE, {STOP: text})
    assert any(key == STOP and reason in said for key, said in reasons(project))


def test_a_changed_source_makes_its_translation_stale_and_update_empties_it(project: Project) -> None:
    code, folder = project
    translate(folder, po.GUIDANCE, {STOP: "Зупиніться.", WHY: "Може вибухнути."})
    content(code, GOOD.replace("text: Stop.", "text: Stop now."))
    assert any(key == STOP and "stale" in said for key, said in reasons(project))
    upkeep.extract(code, folder)
    upkeep.update(folder)
    texts = {one.id: one.text for one in po.read(po.path_of(folder, "uk", po.GUIDANCE))}
    assert (texts[STOP], texts[WHY]) == ("", "Може вибухнути.")
    assert reasons(project) == []


def test_a_source_catalogue_that_is_not_what_the_content_says_is_found(project: Project) -> None:
    content(project[0], GOOD.replace("text: Stop.", "text: Stop now."))
    assert (STOP, "is not what the code says") in reasons(project)
    po.path_of(project[1], "en", po.GUIDANCE).unlink()
    assert ("", "is missing") in reasons(project)


def test_a_broken_catalogue_of_guidance_is_found(project: Project) -> None:
    po.path_of(project[1], "uk", po.GUIDANCE).write_text("msgid oops\n")
    assert any("line 1" in reason for _, reason in reasons(project))


def test_bad_content_is_refused_with_its_line(project: Project) -> None:
    content(project[0], GOOD.replace("text: Stop.", "text: !!str Stop."))
    with pytest.raises(BadMessage, match=r"found\.yaml:10"):
        find(project[0], po.GUIDANCE)
    with pytest.raises(Refused, match=r"found\.yaml:10"):
        upkeep.extract(*project)
    assert any("found.yaml:10" in reason for _, reason in reasons(project))
