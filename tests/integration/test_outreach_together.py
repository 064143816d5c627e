"""Reports on lessons when several come at one moment, and as the offline page sends them."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import service
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


async def test_r26_all_who_ask_at_the_turn_of_a_quarter_see_the_same_figures(school: School) -> None:
    for number in range(4):
        await school.kept(sessions=number + 1)
    school.clock.moment = NOW + timedelta(days=200)
    seen = await asyncio.gather(*(school.people("all") for _ in range(4)))
    assert seen == [{"all": 80}] * 4


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
