"""Numbers of phones: which may be texted, in which spellings, and what a refusal says."""

import pytest

from service.config import Settings
from service.kit.crypto import Keyring, SealKeys, Unreadable
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.residents import numbers
from service.residents.numbers import NumberOpener, Sealed, e164

UA = ("UA",)
FIRST = ("first", bytes(range(32)))
SECOND = ("second", bytes(range(32, 64)))
OURS = Hidden("+380671234567")
KEYRING = Keyring(bytes(32))


@pytest.mark.parametrize(
    "written",
    [
        "+380671234567",
        "067 123 45 67",
        "(067) 123-45-67",
        "067.123.45.67",
        "00380671234567",
        "+380 67 123‑45‑67",
        "\u200e+380671234567\u202c",
        "+٣٨٠٦٧١٢٣٤٥٦٧",
        "០៦៧១២៣៤៥៦៧",
        "＋３８０６７１２３４５６７",
    ],
)
def test_a_number_is_read_as_people_write_it_in_digits_of_any_script(written: str) -> None:
    assert e164(written, UA).reveal() == "+380671234567"


@pytest.mark.parametrize(
    ("written", "countries", "problem"),
    [
        ("112", UA, "number-short"),
        ("101", UA, "number-short"),
        ("103", UA, "number-short"),
        ("4224", UA, "number-short"),
        ("+380442345678", UA, "number-no-mobile"),
        ("0800 500 100", UA, "number-no-mobile"),
        ("+380900212345", UA, "number-dear"),
        ("09012345678", ("GB", "UA"), "number-dear"),
        ("+448451234567", ("GB",), "number-dear"),
        ("+447012345678", ("GB",), "number-dear"),
        ("+48601234567", UA, "number-foreign"),
        ("+14155552671", ("CA", "UA"), "number-foreign"),
        ("067123456", UA, "number-malformed"),
        ("", UA, "number-malformed"),
        ("+", UA, "number-malformed"),
        ("0" * 41, UA, "number-malformed"),
        ("0671234567 ext. 5", UA, "number-malformed"),
        ("067 FLOWERS", UA, "number-malformed"),
        ("067123456\x007", UA, "number-malformed"),
        ("0671234567;0671234568", UA, "number-malformed"),
        ("++380671234567", UA, "number-malformed"),
    ],
)
def test_what_no_text_may_go_to_is_refused_without_being_repeated(
    written: str, countries: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(Refused) as caught:
        e164(written, countries)
    refused = caught.value
    assert refused.name == problem
    assert refused.remedy
    digits = "".join(letter for letter in written if letter.isdigit())
    said = f"{refused.detail} {refused.remedy} {refused.where}"
    assert not digits or digits not in said
    assert refused.__cause__ is None


def test_a_number_at_home_in_two_countries_must_be_written_with_its_country() -> None:
    with pytest.raises(Refused) as caught:
        e164("612345678", ("FR", "NL"))
    assert caught.value.name == "number-ambiguous"
    assert e164("+33612345678", ("FR", "NL")).reveal() == "+33612345678"


def test_what_is_sealed_opens_with_its_own_key_only_and_as_nobody_elses_number() -> None:
    one = numbers.seal(KEYRING, SealKeys([FIRST]), OURS)
    assert one.key_id == "first"
    assert OURS.reveal().encode() not in one.sealed
    rotated = SealKeys([SECOND, FIRST])
    assert NumberOpener(rotated).open(one).reveal() == OURS.reveal()
    assert numbers.seal(KEYRING, rotated, OURS).key_id == "second"
    other = numbers.hashed(KEYRING, Hidden("+380671234568"))
    for wrong in (Sealed(one.sealed, "second", one.hash), Sealed(one.sealed, "first", other)):
        with pytest.raises(Unreadable):
            NumberOpener(rotated).open(wrong)
    with pytest.raises(Unreadable):
        NumberOpener(SealKeys([SECOND])).open(one)
    with pytest.raises(Unreadable):
        NumberOpener(SealKeys([])).open(one)


def test_equal_numbers_meet_under_one_hash_that_another_server_key_does_not_make() -> None:
    assert numbers.hashed(KEYRING, OURS) == numbers.hashed(KEYRING, e164("067 123 45 67", UA))
    assert numbers.hashed(KEYRING, OURS) != numbers.hashed(Keyring(bytes(range(32))), OURS)


def test_nothing_that_holds_a_number_shows_it_when_printed() -> None:
    assert "67123" not in repr(e164("0671234567", UA))


@pytest.mark.parametrize(
    "keys",
    ["first", "first:00", f"first:{'0' * 63}", f"fi rst:{'0' * 64}", f"a:{'0' * 64},a:{'1' * 64}", f"a:{'0' * 64},b"],
)
def test_keys_that_cannot_be_read_are_refused_at_the_start_without_being_repeated(keys: str) -> None:
    with pytest.raises(ValueError, match="ID:64 hex digits") as caught:
        Settings(number_keys=keys)
    assert "0000" not in str(caught.value)
    assert "1111" not in str(caught.value)


def test_keys_are_read_in_their_order_with_ids() -> None:
    text = f" new:{'ab' * 32} , old:{'CD' * 32},"
    settings = Settings(number_keys=text)
    assert settings.number_keyring == (("new", bytes.fromhex("ab" * 32)), ("old", bytes.fromhex("cd" * 32)))
    assert Settings().number_keyring == ()


@pytest.mark.parametrize("countries", ["Ukraine", "UA,U", "UA;MD", "ua1"])
def test_countries_are_named_by_two_letters(countries: str) -> None:
    with pytest.raises(ValueError, match="two letters"):
        Settings(sms_countries=countries)


@pytest.mark.parametrize("name", ["codes_a_number", "codes_a_range", "codes_a_network", "codes_a_day"])
def test_no_setting_puts_a_budget_of_codes_below_its_floor(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings(**{name: 1})  # type: ignore[arg-type]  # one setting at a time
