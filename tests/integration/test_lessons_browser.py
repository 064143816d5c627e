"""Lessons in a real browser without a network: by keyboard alone, right to left, reports kept until they are sent."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from service.lessons.formats import html
from service.lessons.model import ItemKind
from service.lessons.said import SaidCourse, SaidItem
from tests import screens
from tests.screens import Cut

pytestmark = pytest.mark.skipif(not screens.CHROMIUM, reason="Chromium is not installed")

LANGUAGES = ("uk", "ar")
ADDRESS = "https://lessons.example.org"
WITHOUT_STORAGE = (
    """Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('off', 'SecurityError') } })"""
)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUS = """() => { const now = document.activeElement, style = getComputedStyle(now);
    return { id: now.id, tag: now.tagName, name: now.name || '', value: now.value || '',
      item: (now.closest('.item') || {}).id || '', move: now.dataset.move || '', at: now.href || '',
      seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 } }"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screens.browser() as started:
        yield started


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {
        tag: screens.unpacked(html.make(screens.of_all_kinds(tag))[0], tmp_path_factory.mktemp(tag))
        for tag in LANGUAGES
    }


def opened(tab: Cut, folder: Path, name: str) -> Page:
    tab.page.goto((folder / name).as_uri())
    return tab.page


def lesson_of(course: SaidCourse) -> str:
    return f"lesson-{course.lessons[0].of.id}.html"


def tab_to(page: Page, **wanted: str) -> None:
    """Press Tab until the focus is where it should be; each stop on the way must be seen."""
    for _ in range(150):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUS)
        assert now["tag"] == "BODY" or now["seen"], f"nobody sees where the focus is: {now}"
        if all(now[key] == value for key, value in wanted.items()):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def answer(page: Page, item: SaidItem, *, rightly: bool = True) -> str:
    """Answer one question of the bank by keyboard; return what is said then."""
    name = f"bank-{item.id}"
    if item.kind is ItemKind.ORDER:
        _order(page, item, name)
    elif item.kind is ItemKind.MATCH:
        for number in range(len(item.options)):
            tab_to(page, item=name, tag="SELECT", id=f"{name}-{number}")
            page.keyboard.type(str(number + 1))
    elif item.kind is ItemKind.MULTIPLE:
        for _ in item.options:
            tab_to(page, item=name, tag="INPUT")
            if item.options[int(page.evaluate(FOCUS)["value"])].right:
                page.keyboard.press("Space")
    else:
        _choose(page, item, name, rightly=rightly)
    tab_to(page, item=name, tag="BUTTON", move="")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS)["item"] == name, "the focus was lost"
    return page.locator(f"#{name} .result").inner_text()


def _choose(page: Page, item: SaidItem, name: str, *, rightly: bool) -> None:
    tab_to(page, item=name, tag="INPUT")
    page.keyboard.press("Space")
    for _ in item.options:
        if item.options[int(page.evaluate(FOCUS)["value"])].right is rightly:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError("no such answer")


def _order(page: Page, item: SaidItem, name: str) -> None:
    """Move each step up to its place, from the first on."""
    for number in range(len(item.options)):
        now = page.locator(f"#{name} .steps li").evaluate_all("all => all.map(one => Number(one.dataset.value))")
        for _ in range(now.index(number) - number):
            page.locator(f"#{name} li[data-value='{number}'] [data-move='-1']").focus()
            page.keyboard.press("Enter")
            assert page.evaluate(FOCUS)["move"] == "-1", "the focus did not go with the step"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_lesson_is_taken_by_keyboard_alone_without_a_network(
    tag: str, browser: Browser, folders: dict[str, Path]
) -> None:
    course = screens.of_all_kinds(tag)
    lesson = course.lessons[0]
    with screens.cut(browser) as tab:
        page = opened(tab, folders[tag], "index.html")
        tab_to(page, at=(folders[tag] / lesson_of(course)).as_uri())
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/{lesson_of(course)}")
        for item in lesson.items.values():
            said = " ".join(answer(page, item).split())
            assert all(one.feedback in said for one in item.options if one.right), item.id
        total = len(lesson.items)
        bank = page.locator("[data-set=bank]")
        assert f"{total} / {total}" in bank.locator(".sum [role=status]").inner_text()
        assert bank.locator("[role=status]").count() >= total
        page.keyboard.press("Tab")
        tab_to(page, tag="SUMMARY")  # past the end: all further stops are seen too
        bank.locator(".sum button").focus()
        page.keyboard.press("Enter")
        assert bank.locator(".sum [role=status]").inner_text() == ""
        first = next(iter(lesson.items.values()))
        said = answer(page, first, rightly=False)
        assert course.labels["wrong"] in said
        assert next(one.feedback for one in first.options if not one.right) in said
        assert (tab.asked, tab.errors) == ([], [])


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_page_fits_a_phone_and_reads_in_its_direction(
    tag: str, browser: Browser, folders: dict[str, Path]
) -> None:
    course = screens.of_all_kinds(tag)
    with screens.cut(browser) as tab:
        for path in sorted(folders[tag].glob("*.html")):
            page = opened(tab, folders[tag], path.name)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            assert page.evaluate(OVERFLOW) == 0, path.name
            assert page.evaluate("getComputedStyle(document.body).direction") == course.direction
            start = page.evaluate("getComputedStyle(document.querySelector('h1')).textAlign")
            assert start == "start"
            family = page.evaluate("getComputedStyle(document.body).fontFamily")
            assert ("Arabic" in family) == (tag == "ar")
            assert page.evaluate("[...document.fonts].some(one => one.status === 'loaded')")
        assert (tab.asked, tab.errors) == ([], [])


