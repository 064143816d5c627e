"""What a phone shows after a sync: a zone leaves only for a reason that the phone can check."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from service.kit import geo
from service.kit.errors import Refused
from service.publication import jws, phone
from service.publication.model import ELSEWHERE, Index, KeySet, PackEntry, Revoked, World
from service.publication.phone import Floor, Pack, Shown, Standing, Why
from tests.conftest import NOW
from tests.unit.test_packs_trust import LIVE, STRANGER, a_key, a_set, an_index, refusal

CELL = "841e1c7ffffffff"
RECORD = {"id": "r", "kind": "reduced", "authority": "Mine Action Centre", "dated": "2026-07-31"}
CLEARED = RECORD | {"kind": "cleared", "depth_cm": 20}


def zone(zone_id: str, revision: int = 1) -> dict[str, Any]:
    return {"id": zone_id, "properties": {"revision": revision}}


def pack(*zones: str, departed: Sequence[Mapping[str, Any]] = ()) -> Pack:
    return Pack(CELL, 2, {one: zone(one) for one in zones}, {one["id"]: one for one in departed})


def gone(zone_id: str, reason: str, **more: Any) -> dict[str, Any]:
    return {"id": zone_id, "reason": reason, **more}


def after(*packs: Pack, had: Sequence[str] = ("a",)) -> Shown:
    return phone.judge(Shown({one: zone(one) for one in had}), packs)


@pytest.mark.parametrize("record", [RECORD, CLEARED, RECORD | {"kind": "cancelled"}])
def test_r2_a_zone_leaves_by_a_release_record(record: dict[str, Any]) -> None:
    assert after(pack(departed=[gone("a", "released", releases=[record])])) == Shown()


@pytest.mark.parametrize(
    "records",
    [
        [],
        [RECORD | {"kind": "finished"}],
        [RECORD | {"authority": ""}],
        [{"kind": "reduced", "authority": "A"}],
        [RECORD | {"kind": "cleared"}],
        [RECORD, RECORD | {"dated": None}],
    ],
    ids=["none", "kind", "authority", "date", "depth", "second"],
)
def test_r2_a_zone_stays_if_its_release_has_no_record(records: list[dict[str, Any]]) -> None:
    shown = after(pack(departed=[gone("a", "released", releases=records)]))
    assert shown.kept["a"].why is Why.NO_RELEASE_RECORD


def test_r2_a_zone_leaves_if_it_was_recorded_in_error() -> None:
    assert after(pack(departed=[gone("a", "annulled")])) == Shown()


def test_r2_a_zone_that_is_no_longer_published_is_kept_and_marked() -> None:
    shown = after(pack(departed=[gone("a", "unpublished")]))
    assert shown.kept["a"].why is Why.UNPUBLISHED
    assert shown.kept["a"].feature == zone("a")


def test_r2_a_zone_leaves_for_others_only_if_all_of_them_are_held() -> None:
    left = gone("a", "replaced", replaced_by=["b", "c"])
    assert not after(pack("b", "c", departed=[left])).kept
    assert after(pack("b", departed=[left])).kept["a"].why is Why.REPLACEMENT_NOT_HELD
    assert after(pack(departed=[gone("a", "replaced", replaced_by=[])])).kept["a"].why is Why.REPLACEMENT_NOT_HELD


def test_r2_one_that_took_its_place_may_have_left_with_a_record_since() -> None:
    ways = [gone("a", "replaced", replaced_by=["b"]), gone("b", "released", releases=[RECORD])]
    assert after(pack(departed=ways)) == Shown()
    ways[1] = gone("b", "unpublished")
    assert after(pack(departed=ways)).kept["a"].why is Why.REPLACEMENT_NOT_HELD


def test_r2_zones_that_claim_to_replace_each_other_both_stay() -> None:
    ways = [gone("a", "replaced", replaced_by=["b"]), gone("b", "replaced", replaced_by=["a"])]
    assert set(after(pack(departed=ways), had=("a", "b")).kept) == {"a", "b"}


@pytest.mark.parametrize("departed", [[], [gone("a", "expired")], [{"id": "a"}]], ids=["gone", "unknown", "none"])
def test_r6_a_zone_that_vanishes_without_a_reason_is_kept(departed: list[dict[str, Any]]) -> None:
    assert after(pack(departed=departed)).kept["a"].why is Why.NO_REASON


def test_r6_a_kept_zone_stays_until_a_pack_lists_it_again_or_ends_it() -> None:
    kept = after(pack())
    again = phone.judge(kept, [pack()])
    assert set(again.kept) == {"a"}
    assert phone.judge(again, [pack("a")]) == Shown({"a": zone("a")})
    assert phone.judge(again, [pack(departed=[gone("a", "annulled")])]) == Shown()


def test_a_zone_in_two_packs_is_shown_as_it_is_latest() -> None:
    old, new = Pack(CELL, 1, {"a": zone("a", 1)}, {}), Pack("841e1c1ffffffff", 1, {"a": zone("a", 2)}, {})
    assert phone.judge(Shown(), [new, old]) == phone.judge(Shown(), [old, new]) == Shown({"a": zone("a", 2)})


def test_a_zone_that_left_one_pack_and_stands_in_another_is_shown() -> None:
    assert set(after(pack("a"), pack(departed=[gone("a", "annulled")])).listed) == {"a"}


def floors(index: Index) -> dict[str, Floor]:
    return {jws.kid_of(LIVE.public): phone.floor_of(index)}


def test_a_rollback_is_refused() -> None:
    known = floors(an_index(version=13))
    assert refusal(lambda: phone.demand_newer(an_index(version=12), known, a_set())) == "index-older"


def test_an_index_signed_anew_may_follow_but_not_the_one_before_it() -> None:
    later = an_index(made=NOW + timedelta(hours=1))
    phone.demand_newer(later, floors(an_index()), a_set())
    assert refusal(lambda: phone.demand_newer(an_index(), floors(later), a_set())) == "index-older"


def test_two_indexes_of_one_version_are_noticed() -> None:
    other = an_index(packs=(PackEntry(CELL, 7, 1234, "cd" * 32, 2),))
    assert refusal(lambda: phone.demand_newer(other, floors(an_index()), a_set())) == "index-forked"


def test_what_a_stolen_key_signed_cannot_freeze_a_phone_once_it_is_revoked() -> None:
    known = floors(an_index(version=2**50))
    keys: KeySet = a_set(replace(a_key(LIVE), revoked=Revoked(NOW, "stolen")), a_key(STRANGER))
    phone.demand_newer(an_index(version=13), known, keys)
    assert refusal(lambda: phone.demand_newer(an_index(version=13), known, a_set())) == "index-older"


def test_a_frozen_index_shows_as_old() -> None:
    index = an_index()
    assert not phone.is_old(index, now=NOW)
    assert phone.is_old(index, now=index.stale_after + timedelta(seconds=1))


def test_an_index_made_tomorrow_shows_as_old_since_the_clock_is_wrong() -> None:
    assert phone.is_old(an_index(), now=NOW - timedelta(days=2))


def a_pack(**changes: Any) -> tuple[bytes, PackEntry]:
    said = {"world": "live", "cell": CELL, "version": 7, "features": [zone("a")], "departed": []}
    said |= {"alerts": [], **changes}
    content = json.dumps(said).encode()
    return content, PackEntry(CELL, 7, len(content), hashlib.sha256(content).hexdigest(), 1)


def test_a_pack_is_taken_if_the_index_names_it() -> None:
    assert set(phone.demand_pack(*a_pack(), World.LIVE).zones) == {"a"}


def test_a_forged_or_truncated_pack_is_refused() -> None:
    content, entry = a_pack()
    for wrong in (content[:-1], content.replace(b'"a"', b'"b"'), content + b" ", b""):
        assert refusal(lambda wrong=wrong: phone.demand_pack(wrong, entry, World.LIVE)) == "pack-wrong"  # type: ignore[misc]  # bound now


def test_r27_an_exercise_pack_is_refused_in_a_live_phone() -> None:
    assert refusal(lambda: phone.demand_pack(*a_pack(world="exercise"), World.LIVE)) == "world-wrong"


@pytest.mark.parametrize("changes", [{"cell": "841e1c1ffffffff"}, {"version": 6}])
def test_a_pack_of_another_cell_or_version_is_refused(changes: dict[str, Any]) -> None:
    assert refusal(lambda: phone.demand_pack(*a_pack(**changes), World.LIVE)) == "pack-wrong"


def test_a_pack_that_goes_back_under_a_newer_index_is_refused() -> None:
    _, entry = a_pack()
    phone.demand_no_older_pack(entry, 7)
    assert refusal(lambda: phone.demand_no_older_pack(entry, 8)) == "pack-older"


# --- padding

HOME = geo.cell_at(35.2, 48.5, 4)
SECRET = bytes(32)


def test_the_place_and_its_neighbours_are_always_among_what_is_asked_for() -> None:
    for number in range(200):
        asked = phone.asked_for([HOME], (), number.to_bytes(32, "big"))
        assert set(map(geo.cell_text, geo.disk(HOME, 1))) <= set(asked)
        assert len(asked) == 37
        assert asked == sorted(asked)


def test_what_is_asked_for_fits_nineteen_places_equally() -> None:
    counts: dict[tuple[str, ...], int] = {}
    for number in range(1900):
        asked = tuple(phone.asked_for([HOME], (), number.to_bytes(32, "big")))
        counts[asked] = counts.get(asked, 0) + 1
    assert len(counts) == 19
    assert min(counts.values()) > 60


def test_the_same_place_asks_for_the_same_every_time() -> None:
    first = phone.asked_for([HOME], (), SECRET)
    assert phone.asked_for([HOME], (), SECRET) == first
    assert phone.asked_for([HOME], first, SECRET) == first


def test_a_walk_to_a_neighbour_whose_surroundings_are_held_asks_for_nothing_more() -> None:
    held = phone.asked_for([HOME], (), SECRET)
    inner = [cell for cell in geo.disk(HOME, 1) if set(map(geo.cell_text, geo.disk(cell, 1))) <= set(held)]
    assert HOME in inner
    assert len(inner) > 1
    for cell in inner:
        assert phone.asked_for([cell], held, SECRET) == held


def test_a_cell_that_no_index_lists_is_answered_by_the_pack_for_all_such() -> None:
    entries = (PackEntry(CELL, 1, 1, "ab" * 32, 1), PackEntry(ELSEWHERE, 1, 1, "cd" * 32, 1))
    index = an_index(packs=entries)
    assert [one.cell for one in phone.entries_for([CELL, "841e1c1ffffffff"], index)] == [CELL, ELSEWHERE]
    with pytest.raises(Refused):
        phone.entries_for([CELL], an_index(packs=entries[:1]))


def alert(revision: int = 1, **differently: Any) -> dict[str, Any]:
    told = {"alert_id": "A", "revision": revision, "message": "warning", "state": "live", "replaces": None}
    return told | {"expires_at": "2026-11-30T09:00:00Z"} | differently


def holding(*entries: Mapping[str, Any]) -> Pack:
    return Pack(CELL, 2, {}, {}, {one["alert_id"]: one for one in entries})


def standing(shown: Shown, now: datetime = NOW) -> Standing:
    return shown.alerts["A"].standing(now=now)


def test_r19_the_latest_message_of_an_alert_is_shown_whichever_pack_brings_it() -> None:
    first, later = holding(alert()), holding(alert(3, message="update", replaces=1))
    for packs in ([first, later], [later, first]):
        assert phone.judge(Shown(), packs).alerts["A"].entry["revision"] == 3
    known = phone.judge(Shown(), [later])
    assert phone.judge(known, [first]).alerts["A"].entry["revision"] == 3


def test_r20_an_alert_past_its_time_is_out_of_date_and_a_renewal_brings_it_back() -> None:
    shown = phone.judge(Shown(), [holding(alert())])
    assert standing(shown) is Standing.LIVE
    later = NOW + timedelta(days=60)
    assert standing(shown, later) is Standing.OUT_OF_DATE
    renewed = phone.judge(shown, [holding(alert(expires_at="2027-02-28T09:00:00Z"))])
    assert standing(renewed, later) is Standing.LIVE


@pytest.mark.parametrize(("message", "state"), [("correction", "withdrawn"), ("end", "ended")])
def test_r19_a_corrected_or_ended_alert_says_so_for_good(message: str, state: str) -> None:
    before = phone.judge(Shown(), [holding(alert())])
    after = phone.judge(before, [holding(alert(2, message=message, state=state, replaces=1))])
    assert standing(after, NOW + timedelta(days=900)).value == state


def test_a_warning_that_was_stopped_at_once_says_so_under_its_own_revision() -> None:
    before = phone.judge(Shown(), [holding(alert())])
    assert standing(phone.judge(before, [holding(alert(state="withdrawn"))])) is Standing.WITHDRAWN


def test_r6_an_alert_that_no_pack_lists_any_more_is_kept_and_marked() -> None:
    vanished = phone.judge(phone.judge(Shown(), [holding(alert())]), [holding()])
    assert standing(vanished) is Standing.NOT_LISTED
    assert standing(phone.judge(vanished, [holding(alert())])) is Standing.LIVE


@pytest.mark.parametrize("unknown", [{"message": "cancel"}, {"state": "over"}, {"state": "all_clear"}])
def test_r20_a_message_of_an_unknown_kind_neither_warns_nor_ends_anything(unknown: dict[str, Any]) -> None:
    content, entry = a_pack(alerts=[alert(2, **unknown)])
    read = phone.demand_pack(content, entry, World.LIVE)
    assert read.alerts == {}
    before = phone.judge(Shown(), [holding(alert())])
    assert phone.judge(before, [read]).alerts["A"].entry == alert()
