"""An outside format: numbers of phones (E.164), which of them may be texted, and how they are kept."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from service.config import Settings
from service.kit.crypto import Keyring, SealKeys
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden

LONGEST = 40
RANGE_DIGITS = 7
_TEXTED = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
_DEAR = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PERSONAL_NUMBER}
# What people put between digits, in any script; letters are none of it.
_BETWEEN = {"Zs", "Pd", "Cf", "Ps", "Pe"}
_SIGNS = {".", "/", "·"}


def e164(text: str, countries: Sequence[str]) -> Hidden[str]:
    """Return a number as +380671234567, if texts may go there: digits of any script, international or as at home.

    Refused, and never repeated, unless it is a mobile number of one of the countries (ISO 3166).
    """
    plain = _digits(text)
    if _is_short(plain, countries):
        detail = "This is an emergency number or a short code, and no phone of somebody's own."
        raise _refused("number-short", detail, "Send the whole number of a mobile phone.")
    found = _parsed(plain, countries)
    kind = phonenumbers.number_type(found)
    if kind in _DEAR:
        detail = "Texts to this number would cost its owner or this service more than to a mobile phone."
        raise _refused("number-dear", detail, "Send the number of a mobile phone.")
    if kind not in _TEXTED:
        detail = "This is not the number of a mobile phone, so no text would reach it."
        raise _refused("number-no-mobile", detail, "Send the number of a mobile phone.")
    return Hidden(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def _digits(text: str) -> str:
    """Return the digits as ASCII, with the plus if one stands before them. Refused when anything else is among them."""
    kept = []
    for letter in unicodedata.normalize("NFKC", text[: LONGEST + 1]):
        digit = unicodedata.decimal(letter, None)
        if digit is not None:
            kept.append(str(digit))
        elif letter == "+" and not kept:
            kept.append("+")
        elif letter not in _SIGNS and unicodedata.category(letter) not in _BETWEEN:
            raise _malformed()
    if len(text) > LONGEST:
        raise _malformed()
    return "".join(kept)


def _is_short(plain: str, countries: Sequence[str]) -> bool:
    if plain.startswith("+"):
        return False
    for country in countries:
        try:
            number = phonenumbers.parse(plain, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            continue  # what is a whole number here is looked at as one
        emergency = phonenumbers.is_emergency_number(plain, country)
        if emergency or phonenumbers.is_possible_short_number_for_region(number, country):
            return True
    return False


def _parsed(plain: str, countries: Sequence[str]) -> PhoneNumber:
    """Return the one number that this is in the countries."""
    found: dict[str, PhoneNumber] = {}
    foreign = False
    for country in countries:
        try:
            number = phonenumbers.parse(plain, country)
        except phonenumbers.NumberParseException:
            continue
        if not phonenumbers.is_valid_number(number):
            continue
        # Some territories share their numbers with a country.
        if any(phonenumbers.is_valid_number_for_region(number, one) for one in countries):
            found[phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)] = number
        else:
            foreign = True
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        detail = "This could be a number of more than one country."
        raise _refused("number-ambiguous", detail, "Send it with its country's code, beginning with +.")
    if foreign:
        detail = "This number is of a country whose phones this service does not text."
        raise _refused("number-foreign", detail, "Send a number of this service's area.")
    raise _malformed()


def _malformed() -> Refused:
    detail = "This is no number of a phone in the countries that this service texts."
    return _refused("number-malformed", detail, "Send it with its country's code, beginning with +.")


def _refused(name: str, detail: str, remedy: str) -> Refused:
    return Refused(Kind.INVALID, name, detail, where="number", remedy=remedy)


def hashed(keyring: Keyring, number: Hidden[str]) -> bytes:
    """Return the 32 bytes under which equal numbers meet; without the server's key they tell nothing."""
    return keyring.mac("phone", number.reveal().encode())


def bucket(keyring: Keyring, what: str, value: str, day: date) -> bytes:
    """Return the 32 bytes under which codes are counted for a day."""
    return keyring.mac("phone-codes", what.encode(), value.encode(), day.isoformat().encode())


def range_of(number: Hidden[str]) -> str:
    """Return what a number shares with its neighbours: whoever is paid for texts has many of them in a row."""
    return number.reveal()[: 1 + RANGE_DIGITS]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A number as it is kept."""

    sealed: bytes
    key_id: str
    hash: bytes


def offered(settings: Settings) -> SealKeys:
    """Return the keys of numbers. Refused where a deployment texts nobody."""
    keys = settings.number_keyring
    if not keys or not settings.sms_countries:
        detail = "This service sends no texts."
        remedy = "Register the address of a push. The operator sets SUREFOOT_NUMBER_KEYS and SUREFOOT_SMS_COUNTRIES."
        raise Refused(Kind.CONFLICT, "sms-not-offered", detail, remedy=remedy)
    return SealKeys(keys)


def seal(keyring: Keyring, keys: SealKeys, number: Hidden[str]) -> Sealed:
    """Return a number sealed by the first key, bound to its hash: no other row can pass it off as its own."""
    digest = hashed(keyring, number)
    key_id, sealed = keys.seal(number.reveal().encode(), bound=digest)
    return Sealed(sealed, key_id, digest)


@dataclass(frozen=True, slots=True)
class NumberOpener:
    """What opens numbers: only a worker and the command line hold it. The API seals numbers and never reads one."""

    keys: SealKeys

    def open(self, one: Sealed) -> Hidden[str]:
        """Return the number; raises Unreadable when its key is missing or a byte differs."""
        return Hidden(self.keys.open(one.key_id, one.sealed, bound=one.hash).decode())
