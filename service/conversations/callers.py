"""Who may be answered: a person's own phone, never a service."""

from collections.abc import Collection, Sequence

from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.residents.numbers import e164


class Callers:
    """Knows callers by the form in which operators name them: with a plus, without one, or as at home."""

    def __init__(self, countries: Sequence[str], ours: Collection[str]) -> None:
        self._countries = tuple(countries)
        self._ours = frozenset(number.strip().lstrip("+") for number in ours)

    def person(self, sender: Hidden[str]) -> Hidden[str] | None:
        """Return the number as E.164, or None: a name, a short code, premium, foreign, or our own."""
        given = sender.reveal().strip().removeprefix("00")
        if given.lstrip("+") in self._ours:
            return None
        try:
            number = e164(given, self._countries)
        except Refused:
            return None
        return None if number.reveal().lstrip("+") in self._ours else number
