"""The verdict names exactly who was missed and who was not meant, and the demo's world is made from scratch."""

import os
from dataclasses import replace

import pytest

from service.delivery.records import Tally
from service.demo.household import forget_the_callers
from service.demo.phone import Phone, Warned
from service.demo.result import Result, Story, named
from service.demo.wire import Wire
from tests.unit.test_demo_phone import ALERT, KEY, ZONE, an_owner

WARNED = Warned(ALERT, 1, ZONE, 5000.0, "uk", 42, pushed=True)


def a_phone(number: int, *, shown: Warned | None = None, at: float = 101.0) -> Phone:
    phone = Phone(an_owner(number=number), str(number), KEY.public_key())
    if shown is not None:
        phone.show(shown, at=at)
    return phone


def a_result(*phones: Phone, meant: set[int]) -> Result:
    tallies = [Tally(ring=0, language="uk", channel="fcm", planned=9, accepted=7, dead=1, waiting=1, received=5)]
    return Result.of(Story(ALERT, 100.0, tallies, phones), meant, [])


def test_the_verdict_is_exact_only_if_the_sets_are_equal() -> None:
    assert a_result(a_phone(1, shown=WARNED), a_phone(2), meant={1}).exact
    missed = a_result(a_phone(1), a_phone(2), meant={1})
    assert (missed.exact, missed.missed, missed.extra) == (False, [1], [])
    extra = a_result(a_phone(1, shown=WARNED), meant=set())
    assert (extra.exact, extra.missed, extra.extra) == (False, [], [1])


def test_a_warning_in_a_language_that_is_not_the_owners_is_not_exact() -> None:
    result = a_result(a_phone(1, shown=replace(WARNED, language="ru")), meant={1})
    assert (result.exact, result.wrong_language) == (False, (1,))


def test_the_numbers_tell_pushes_from_syncs() -> None:
    by_sync = replace(WARNED, batch=None, pushed=False)
    phones = [a_phone(1, shown=WARNED), a_phone(2, shown=WARNED, at=103.5), a_phone(3, shown=by_sync, at=109.0)]
    said = a_result(*phones, meant={1, 2, 3}).as_json()
    assert (said["first_s"], said["last_s"]) == (1.0, 3.5)
    assert (said["by_push"], said["by_sync"]) == (2, 1)
    assert (said["planned"], said["sent"], said["accepted"], said["received"]) == (9, 8, 7, 5)
    assert said["languages"] == {"uk": 3}


def test_a_push_that_never_came_is_not_hidden_by_the_sync_that_made_it_good() -> None:
    by_sync = replace(WARNED, batch=None, pushed=False)
    result = a_result(a_phone(1, shown=by_sync), meant={1})
    assert (result.exact, result.late, result.missed) == (False, (1,), [])
    excused = Phone(an_owner(number=1, loses_push=True), "1", KEY.public_key())
    excused.show(by_sync, at=101.0)
    assert a_result(excused, meant={1}).exact


def test_an_alert_of_another_day_does_not_count() -> None:
    other = replace(WARNED, alert="01936f3e-8f2a-7bbb-8000-1c0ffee0000f")
    assert a_result(a_phone(1, shown=other), meant={1}).missed == [1]


def test_phones_are_named_by_number_the_first_fifty() -> None:
    assert named([]) == "none"
    assert named([3, 17]) == "phone 3, phone 17"
    assert named(list(range(60))).endswith("phone 49 and 10 more")


def test_nothing_of_the_callers_environment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    hostile = {"DATABASE_URL", "REDIS_URL", "GOOGLE_APPLICATION_CREDENTIALS", "SUREFOOT_KEY", "PGHOST", "HTTPS_PROXY"}
    try:
        os.environ.update(dict.fromkeys(hostile, "production"))
        forget_the_callers()
        assert not hostile & os.environ.keys()
        assert os.environ["PATH"] == before["PATH"]
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.mark.parametrize("base", ["http://fcm.googleapis.com", "https://192.0.2.1:8000", "http://localhost.example"])
def test_the_demo_speaks_to_this_machine_only(base: str) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        Wire(base)
