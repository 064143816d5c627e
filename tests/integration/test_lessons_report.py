"""From the page on a stick to the authority's record: a report that was kept offline, sent by a real browser."""

import asyncio
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from granian.constants import Interfaces
from granian.server.embed import Server

from service.kit.processes import free_port
from service.lessons.formats import html
from tests import screens
from tests.certificates import a_certificate
from tests.integration.schoolhouse import BASE, School

pytestmark = pytest.mark.skipif(not screens.CHROMIUM, reason="Chromium is not installed")


def hand_in(page_file: Path, address: str, keys: tuple[str, ...]) -> list[str]:
    """Keep a report, then send it with one key after the other; return what the page says after each."""
    said: list[str] = []
    with screens.browser() as started:
        context = started.new_context(ignore_https_errors=True)
        page = context.new_page()
        page.clock.set_fixed_time("2026-11-02T12:00:00")
        page.goto(page_file.as_uri())
        for name, value in {"place_type": "school", "delivery": "direct", "method": "lesson"}.items():
            page.locator(f"#report [name={name}]").select_option(value)
        told = {"date": "2026-10-30", "place": "XA1112", "organisation": "Школа", "first_timers": "2"}
        for name, value in told.items():
            page.locator(f"#report [name={name}]").fill(value)
        page.locator("[data-sex=unknown][data-age='5-12']").fill("12")
        page.locator("#report button[type=submit]").click()
        page.locator("[name=address]").fill(address)
        for key in keys:
            page.locator("[name=key]").fill(key)
            page.evaluate("document.getElementById('sent').textContent = ''")
            page.locator("#sending button").click()
            page.locator("#sent").filter(has_text=re.compile(r"\S")).wait_for()
            said.append(f"{page.locator('#queue li').count()} {page.locator('#sent').inner_text()}")
        context.close()
    return said


async def test_what_the_page_kept_offline_reaches_the_record_and_a_refusal_keeps_it(
    school: School, app: FastAPI, tmp_path: Path
) -> None:
    course = screens.said("emergency", "uk")
    folder = screens.unpacked(html.make(course)[0], tmp_path / "stick")
    certificate, port = a_certificate(tmp_path, "service"), free_port()
    server = Server(
        app,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGINL,
        ssl_cert=certificate.file,
        ssl_key=certificate.key_file,
    )
    serving = asyncio.create_task(server.serve())
    try:
        keys = (school.desk.keys["anna"], school.desk.keys["tania"])
        refused, taken = await asyncio.to_thread(hand_in, folder / "class.html", f"https://127.0.0.1:{port}", keys)
    finally:
        server.stop()  # type: ignore[no-untyped-call]  # what granian embeds has no types
        await serving
    assert refused.startswith(f"1 {course.labels['unsent']}")
    assert "403" in refused
    assert taken == f"0 {course.labels['sent']}"
    [kept] = (await school.desk.must("GET", BASE, "oksana"))["reports"]
    assert kept["report"]["counts"]["unknown"]["5-12"] == 12
    assert kept["report"]["place"] == "XA1112"
