"""Packages of lessons: made once, beside the API, kept in a folder, and shown with their size on the page."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from service.config import Settings
from service.kit.errors import Refused
from service.lessons import making, press
from service.lessons.model import Format
from service.lessons.press import Press
from service.lessons.said import SaidCourse
from service.lessons.shelf import Lessons
from tests.integration.test_lessons_api import BASE, one_file, problem


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"lessons_folder": tmp_path / "lessons"})


async def test_the_index_has_no_script_and_every_download_with_its_size(api: httpx.AsyncClient) -> None:
    unmade = (await api.get(f"{BASE}/index?lang=en")).text
    assert 'href="/v1/lessons/emergency/en/json"' in unmade
    await one_file(api)
    answer = await api.get(f"{BASE}/index?lang=en")
    page = answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "script" not in answer.headers["content-security-policy"]
    assert '<html lang="en" dir="ltr">' in page
    assert "<script" not in page
    assert '-bundle.json"><bdi>JSON</bdi></a> <bdi>' in page
    assert page.index("Emergency lesson") < page.index("<table>")
    assert "http:" not in page
    assert "https:" not in page
    said = (await api.get(BASE)).json()
    assert said["caveat"].split(".")[0] in page


async def test_a_package_that_cannot_be_made_is_refused_and_the_others_are_made(
    api: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise making._unmade("somebody pulled the plug")

    monkeypatch.setattr(making, "made_apart", broken)
    with capture_logs() as logs:
        await api.get(BASE)
        answer = await api.get(f"{BASE}/emergency/en/json")
        problem(answer, 503, "package-unmade")
        assert answer.headers["retry-after"] == "60"
        round_ = app.state.house.get(Press)._round
        assert round_ is not None
        await round_
    assert any(one["event"] == "lessons.package_refused" for one in logs)
    monkeypatch.undo()
    await one_file(api)


async def test_the_language_that_somebody_looks_at_is_made_first_the_emergency_lesson_before_all(
    api: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[str, str]] = []

    async def noted(course: SaidCourse, *_: object) -> None:
        begun.append((course.language, course.of.id))
        raise making._unmade("it is only noted")

    monkeypatch.setattr(making, "made_apart", noted)
    await api.get(f"{BASE}/index?lang=uk")
    round_ = app.state.house.get(Press)._round
    assert round_ is not None
    await round_
    languages = [language for language, _ in begun]
    assert languages.index("en") == languages.count("uk")
    assert begun[: len(Format)] == [("uk", "emergency")] * len(Format)
    assert len(begun) == len(set(begun)) * len(Format)


async def test_too_many_at_once_are_asked_to_come_again(
    api: httpx.AsyncClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(press, "_MOST_WAITING", 0)
    problem(await api.get(f"{BASE}/emergency/en/json"), 503, "packages-busy")


async def test_another_process_finds_ready_what_one_has_made(
    api: httpx.AsyncClient, app: FastAPI, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await one_file(api)
    house = app.state.house
    package = (await house.get(Lessons).now(house)).package("emergency", "en", Format.JSON)
    assert Press.open(settings).ready(package) == house.get(Press).ready(package)


async def test_a_folder_that_somebody_emptied_is_filled_again(api: httpx.AsyncClient, app: FastAPI) -> None:
    path = await one_file(api)
    house = app.state.house
    lessons = house.get(Lessons)
    package = (await lessons.now(house)).package("emergency", "en", Format.JSON)
    (file,) = house.get(Press).ready(package)
    content = file.path.read_bytes()
    for one in file.path.parent.iterdir():
        one.unlink()
    file.path.parent.rmdir()
    lessons._books.clear()
    assert (await api.get(path)).content == content


def test_a_folder_that_cannot_be_written_to_is_refused_at_the_start(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused) as refused:
        Press.open(settings.model_copy(update={"lessons_folder": tmp_path / "file"}))
    assert refused.value.name == "lessons-folder-unusable"
    assert "SUREFOOT_LESSONS_FOLDER" in str(refused.value.remedy)


async def test_a_passing_folder_goes_with_its_process(settings: Settings) -> None:
    opened = Press.open(settings.model_copy(update={"lessons_folder": None}))
    folder = opened._folder
    assert folder.is_dir()
    await opened.close()
    assert not folder.exists()
