"""Whatever the country, script and spelling: a mobile number is one number, and nothing else is texted."""

import sys
import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType
from phonenumbers.shortnumberinfo import _example_short_number

from service.kit.errors import Refused
from service.residents.numbers import LONGEST, e164
from tests.each import try_each

COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)
ZEROS = st.deferred(
    lambda: st.sampled_from([chr(code) for code in range(sys.maxunicode) if unicodedata.decimal(chr(code), None) == 0])
)
FORMATS = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)
TEXTED = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
KINDS = (
    PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST, PhoneNumberType.VOIP, PhoneNumberType.PERSONAL_NUMBER, PhoneNumberType.PAGER,
    PhoneNumberType.UAN, PhoneNumberType.VOICEMAIL,
)  # fmt: skip


def example(country: str, kind: int) -> PhoneNumber | None:
    return phonenumbers.example_number_for_type(country, kind)


def test_the_mobile_numbers_of_every_country_are_taken_in_every_way_to_write_them() -> None:
    def check(country: str) -> None:
        number = example(country, PhoneNumberType.MOBILE)
        if number is None:
            assert country == "TA"  # Tristan da Cunha: 250 people, no mobile network
            return
        whole = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        for form in FORMATS:
            assert e164(phonenumbers.format_number(number, form), [country]).reveal() == whole

    try_each(check, ((country,) for country in COUNTRIES))


def refusal(written: str, countries: list[str]) -> str:
    """Return by which name a number is refused; empty if it is taken."""
    try:
        e164(written, countries)
    except Refused as refused:
        return refused.name
    return ""


def test_every_other_sort_of_number_of_every_country_is_refused() -> None:
    def check(country: str, kind: int) -> None:
        number = example(country, kind)
        if number is not None and phonenumbers.number_type(number) not in TEXTED:
            written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
            sharing = phonenumbers.region_codes_for_country_code(number.country_code or 0)
            assert refusal(written, [country, *sharing]) in {"number-dear", "number-no-mobile"}

    try_each(check, ((country, kind) for country in COUNTRIES for kind in KINDS))


def test_emergency_numbers_and_short_codes_of_every_country_are_refused() -> None:
    def check(country: str) -> None:
        for short in {"112", _example_short_number(country)} - {""}:
            assert refusal(short, [country])

    try_each(check, ((country,) for country in COUNTRIES))


@given(country=st.sampled_from([one for one in COUNTRIES if one != "TA"]), zero=ZEROS, data=st.data())
def test_digits_of_any_script_are_the_same_number(country: str, zero: str, data: st.DataObject) -> None:
    number = example(country, PhoneNumberType.MOBILE)
    assert number is not None
    whole = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    between = data.draw(st.lists(st.sampled_from(["", " ", "-", "\u00a0", ".", "\u2011", "\u200f"]), min_size=20))
    written = "+" + "".join(chr(ord(zero) + int(digit)) + gap for digit, gap in zip(whole[1:], between, strict=False))
    if len(written) <= LONGEST:
        assert e164(written, [country]).reveal() == whole


@given(text=st.text(max_size=60), countries=st.lists(st.sampled_from(COUNTRIES), max_size=4))
def test_no_text_at_all_makes_anything_but_a_number_or_a_clear_refusal(text: str, countries: list[str]) -> None:
    try:
        found = e164(text, countries)
    except Refused as refused:
        known = refused.name.startswith("number-")
        assert known, "every refusal is one of ours"
        return
    parsed = phonenumbers.parse(found.reveal())
    assert any(phonenumbers.is_valid_number_for_region(parsed, one) for one in countries)
    assert phonenumbers.number_type(parsed) in TEXTED


@given(country=st.sampled_from([one for one in COUNTRIES if one != "TA"]))
def test_a_number_is_refused_wherever_its_country_is_not_texted(country: str) -> None:
    number = example(country, PhoneNumberType.MOBILE)
    assert number is not None
    others = [one for one in ("UA", "MD", "GE") if one != country]
    with pytest.raises(Refused) as caught:
        e164(phonenumbers.format_number(number, PhoneNumberFormat.E164), others)
    assert caught.value.name == "number-foreign"
