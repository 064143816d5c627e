"""What an answer of a gateway means: first by the provider's own rules, then by its status; pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from http import HTTPStatus

from service.delivery.channels.fcm_answers import retry_after
from service.delivery.provider_ways import HttpWay, Meaning, Rule, Spot
from service.delivery.sms import Answer, NotNow, NumberDead, OptedOut, Taken, TextRefused, Unanswered

_LONGEST_ID = 128


class Fault(StrEnum):
    """Why a text was not taken; the words stand in logs, counters and `GET /v1/sending`."""

    NUMBER_DEAD = "sms-number-dead"
    OPTED_OUT = "sms-opted-out"
    REFUSED = "sms-text-refused"
    NOT_NOW = "sms-not-now"
    TOO_MANY = "sms-too-many"
    UNAVAILABLE = "sms-unavailable"
    REFUSES_US = "sms-refuses-us"
    BAD_REQUEST = "sms-bad-request"
    REDIRECTED = "sms-redirected"
    CERTIFICATE = "sms-certificate"
    NO_CONNECTION = "sms-no-connection"
    RESTING = "sms-provider-rests"
    NO_ANSWER = "sms-no-answer"
    UNKNOWN = "sms-unknown-answer"


_REFUSED_ALWAYS = frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_URI_TOO_LONG})
_LATER: Mapping[int, Fault] = {
    HTTPStatus.REQUEST_TIMEOUT: Fault.NOT_NOW,
    HTTPStatus.TOO_EARLY: Fault.NOT_NOW,
    HTTPStatus.TOO_MANY_REQUESTS: Fault.TOO_MANY,
    HTTPStatus.BAD_GATEWAY: Fault.UNAVAILABLE,
    HTTPStatus.SERVICE_UNAVAILABLE: Fault.UNAVAILABLE,
}
_OURS: Mapping[int, Fault] = {
    HTTPStatus.UNAUTHORIZED: Fault.REFUSES_US,
    HTTPStatus.PAYMENT_REQUIRED: Fault.REFUSES_US,
    HTTPStatus.FORBIDDEN: Fault.REFUSES_US,
}


@dataclass(frozen=True)
class Said:
    """An answer as it came; of a long body only the beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> object:
        try:
            found: object = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found

    def at(self, spot: Spot) -> str | None:
        """Return what stands at a spot; None if nothing does."""
        found = _walk(self.json, spot.path) if spot.path else self.text
        if found is None or spot.pattern is None:
            return found
        match = spot.pattern.search(found)
        return None if match is None else match[1 if match.re.groups else 0]


_SETTLED: Mapping[Meaning, Answer] = {
    Meaning.NUMBER_DEAD: NumberDead(Fault.NUMBER_DEAD.value),
    Meaning.OPTED_OUT: OptedOut(Fault.OPTED_OUT.value),
    Meaning.REFUSED: TextRefused(Fault.REFUSED.value),
}


def judge(way: HttpWay, said: Said, *, our_id: str, now: datetime) -> Answer:
    """Return what an answer makes of a text. What nobody listed may have been taken: a report, or time, will tell."""
    rule = next((one for one in way.rules if _fits(one, said)), None)
    after = retry_after(said.headers.get("retry-after"), now=now)
    if rule is None:
        return _by_status(way, said.status, after, our_id)
    if rule.means in _SETTLED:
        return _SETTLED[rule.means]
    if rule.means is Meaning.TAKEN:
        return Taken(_named(way, said, our_id))
    if rule.means is Meaning.UNANSWERED:
        return doubtful(way, Fault.UNKNOWN, our_id)
    if rule.means is Meaning.OURS:
        return NotNow(after, Fault.REFUSES_US.value, ours=True)
    return NotNow(after, _LATER.get(said.status, Fault.NOT_NOW).value)


def doubtful(way: HttpWay, fault: Fault, our_id: str) -> Unanswered:
    """Return that nobody can say whether the text was taken; a report can, where it names the text by our id."""
    return Unanswered((our_id,) if way.id is None else (), fault.value)


def _by_status(way: HttpWay, status: int, after: timedelta | None, our_id: str) -> Answer:
    """Judge an answer that no rule knows.

    502 and 503 come from what stands before a gateway that is gone: had they to count as doubtful, an outage would use
    up both tries of every text. A 4xx was understood and not taken; only an operator can say what it means.
    """
    if status in _LATER:
        return NotNow(after, _LATER[status].value)
    if status in _REFUSED_ALWAYS:
        return TextRefused(Fault.REFUSED.value)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return NotNow(after, _OURS.get(status, Fault.BAD_REQUEST).value, ours=True)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return NotNow(after, Fault.REDIRECTED.value, ours=True)
    return doubtful(way, Fault.UNKNOWN, our_id)


def _fits(rule: Rule, said: Said) -> bool:
    if rule.statuses and said.status not in rule.statuses:
        return False
    if rule.spot is None:
        return True
    found = said.at(rule.spot)
    return found is not None and (not rule.equals or found in rule.equals)


def _named(way: HttpWay, said: Said, our_id: str) -> tuple[str, ...]:
    """Return the id by which reports name the text; none if the gateway gave none that can be kept."""
    if way.id is None:
        return (our_id,)
    found = (said.at(way.id) or "").strip()
    return (found,) if 0 < len(found) <= _LONGEST_ID and found.isprintable() else ()


def _walk(value: object, path: str) -> str | None:
    """Return the text, number or truth at a path of names and places; None for anything else."""
    for name in path.split("."):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else None
