"""How topics are named and put together, and what a message to them may hold."""

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import h3
import pytest
import shapely

from service.delivery import payload, topics
from service.delivery.model import Bulletin, Message, Severity, Text
from service.delivery.topics import Generation, Letter
from service.demo.following import topics_of
from service.kit import geo
from service.kit.crypto import Signer, verify
from service.kit.errors import Refused

DOC = (Path(__file__).parents[2] / "docs" / "topics.md").read_text()
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CURRENT = Generation(2, exercise=False, key=bytes(range(32)), since=NOW)
BEFORE = Generation(1, exercise=False, key=bytes(32), since=NOW - timedelta(days=400))
TOLD = Bulletin(
    UUID(int=1), UUID(int=1), 1, Message.WARNING, Severity.EXTREME, exercise=False, zone_id=UUID(int=2), reach_m=50_000,
    issued_at=NOW, expires_at=NOW + timedelta(days=90),
)  # fmt: skip
TEXT = Text("uk", "ltr", "Міни", "Зупиніться.")
GRAMMAR = re.compile(r"[a-zA-Z0-9-_.~%]{1,900}")


def unsigned(message: bytes) -> bytes:
    return bytes(64)


def written_vectors() -> list[tuple[str, str, str]]:
    rows = re.findall(r"^\| `([0-9a-f]{15})` \| `([\w-]+)` \| `([\w-]+)` \|$", DOC, re.MULTILINE)
    return [(cell, language, name) for cell, *names in rows for language, name in zip(("uk", "ar"), names, strict=True)]


def test_the_vectors_of_the_document_are_what_the_service_computes() -> None:
    assert len(written_vectors()) == 6
    [key] = re.findall(r"With the key `([\w-]+)`", DOC)
    generation = replace(CURRENT, key=base64.urlsafe_b64decode(key + "="))
    for cell, language, name in written_vectors():
        assert generation.name(h3.str_to_int(cell), language) == name
    place = [h3.latlng_to_cell(50.4501, 30.5234, resolution) for resolution in topics.RESOLUTIONS]
    assert place == [cell for cell, language, _ in written_vectors() if language == "uk"]


def test_the_documents_own_program_computes_the_same() -> None:
    [program] = re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)
    room: dict[str, Any] = {}
    exec(program, room)  # noqa: S102 - the document's own words are what is tried
    for cell, language, name in written_vectors():
        assert room["topic"](bytes(range(32)), int(cell, 16), language) == name
        exercise = replace(CURRENT, exercise=True).name(int(cell, 16), language)
        assert room["topic"](bytes(range(32)), int(cell, 16), language, "exercise") == exercise


def test_an_app_written_after_the_document_follows_what_the_service_sends_to() -> None:
    told = json.loads(topics.document([CURRENT, BEFORE], ["en", "uk", "ar"], default="en", exercise=False))
    place = (30.5234, 50.4501)
    for wanted, language in ((["uk-UA"], "uk"), (["fr", "ar-EG"], "ar"), (["ka"], "en")):
        cells = [geo.cell_at(*place, resolution) for resolution in topics.RESOLUTIONS]
        assert set(topics_of(told, [place], wanted)) == {CURRENT.name(cell, language) for cell in cells}


def test_r27_the_same_key_would_still_name_other_topics_for_exercises() -> None:
    for cell, language, name in written_vectors():
        other = replace(CURRENT, exercise=True).name(int(cell, 16), language)
        assert other != name
        assert GRAMMAR.fullmatch(other)
        assert GRAMMAR.fullmatch(name)


def test_two_cells_languages_or_keys_never_share_a_topic() -> None:
    named = {one.name(cell, tag) for one in (CURRENT, BEFORE) for cell in range(50) for tag in ("en", "uk", "e", "n")}
    assert len(named) == 2 * 50 * 4


def test_the_generation_before_is_alive_for_270_days_and_no_longer() -> None:
    assert topics.alive([BEFORE, CURRENT], now=NOW + timedelta(days=269)) == [CURRENT, BEFORE]
    assert topics.alive([BEFORE, CURRENT], now=NOW + timedelta(days=270)) == [CURRENT]
    assert topics.alive([BEFORE], now=NOW + timedelta(days=9000)) == [BEFORE]


def test_what_phones_are_told_has_the_newest_key_first_and_is_the_same_for_the_same_content() -> None:
    made = topics.document([CURRENT, BEFORE], ["uk", "en"], default="uk", exercise=False)
    assert made == topics.document([CURRENT, BEFORE], ["en", "uk"], default="uk", exercise=False)
    said = json.loads(made)
    assert said["default_language"] == "uk"
    assert (said["scheme"], said["world"], said["resolutions"], said["languages"]) == (
        1,
        "live",
        [7, 5, 3],
        ["en", "uk"],
    )
    first, second = said["generations"]
    assert (first["number"], first["until"]) == (2, None)
    assert second["until"] == "2027-07-30T09:00:00Z"
    assert base64.urlsafe_b64decode(first["key"] + "=") == CURRENT.key


