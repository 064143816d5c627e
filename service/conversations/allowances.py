"""How many answers a number gets, and all numbers together: kept so that machines and floods cost little."""

from limits import RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute

from service.config.sms import SmsSettings
from service.kit.hidden import Hidden
from service.kit.limits import Limits

_HEARD_FOR_ONE_ANSWER = 3
_HEARD, _ANSWERS, _EVERYBODY = "sms-heard", "sms-answers", "everybody"


class Allowances:
    """Counts what a number may still be answered; the number is kept as a keyed hash, while its window lasts."""

    def __init__(self, limits: Limits, settings: SmsSettings) -> None:
        self._limits = limits
        hour, day = settings.sms_answers_hour, settings.sms_answers_day
        # What gets no answer costs work too.
        heard = (RateLimitItemPerHour(_HEARD_FOR_ONE_ANSWER * hour), RateLimitItemPerDay(_HEARD_FOR_ONE_ANSWER * day))
        answers = (RateLimitItemPerHour(hour), RateLimitItemPerDay(day))
        self._each = [*((_HEARD, item) for item in heard), *((_ANSWERS, item) for item in answers)]
        self._all = RateLimitItemPerMinute(settings.sms_answers_minute)

    async def spent(self, sender: Hidden[str]) -> bool:
        """Say whether a number had all its answers, or wrote more than is looked at."""
        waits = [await self._limits.spent(name, item, sender.reveal()) for name, item in self._each]
        return any(waits)

    async def note(self, sender: Hidden[str], *, answered: bool) -> None:
        """Count a text that was looked at, and its answer."""
        for name, item in self._each:
            if answered or name == _HEARD:
                await self._limits.count(name, item, sender.reveal())

    async def wait_for_all(self) -> int | None:
        """Count a text of anybody; None, or the seconds until the next may be looked at."""
        return await self._limits.count("sms-all", self._all, _EVERYBODY)
