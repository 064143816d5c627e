"""Where planning goes next, who is passed over, and how long what is not urgent waits."""

from dataclasses import replace
from datetime import datetime, timedelta

from service.alerts.records import Budget, Cursor, Pass
from service.delivery.model import Message, Severity

LEAST_A_DAY, LEAST_A_WEEK = 3, 10
"""The floor of the budget: no setting makes people hear of fewer dangers than that."""

LONGEST_DELAY = timedelta(days=1)
NEXT_LOOK = timedelta(hours=1)
FIRST_PAGE = 10
"""The first page is a tenth of the others, so that the nearest are told at once."""

WIDENS = frozenset({Message.WARNING, Message.UPDATE})
"""Messages that everybody inside hears; corrections and ends go to those who heard the earlier (R19)."""


def first_pass(message: Message) -> Pass:
    """Say with whom planning begins: with those who heard an earlier message of the lineage, if there is one."""
    return Pass.ALL if message is Message.WARNING else Pass.EARLIER


def next_page(cursor: Cursor, last: tuple[int, int] | None, message: Message) -> Cursor:
    """Return where planning goes after a page that ended at this place and number; None ended the pass."""
    if last is not None:
        place, number = last
        return replace(cursor, place=place, number=number)
    if cursor.plan_pass is Pass.EARLIER and message not in WIDENS:
        return replace(cursor, plan_pass=Pass.DONE, place=0, number=0)
    return replace(cursor, plan_pass=Pass(min(cursor.plan_pass + 1, Pass.DONE)), place=0, number=0)


def is_due(cursor: Cursor, *, now: datetime) -> bool:
    """Say whether there is anything to plan now."""
    return cursor.plan_pass is not Pass.DONE or (cursor.resume_at is not None and cursor.resume_at <= now)


def page_size(cursor: Cursor, limit: int) -> int:
    """Return how many to look at: few at the very beginning."""
    at_start = cursor.place == 0 and cursor.number == 0
    return max(1, limit // FIRST_PAGE) if at_start else limit


def asks_who_was_warned(message: Message, repeat: str) -> bool:
    """Say whether those who were warned of the same thing are passed over (R21); a reason lets it be said again."""
    return message in WIDENS and not repeat


def budget(a_day: int, a_week: int, severity: Severity, message: Message) -> Budget | None:
    """Return the budget that may delay this message; None for what is severe or extreme, a correction or an end."""
    if severity >= Severity.SEVERE or message not in WIDENS:
        return None
    return Budget(max(a_day, LEAST_A_DAY), max(a_week, LEAST_A_WEEK))


def look_again(first: datetime, *, now: datetime) -> datetime | None:
    """Return when a delayed registration is looked at again; None when it has waited long enough."""
    return min(now + NEXT_LOOK, first + LONGEST_DELAY) if now < first + LONGEST_DELAY else None
