"""What may be registered, who is meant, what proves an address."""

from datetime import timedelta
from uuid import UUID

import h3
import pytest

from service.kit.crypto import Keyring
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.residents import rules
from service.residents.model import Address, AddressKind, Reason, Resident
from tests.conftest import NOW

HERE = h3.latlng_to_cell(50.45, 30.52, 7)
NEXT = next(cell for cell in h3.grid_ring(HERE, 1))
FAR = h3.latlng_to_cell(-12.0, -30.0, 7)
KEYRING = Keyring(bytes(range(32)))


def as_number(cell: str) -> int:
    return int(h3.str_to_int(cell))


def known(tag: str) -> str | None:
    return {"UK": "uk", "uk": "uk", "en": "en"}.get(tag)


def a_resident(
    *cells: str, tester_days: int | None = None, verified: bool = True, capped: bool = False, has_address: bool = True
) -> Resident:
    return Resident(
        id=UUID(int=7),
        number=1,
        cells=Hidden(tuple(as_number(cell) for cell in cells or (HERE,))),
        languages=("uk",),
        verified=verified,
        capped=capped,
        tester_until=None if tester_days is None else NOW + timedelta(days=tester_days),
        has_address=has_address,
    )


RINGS = {as_number(HERE): 0, as_number(NEXT): 1}


def test_the_nearest_of_several_cells_says_the_ring() -> None:
    assert rules.is_meant(a_resident(FAR, NEXT, HERE), RINGS, exercise=False, now=NOW) == 0
    assert rules.is_meant(a_resident(FAR, NEXT), RINGS, exercise=False, now=NOW) == 1


def test_whoever_has_no_cell_in_the_area_is_not_meant() -> None:
    assert rules.is_meant(a_resident(FAR), RINGS, exercise=False, now=NOW) is Reason.NOT_IN_AREA


def test_an_unverified_phone_is_meant_too_but_a_capped_one_waits() -> None:
    assert rules.is_meant(a_resident(verified=False), RINGS, exercise=False, now=NOW) == 0
    assert rules.is_meant(a_resident(verified=False, capped=True), RINGS, exercise=False, now=NOW) is Reason.CAPPED


def test_a_phone_whose_address_died_is_not_meant() -> None:
    assert rules.is_meant(a_resident(has_address=False), RINGS, exercise=False, now=NOW) is Reason.NO_ADDRESS


@pytest.mark.parametrize(("days", "meant"), [(None, Reason.NOT_A_TESTER), (0, Reason.NOT_A_TESTER), (1, 0)])
def test_r18_an_exercise_means_enrolled_testers_only(days: int | None, meant: int | Reason) -> None:
    assert rules.is_meant(a_resident(tester_days=days), RINGS, exercise=True, now=NOW) == meant


def test_r18_testers_are_meant_by_actual_alerts_like_everybody() -> None:
    assert rules.is_meant(a_resident(tester_days=1), RINGS, exercise=False, now=NOW) == 0


def refusal_of_cells(*cells: str) -> Refused:
    with pytest.raises(Refused) as caught:
        rules.read_cells(cells)
    return caught.value


def test_cells_finer_than_5_km2_are_refused_because_they_would_tell_where_somebody_is() -> None:
    refused = refusal_of_cells(HERE, h3.latlng_to_cell(50.45, 30.52, 8))
    assert refused.name == "cells-refused"
    assert [fault.where for fault in refused.faults] == ["cells[1]"]
    assert "would tell where somebody is" in refused.faults[0].detail


def test_coarser_cells_are_refused() -> None:
    assert "too large" in refusal_of_cells(h3.latlng_to_cell(50.45, 30.52, 6)).detail


@pytest.mark.parametrize(
    "text", ["", "871e6e4d9fffff", "871e6e4d9ffffff ", "871E6E4D9FFFFFF", "87ffffffffffffe", "x" * 15]
)
def test_what_is_no_cell_is_refused_and_not_repeated(text: str) -> None:
    refused = refusal_of_cells(text)
    assert refused.detail == "This is not an H3 cell."
    assert not text or text not in f"{refused.detail}{refused.remedy}{refused.faults}"


