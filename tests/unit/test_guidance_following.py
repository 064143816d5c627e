"""Words read anew while a program runs: all of them or none, and a bad file changes nothing but what is said of it."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from service.config import Settings
from service.guidance import following, opening
from service.guidance.following import Following
from service.guidance.model import Guidance
from service.guidance.opening import Words, open_words
from service.i18n import po
from service.i18n.catalogues import Catalogues, remembered
from service.kit.errors import Refused
from service.kit.house import House
from tests.conftest import LOCALES
from tests.unit.test_guidance_overlay import OVERLAY, TOPIC, WORDS
from tests.unit.test_prints_slots import GOOD, HOSTILE, describe

CAVEAT = next(one for one in po.read(po.path_of(LOCALES, "en")) if one.id == "alert.standing_caveat")
UKRAINIAN = "Про це місце повідомлень немає, та небезпека може бути. Ідіть лише знайомою дорогою."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An overlay that has a name and nothing to say yet."""
    made = tmp_path / "own"
    (made / "guidance").mkdir(parents=True)
    (made / "guidance" / "overlay.yaml").write_text(OVERLAY)
    return made


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(locales=LOCALES, overlay=folder, confirmed_languages=("uk",))


def house_of(settings: Settings) -> House:
    made = House(cast("Any", None), cast("Any", None), cast("Any", None))
    made.put(settings)
    open_words(settings).into(made)
    return made


def say(folder: Path, text: str = UKRAINIAN) -> Path:
    path = po.path_of(folder / "locales", "uk")
    po.write(path, "uk", [po.Translation(CAVEAT.id, CAVEAT.english, text)])
    return path


def said(house: House) -> str:
    return house.get(Catalogues).catalogue("uk").texts[CAVEAT.id, CAVEAT.english]


async def looks(following: Following, times: int = 2) -> None:
    for _ in range(times):
        await following.look()


async def test_what_an_authority_writes_is_said_without_a_restart(settings: Settings, folder: Path) -> None:
    house = house_of(settings)
    async with Following(house).running():
        pass
    follower, before = Following(house), said(house)
    await looks(follower)
    assert said(house) == before
    say(folder)
    await follower.look()
    assert said(house) == before, "a copy may be under way: the files must look the same twice"
    await follower.look()
    assert said(house) == UKRAINIAN
    assert house.get(Words).replaced == 1


async def test_a_deployments_pictures_are_read_anew_and_a_bad_one_is_said(settings: Settings, tmp_path: Path) -> None:
    media = tmp_path / "media"
    (media / "pictures").mkdir(parents=True)
    house = house_of(settings.model_copy(update={"guidance_media": media}))
    follower = Following(house)
    describe(media, "national.svg", "bad.svg")
    (media / "pictures" / "national.svg").write_bytes(GOOD)
    (media / "pictures" / "bad.svg").write_text(HOSTILE["script"])
    await looks(follower)
    assert [one.name for one in house.get(Guidance).own] == ["national.svg"]
    assert [one.file for one in house.get(Words).unused] == ["bad.svg"]


async def test_catalogues_and_guidance_change_together_and_who_began_earlier_keeps_both(
    settings: Settings, folder: Path
) -> None:
    house = house_of(settings)
    begun, before = house.as_it_is(), said(house)
    say(folder)
    (folder / "guidance" / "found.yaml").write_text(TOPIC.format(topic="found", slug="stop", text=WORDS))
    await Following(house).look(at_once=True)
    assert said(house) == UKRAINIAN
    assert house.get(Guidance).topics["found"].messages["stop"].text.english == WORDS
    assert said(begun) == before
    assert begun.get(Guidance).topics["found"].messages["stop"].text.english != WORDS


def bad_catalogue(folder: Path) -> None:
    say(folder, "Дорога знову безпечна.")


def bad_yaml(folder: Path) -> None:
    say(folder)
    (folder / "guidance" / "found.yaml").write_text("topic: !!python/object:os.system {}\n")


def no_name(folder: Path) -> None:
    say(folder)
    (folder / "guidance" / "overlay.yaml").unlink()


def unknown_part(folder: Path) -> None:
    say(folder)
    (folder / "locale").mkdir()


