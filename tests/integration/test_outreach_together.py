"""Reports on lessons when several come at one moment, and as the offline page sends them."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import service
from service.kit.db import transaction
from service.outreach import store
from service.outreach.model import HAND_IN
from service.outreach.schemas import ReportIn
from tests.conftest import NOW
from tests.integration.schoolhouse import BASE, GAIN, PAGE, School

_PAGE = Path(service.__file__).parent / "lessons" / "formats" / "assets"
OFFLINE, GAINS = ((_PAGE / name).read_text(encoding="utf-8") for name in ("report.js", "class.js"))


async def test_a_report_that_is_sent_twice_at_one_moment_is_kept_once(school: School) -> None:
    key = uuid4().hex
    answers = await asyncio.gather(*(school.send(key=key) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len((await school.desk.must("GET", BASE, "oksana"))["reports"]) == 1


async def test_r26_of_all_who_ask_at_the_turn_of_a_quarter_one_adds_up_and_no_other_waits(school: School) -> None:
    for number in range(4):
        await school.kept(sessions=number + 1)
    before = await school.people("all")
    school.clock.moment = NOW + timedelta(days=200)
    async with transaction(school.atoll.house.pool) as tx:
        assert await store.lock(tx)
        assert await school.people("all") == before, "what is shown while another adds up"
    seen = await asyncio.gather(*(school.people("all") for _ in range(4)))
    assert {"all": 80} in seen
    assert all(one in (before, {"all": 80}) for one in seen)
    assert await school.people("all") == {"all": 80}


async def test_figures_that_nobody_added_up_yet_are_not_told_as_none(school: School) -> None:
    async with transaction(school.atoll.house.pool) as tx:
        assert await store.lock(tx)
        answer = await school.desk.ask("GET", "/lessons/figures")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_what_the_offline_page_sends_is_what_is_taken(school: School) -> None:
    """The page is no part of this feature: its words are looked up in it."""
    [path] = re.findall(r'PATH = "([^"]+)"', OFFLINE)
    assert path == HAND_IN[0]
    made = OFFLINE.partition("var made = {")[2].partition("};")[0]
    sent = {*re.findall(r"^\s+(\w+):", made, re.MULTILINE), *re.findall(r"made\.(\w+) =", OFFLINE)}
    assert len(sent) > 9
    assert sent <= ReportIn.model_fields.keys()
    assert {name for name, field in ReportIn.model_fields.items() if field.is_required()} <= sent
    headers = {*re.findall(r'"([A-Z]\w+-\w+)": ', OFFLINE), *re.findall(r"headers\.(\w+) =", OFFLINE)}
    assert headers == {"Content-Type", "Idempotency-Key", "Authorization"}
    asked = PAGE | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ",".join(sorted(headers)).lower(),
    }
    assert (await school.desk.api.options(f"/v1{BASE}", headers=asked)).status_code == 200
    assert set(re.findall(r"about\.(\w+) =", GAINS)) <= GAIN.keys()
