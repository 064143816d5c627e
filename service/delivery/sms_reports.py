"""Delivery reports that gateways bring by calling us: who may, and what they say of our texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog
from limits import RateLimitItemPerMinute

from service.delivery import ledger, provider_calls, providers
from service.delivery.provider_calls import Call, Door
from service.delivery.provider_ways import ReportWay
from service.delivery.providers import Provider
from service.delivery.sms import Arrival
from service.kit.crypto import new_secret
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.limits import Limits

_log = structlog.get_logger()
_OF_A_SEGMENT = 4
"""Calls that a gateway makes of one: taken, sent on, arrived, and one again."""

_LEAST_A_MINUTE = 600


@dataclass(frozen=True, slots=True)
class Reporter:
    """One gateway that reports, and the secret by which it is known."""

    name: str
    way: ReportWay
    secret: Hidden[str]
    a_minute: int

    def is_caller(self, call: Call) -> bool:
        return provider_calls.shows(self.secret, self.way.callback, call)


class Reporters(Door[Reporter]):
    """The door of delivery reports."""

    @classmethod
    def open(cls, named: Iterable[Provider]) -> "Reporters":
        """Open the secrets that they show, and no other. Refused if one is missing or too easily guessed."""
        known = {}
        for one in named:
            if one.report is not None:
                opened = providers.shown_secret(one.report.callback, of=f"that {one.name} shows with its reports")
                a_minute = max(_LEAST_A_MINUTE, one.per_second * 60 * _OF_A_SEGMENT)
                known[one.name] = Reporter(one.name, one.report, opened, a_minute)
        ways = [one.way for one in known.values()]
        return cls(known, Reporter("", ways[0], Hidden(new_secret()), 0) if ways else None)


async def demand_room(limits: Limits, reporter: Reporter) -> None:
    """Refused where a gateway calls far more often than it has texts of ours; other gateways are not concerned."""
    wait = await limits.count("sms-reports", RateLimitItemPerMinute(reporter.a_minute), reporter.name)
    if wait is not None:
        detail = "More reports came than this provider can have texts."
        raise Refused(Kind.TOO_MANY, "too-many-calls", detail, remedy=f"Wait {wait} seconds.", after=wait)


async def hear(tx: Tx, reporter: Reporter, call: Call, *, now: datetime) -> None:
    """Take in all reports of a call, or none of them. Refused if it does not have the form of this gateway's calls."""
    reports = [
        provider_calls.read_report(reporter.name, reporter.way, one)
        for one in provider_calls.parameters(reporter.way.callback, call)
    ]
    if any(one.arrival is Arrival.UNKNOWN for one in reports):
        _log.warning("sms.report_not_understood", provider=reporter.name)
    await ledger.heard(tx, reports, now=now)