def test_without_scripts_all_is_read_and_answers_are_opened(browser: Browser, folders: dict[str, Path]) -> None:
    course = screens.of_all_kinds("uk")
    with screens.cut(browser, scripts=False) as tab:
        page = opened(tab, folders["uk"], lesson_of(course))
        item = next(iter(course.lessons[0].items.values()))
        shown = page.locator(f"#bank-{item.id} details.answers")
        shown.locator("summary").focus()
        page.keyboard.press("Enter")
        assert all(one.feedback in shown.inner_text() for one in item.options)
        assert page.locator("button:visible").count() == 0


NOBODY = {"5-12": 0, "13-17": 0, "18+": 0}
REPORT = {
    "sessions": 1,
    "date": "2026-11-20",
    "place_type": "school",
    "place": "UA-18",
    "delivery": "direct",
    "method": "lesson",
    "organisation": "ABC",
    "counts": {"female": {**NOBODY, "5-12": 12}, "male": NOBODY, "unknown": NOBODY},
    "first_timers": 2,
}


def fill(page: Page, **fields: str) -> None:
    told = {"date": "2026-11-20", "place": "UA-18", "organisation": "ABC", "first_timers": "2"} | fields
    for name, value in told.items():
        page.locator(f"#report [name={name}]").fill(value)
    for name, value in {"place_type": "school", "delivery": "direct", "method": "lesson"}.items():
        page.locator(f"#report [name={name}]").select_option(value)
    page.locator("[data-sex=female][data-age='5-12']").fill("12")
    page.locator("#report button[type=submit]").click()


class Service:
    """Stands for the service: says no until it is told to say yes."""

    def __init__(self, context: BrowserContext) -> None:
        self.status, self.bodies, self.keys = 503, list[Any](), list[str | None]()
        context.route(lambda url: url.startswith("https:"), self._answer)

    def _answer(self, route: Route) -> None:
        if route.request.method == "POST":
            assert route.request.url == f"{ADDRESS}/v1/lessons/reports"
            self.bodies.append(route.request.post_data_json)
            self.keys.append(route.request.headers.get("authorization"))
        allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*, authorization"}
        route.fulfill(status=self.status, headers=allowed, body="{}")


def count_hands(page: Page, course: SaidCourse) -> dict[str, object]:
    """Fill in form A of the first lesson for twelve pupils; return what the report must say of it."""
    form = page.locator(".gain").first
    form.locator("summary").click()
    form.locator("[data-side=pupils]").fill("12")
    for side, right in (("before", 4), ("after", 10)):
        for field in form.locator(f"[data-side={side}]").all():
            field.fill(str(right))
    lesson = course.lessons[0]
    questions = len(lesson.of.forms.after["a"])
    assert f"+{6 * questions}" in form.locator(".told").inner_text()
    about = {"lesson": lesson.of.key, "revision": lesson.revision, "form": "a", "asked": 12 * questions}
    return about | {"right_before": 4 * questions, "right_after": 10 * questions}


def test_a_report_is_kept_over_a_reload_and_leaves_only_when_it_was_taken(
    browser: Browser, folders: dict[str, Path]
) -> None:
    course = screens.of_all_kinds("uk")
    with screens.cut(browser) as tab:
        page = opened(tab, folders["uk"], "class.html")
        service = Service(page.context)
        gain = count_hands(page, course)
        fill(page)
        page.reload()
        assert page.locator("#queue li").count() == 1
        assert '"place": "UA-18"' in page.locator("#as-text").input_value()
        assert tab.asked == []

        page.locator("[name=address]").fill(ADDRESS)
        page.locator("[name=key]").fill("a-secret")
        page.locator("#sending button").click()
        page.locator("#sent").filter(has_text="503").wait_for()
        assert page.locator("#queue li").count() == 1
        service.status = 201
        page.locator("#sending button").click()
        page.locator("#sent").filter(has_text=course.labels["sent"]).wait_for()
        assert page.locator("#queue li").count() == 0
        assert "a-secret" not in page.evaluate("JSON.stringify(localStorage)")
        assert service.keys == ["Bearer a-secret"] * 2
        assert service.bodies[1] == {**REPORT, "gains": [gain]}


def test_a_lesson_that_was_not_held_yet_and_a_report_that_lacks_something_are_not_kept(
    browser: Browser, folders: dict[str, Path]
) -> None:
    course = screens.of_all_kinds("uk")
    with screens.cut(browser) as tab:
        tab.page.clock.set_fixed_time("2026-11-20T12:00:00")
        page = opened(tab, folders["uk"], "class.html")
        fill(page, date="2026-11-21")
        assert page.locator("#report .told").inner_text() == course.labels["future"]
        for wrong in ({"place": "school 5"}, {"organisation": ""}, {"first_timers": "13"}, {"sessions": "0"}):
            fill(page, **wrong)
            assert page.locator("#report .told").inner_text() == course.labels["incomplete"], wrong
            assert page.locator("#report [aria-invalid=true]").count() == 1, wrong
        assert page.locator("#queue li").count() == 0
        fill(page, date="2026-11-20", sessions="1")
        assert page.locator("#queue li").count() == 1


def test_where_a_browser_keeps_nothing_the_page_says_so_and_still_shows_the_report(
    browser: Browser, folders: dict[str, Path]
) -> None:
    course = screens.of_all_kinds("ar")
    with screens.cut(browser) as tab:
        tab.page.add_init_script(WITHOUT_STORAGE)
        page = opened(tab, folders["ar"], "class.html")
        fill(page)
        assert page.locator("#keeping").inner_text() == course.labels["not_kept"]
        assert '"organisation": "ABC"' in page.locator("#as-text").input_value()
        assert (tab.asked, tab.errors) == ([], [])
