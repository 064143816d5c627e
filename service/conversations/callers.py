"""Who may be answered: a person's own number, never a service's; pure."""

from collections.abc import Collection, Sequence

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from service.kit.hidden import Hidden

_SERVICES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.PAGER,
    }
)


class Callers:
    """Knows callers by the form in which operators name them: with a plus, without one, or as inside the country."""

    def __init__(self, countries: Sequence[str], ours: Collection[str]) -> None:
        self._countries = tuple(countries)
        self._ours = frozenset(_plain(number) for number in ours)

    def person(self, sender: Hidden[str]) -> Hidden[str] | None:
        """Return the number as E.164, or None: a name, a short code, premium, foreign, or our own."""
        given = _plain(sender.reveal())
        if not given.isascii() or not given.lstrip("+").isdigit() or given in self._ours:
            return None
        found = next((one for one in self._readings(given) if self._is_person(one)), None)
        if found is None:
            return None
        written = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
        return None if written in self._ours or written.lstrip("+") in self._ours else Hidden(written)

    def _readings(self, given: str) -> list[PhoneNumber]:
        if given.startswith("+"):
            return _parsed([(given, None)])
        international = given.removeprefix("00")
        return _parsed([(f"+{international}", None), *((given, country) for country in self._countries)])

    def _is_person(self, number: PhoneNumber) -> bool:
        country = phonenumbers.region_code_for_number(number)
        known = not self._countries or country in self._countries
        return known and phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) not in _SERVICES


def _parsed(given: list[tuple[str, str | None]]) -> list[PhoneNumber]:
    found = []
    for text, country in given:
        try:
            found.append(phonenumbers.parse(text, country))
        except phonenumbers.NumberParseException:
            continue
    return found


def _plain(number: str) -> str:
    return "".join(one for one in number.strip() if one not in " -().\u00a0")
