"""What an alert's texts will cost, asked of the record; and lifting what they may."""

from uuid import UUID

from service.alerts import actions
from service.alerts.costing import Cost, ForecastOut, LiftedOut, Texted, forecast, money
from service.alerts.model import Alert, Content
from service.config import Settings
from service.delivery import queueing, spending
from service.delivery.model import Message
from service.delivery.purse import NEVER_STOPPED, segments
from service.kit.db import Tx
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.operators.model import Operator
from service.residents import audience
from service.residents.model import CellRings


async def foresee(tx: Tx, house: House, alert: Alert, content: Content) -> ForecastOut:
    """Return what the texts of a draft would cost if it were approved now; nothing in it is exact (R26)."""
    settings, now = house.get(Settings), house.clock.now()
    purses = await spending.look(tx, settings, alert.id, now=now)
    longest = max((segments(text.sms) for text in content.texts), default=0)
    cost = Cost(settings.sms_currency, spending.tariff(settings), longest, purses.alert, purses.month)
    escalates = alert.draft.escalate is not None and alert.message in {Message.WARNING, Message.UPDATE}
    texted = await _texted(tx, house, alert, content)
    return forecast(texted, cost, escalates=escalates, overdraws=alert.message in NEVER_STOPPED)


async def _texted(tx: Tx, house: House, alert: Alert, content: Content) -> Texted:
    if alert.message is Message.END:
        # Whoever was texted the warning is texted its end.
        before = await queueing.texted_before(tx, alert.lineage, alert.revision)
        return Texted(before, before)
    area = CellRings(list(content.area.rings.keys()), list(content.area.rings.values()))
    only, numbered = await audience.count_texted(tx, area, exercise=alert.draft.exercise, now=house.clock.now())
    return Texted(only, numbered)


async def lift(  # noqa: PLR0913 - whose budget, by how much, by whom and why
    tx: Tx, house: House, operator: Operator, alert_id: UUID | None, *, amount: int, reason: str
) -> LiftedOut:
    """Let an alert, or this month, cost so much more: one admin, with a reason. Refused where there is no budget."""
    settings, now = house.get(Settings), house.clock.now()
    if alert_id is not None:
        await actions.get(tx, alert_id)
    if not (settings.sms_month_budget if alert_id is None else settings.sms_alert_budget):
        which = "SUREFOOT_SMS_MONTH_BUDGET" if alert_id is None else "SUREFOOT_SMS_ALERT_BUDGET"
        detail = f"There is nothing to lift: {which} sets no limit."
        raise Refused(Kind.CONFLICT, "no-budget", detail, remedy="Look at the other budget, or at GET /v1/sending.")
    await spending.lift(tx, operator, alert_id, amount=amount, reason=reason, now=now)
    purses = await spending.look(tx, settings, alert_id or UUID(int=0), now=now)
    limit = (purses.month if alert_id is None else purses.alert).limit
    about = f"{now:%Y-%m}" if alert_id is None else str(alert_id)
    return LiftedOut(budget=about, limit=None if limit is None else money(limit), currency=settings.sms_currency)
