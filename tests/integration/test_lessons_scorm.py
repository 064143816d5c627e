"""A lesson inside a school platform: the run-time of others (npm's scorm-again) records score and completion."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from service.lessons.formats import scorm
from tests import screens
from tests.screens import Cut

RUNTIME = Path(os.environ.get("SUREFOOT_TEST_SCORM_RUNTIME", "absent"))
PLATFORM = "http://platform.test"
# The page of a platform: the run-time as `API`, and the lesson in a frame below it.
PAGE = """<!doctype html><title>Platform</title><script src="/runtime.js"></script>
<script>window.API = new Scorm12API({ autocommit: false, logLevel: 5 });
const kept = sessionStorage.getItem("kept");
if (kept) { API.loadFromJSON(JSON.parse(kept)); }</script>
<iframe src="/LESSON" title="Lesson" width="360" height="700"></iframe>"""
KEPT = "JSON.parse(JSON.stringify(API.cmi))"
AGAIN = """() => { const now = JSON.parse(JSON.stringify(API.cmi)); now.core.entry = 'resume';
    sessionStorage.setItem('kept', JSON.stringify(now)); location.reload(); }"""

pytestmark = [
    pytest.mark.skipif(not screens.CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(not RUNTIME.is_file(), reason="no SCORM run-time (SUREFOOT_TEST_SCORM_RUNTIME, see .ci/run)"),
]
LANGUAGES = ("uk", "ar")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screens.browser() as started:
        yield started


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {
        tag: screens.unpacked(scorm.make(screens.of_all_kinds(tag))[0], tmp_path_factory.mktemp(tag))
        for tag in LANGUAGES
    }


def lesson_of(folder: Path) -> str:
    (path,) = folder.glob("lesson-*.html")
    return path.name


def platform(tab: Cut, folder: Path) -> Page:
    """Open a lesson in a platform that answers from a folder, as there is no network."""
    files = {"/runtime.js": RUNTIME, **{f"/{one.name}": one for one in folder.iterdir()}}

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(PLATFORM)
        if path == "/":
            route.fulfill(body=PAGE.replace("LESSON", lesson_of(folder)), content_type="text/html")
        elif path in files:
            route.fulfill(path=files[path])
        else:
            route.abort()

    tab.page.context.route(lambda url: url.startswith(PLATFORM), answer)
    tab.page.goto(f"{PLATFORM}/")
    return tab.page


def kept(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(KEPT)
    return found


def take(page: Page, tag: str, *, rightly: bool) -> None:
    """Answer the form after the lesson, by keyboard from where the focus is put."""
    lesson = screens.of_all_kinds(tag).lessons[0]
    frame = page.frame_locator("iframe")
    form = frame.locator("details:has([data-set='after-a'])").first
    if form.get_attribute("open") is None:
        form.locator("> summary").focus()
        page.keyboard.press("Enter")
    for name in lesson.of.forms.after["a"]:
        options = lesson.items[name].options
        wanted = next(number for number, one in enumerate(options) if one.right is rightly)
        item = frame.locator(f"#after-a-{name}")
        item.locator(f"input[value='{wanted}']").focus()
        page.keyboard.press("Space")
        item.locator("button[type=submit]").focus()
        page.keyboard.press("Enter")
        assert options[wanted].feedback in item.locator(".result").inner_text()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_platform_records_score_and_completion(tag: str, browser: Browser, folders: dict[str, Path]) -> None:
    course = screens.of_all_kinds(tag)
    with screens.cut(browser) as tab:
        page = platform(tab, folders[tag])
        frame = page.frame_locator("iframe")
        assert frame.locator("#platform").inner_text() == course.labels["recorded"]
        assert kept(page)["core"]["lesson_status"] == "incomplete"
        take(page, tag, rightly=True)
        now = kept(page)
        assert (now["core"]["lesson_status"], now["core"]["score"]["raw"]) == ("passed", "100")
        assert (now["core"]["score"]["min"], now["core"]["score"]["max"]) == ("0", "100")
        assert re.fullmatch(r"(00){1,2}:0\d:\d\d", now["core"]["session_time"])
        assert "after-a-" in now["suspend_data"]
        outside = [one for one in tab.asked if not one.startswith(PLATFORM)]
        assert (outside, tab.errors) == ([], [])


def test_who_answers_wrongly_may_try_again_and_the_best_result_stands(
    browser: Browser, folders: dict[str, Path]
) -> None:
    with screens.cut(browser) as tab:
        page = platform(tab, folders["uk"])
        take(page, "uk", rightly=False)
        assert (kept(page)["core"]["lesson_status"], kept(page)["core"]["score"]["raw"]) == ("failed", "0")
        again = page.frame_locator("iframe").locator("[data-set='after-a'] .sum button")
        again.click()
        take(page, "uk", rightly=True)
        assert (kept(page)["core"]["lesson_status"], kept(page)["core"]["score"]["raw"]) == ("passed", "100")
        again.click()
        take(page, "uk", rightly=False)
        assert (kept(page)["core"]["lesson_status"], kept(page)["core"]["score"]["raw"]) == ("passed", "100")


def test_who_comes_back_finds_the_answers_given(browser: Browser, folders: dict[str, Path]) -> None:
    lesson = screens.of_all_kinds("uk").lessons[0]
    first = next(iter(lesson.items.values()))
    with screens.cut(browser) as tab:
        page = platform(tab, folders["uk"])
        frame = page.frame_locator("iframe")
        frame.locator(f"#bank-{first.id} input").first.check()
        frame.locator(f"#bank-{first.id} button[type=submit]").click()
        frame.locator("#bank-all-order [data-move='1']").first.click()
        frame.locator("#bank-all-order button[type=submit]").click()
        said = frame.locator("#bank-all-order .result").inner_text()
        page.evaluate(AGAIN)
        page.wait_for_load_state()
        frame.locator("#bank-all-order .result").filter(
            has_text=lesson.items["all-order"].options[0].feedback
        ).wait_for()
        assert frame.locator("#bank-all-order .result").inner_text() == said
        assert frame.locator(f"#bank-{first.id} input").first.is_checked()
        assert kept(page)["core"]["lesson_status"] == "incomplete"


def test_whoever_leaves_half_way_is_kept_as_suspended(browser: Browser, folders: dict[str, Path]) -> None:
    with screens.cut(browser) as tab:
        page = platform(tab, folders["uk"])
        page.frame_locator("iframe").locator("#platform").wait_for()
        page.evaluate("document.querySelector('iframe').src = 'about:blank'")
        page.wait_for_function("API.isTerminated()")
        assert (kept(page)["core"]["exit"], kept(page)["core"]["lesson_status"]) == ("suspend", "incomplete")


def test_without_a_platform_the_lesson_says_so_and_works(browser: Browser, folders: dict[str, Path]) -> None:
    course = screens.of_all_kinds("uk")
    first = next(iter(course.lessons[0].items.values()))
    with screens.cut(browser) as tab:
        tab.page.goto((folders["uk"] / lesson_of(folders["uk"])).as_uri())
        assert tab.page.locator("#platform").inner_text() == course.labels["unrecorded"]
        tab.page.locator(f"#bank-{first.id} input").first.check()
        tab.page.locator(f"#bank-{first.id} button[type=submit]").click()
        assert tab.page.locator(f"#bank-{first.id} .result").inner_text()
        assert (tab.asked, tab.errors) == ([], [])
