"""What texts of an alert cost and how long they take, as operators may see it: from blurred counts only (R26)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.alerts.counting import People
from service.alerts.schemas import Why
from service.delivery.purse import MILLION, Purse, Tariff
from service.kit.counts import FEWEST, STEP, blur

Money = Annotated[str, Field(description="in the currency of the settings", examples=["1234.50"])]


class LiftIn(Why):
    """Lets a budget be exceeded; what waits goes on within seconds."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"amount": 500, "reason": "the far bank was not reached"}]}
    )

    amount: Annotated[int, Field(ge=1, le=1_000_000_000, description="so much more, in whole units of the currency")]


class LiftedOut(BaseModel):
    """A budget as it is now; what was spent of it is not told (R26)."""

    budget: Annotated[str, Field(description="of one alert, or of a month")]
    limit: Annotated[Money | None, Field(description="null: there is no limit")]
    currency: str


class ForecastOut(BaseModel):
    """What an alert's texts may cost and how long they take, at the dearest price and the longest text."""

    currency: str
    at_once: Annotated[People, Field(description="whom nothing but a text reaches")]
    at_most: Annotated[People, Field(description="texted if no phone shows that it got the push")]
    segments: Annotated[int, Field(description="of the text that needs most")]
    cost_at_once: Money
    cost_at_most: Money
    seconds_at_once: Annotated[int | None, Field(description="at the providers' rate; null: there is no provider")]
    seconds_at_most: int | None
    alert_left: Annotated[Money | None, Field(description="of its budget, rounded down; null: no limit")]
    month_left: Annotated[Money | None, Field(description="of the month's budget, rounded down; null: no limit")]
    enough: Annotated[bool, Field(description="whether the budgets allow all of them; else the farthest wait")]
    overdraws: Annotated[bool, Field(description="a correction or an end goes out whatever it costs")]


@dataclass(frozen=True, slots=True)
class Texted:
    """Exactly how many would be texted: by nothing else, and in all."""

    only: int
    numbered: int


@dataclass(frozen=True, slots=True)
class Cost:
    """By what a forecast is made: the price and the rate, the longest text's segments, what may be spent."""

    currency: str
    tariff: Tariff
    segments: int
    alert: Purse
    month: Purse


def forecast(texted: Texted, cost: Cost, *, escalates: bool, overdraws: bool) -> ForecastOut:
    """Return a forecast in which no figure tells more than the blurred counts do."""
    only, most = blur(texted.only), blur(texted.numbered if escalates else texted.only)
    unit = cost.segments * cost.tariff.segment
    left = [_left(purse, unit) for purse in (cost.alert, cost.month)]
    dear = _upper(most) * unit
    return ForecastOut(
        currency=cost.currency,
        at_once=only,
        at_most=most,
        segments=cost.segments,
        cost_at_once=money(_upper(only) * unit),
        cost_at_most=money(dear),
        seconds_at_once=_seconds(_upper(only), cost),
        seconds_at_most=_seconds(_upper(most), cost),
        alert_left=None if left[0] is None else money(left[0]),
        month_left=None if left[1] is None else money(left[1]),
        enough=overdraws or all(one is None or dear <= one for one in left),
        overdraws=overdraws,
    )


def money(millionths: int) -> str:
    """Return an amount in the currency, with at least two decimals."""
    amount = Decimal(millionths) / MILLION
    return f"{amount:.2f}" if millionths % (MILLION // 100) == 0 else f"{amount:.6f}".rstrip("0")


def _upper(shown: People) -> int:
    """Return a blurred count as a number; what is below the least that is shown counts as that."""
    return shown if isinstance(shown, int) else FEWEST


def _left(purse: Purse, unit: int) -> int | None:
    """Return what is left in steps of ten texts: the exact amount would tell how many were texted."""
    step = max(1, STEP * unit)
    return None if purse.left is None else purse.left // step * step


def _seconds(people: int, cost: Cost) -> int | None:
    if cost.tariff.a_second == 0:
        return None
    return -(-people * cost.segments // cost.tariff.a_second)
