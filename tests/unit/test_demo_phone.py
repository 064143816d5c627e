"""A simulated phone behaves as the app promises to."""

import base64
import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

import h3
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.demo.phone import Account, Phone, Verdict, Warned, choose
from service.demo.population import Network, Owner, Platform
from service.demo.refining import read_outline
from service.demo.spots import Place

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
ALERT = "01936f3e-8f2a-7bbb-8000-1c0ffee00002"
ZONE = "01936f3e-8f2a-7bbb-8000-1c0ffee00003"
SQUARE = {"type": "Polygon", "coordinates": [[[10, 0], [10.01, 0], [10.01, 0.01], [10, 0.01], [10, 0]]]}
NEAR, BEYOND = Place(10.02, 0.005), Place(10.05, 0.005)


def an_owner(**differently: Any) -> Owner:
    plain: dict[str, Any] = {
        "number": 7,
        "platform": Platform.ANDROID,
        "kind": "fid",
        "languages": ("uk",),
        "speaks": "uk",
        "places": (NEAR,),
        "decoys": (),
        "tester": True,
        "network": Network.ONLINE,
        "loses_push": False,
        "broken_extension": False,
        "empty_pack": False,
    }
    return Owner(**(plain | differently))


def a_phone(**differently: Any) -> Phone:
    phone = Phone(an_owner(**differently), "address", KEY.public_key())
    phone.pack[ZONE] = read_outline(SQUARE)
    return phone


def a_push(*, without: tuple[str, ...] = (), **differently: str) -> dict[str, str]:
    told = {"kind": "alert", "alert": ALERT, "revision": "1", "zone": ZONE, "reach_m": "2000", "language": "uk"}
    told |= {"title": "Міни", "body": "…"} | differently
    told = {key: value for key, value in told.items() if key not in without}
    canonical = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    signature = base64.urlsafe_b64encode(KEY.sign(canonical)).rstrip(b"=").decode()
    return told | {"batch": "42", "signature": signature}


def heard(phone: Phone, push: dict[str, str]) -> Warned:
    warned = phone.hear(push)
    assert warned is not None
    return warned


def test_a_signed_warning_for_a_place_of_the_owner_is_shown_once() -> None:
    phone = a_phone()
    warned = heard(phone, a_push())
    assert phone.decide(warned) is Verdict.SHOW
    phone.show(warned, at=1.0)
    assert phone.decide(warned) is Verdict.REPEAT
    assert phone.shown[ALERT, 1].pushed


def test_a_new_revision_is_not_a_repeat() -> None:
    phone = a_phone()
    phone.show(heard(phone, a_push()), at=1.0)
    assert phone.decide(heard(phone, a_push(revision="2"))) is Verdict.SHOW


def test_r19_who_was_shown_a_warning_is_shown_its_update_wherever_its_area_is_now() -> None:
    phone = a_phone()
    phone.show(heard(phone, a_push()), at=1.0)
    moved = a_push(revision="3", message="update", reach_m="1", zone="01936f3e-8f2a-7bbb-8000-1c0ffee00009")
    assert phone.decide(heard(phone, moved)) is Verdict.SHOW
    fresh = a_phone(places=(BEYOND,))
    assert fresh.decide(heard(fresh, a_push(revision="3", message="update"))) is Verdict.NOT_HERE


@pytest.mark.parametrize("message", ["correction", "end"])
def test_r19_who_was_shown_a_warning_is_shown_what_became_of_it(message: str) -> None:
    phone = a_phone()
    phone.show(heard(phone, a_push()), at=1.0)
    after = heard(phone, a_push(revision="2", message=message))
    assert phone.decide(after) is Verdict.SHOW
    phone.show(after, at=2.0)
    assert phone.decide(after) is Verdict.REPEAT


def test_an_older_message_that_comes_late_does_not_undo_a_later_one() -> None:
    phone = a_phone()
    phone.show(heard(phone, a_push(revision="2", message="correction")), at=1.0)
    assert phone.decide(heard(phone, a_push())) is Verdict.REPEAT


@pytest.mark.parametrize("message", ["cancel", "Cancel", "all_clear", ""])
def test_r20_a_push_of_an_unknown_kind_is_neither_shown_nor_does_it_end_anything(message: str) -> None:
    phone = a_phone()
    phone.show(heard(phone, a_push()), at=1.0)
    assert phone.hear(a_push(revision="2", message=message)) is None
    assert (phone.unknown, phone.forged) == (1, 0)
    assert (ALERT, 1) in phone.shown


def test_r19_what_became_of_a_warning_is_pulled_by_who_saw_it_and_no_news_to_others() -> None:
    entry = {"alert_id": ALERT, "revision": 2, "message": "end", "state": "ended", "zone_id": ZONE, "reach_m": 2000}
    entry["texts"] = {"uk": {}}
    for shown, verdict in ((True, Verdict.SHOW), (False, Verdict.NEVER_SHOWN)):
        phone = a_phone()
        if shown:
            phone.show(heard(phone, a_push()), at=1.0)
        warned = phone.read(entry)
        assert warned is not None
        assert phone.decide(warned) is verdict