def gone(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


@pytest.mark.parametrize("spoil", [bad_catalogue, bad_yaml, no_name, unknown_part, gone])
async def test_r16_words_that_cannot_be_read_leave_those_in_force(
    settings: Settings, folder: Path, spoil: Callable[[Path], None]
) -> None:
    house = house_of(settings)
    catalogues, guidance, follower = house.get(Catalogues), house.get(Guidance), Following(house)
    spoil(folder)
    await looks(follower)
    assert follower.trouble is not None
    assert follower.trouble.detail
    assert follower.trouble.remedy
    assert (house.get(Catalogues), house.get(Guidance)) == (catalogues, guidance), "nothing half-read"


async def test_trouble_ends_when_the_files_are_mended(settings: Settings, folder: Path) -> None:
    house = house_of(settings)
    follower = Following(house)
    bad_catalogue(folder)
    await looks(follower)
    assert follower.trouble is not None
    say(folder)
    await looks(follower)
    assert follower.trouble is None
    assert said(house) == UKRAINIAN


async def test_a_signal_has_the_words_read_at_once(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_LOOK_SECONDS", 60.0)
    house, told = house_of(settings), asyncio.Event()

    async def tell() -> None:
        told.set()

    async with Following(house, changed=tell).running():
        say(folder)
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.wait_for(told.wait(), 20)
        assert said(house) == UKRAINIAN


async def test_the_whole_folder_may_be_switched_by_one_link(settings: Settings, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "next"
    (other / "guidance").mkdir(parents=True)
    (other / "guidance" / "overlay.yaml").write_text(OVERLAY.replace("5", "6"))
    link = tmp_path / "current"
    link.symlink_to(folder)
    house = house_of(settings.model_copy(update={"overlay": link}))
    follower = Following(house)
    link.unlink()
    link.symlink_to(other)
    await looks(follower)
    overlay = house.get(Words).overlay
    assert overlay is not None
    assert overlay.revision == 6


def test_answers_are_remembered_no_longer_than_their_words(settings: Settings) -> None:
    asked: list[str] = []

    @remembered(8)
    def answer(catalogues: Catalogues, tag: str) -> str:
        asked.append(tag)
        return catalogues.catalogue(tag).name

    first, second = open_words(settings).catalogues, open_words(settings).catalogues
    assert [answer(first, "uk"), answer(first, "uk"), answer(second, "uk")] == ["українська"] * 3
    assert asked == ["uk", "uk"], "once for each"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda at: (at / "pictures.yaml").write_text(""), "part"),
        (lambda at: (at / "locales").symlink_to("/etc"), "link"),
        (lambda at: (at / "guidance" / "x.yaml").symlink_to("/etc/passwd"), "no plain .yaml file"),
        (lambda at: (at / "guidance" / "x.yaml").write_text("a: &a [x]\nb: [*a, *a]\n"), "anchor"),
        (lambda at: (at / "guidance" / "x.yaml").write_text("a: !!python/name:os.system x\n"), "tag"),
        (lambda at: (at / "guidance" / "x.yaml").write_text("a: " + "x" * 3_000), "2000 characters"),
        (lambda at: (at / "guidance" / "x.yaml").write_text("a: x\x07\n"), "control"),
        (lambda at: (at / "guidance" / "x.yaml").write_bytes(b"a: \xff\n"), "UTF-8"),
        (lambda at: (at / "guidance" / "x.yaml").write_text("[" * 5_000), "x.yaml"),
        (lambda at: (at / "guidance" / "overlay.yaml").unlink(), "missing"),
        (lambda at: (at / "guidance" / "overlay.yaml").write_text("name: Us\nrevision: 0\n"), "whole number"),
    ],
)
def test_a_hostile_folder_is_refused_with_file_and_remedy(
    settings: Settings, folder: Path, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(folder)
    with pytest.raises(Refused) as refused:
        open_words(settings)
    told = f"{refused.value.where} {refused.value.detail}"
    assert said in told or said in str(refused.value.remedy)
    assert refused.value.where
    assert refused.value.remedy
    assert opening.check(LOCALES, folder), "the gate finds it too"
    assert "root:" not in told


def test_a_good_folder_passes_the_gate_and_losses_are_told(folder: Path) -> None:
    say(folder)
    assert opening.check(LOCALES, folder) == []
    assert opening.check(LOCALES, None) == []
    (folder / "guidance" / "found.yaml").write_text(TOPIC.format(topic="found", slug="stop", text=WORDS))
    lost = opening.check(LOCALES, folder)
    assert {one.entry for one in lost} >= {"guidance.found.stop"}
    assert all("guidance.po" in one.file for one in lost)