def test_every_language_of_the_scheme_is_told_in_every_cell_and_generation_and_the_nearest_first() -> None:
    rings, spoken = dict.fromkeys(range(9), 1) | {77: 0}, {"en": "en", "ar": "en", "uk": "uk"}
    made = topics.letters(rings, spoken, [CURRENT, BEFORE])
    named = [topic for letter in made for topic in letter.topics]
    wanted = {one.name(cell, tag) for one in (CURRENT, BEFORE) for cell in rings for tag in spoken}
    assert sorted(named) == sorted(wanted)
    assert [letter.ring for letter in made] == sorted(letter.ring for letter in made)
    assert {name for letter in made if letter.ring == 0 for name in letter.topics} >= {
        one.name(77, tag) for one in (CURRENT, BEFORE) for tag in spoken
    }
    texts = {topic: letter.language for letter in made for topic in letter.topics}
    assert texts[CURRENT.name(3, "ar")] == "en"
    assert texts[CURRENT.name(3, "uk")] == "uk"


@pytest.mark.parametrize(("languages", "generations"), [(1, 1), (5, 1), (5, 2), (12, 2), (40, 2)])
def test_an_alert_takes_at_most_200_messages(languages: int, generations: int) -> None:
    spoken = {f"l{n}": f"l{n}" for n in range(languages)}
    cells = dict.fromkeys(range(topics.most_cells(languages, generations)), 0)
    made = topics.letters(cells, spoken, [CURRENT, BEFORE][:generations])
    assert len(made) <= topics.MOST_CONDITIONS


def test_a_condition_asks_for_any_of_the_topics() -> None:
    assert Letter("uk", 0, ("a", "b")).condition == "'a' in topics || 'b' in topics"


def test_a_text_that_fits_twice_is_drawn_by_apple_and_one_that_does_not_stands_once() -> None:
    short = topics.body(TOLD, TEXT, now=NOW, sign=unsigned)
    assert payload.aps(short)["alert"] == {"title": TEXT.title, "body": TEXT.body}
    long = topics.body(TOLD, replace(TEXT, body="я" * 500), now=NOW, sign=unsigned)
    assert payload.aps(long)["alert"] == {"title": TEXT.title}
    assert payload.aps(long)["mutable-content"] == 1
    assert dict(long.data)["body"] == "я" * 500
    assert topics.measure(short) <= topics.LIMIT
    assert topics.measure(long) <= topics.LIMIT


def test_an_area_told_by_many_cells_is_told_by_coarser_ones_when_there_is_no_room_and_none_of_it_is_lost() -> None:
    area = geo.circle(31.0, 47.5, 30_000)
    cells = tuple(sorted(geo.compact_cover(area, most=40)))
    told = topics.body(replace(TOLD, cells=cells), replace(TEXT, body="я" * 640), now=NOW, sign=unsigned)
    data = dict(told.data)
    fewer = data["cells"].split()
    assert 0 < len(fewer) < len(cells)
    assert topics.measure(told) <= topics.LIMIT
    for longitude, latitude in shapely.get_coordinates(area):
        place = [h3.latlng_to_cell(latitude, longitude, resolution).rstrip("f") for resolution in range(8)]
        assert set(place) & set(fewer)
    room = topics.body(replace(TOLD, cells=cells), TEXT, now=NOW, sign=unsigned)
    assert len(dict(room.data)["cells"].split()) == len(cells)


def test_the_signature_covers_what_the_message_says() -> None:
    signer = Signer(bytes(32))
    cells = tuple(sorted(geo.compact_cover(geo.circle(31.0, 47.5, 30_000), most=40)))
    for text in (TEXT, replace(TEXT, body="я" * 640)):
        said = dict(topics.body(replace(TOLD, cells=cells), text, now=NOW, sign=signer.sign).data)
        assert verify(signer.public, base64.urlsafe_b64decode(said["signature"] + "=="), payload.canonical(said))


def test_a_text_too_long_for_topics_is_refused_with_language_bytes_and_what_to_shorten() -> None:
    longest = max(range(1000), key=lambda size: size if fits(size) else 0)
    assert longest > 450
    with pytest.raises(Refused) as refused:
        topics.body(TOLD, replace(TEXT, body="я" * (longest + 4)), now=NOW, sign=unsigned)
    assert refused.value.name == "text-too-long-for-topics"
    assert "'uk'" in refused.value.detail
    [size] = re.findall(r"takes (\d+) bytes", refused.value.detail)
    [over] = re.findall(r"by (\d+) bytes", refused.value.remedy or "")
    assert int(size) - int(over) == topics.LIMIT
    assert fits(longest + 4 - int(over))


def fits(size: int) -> bool:
    try:
        topics.body(TOLD, replace(TEXT, body="я" * max(1, size)), now=NOW, sign=unsigned)
    except Refused:
        return False
    return True