def test_more_than_20_cells_none_or_repeated_ones_are_refused() -> None:
    disk = sorted(h3.grid_disk(HERE, 3))
    assert len(rules.read_cells(disk[:20])) == 20
    assert refusal_of_cells(*disk[:21]).name == "cells-number"
    assert refusal_of_cells().name == "cells-number"
    assert refusal_of_cells(HERE, NEXT, HERE).name == "cells-repeated"


def test_languages_keep_their_order_and_are_normalised() -> None:
    assert rules.read_languages(["en", "UK", "uk"], known) == ("en", "uk")


def test_unknown_languages_are_named_by_their_place_and_not_repeated() -> None:
    with pytest.raises(Refused) as caught:
        rules.read_languages(["en", "klingonese", "uk", "\x00"], known)
    assert caught.value.detail == "Not a known language: languages[1], languages[3]."
    assert "klingonese" not in str(caught.value.faults)


@pytest.mark.parametrize("number", [0, 9])
def test_a_registration_names_1_to_8_languages(number: int) -> None:
    with pytest.raises(Refused) as caught:
        rules.read_languages(["en"] * number, known)
    assert caught.value.name == "languages-number"


def fid(value: str) -> Address:
    return Address(AddressKind.FID, Hidden(value))


def token(value: str) -> Address:
    return Address(AddressKind.TOKEN, Hidden(value))


@pytest.mark.parametrize(
    "address", [fid("dXs2kLq9RbGm4Tn7Vw1YzA"), token("c" * 11 + ":APA91b" + "x" * 134), token("a" * 100)]
)
def test_addresses_in_google_s_forms_are_taken(address: Address) -> None:
    assert rules.check_address(address) is address


@pytest.mark.parametrize(
    "address",
    [
        fid(""),
        fid("dXs2kLq9RbGm4Tn7Vw1Yz"),
        fid("dXs2kLq9RbGm4Tn7Vw1YzA\n"),
        fid("dXs2kLq9RbGm4Tn7Vw1Yz:"),
        token("a" * 99),
        token("a" * 4097),
        token("a" * 100 + "\x00"),
        token("a" * 100 + "\n"),
        token("a" * 100 + "/../topics"),
        token("а" * 100),  # noqa: RUF001 - Cyrillic on purpose
    ],
)
def test_malformed_addresses_are_refused_and_not_repeated(address: Address) -> None:
    with pytest.raises(Refused) as caught:
        rules.check_address(address)
    value = address.value.reveal()
    assert not value or value not in f"{caught.value.detail}{caught.value.remedy}"


def test_a_code_belongs_to_one_registration_and_one_address() -> None:
    one, other = UUID(int=1), UUID(int=2)
    here = rules.address_hash(KEYRING, fid("dXs2kLq9RbGm4Tn7Vw1YzA"))
    there = rules.address_hash(KEYRING, fid("dXs2kLq9RbGm4Tn7Vw1YzB"))
    codes = {rules.verification_code(KEYRING, who, where) for who in (one, other) for where in (here, there)}
    assert len(codes) == 4
    assert {len(code) for code in codes} == {22}


def test_a_fid_and_a_token_of_the_same_letters_are_two_addresses() -> None:
    assert rules.address_hash(KEYRING, fid("x" * 22)) != rules.address_hash(KEYRING, token("x" * 22))


def test_a_tester_s_code_may_be_typed_in_any_case_without_hyphens() -> None:
    assert rules.tester_hash(KEYRING, "7Q2M-X9TD-41KV") == rules.tester_hash(KEYRING, " 7q2mx9td41kv")


def test_what_is_personal_does_not_show_in_a_repr() -> None:
    shown = repr(a_resident(HERE)) + repr(fid("dXs2kLq9RbGm4Tn7Vw1YzA"))
    assert str(as_number(HERE)) not in shown
    assert "dXs2" not in shown