def test_r20_out_of_date_is_marked_and_no_news_and_a_renewal_is_silent() -> None:
    phone = a_phone()
    phone.show(heard(phone, a_push()), at=1.0)
    entry = {"alert_id": ALERT, "revision": 1, "message": "warning", "zone_id": ZONE, "reach_m": 2000}
    assert phone.read(entry | {"state": "out_of_date", "texts": {"uk": {}}}) is None
    assert phone.standing[ALERT] == "out_of_date"
    renewed = phone.read(entry | {"state": "live", "texts": {"uk": {}}})
    assert renewed is not None
    assert phone.decide(renewed) is Verdict.REPEAT
    assert phone.standing[ALERT] == "live"


@pytest.mark.parametrize("key", ["title", "body", "zone", "reach_m", "alert", "language"])
def test_a_push_changed_on_its_way_is_not_shown(key: str) -> None:
    phone = a_phone()
    assert phone.hear(a_push() | {key: "9"}) is None
    assert phone.forged == 1


def test_an_unsigned_push_is_not_shown() -> None:
    push = a_push()
    del push["signature"]
    assert a_phone().hear(push) is None


def test_the_batch_is_not_signed_as_it_differs_between_phones() -> None:
    assert heard(a_phone(), a_push() | {"batch": "43"}).batch == 43


def test_a_place_beyond_reach_is_not_warned_even_in_a_cell_of_the_area() -> None:
    phone = a_phone(places=(BEYOND,), decoys=(NEAR.cell,))
    assert phone.decide(heard(phone, a_push())) is Verdict.NOT_HERE


def test_any_of_several_places_is_enough() -> None:
    phone = a_phone(places=(BEYOND, NEAR))
    assert phone.decide(heard(phone, a_push())) is Verdict.SHOW


def test_without_the_outline_the_app_fetches_it_and_without_network_it_shows() -> None:
    phone = a_phone(places=(BEYOND,))
    phone.pack.clear()
    assert phone.decide(heard(phone, a_push())) is Verdict.NO_OUTLINE
    assert phone.decide(heard(phone, a_push()), online=False) is Verdict.SHOW


@pytest.mark.parametrize("resolution", [3, 5, 7])
def test_without_network_or_a_zone_the_app_goes_by_the_cells(resolution: int) -> None:
    cell = str(h3.latlng_to_cell(NEAR.latitude, NEAR.longitude, resolution)).rstrip("f")
    elsewhere = str(h3.latlng_to_cell(-NEAR.latitude - 1, NEAR.longitude, resolution)).rstrip("f")
    phone = a_phone()
    phone.pack.clear()
    for cells, expected in ((f"{elsewhere} {cell}", Verdict.SHOW), (elsewhere, Verdict.NOT_HERE)):
        about_a_zone = heard(phone, a_push(cells=cells))
        assert phone.decide(about_a_zone, online=False) is expected
        assert phone.decide(heard(phone, a_push(without=("zone", "reach_m"), cells=cells))) is expected


def test_ios_draws_an_alert_itself_only_when_the_extension_was_killed() -> None:
    message = {"apns": {"payload": {"aps": {"alert": {"title": "t"}, "mutable-content": 1}}}}
    silent = {"apns": {"payload": {"aps": {"content-available": 1}}}}
    broken = a_phone(platform=Platform.IOS, broken_extension=True)
    assert broken.is_drawn_by_system(message)
    assert not broken.is_drawn_by_system(silent)
    assert not a_phone(platform=Platform.IOS).is_drawn_by_system(message)
    assert not a_phone().is_drawn_by_system(message)


def test_what_is_pulled_is_read_in_the_owners_language() -> None:
    live = {"alert_id": ALERT, "revision": 1, "state": "live", "zone_id": ZONE, "reach_m": 2000}
    warned = a_phone(languages=("uk-UA", "en")).read(live | {"texts": {"en": {}, "uk": {}}, "cells": [NEAR.cell]})
    assert warned == Warned(ALERT, 1, ZONE, 2000.0, "uk", None, (NEAR.cell,))
    withdrawn = a_phone()
    told = withdrawn.read(live | {"state": "withdrawn", "texts": {"en": {}}})
    assert told is not None
    assert withdrawn.decide(told) is Verdict.NEVER_SHOWN


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [(["uk"], "uk"), (["ar-EG"], "ar"), (["fr", "es-MX"], "es"), (["ka"], "en"), (["zh-Hant-TW", "ja"], "en")],
)
def test_a_language_that_nobody_wrote_falls_back_to_english(wanted: list[str], chosen: str) -> None:
    assert choose(wanted, ["en", "uk", "es", "ar"]) == chosen


def test_a_receipt_proves_itself_by_parts_with_their_lengths_before_them() -> None:
    phone = a_phone()
    phone.account = Account(ALERT, "secret", b"r" * 32)
    receipt = phone.receipt(heard(phone, a_push()))
    whole = b"\0\0\0\x10" + UUID(ALERT).bytes + b"\0\0\0\x04\0\0\0\x01" + b"\0\0\0\x08\0\0\0\0\0\0\0\x2a"
    mac = hmac.new(b"r" * 32, whole, hashlib.sha256).digest()
    assert receipt["mac"] == base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    assert receipt["batch"] == 42


def test_what_the_service_is_told_does_not_tell_home_from_decoy() -> None:
    owner = an_owner(places=(NEAR, BEYOND), decoys=(Place(10.2, 0.2).cell, NEAR.cell))
    assert owner.cells == sorted({NEAR.cell, BEYOND.cell, Place(10.2, 0.2).cell})
