"""Content files: what a hostile or careless hand may write is refused with file, line, reason and remedy."""

from pathlib import Path

import pytest

from service.guidance import yaml
from service.guidance.lists import read_contacts, read_core, read_overlay, read_pictures
from service.guidance.topics import read_topic
from service.guidance.yaml import BadYaml, Pairs, Scalar, parse

GOOD = """topic: found
revision: 1
title: You see something
messages:
  stop:
    revision: 2
    rules: [R10a]
    audience: [adults]
    situation: object-ahead
    text: Stop.
    supporting:
      why: It may explode.
"""
COUNTRY = """revision: 1
countries:
  "UA":
    emergency:
      - {service: police, number: "102"}
    hotline: null
    checked: 2026-11-25
    source: the ministry
    note: no hotline is known
"""
CORE = "revision: 1\nmessages:\n  alert.authority: {kind: alert, channels: {sms: 40}}\n"
PICTURE = "revision: 1\npictures:\n  stop: {alternative: A hand., shows: right-act, mirrored: no}\n"


def refused(raw: str | bytes) -> BadYaml:
    with pytest.raises(BadYaml) as bad:
        parse(raw.encode() if isinstance(raw, str) else raw, name="found.yaml")
    assert bad.value.remedy
    assert bad.value.where.startswith("found.yaml")
    return bad.value


@pytest.mark.parametrize(
    ("raw", "line", "reason"),
    [
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "tag"),
        ("a: !include /etc/passwd\n", 1, "tag"),
        ("a: !!str x\n", 1, "tag"),
        ("a: &x [1]\nb: *x\n", 1, "anchor"),
        ("a: 1\nb: *x\n", 2, "alias"),
        ("a: {<<: *x}\n", 1, "alias"),
        ("a: 1\na: 2\n", 2, "twice"),
        ("a:\n  b: 1\n  b: 2\n", 3, "twice"),
        ("a: 1\n---\nb: 2\n", 3, "second document"),
        ("? [a]\n: 1\n", 1, "no plain word"),
        ('a: "x\\u0007y"\n', 1, "U+0007"),
        ('a: "x\\u202Ey"\n', 1, "U+202E"),
        ("a: x\u200by\n", 1, "U+200B"),
        ("a: |\n  one\n  two\n", 1, "U+000A"),
        ("a: " + "x" * 2_001 + "\n", 1, "2000"),
        ("a: " + "[" * 30 + "]" * 30 + "\n", 1, "deep"),
        ("a: [" + "x, " * 21_000 + "]\n", 1, "large"),
        ("- a\n", 1, "mapping"),
        ("", 1, "mapping"),
        ("a: [1\n", None, "no YAML"),
        ("a: b: c\n", 1, "no YAML"),
        ("a:\n\t- b\n", 2, "no YAML"),
    ],
)
def test_a_hostile_file_is_refused_with_its_line(raw: str, line: int | None, reason: str) -> None:
    bad = refused(raw)
    assert reason in bad.reason
    assert line is None or bad.where == f"found.yaml:{line}"


@pytest.mark.parametrize("raw", [b"a: \xff\n", b"a: x\x00y\n", b"a: x\x07y\n", "a: ж\n".encode("cp1251")])
def test_bytes_that_are_no_text_are_refused(raw: bytes) -> None:
    refused(raw)


def test_a_bomb_of_entities_never_grows() -> None:
    rows = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    assert "anchor" in refused(f"a0: &a0 lol\n{rows}\n").reason


def test_a_huge_file_a_folder_and_a_missing_file_are_refused_before_they_are_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * (yaml.MOST_BYTES + 1))
    for path in (huge, tmp_path, tmp_path / "none.yaml"):
        with pytest.raises(BadYaml, match="no plain file"):
            yaml.read(path, name=path.name)


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    assert parse(b"NO: no\nb: 010\nc: 2026-11-25\nd: ~\n", name="x.yaml").values == {
        "NO": Scalar("no", "x.yaml:1", plain=True),
        "b": Scalar("010", "x.yaml:2", plain=True),
        "c": Scalar("2026-11-25", "x.yaml:3", plain=True),
        "d": Scalar("~", "x.yaml:4", plain=True),
    }


def topic(raw: str) -> Pairs:
    return parse(raw.encode(), name="found.yaml")


