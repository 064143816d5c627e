"""What one push says, and how large it is."""

import base64
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import h3.api.basic_int as h3
import pytest

from service.alerts.texts import CORRECTIONS, TEMPLATES
from service.delivery import payload
from service.delivery.model import Bulletin, Message, Pull, Severity, Text
from service.i18n.catalogues import Catalogues
from service.kit.crypto import Signer, mac, verify
from service.kit.errors import Refused

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TOLD = Bulletin(
    UUID(int=1), UUID(int=1), 1, Message.WARNING, Severity.EXTREME, exercise=True, zone_id=UUID(int=2), reach_m=5000,
    issued_at=NOW, expires_at=NOW + timedelta(days=90),
)  # fmt: skip
TEXT = Text("uk", "ltr", "НАВЧАННЯ", "Зупиніться.")


def test_r18_every_push_says_whether_it_is_an_exercise() -> None:
    for exercise, said in ((True, "1"), (False, "0")):
        data = dict(payload.encode(replace(TOLD, exercise=exercise), TEXT, now=NOW).data)
        assert data["exercise"] == said


def test_a_push_without_a_zone_tells_its_cells_and_neither_zone_nor_reach() -> None:
    cells = (0x831E6EFFFFFFFFF, 0x871E6E4D9FFFFFF)
    about_a_zone = dict(payload.encode(replace(TOLD, cells=cells), TEXT, now=NOW).data)
    about_none = dict(payload.encode(replace(TOLD, cells=cells, zone_id=None), TEXT, now=NOW).data)
    assert about_none["cells"] == about_a_zone["cells"] == "831e6e 871e6e4d9"
    assert about_a_zone.keys() - about_none.keys() == {"zone", "reach_m"}


def test_the_longest_text_of_any_template_fits_beside_forty_cells(catalogues: Catalogues) -> None:
    told = replace(TOLD, cells=tuple(int(cell) for cell in h3.grid_disk(h3.latlng_to_cell(49.0, 37.0, 7), 4))[:40])
    for template in (*TEMPLATES.values(), *CORRECTIONS.values()):
        for exercise, tag in itertools.product((True, False), ("en", "uk", "ru", "es", "ar")):
            holes = {"authority": "Державна служба з надзвичайних ситуацій", "place": "Я" * 60, "number": "112"}
            rendered = catalogues.render_together(template.texts(exercise=exercise), tag, **holes, date=NOW)
            payload.encode(told, Text(tag, rendered.direction, *rendered.texts), now=NOW)


def test_the_signature_covers_all_but_the_batch() -> None:
    signer = Signer(bytes(32))
    told = replace(TOLD, cells=(0x871E6E4D9FFFFFF,))
    signature = signer.sign(payload.signed_bytes(told, TEXT))
    pushed = dict(payload.encode(told, TEXT, now=NOW, batch=9, signature=signature).data)
    assert verify(signer.public, signature, payload.canonical(pushed))
    for key in pushed.keys() - payload.UNSIGNED:
        assert not verify(signer.public, signature, payload.canonical(pushed | {key: pushed[key] + "x"})), key


def test_a_text_that_fits_without_batch_and_signature_but_not_with_them_is_refused_in_the_preview() -> None:
    longest = max(range(2000), key=lambda size: size if fits("я" * size) else 0)
    bare = payload.encode(TOLD, replace(TEXT, body="я" * longest), now=NOW)
    assert payload.measure(bare) < payload.LIMIT - 100
    with pytest.raises(Refused) as refused:
        payload.encode(TOLD, replace(TEXT, body="я" * (longest + 1)), now=NOW)
    assert refused.value.name == "text-too-long"
    assert "Shorten" in (refused.value.remedy or "")


def test_every_push_says_which_index_there_is_and_over_how_long_to_spread_fetching_it() -> None:
    data = dict(payload.encode(replace(TOLD, pull=Pull(41, 300)), TEXT, now=NOW).data)
    assert (data["pack"], data["sync_within_s"]) == ("41", "300")


def test_a_text_that_fits_fits_with_every_version_and_audience() -> None:
    longest = max(range(2000), key=lambda size: size if fits("я" * size) else 0)
    fullest = replace(TOLD, pull=Pull(2**63 - 1, 99_999))
    text = replace(TEXT, body="я" * longest)
    sealed = payload.encode(fullest, text, now=NOW, batch=2**63 - 1, signature=bytes(64))
    assert payload.LIMIT - 2 < payload.measure(sealed) <= payload.LIMIT


def fits(body: str) -> bool:
    try:
        payload.encode(TOLD, replace(TEXT, body=body or "я"), now=NOW)
    except Refused:
        return False
    return True


@pytest.mark.parametrize(("title", "body"), [("", "x"), ("x", " "), ("x", "\ud800")])
def test_an_empty_or_unwritable_text_is_refused(title: str, body: str) -> None:
    with pytest.raises(Refused):
        payload.encode(TOLD, replace(TEXT, title=title, body=body), now=NOW)


def test_the_time_to_live_ends_with_the_alert_and_stays_within_googles_limit() -> None:
    assert payload.encode(TOLD, TEXT, now=NOW).ttl == timedelta(weeks=4)
    assert payload.encode(TOLD, TEXT, now=TOLD.expires_at - timedelta(hours=1)).ttl == timedelta(hours=1)
    assert payload.encode(TOLD, TEXT, now=TOLD.expires_at + timedelta(hours=1)).ttl == timedelta(0)


def test_a_verification_push_shows_nothing() -> None:
    said = payload.encode_code("abc")
    assert payload.aps(said) == {"content-available": 1}
    assert dict(said.data) == {"kind": "verify", "code": "abc"}


def test_the_signed_bytes_do_not_depend_on_the_order_of_fields() -> None:
    data = dict(payload.encode(TOLD, TEXT, now=NOW, batch=1).data)
    backwards = dict(reversed(list(data.items())))
    assert payload.canonical(data) == payload.canonical(backwards)
    assert json.loads(payload.canonical(data))["body"] == TEXT.body


def test_the_worked_example_of_a_receipt_is_what_the_service_computes() -> None:
    alert = UUID("01936f3e-8f2a-7bbb-8000-1c0ffee00002")
    made = mac(bytes(32), alert.bytes, (1).to_bytes(4, "big"), (42).to_bytes(8, "big"))
    written = (Path(__file__).parents[2] / "docs" / "receipts.md").read_text()
    assert f"`{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}`" in written
