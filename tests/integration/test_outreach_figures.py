"""R26 over HTTP: what the public sees of lessons held, and what editors see of gains."""

from typing import Any

from tests.conftest import NOW
from tests.integration.schoolhouse import BASE, GAIN, School


async def a_quarter_of(school: School, classes: int = 4, **changes: Any) -> None:
    for number in range(classes):
        await school.kept(sessions=number + 1, **changes)


async def test_r26_the_public_sees_lessons_three_months_late_rounded_and_few_as_few(school: School) -> None:
    await a_quarter_of(school)
    assert set((await school.people("sex")).values()) == {"<20"}
    for moment in (NOW.replace(month=12, day=31), NOW.replace(year=2027, month=1, day=31)):
        school.clock.moment = moment
        assert await school.people("all") == {"all": "<20"}, moment
    school.clock.moment = NOW.replace(year=2027, month=4, day=1)
    assert await school.people("all") == {"all": 80}
    assert await school.people("sex") == {"female": 40, "male": 40, "unknown": "<20"}
    assert await school.people("region") == {"XA1": 80}
    assert (await school.people("place_type"))["camp"] == "<20"


async def test_r26_a_late_report_or_a_correction_changes_nothing_before_the_next_quarter(school: School) -> None:
    await a_quarter_of(school)
    report = await school.kept(sessions=9)
    school.clock.moment = NOW.replace(year=2027, month=4, day=2)
    before = await school.desk.must("GET", "/lessons/figures")
    await school.kept(date="2026-10-29")
    await school.desk.must("POST", f"{BASE}/{report}/withdraw", "oksana", json={"why": "not-held"})
    assert await school.desk.must("GET", "/lessons/figures") == before
    school.clock.moment = NOW.replace(year=2027, month=7, day=1)
    assert (await school.desk.must("GET", "/lessons/figures"))["figures"] == before["figures"], "20 came, 20 went"


async def test_r26_one_pupil_more_is_seen_in_no_later_quarter(school: School) -> None:
    await a_quarter_of(school)
    school.clock.moment = NOW.replace(year=2027, month=4, day=2)
    before = (await school.desk.must("GET", "/lessons/figures"))["figures"]
    await school.kept(counts={"female": {"5-12": 1}}, first_timers=1)
    school.clock.moment = NOW.replace(year=2027, month=7, day=2)
    assert (await school.desk.must("GET", "/lessons/figures"))["figures"] == before


async def test_radio_and_training_are_told_apart_from_people_taught_face_to_face(school: School) -> None:
    await a_quarter_of(school)
    await a_quarter_of(school, delivery="indirect", method="media", counts={"unknown": {"18+": 500}})
    school.clock.moment = NOW.replace(year=2027, month=4, day=1)
    assert await school.people("all") == {"all": 80}
    assert await school.people("delivery") == {"direct": 80, "indirect": 2000, "training": "<20"}
    assert (await school.people("method"))["media"] == "<20"


async def test_gains_are_told_editors_once_three_classes_answered(school: School) -> None:
    other = GAIN | {"revision": "2-ffffffff"}
    for number in range(2):
        await school.kept(gains=[GAIN, other] if number else [GAIN])
    assert (await school.desk.must("GET", "/lessons/gains", "anna"))["gains"] == []
    third = await school.kept(gains=[GAIN | {"right_after": 80}])
    [one] = (await school.desk.must("GET", "/lessons/gains", "anna"))["gains"]
    assert (one["revision"], one["classes"]) == (GAIN["revision"], 3)
    assert (one["percent_before"], one["percent_after"]) == (39, 88)
    await school.desk.must("POST", f"{BASE}/{third}/withdraw", "tania", json={"why": "counted-twice"})
    assert (await school.desk.must("GET", "/lessons/gains", "anna"))["gains"] == []
