"""A deployment's own texts: they replace or join ours, keep to the same checks, and carry their own revision (R16)."""

from pathlib import Path

import pytest

from service.guidance.loading import MOST_FILES, load, revision_of
from service.kit.errors import Kind, Refused

NAME = "overlay.yaml"
OVERLAY = "name: The authority\nrevision: 5\n"
TOPIC = """topic: {topic}
revision: 1
title: What our authority says
messages:
  {slug}:
    revision: 2
    rules: [R10a]
    audience: [adults]
    situation: object-ahead
    text: {text}
    supporting:
      why: >-
        Our teams know this valley and its people for many years. They come with the tools that are needed for it, and
        they bring time. What they ask of you is patience and a call.
      how: >-
        In our country the fire service takes these calls by day and by night. Speak slowly, say your name only if you
        wish to, and listen to what the colleague at the desk tells you to do.
"""
WORDS = "Stop right there and leave the valley on the same road that brought you in."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / NAME).write_text(OVERLAY)
    return tmp_path


def write(folder: Path, *, topic: str = "found", slug: str = "stop", text: str = WORDS) -> None:
    (folder / f"{topic}.yaml").write_text(TOPIC.format(topic=topic, slug=slug, text=text))


def refusal(folder: Path) -> Refused:
    with pytest.raises(Refused) as refused:
        load(folder)
    assert refused.value.kind is Kind.INVALID
    assert refused.value.remedy
    return refused.value


def test_r16_an_overlay_replaces_a_text_and_the_rest_stays(folder: Path) -> None:
    write(folder)
    ours, laid = load(), load(folder)
    assert laid.topics["found"].messages["stop"].text.english == WORDS
    assert laid.topics["found"].title.english == "What our authority says"
    assert laid.topics["found"].messages["call"] == ours.topics["found"].messages["call"]
    assert laid.topics["map"] == ours.topics["map"]


def test_r16_what_an_overlay_says_carries_its_own_revision(folder: Path) -> None:
    write(folder)
    laid = load(folder)
    messages = laid.topics["found"].messages
    assert revision_of(messages["stop"], laid.overlay) == "2+overlay.5"
    assert revision_of(messages["call"], laid.overlay) == "1"
    assert messages["stop"].origin == "The authority"


def test_an_overlay_adds_a_topic_of_its_own(folder: Path) -> None:
    write(folder, topic="valley", slug="old-bridge")
    laid = load(folder)
    assert laid.topics["valley"].messages["old-bridge"].id == "valley.old-bridge"
    assert laid.topics.keys() == load().topics.keys() | {"valley"}


def test_an_overlay_adds_messages_contacts_and_core_words(folder: Path) -> None:
    write(folder, slug="our-own")
    (folder / "contacts.yaml").write_text(
        'revision: 1\ncountries:\n  "UA":\n    emergency: [{service: rescue, number: "101"}]\n'
        '    hotline: {service: authority, number: "+380441234567"}\n    checked: 2026-11-01\n    source: us\n'
    )
    (folder / "core.yaml").write_text(
        "revision: 1\nmessages:\n  guidance.contacts.whom-to-call:\n    kind: contacts\n    channels: {screen: 255}\n"
        "    text: Move away first, then call {number}.\n"
    )
    laid = load(folder)
    assert "our-own" in laid.topics["found"].messages
    assert laid.contacts["UA"].hotline
    assert "BA" in laid.contacts
    words = {entry.id: entry.text.english for entry in laid.core if entry.text}
    assert words["guidance.contacts.whom-to-call"] == "Move away first, then call {number}."
    assert len(laid.core) == 60


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Go back to the village, since the deminers have finished their work there.", "no danger"),
        ("Move it to the side of the road, where nobody can stumble over it today.", "specialists"),
        ("Stop.", "60 to 255"),
        ("Do not touch it, whatever it is, and do not go near it either on any day.", "what not to do"),
    ],
)
def test_an_overlay_keeps_to_the_same_checks_as_we_do(folder: Path, text: str, reason: str) -> None:
    write(folder, text=text)
    refused = refusal(folder)
    assert any(reason in fault.detail and fault.where.startswith("found.yaml:") for fault in refused.faults)


def test_the_core_sets_members_are_not_an_overlays_to_change(folder: Path) -> None:
    (folder / "core.yaml").write_text("revision: 1\nmessages:\n  alert.authority: {kind: alert, channels: {sms: 40}}\n")
    assert "no text of the core set" in refusal(folder).detail


def test_r16_an_overlay_replaces_a_text_of_an_sms_and_adds_none(folder: Path) -> None:
    text = "{code}: confirm. Give it to nobody."
    entry = "  {id}:\n    kind: sms\n    channels: {{sms: 306}}\n    text: '{text}'\n"
    head = "revision: 1\nmessages:\n"
    (folder / "sms.yaml").write_text(head + entry.format(id="guidance.sms.code", text=text))
    laid = load(folder)
    assert {one.id: one.text.english for one in laid.sms if one.text}["guidance.sms.code"] == text
    (folder / "sms.yaml").write_text(head + entry.format(id="guidance.sms.other", text=text))
    assert "no text of the core set, or of an SMS" in refusal(folder).detail


def test_an_overlay_without_a_name_and_revision_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    assert "missing" in refusal(tmp_path).detail


def test_one_topic_in_two_files_is_refused(folder: Path) -> None:
    write(folder)
    (folder / "again.yaml").write_text(TOPIC.format(topic="found", slug="other", text=WORDS))
    assert "already" in refusal(folder).detail


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "no folder" in refusal(tmp_path / "nothing").detail


def test_links_subfolders_and_other_files_are_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    secret.write_text("key: value\n")
    for stranger in (folder / "link.yaml", folder / "sub.yaml", folder / "notes.txt"):
        if stranger.name == "link.yaml":
            stranger.symlink_to(secret)
        elif stranger.suffix == ".txt":
            stranger.write_text("hello")
        else:
            stranger.mkdir()
        assert "no plain .yaml file" in refusal(folder).detail
        stranger.unlink() if not stranger.is_dir() else stranger.rmdir()


def test_a_flood_of_files_is_refused(folder: Path) -> None:
    for number in range(MOST_FILES):
        (folder / f"a{number}.yaml").touch()
    assert "more than" in refusal(folder).detail


def test_a_hostile_file_in_an_overlay_is_refused_with_its_line(folder: Path) -> None:
    (folder / "found.yaml").write_text("topic: found\nrevision: !!python/name:os.system x\n")
    refused = refusal(folder)
    assert (refused.name, refused.where) == ("bad-guidance", "found.yaml:2")
