"""Bundles as phones keep them: named by the signed index, verified, changed by deltas; what is forged is refused."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.guidance.media import OwnPicture, Sort
from service.guidance.model import Guidance, Recall, RecallReason
from service.kit.db import transaction
from service.kit.errors import Refused
from service.kit.house import House
from service.publication import building, reading, signing, trust
from service.publication.model import Index, World
from service.publication.sources import Folder
from service.publication.syncing import State, Syncing, Wish
from tests.conftest import FixedClock
from tests.integration.press import LIVE, ROOT, Press, exported, payload
from tests.unit.test_prints_slots import GOOD, png

GUIDANCE = "/v1/guidance"


@pytest.fixture
async def press(house: House, clock: FixedClock, tmp_path: Path) -> Press:
    press = await Press.opened(house, clock, tmp_path)
    await press.build()
    await press.export()
    return press


def synced(
    press: Press, *languages: str, world: World = World.LIVE, phone: str = "phone", recognition: bool = False
) -> State:
    wish = Wish(world, (ROOT.public,), everything=True, languages=languages, recognition=recognition)
    return Syncing(press.folder / phone, Folder(press.folder / "tree"), wish).run(now=press.clock.now())


def bundles(press: Press) -> Any:
    return payload(exported(press) / "packs" / "index.json")["guidance"]["bundles"]


def file_of(press: Press, language: str = "uk") -> Path:
    return exported(press) / "guidance" / "bundle" / language / f"{bundles(press)[language]['version']}.json"


def reword(press: Press) -> None:
    """Give one message another revision, as a release does that changes a word."""
    guidance = press.house.get(Guidance)
    topic = guidance.topics["found"]
    stop = replace(topic.messages["stop"], revision=2)
    press.house.put(
        replace(
            guidance, topics={**guidance.topics, "found": replace(topic, messages={**topic.messages, "stop": stop})}
        )
    )


async def reworded(press: Press) -> None:
    reword(press)
    press.clock.advance(timedelta(minutes=2))
    await press.build()
    await press.export()


async def due(press: Press) -> bool:
    async with transaction(press.house.pool) as tx:
        await tx.execute("DELETE FROM procrastinate_jobs")
        await building.keep_up(tx, press.house)
        return bool(
            await (await tx.execute("SELECT FROM procrastinate_jobs WHERE args ->> 'world' = 'live'")).fetchall()
        )


async def test_the_signed_index_of_both_worlds_names_the_bytes_that_are_served(
    press: Press, api: httpx.AsyncClient
) -> None:
    await press.build(world=World.EXERCISE)
    await press.export()
    assert {"en", "uk", "ru", "es", "ar", "fr", "pt", "bs", "fa-AF", "km", "my"} <= set(bundles(press))
    assert bundles(press) == payload(exported(press) / "packs" / "exercise" / "index.json")["guidance"]["bundles"]
    for language, entry in bundles(press).items():
        answer = await api.get(f"{GUIDANCE}/bundle/{language}/{entry['version']}.json")
        assert hashlib.sha256(answer.content).hexdigest() == entry["sha256"]
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        for picture in answer.json()["pictures"].values():
            drawn = await api.get(picture["path"])
            assert drawn.headers["content-type"] == "image/svg+xml"
            assert hashlib.sha256(drawn.content).hexdigest() == picture["sha256"]


async def test_nothing_else_is_served_there(press: Press, api: httpx.AsyncClient) -> None:
    for path in ("bundle/uk/99.json", "bundle/xx/1.json", f"pictures/stop/{'0' * 64}.svg"):
        assert (await api.get(f"{GUIDANCE}/{path}")).status_code == 404
    assert (await api.get("/v1/packs/guidance/bundle/uk/1.json")).status_code == 404


async def test_a_phone_keeps_a_bundle_with_its_pictures_and_shows_it_without_network(press: Press) -> None:
    state = synced(press, "uk", "ar")
    assert state.trouble is None
    assert {one: booklet.direction for one, booklet in state.guidance.items()} == {"uk": "ltr", "ar": "rtl"}
    assert "found.stop" in state.guidance["uk"].messages
    assert state.guidance["uk"].notices["draft"]
    assert synced(press).fetched == 2, "what it has it does not fetch again, and languages are kept"
    assert len(list((press.folder / "phone" / "guidance").glob("*.svg"))) > 10


async def test_a_changed_word_reaches_the_phone_by_a_delta(press: Press) -> None:
    synced(press, "uk")
    await reworded(press)
    entry = bundles(press)["uk"]
    assert (entry["version"], entry["deltas_from"]) == (2, 1)
    delta = exported(press) / "guidance" / "bundle" / "uk" / "1-2.json"
    assert len(delta.read_bytes()) * 10 < entry["size"]
    file_of(press).unlink()
    state = synced(press)
    assert state.trouble is None
    assert state.guidance["uk"].messages["found.stop"]["revision"].startswith("2-")


async def test_the_workers_round_publishes_other_words_once_and_only_then(press: Press) -> None:
    assert not await due(press)
    reword(press)
    assert not await due(press), "workers of two releases do not undo each other's work at once"
    press.clock.advance(timedelta(minutes=2))
    assert await due(press)
    await press.build()
    assert not await due(press)


def forge(content: bytes) -> bytes:
    return content.replace(b'"text":"', b'"text":" ', 1)


@pytest.mark.parametrize("spoil", [forge, lambda content: content[:-9], lambda _: b""], ids=["forged", "cut", "empty"])
async def test_a_spoiled_bundle_is_refused_and_the_old_one_stays(press: Press, spoil: Callable[[bytes], bytes]) -> None:
    synced(press, "uk")
    await reworded(press)
    (exported(press) / "guidance" / "bundle" / "uk" / "1-2.json").unlink()
    file_of(press).write_bytes(spoil(file_of(press).read_bytes()))
    state = synced(press)
    assert state.trouble is not None
    assert state.trouble.name == "bundle-wrong"
    assert state.guidance["uk"].version == 1


async def test_another_languages_bundle_in_its_place_is_refused(press: Press) -> None:
    file_of(press).write_bytes(file_of(press, "ru").read_bytes())
    assert name_of(synced(press, "uk")) == "bundle-wrong"
    resign(
        press, guidance=tuple(replace(one, language="uk") for one in index_of(press).guidance if one.language == "ru")
    )
    assert name_of(synced(press, "uk", phone="other")) == "language-wrong"


async def test_a_spoiled_picture_is_refused(press: Press) -> None:
    for file in (exported(press) / "guidance" / "pictures" / "stop").glob("*.svg"):
        file.write_bytes(file.read_bytes().replace(b"<path", b"<text", 1))
    assert name_of(synced(press, "uk")) == "picture-wrong"


def add_pictures(press: Press) -> None:
    words = {"uk": "Знак: трикутник із черепом"}
    shown = OwnPicture("shown.png", Sort.RECOGNITION, words, "png", png())
    sign = OwnPicture("national.svg", Sort.SIGN, words, "svg", GOOD)
    press.house.put(replace(press.house.get(Guidance), own=(sign, shown)))


async def test_a_deployments_pictures_come_under_the_signed_index_and_recognition_only_to_who_asks(
    press: Press, api: httpx.AsyncClient
) -> None:
    before = bundles(press)
    add_pictures(press)
    await press.build()
    await press.export()
    assert {one for one, entry in bundles(press).items() if entry["version"] > before[one]["version"]} == {"uk"}
    sign, shown = json.loads(file_of(press).read_bytes())["own_pictures"]
    drawn = await api.get(shown["path"])
    assert (drawn.headers["content-type"], drawn.content) == ("image/png", png())
    assert synced(press, "uk").trouble is None
    held = press.folder / "phone" / "guidance"
    assert (held / f"{sign['sha256']}.svg").read_bytes() == GOOD
    assert not (held / f"{shown['sha256']}.png").exists()
    assert synced(press, "uk", recognition=True).trouble is None
    assert synced(press, "uk").trouble is None
    assert (held / f"{shown['sha256']}.png").read_bytes() == png(), "what is held stays"


async def test_a_spoiled_picture_of_a_deployment_is_refused(press: Press) -> None:
    add_pictures(press)
    await press.build()
    await press.export()
    [file] = (exported(press) / "guidance" / "pictures" / "national").glob("*.svg")
    file.write_bytes(file.read_bytes().replace(b"#000", b"#fff"))
    assert name_of(synced(press, "uk")) == "picture-wrong"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"audience":["adults","parents","teachers","youth-15-18"]', '"audience":["children-5-7"]'),
        ('"audience":["everybody"]', '"audience":[]'),
        (".png", ".html"),
        ("/v1/guidance/pictures/shown", "/v1/guidance/../shown"),
    ],
)
async def test_a_picture_for_the_wrong_readers_or_from_elsewhere_spoils_its_bundle(
    press: Press, old: str, new: str
) -> None:
    add_pictures(press)
    await press.build()
    await press.export()
    raw = file_of(press).read_bytes()
    forged = raw.replace(old.encode(), new.encode())
    assert forged != raw
    entry = next(one for one in index_of(press).guidance if one.language == "uk")
    named = replace(entry, size=len(forged), sha256=hashlib.sha256(forged).hexdigest())
    with pytest.raises(Refused, match="what a bundle must"):
        reading.demand_bundle(forged, named)


async def test_an_older_bundle_under_a_newer_index_is_refused(press: Press) -> None:
    before = index_of(press).guidance
    await reworded(press)
    synced(press, "uk")
    resign(press, version=9, guidance=before)
    state = synced(press)
    assert name_of(state) == "bundle-older"
    assert state.guidance["uk"].version == 2


async def test_guidance_left_out_under_the_same_version_is_a_fork_and_never_deletes(press: Press) -> None:
    synced(press, "uk")
    resign(press, guidance=())
    assert name_of(synced(press)) == "index-forked"
    resign(press, version=9, guidance=())
    assert "found.stop" in synced(press).guidance["uk"].messages


async def test_a_withdrawn_text_is_marked_even_where_the_new_bundle_cannot_be_had(press: Press) -> None:
    synced(press, "uk")
    guidance = press.house.get(Guidance)
    press.house.put(replace(guidance, recalls=(Recall("found.stop", ("1",), date(2026, 11, 1), RecallReason.WRONG),)))
    await reworded(press)
    (exported(press) / "guidance" / "bundle" / "uk" / "1-2.json").unlink()
    file_of(press).unlink()
    state = synced(press)
    assert name_of(state) == "not-fetched"
    assert set(state.withdrawn["uk"]) == {"found.stop"}
    await press.export()
    assert synced(press).withdrawn["uk"] == {}, "the new text is another revision"
    resign(press, version=9, recalls=())
    synced(press)
    assert json.loads((press.folder / "phone" / "held.json").read_bytes())["guidance"]["recalled"], "it remembers"


async def test_a_language_that_nobody_offers_is_said_and_costs_nothing_else(press: Press) -> None:
    state = synced(press, "xx")
    assert name_of(state) == "language-not-offered"
    assert state.index is not None


def name_of(state: State) -> str | None:
    return None if state.trouble is None else state.trouble.name


def index_of(press: Press) -> Index:
    keys = trust.open_keys((exported(press) / "keys.json").read_bytes(), [ROOT.public])
    return trust.open_index((exported(press) / "packs" / "index.json").read_bytes(), keys, World.LIVE)[0]


def resign(press: Press, **changes: Any) -> None:
    file = exported(press) / "packs" / "index.json"
    file.write_bytes(signing.sign_index(LIVE, replace(index_of(press), **changes)))
