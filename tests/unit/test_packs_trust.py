"""What a phone believes: signed by whom, when, for which world."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws as oracle
from joserfc.jwk import OKPKey

from service.kit.crypto import Signer
from service.kit.errors import Refused
from service.publication import jws, signing, trust
from service.publication.model import Index, KeySet, PackEntry, PublishedKey, Revoked, World
from tests.conftest import NOW

ROOT, LIVE, EXERCISE, STRANGER = (Signer(bytes([number] * 32)) for number in (1, 2, 3, 4))
YEAR = timedelta(days=365)


def a_key(signer: Signer, world: World = World.LIVE) -> PublishedKey:
    return PublishedKey(jws.kid_of(signer.public), signer.public, world, NOW - YEAR, NOW + YEAR)


def a_set(*keys: PublishedKey, version: int = 3) -> KeySet:
    return KeySet(version, NOW, keys or (a_key(LIVE), a_key(EXERCISE, World.EXERCISE)))


def an_index(**changes: Any) -> Index:
    entry = PackEntry("841e1c7ffffffff", 7, 1234, "ab" * 32, 2)
    index = Index(World.LIVE, 12, NOW, NOW, NOW + timedelta(hours=72), (entry,))
    return replace(index, **changes)


def test_a_key_set_is_read_back_as_it_was_signed() -> None:
    keys = a_set(replace(a_key(LIVE), revoked=Revoked(NOW, "lost")), a_key(EXERCISE, World.EXERCISE))
    assert trust.open_keys(signing.sign_keys(ROOT, keys), [ROOT.public]) == keys


def test_an_index_is_read_back_as_it_was_signed() -> None:
    index, key = trust.open_index(signing.sign_index(LIVE, an_index()), a_set(), World.LIVE)
    assert index == an_index()
    assert key == a_key(LIVE)


@pytest.mark.parametrize("made", [signing.sign_index(LIVE, an_index()), signing.sign_keys(ROOT, a_set())])
def test_another_library_believes_what_we_sign(made: bytes) -> None:
    signer = LIVE if b"index" in base64.urlsafe_b64decode(json.loads(made)["protected"] + "==") else ROOT
    public = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": jws.encoded(signer.public)})
    registry = oracle.JWSRegistry(algorithms=["Ed25519"])
    assert oracle.deserialize_json(json.loads(made), public, registry=registry).payload.startswith(b'{"surefoot":1')


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.name


def opened(signer: Signer = LIVE, index: Index | None = None, keys: KeySet | None = None) -> object:
    return trust.open_index(signing.sign_index(signer, index or an_index()), keys or a_set(), World.LIVE)


def test_an_index_signed_by_a_stranger_is_refused() -> None:
    assert refusal(lambda: opened(STRANGER)) == "key-unknown"


def test_an_index_signed_by_a_revoked_key_is_refused() -> None:
    keys = a_set(replace(a_key(LIVE), revoked=Revoked(NOW + YEAR, "stolen")))
    assert refusal(lambda: opened(keys=keys)) == "key-revoked"


def test_r27_a_live_phone_refuses_an_index_of_exercises() -> None:
    exercise = an_index(world=World.EXERCISE)
    assert refusal(lambda: opened(EXERCISE, exercise)) == "world-wrong"


def test_r27_an_exercises_key_cannot_sign_for_the_real_world() -> None:
    assert refusal(lambda: opened(EXERCISE)) == "world-wrong"


def test_r27_the_live_key_cannot_make_an_exercise_real() -> None:
    assert refusal(lambda: opened(LIVE, an_index(world=World.EXERCISE))) == "world-wrong"


@pytest.mark.parametrize("off", [-2 * YEAR, 2 * YEAR])
def test_an_index_made_outside_its_keys_time_is_refused(off: timedelta) -> None:
    index = an_index(made=NOW + off, data_as_of=NOW + off, stale_after=NOW + off + timedelta(hours=1))
    assert refusal(lambda: opened(index=index)) == "key-not-valid"


def test_a_key_found_after_its_time_cannot_sign_what_looks_current() -> None:
    assert refusal(lambda: opened(index=an_index(stale_after=NOW + YEAR))) == "index-times-wrong"
    assert refusal(lambda: opened(index=an_index(data_as_of=NOW + YEAR))) == "index-times-wrong"


def test_an_older_key_set_is_refused() -> None:
    signed = signing.sign_keys(ROOT, a_set(version=3))
    assert refusal(lambda: trust.open_keys(signed, [ROOT.public], least=4)) == "keys-older"
    assert trust.open_keys(signed, [ROOT.public], least=3).version == 3


def test_a_key_set_of_another_root_is_refused() -> None:
    assert refusal(lambda: trust.open_keys(signing.sign_keys(STRANGER, a_set()), [ROOT.public])) == "root-unknown"


def test_whoever_has_a_signing_key_cannot_sign_a_key_set() -> None:
    forged = json.loads(signing.sign_keys(LIVE, a_set()))
    forged["protected"] = json.loads(signing.sign_keys(ROOT, a_set()))["protected"]
    assert refusal(lambda: trust.open_keys(json.dumps(forged).encode(), [ROOT.public])) == "signature-wrong"


def test_an_index_cannot_pass_for_a_key_set_nor_the_reverse() -> None:
    assert refusal(lambda: trust.open_keys(signing.sign_index(ROOT, an_index()), [ROOT.public])) == "document-malformed"
    keys = signing.sign_keys(LIVE, a_set())
    assert refusal(lambda: trust.open_index(keys, a_set(), World.LIVE)) == "document-malformed"


def header(**changes: object) -> str:
    said = {"alg": "Ed25519", "kid": jws.kid_of(LIVE.public), "typ": "surefoot-index+json"} | changes
    return jws.encoded(json.dumps(said).encode())


@pytest.mark.parametrize(
    "protected",
    [header(alg="none"), header(alg="HS256"), header(crit=["b64"], b64=False), header(kid=7), header(typ="JWT"), "*"],
    ids=["none", "symmetric", "critical", "kid", "type", "no base64"],
)
def test_an_index_with_another_header_is_refused(protected: str) -> None:
    made = json.loads(signing.sign_index(LIVE, an_index())) | {"protected": protected}
    assert refusal(lambda: trust.open_index(json.dumps(made).encode(), a_set(), World.LIVE)) == "document-malformed"


def test_every_byte_of_an_index_is_signed() -> None:
    made = signing.sign_index(LIVE, an_index())
    for at in range(0, len(made), 7):
        spoiled = made[:at] + bytes([made[at] ^ 1]) + made[at + 1 :]
        with pytest.raises(Refused):
            trust.open_index(spoiled, a_set(), World.LIVE)


@pytest.mark.parametrize("cut", [0, 1, 50, -1])
def test_a_truncated_index_is_refused(cut: int) -> None:
    made = signing.sign_index(LIVE, an_index())
    assert refusal(lambda: trust.open_index(made[:cut], a_set(), World.LIVE)) == "document-malformed"


def test_a_key_cannot_be_put_under_another_keys_id() -> None:
    keys = a_set(replace(a_key(STRANGER), kid=jws.kid_of(LIVE.public)))
    assert refusal(lambda: trust.open_keys(signing.sign_keys(ROOT, keys), [ROOT.public])) == "document-malformed"


@pytest.mark.parametrize("cell", ["../../etc", "a/b", "", "é"])
def test_a_cell_that_names_another_place_on_the_disk_is_refused(cell: str) -> None:
    index = an_index(packs=(PackEntry(cell, 1, 1, "ab" * 32, 1),))
    assert refusal(lambda: opened(index=index)) == "document-malformed"