def test_a_topic_is_read_with_ids_lines_and_notes_for_translators() -> None:
    message = read_topic(topic(GOOD), origin="").messages["stop"]
    assert (message.id, message.text.id, message.supporting["why"].id) == (
        "found.stop",
        "guidance.found.stop",
        "guidance.found.stop.why",
    )
    assert message.text.where == "found.yaml:10"
    assert "adults" in message.text.note


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("topic: found", "topic: Found it", "topic"),
        ("revision: 1", "revision: 0", "revision"),
        ("revision: 2", "revision: two", "revision"),
        ("title: You see something\n", "", "no title"),
        ("title: You see something", "title: [a]", "no text"),
        ("title: You see something", 'title: ""', "no text"),
        ("    text: Stop.\n", "", "no text"),
        ("    text: Stop.", "    text: Stop.\n    colour: red", "unknown key"),
        ("    supporting:\n      why: It may explode.\n", "", "no supporting"),
        ("[R10a]", "[R10d]", "rules"),
        ("[R10a]", "[]", "no list"),
        ("[R10a]", "[R10a, R10a]", "doubled"),
        ("[adults]", "[grandmothers]", "audience"),
        ("object-ahead", "somewhere", "situation"),
        ("  stop:", "  Stop it:", "no id"),
        ("      why:", "      Why not:", "no id"),
        ("messages:\n", "messages: []\nmore:\n", "no mapping"),
        ("    text: Stop.", "    text: Stop.\n    children: {adults: {text: a, why: b}}", "no age"),
        ("    text: Stop.", "    text: Stop.\n    children: {children-5-7: {text: a}}", "no why"),
        ("    text: Stop.", "    text: Stop.\n    myth: {text: a}", "no says"),
        ("    text: Stop.", "    text: Stop.\n    picture: ../../etc/passwd", "picture"),
    ],
)
def test_a_bad_topic_is_refused_with_its_line(old: str, new: str, reason: str) -> None:
    assert old in GOOD
    with pytest.raises(BadYaml) as bad:
        read_topic(topic(GOOD.replace(old, new)), origin="")
    assert reason in bad.value.reason
    assert bad.value.where.partition(":")[2].isdigit()
    assert bad.value.remedy


def test_contacts_are_read_and_an_unknown_hotline_is_none() -> None:
    contacts = read_contacts(topic(COUNTRY))["UA"]
    assert contacts.hotline is None
    assert contacts.emergency[0].number == "102"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"UA"', '"Ukraine"', "no country"),
        ('"102"', '"1-0-2"', "number"),
        ('"102"', '"١٠٢"', "number"),
        ("2026-11-25", "last week", "checked"),
        ("    source: the ministry\n", "", "no source"),
        ("    note: no hotline is known\n", "", "does not say why"),
        ("    hotline: null\n", "", "no hotline"),
        ("null", '"null"', "no mapping"),
        ('    emergency:\n      - {service: police, number: "102"}\n', "    emergency: []\n", "no list"),
    ],
)
def test_bad_contacts_are_refused(old: str, new: str, reason: str) -> None:
    assert old in COUNTRY
    with pytest.raises(BadYaml, match=reason):
        read_contacts(topic(COUNTRY.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("alert.authority:", "authority:", "no id"),
        ("kind: alert", "kind: joke", "kind"),
        ("sms: 40", "fax: 40", "no channel"),
        ("sms: 40", "sms: many", "sms"),
        ("{sms: 40}", "{}", "no channel"),
        ("kind: alert", "kind: alert, text: Stop.", "declared elsewhere"),
    ],
)
def test_a_bad_core_set_is_refused(old: str, new: str, reason: str) -> None:
    assert read_core(topic(CORE))
    with pytest.raises(BadYaml, match=reason):
        read_core(topic(CORE.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("right-act", "object", "shows"),
        ("right-act", "wrong-act", "shows"),
        ("mirrored: no", "mirrored: maybe", "mirrored"),
        ("  stop:", "  Stop it:", "no name"),
    ],
)
def test_a_bad_list_of_pictures_is_refused(old: str, new: str, reason: str) -> None:
    assert read_pictures(topic(PICTURE))
    with pytest.raises(BadYaml, match=reason):
        read_pictures(topic(PICTURE.replace(old, new)))


def test_an_overlay_says_whose_it_is_and_its_revision() -> None:
    assert read_overlay(topic("name: Authority\nrevision: 3\n")).revision == 3
    with pytest.raises(BadYaml, match="no revision"):
        read_overlay(topic("name: Authority\n"))
