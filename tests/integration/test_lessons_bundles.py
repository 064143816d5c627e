"""Lessons as phones keep them: named by the signed index, the emergency lesson first; a recall reaches what is held."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.guidance.model import Guidance, Recall, RecallReason
from service.kit.house import House
from service.lessons.shelf import Lessons
from service.publication.model import World
from service.publication.sources import Folder
from service.publication.syncing import State, Syncing, Wish
from tests.conftest import FixedClock
from tests.integration.press import ROOT, Press, exported, payload

LESSON = "emergency.stop-go-back-tell"


@pytest.fixture
async def press(house: House, clock: FixedClock, tmp_path: Path) -> Press:
    press = await Press.opened(house, clock, tmp_path)
    await press.build()
    await press.export()
    return press


def synced(press: Press, *courses: str, languages: tuple[str, ...] = ("en",)) -> State:
    wish = Wish(World.LIVE, (ROOT.public,), everything=True, languages=languages, courses=courses)
    return Syncing(press.folder / "phone", Folder(press.folder / "tree"), wish).run(now=press.clock.now())


def said(press: Press, *world: str) -> Any:
    return payload(exported(press).joinpath("packs", *world, "index.json"))["lessons"]


def entry_of(press: Press, course: str = "emergency", language: str = "en") -> Any:
    return next(one for one in said(press)["bundles"] if (one["course"], one["language"]) == (course, language))


def file_of(press: Press, language: str = "en") -> Path:
    version = entry_of(press, language=language)["version"]
    return exported(press) / "lessons" / "bundle" / "emergency" / language / f"{version}.json"


async def changed(press: Press, guidance: Guidance) -> None:
    press.house.put(guidance)
    press.clock.advance(timedelta(minutes=2))
    await press.build()
    await press.export()


def reworded(press: Press, topic: str, message: str) -> Guidance:
    """Give one message another revision, as a release does that changes a word."""
    guidance = press.house.get(Guidance)
    found = guidance.topics[topic]
    new = replace(found.messages[message], revision=77)
    return replace(
        guidance, topics={**guidance.topics, topic: replace(found, messages={**found.messages, message: new})}
    )


async def test_the_signed_index_of_both_worlds_names_the_lessons_that_are_served_the_emergency_lesson_first(
    press: Press, api: httpx.AsyncClient
) -> None:
    await press.build(world=World.EXERCISE)
    await press.export()
    assert said(press)["bundles"][0]["course"] == "emergency"
    assert said(press) == said(press, "exercise")
    for entry in said(press)["bundles"]:
        path = f"bundle/{entry['course']}/{entry['language']}/{entry['version']}.json"
        answer = await api.get(f"/v1/lessons/{path}")
        assert hashlib.sha256(answer.content).hexdigest() == entry["sha256"]
        assert (answer.json()["course"], answer.json()["language"]) == (entry["course"], entry["language"])
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (exported(press) / "lessons" / path).read_bytes() == answer.content


async def test_nothing_else_is_served_there(press: Press, api: httpx.AsyncClient) -> None:
    for path in ("lessons/bundle/emergency/en/99.json", "lessons/bundle/xx/en/1.json"):
        assert (await api.get(f"/v1/{path}")).status_code == 404
    for before in ("packs", "guidance"):
        assert (await api.get(f"/v1/{before}/lessons/bundle/emergency/en/1.json")).status_code == 404


async def test_a_phone_keeps_lessons_and_shows_them_without_network(press: Press) -> None:
    state = synced(press, "emergency")
    assert state.trouble is None
    assert LESSON in state.lessons["emergency/en"].lessons
    assert state.lessons["emergency/en"].direction == "ltr"
    assert state.guidance["en"].messages, "guidance is held beside"
    assert synced(press).lessons.keys() == state.lessons.keys(), "what is held is held on"


async def test_lessons_that_there_are_not_are_refused_and_nothing_is_lost(press: Press) -> None:
    synced(press, "emergency")
    state = synced(press, "no-such")
    assert state.trouble is not None
    assert state.trouble.name == "lessons-not-offered"
    assert "emergency/en" in state.lessons


async def test_a_changed_key_message_reaches_exactly_the_lessons_that_say_it_by_a_delta(press: Press) -> None:
    synced(press, "emergency")
    before = {(one["course"], one["language"]): one["version"] for one in said(press)["bundles"]}
    await changed(press, reworded(press, "inside", "freeze"))
    after = {(one["course"], one["language"]): one["version"] for one in said(press)["bundles"]}
    taught = press.house.get(Lessons).taught(press.house)
    says = {
        course.of.id
        for courses in taught.offered.values()
        for course in courses
        if any("inside.freeze" in {key.id for key in lesson.messages} for lesson in course.lessons)
    }
    assert {course for (course, _), version in after.items() if version == 2} == says
    assert before.keys() == after.keys()
    entry = entry_of(press)
    delta = file_of(press).with_name("1-2.json")
    assert entry["deltas_from"] == 1
    assert len(delta.read_bytes()) * 5 < entry["size"]
    file_of(press).unlink()
    state = synced(press)
    assert state.trouble is None
    assert state.lessons["emergency/en"].version == 2


def forge(content: bytes) -> bytes:
    return content.replace(b'"text":"', b'"text":" ', 1)


@pytest.mark.parametrize("spoil", [forge, lambda content: content[:-9], lambda _: b""], ids=["forged", "cut", "empty"])
async def test_spoiled_lessons_are_refused_and_the_old_ones_stay(press: Press, spoil: Callable[[bytes], bytes]) -> None:
    synced(press, "emergency")
    await changed(press, reworded(press, "inside", "freeze"))
    file_of(press).with_name("1-2.json").unlink()
    file_of(press).write_bytes(spoil(file_of(press).read_bytes()))
    state = synced(press)
    assert state.trouble is not None
    assert state.trouble.name == "bundle-wrong"
    assert state.lessons["emergency/en"].version == 1


async def test_a_withdrawn_message_withdraws_the_lesson_that_a_phone_holds_even_if_the_new_one_does_not_come(
    press: Press,
) -> None:
    synced(press, "emergency")
    guidance = reworded(press, "inside", "freeze")
    recall = Recall("inside.freeze", ("1",), date(2026, 11, 20), RecallReason.WRONG)
    await changed(press, replace(guidance, recalls=(*guidance.recalls, recall)))
    named = next(one for one in said(press)["recalled"] if one["lesson"] == LESSON)
    assert (named["message"], named["since"], named["reason"]) == ("inside.freeze", "2026-11-20", "wrong")
    new, delta = file_of(press), file_of(press).with_name("1-2.json")
    kept = new.read_bytes()
    new.unlink()
    delta.unlink()
    held = synced(press)
    assert held.trouble is not None
    assert set(held.lessons_withdrawn["emergency/en"]) == {LESSON}
    new.write_bytes(kept)
    current = synced(press)
    assert current.trouble is None
    assert not current.lessons_withdrawn["emergency/en"], "the revision that stands may be taught"
    assert named["standing"]["en"] == current.lessons["emergency/en"].lessons[LESSON]["revision"]


async def test_a_lesson_whose_message_is_withdrawn_without_a_new_wording_is_offered_no_more(press: Press) -> None:
    synced(press, "emergency")
    guidance = press.house.get(Guidance)
    revision = str(guidance.topics["inside"].messages["freeze"].revision)
    recall = Recall("inside.freeze", (revision,), date(2026, 11, 20), RecallReason.WRONG)
    await changed(press, replace(guidance, recalls=(*guidance.recalls, recall)))
    assert "emergency" not in {one["course"] for one in said(press)["bundles"]}
    state = synced(press)
    assert state.trouble is None
    assert set(state.lessons_withdrawn["emergency/en"]) == {LESSON}
