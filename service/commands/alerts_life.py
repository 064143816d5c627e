"""The command line's door to single alerts: look, update, correct, end, renew, and what two people decide."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar
from uuid import UUID

import typer

from service.alerts import actions, charging, following, showing
from service.alerts.costing import LiftedOut
from service.alerts.drafting import SeverityName
from service.alerts.model import LEAST_REACH_M, LONGEST_NAME, MOST_REACH_M, Act
from service.alerts.rules import ROLES
from service.alerts.schemas import AlertOut
from service.alerts.telling import CorrectionOut
from service.alerts.texts import Wrong
from service.commands.acting import AsJson, Data, Why, said
from service.commands.session import acting, guarded, open_house
from service.delivery.model import Severity
from service.kit.db import Tx, transaction
from service.kit.house import House
from service.operators.model import STAFF, Operator, Role
from service.places.following import PlaceIndex

app = typer.Typer()

T = TypeVar("T")
Doing: TypeAlias = Callable[[Tx, House, Operator], Awaitable[T]]
WhatWasWrong = Annotated[Wrong, typer.Option(help="Chooses the prepared text.")]


def _short(text: str | None) -> str | None:
    if text is not None and len(said(text) or "") > LONGEST_NAME:
        raise typer.BadParameter(f"give at most {LONGEST_NAME} letters")
    return text


@app.command()
@guarded
def show(alert: UUID, data: Data = None, *, as_json: AsJson = False) -> None:
    """Show an alert with its events and counts."""

    async def act(tx: Tx, house: House, _operator: Operator) -> AlertOut:
        return await showing.alert(tx, alert, now=house.clock.now())

    _tell(_done(data, STAFF, act), as_json=as_json)


@app.command()
@guarded
def update(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    alert: UUID,
    template: Annotated[str, typer.Option(help="The text: update, or one of the first warnings'.")] = "update",
    severity: Annotated[SeverityName | None, typer.Option(help="As before if not given.")] = None,
    reach_m: Annotated[int | None, typer.Option(min=LEAST_REACH_M, max=MOST_REACH_M)] = None,
    place: Annotated[str | None, typer.Option(callback=_short, help="As people there call it.")] = None,
    name: Annotated[list[str], typer.Option(help="The place's name by language, as uk=Тестове.")] = [],  # noqa: B006 - typer's own
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Draft an update; once a second person approves it, it takes the alert's place."""

    async def act(tx: Tx, house: House, operator: Operator) -> AlertOut:
        before = (await actions.get(tx, alert)).draft
        wanted = replace(
            before,
            template=template,
            severity=Severity[severity.upper()] if severity else before.severity,
            reach_m=before.reach_m if reach_m is None else reach_m,
            place=place or before.place,
            # The names of another place would be those of the old one.
            place_names=dict(map(_named, name)) if name or place else before.place_names,
        )
        return AlertOut.of(await following.update(tx, operator, alert, wanted, now=house.clock.now()))

    _tell(_done(data, ROLES[Act.UPDATE], act), as_json=as_json)


def _named(text: str) -> tuple[str, str]:
    language, found, name = text.partition("=")
    if not (found and language and len(name.strip()) in range(1, LONGEST_NAME + 1)):
        raise typer.BadParameter(
            f"give a language and at most {LONGEST_NAME} letters, as uk=Тестове", param_hint="--name"
        )
    return language, name.strip()


@app.command()
@guarded
def end(alert: UUID, data: Data = None, *, as_json: AsJson = False) -> None:
    """Draft the end of a warning whose zone a release record covers; a second person approves it."""

    async def act(tx: Tx, house: House, operator: Operator) -> AlertOut:
        return AlertOut.of(await following.end(tx, operator, alert, now=house.clock.now()))

    _tell(_done(data, ROLES[Act.END], act), as_json=as_json)


@app.command()
@guarded
def correct(  # noqa: PLR0913 - each is an option of the command line
    alert: UUID,
    wrong: WhatWasWrong,
    confirm: Annotated[str | None, typer.Option(help="What the first call printed: sends exactly that.")] = None,
    why: Annotated[str, typer.Option(help="Kept in the audit trail.")] = "",
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Correct an alert by two calls of one person: the first shows what would go out, the second sends exactly that."""
    if confirm is None:
        _show_prepared(_done(data, ROLES[Act.CORRECT], _preparing(alert, wrong)), as_json=as_json)
        return
    try:
        content = bytes.fromhex(confirm)
    except ValueError:
        raise typer.BadParameter("give what the first call printed", param_hint="--confirm") from None
    if not why.strip():
        raise typer.BadParameter("say why", param_hint="--why")

    async def act(tx: Tx, house: House, operator: Operator) -> AlertOut:
        made = await following.correct(tx, house, operator, alert, wrong=wrong, reason=why, content=content)
        return AlertOut.of(made)

    _tell(_done(data, ROLES[Act.CORRECT], act), as_json=as_json)


def _preparing(alert: UUID, wrong: Wrong) -> Doing[CorrectionOut]:
    async def act(tx: Tx, house: House, operator: Operator) -> CorrectionOut:
        return await showing.correction(tx, house, operator, alert, wrong=wrong)

    return act


@app.command()
@guarded
def withdraw(alert: UUID, why: Why, wrong: WhatWasWrong = Wrong.MISTAKE, data: Data = None) -> None:
    """Stop an alert at once, or drop a draft: one person, one call. Correct it afterwards."""

    async def act(tx: Tx, house: House, operator: Operator) -> AlertOut:
        return AlertOut.of(await actions.withdraw(tx, house, operator, alert, wrong=wrong, reason=why))

    done = _done(data, ROLES[Act.WITHDRAW], act)
    _tell(done, as_json=False)
    if done.approved_at is not None:
        typer.echo(f"Whom it reached is told by: surefoot alerts correct {alert} --wrong {wrong.value}")


@app.command()
@guarded
def renew(alert: UUID, why: Why, data: Data = None, *, as_json: AsJson = False) -> None:
    """Let a warning stand as long again, in silence."""

    async def act(tx: Tx, house: House, operator: Operator) -> AlertOut:
        return AlertOut.of(await following.renew(tx, house, operator, alert, reason=why))

    _tell(_done(data, ROLES[Act.RENEW], act), as_json=as_json)


@app.command("lift-budget")
@guarded
def lift_budget(  # noqa: PLR0913 - each is an option of the command line
    why: Why,
    amount: Annotated[int, typer.Option(min=1, max=1_000_000_000, help="So much more, in whole units.")],
    alert: Annotated[UUID | None, typer.Option(help="Whose budget; else say --month.")] = None,
    data: Data = None,
    *,
    month: Annotated[bool, typer.Option("--month", help="That of this month, for all alerts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let texts cost more than the settings allow: one admin, with a reason; what waits goes on."""
    if (alert is None) is not month:
        raise typer.BadParameter("name an alert, or say --month", param_hint="--alert")

    async def act(tx: Tx, house: House, operator: Operator) -> LiftedOut:
        return await charging.lift(tx, house, operator, alert, amount=amount, reason=why)

    made = _done(data, (Role.ADMIN,), act)
    typer.echo(made.model_dump_json() if as_json else f"{made.budget} may cost {made.limit} {made.currency} in all.")


@app.command()
@guarded
def expiring(
    days: Annotated[int, typer.Option(min=0, max=365)] = 14, data: Data = None, *, as_json: AsJson = False
) -> None:
    """List what needs somebody: ends whose zone is dangerous again, and what is or will soon be out of date."""

    async def act(tx: Tx, house: House, _operator: Operator) -> list[AlertOut]:
        found = await following.expiring(tx, within=timedelta(days=days), now=house.clock.now())
        return [AlertOut.of(alert) for alert in found]

    for one in _done(data, STAFF, act):
        line = f"{one.expires_at:%Y-%m-%d %H:%M}  {one.message:7}  {one.severity:8}  {one.place}"
        typer.echo(one.model_dump_json() if as_json else f"{line}{_world(one)}  {one.id}")


@app.command()
@guarded
def submit(alert: UUID, data: Data = None, *, as_json: AsJson = False) -> None:
    """Hand a draft to a second person."""

    async def act(tx: Tx, house: House, operator: Operator) -> AlertOut:
        return AlertOut.of(await actions.submit(tx, house, operator, alert))

    _tell(_done(data, ROLES[Act.SUBMIT], act), as_json=as_json)


@app.command()
@guarded
def approve(alert: UUID, data: Data = None, *, as_json: AsJson = False) -> None:
    """Let it go out, as the second person."""

    async def act(tx: Tx, house: House, operator: Operator) -> AlertOut:
        return AlertOut.of(await actions.approve(tx, house, operator, alert))

    _tell(_done(data, ROLES[Act.APPROVE], act), as_json=as_json)


def _done(data: Path | None, roles: tuple[Role, ...], act: Doing[T]) -> T:
    """Let the holder of SUREFOOT_KEY do something in one transaction, if one of the roles is held (R17)."""

    async def run() -> T:
        async with open_house(data) as house:
            places = PlaceIndex()
            await places.look(house.pool)
            house.put(places)
            async with transaction(house.pool) as tx:
                return await act(tx, house, await acting(tx, *roles))

    return asyncio.run(run())


def _tell(alert: AlertOut, *, as_json: bool) -> None:
    if as_json:
        typer.echo(alert.model_dump_json())
        return
    typer.echo(f"{alert.message.value} {alert.id}  {alert.state}  revision {alert.revision}{_world(alert)}")
    typer.echo(f"{alert.severity}  {alert.template}  {alert.place}  until {alert.expires_at or 'approval'}")
    texts = alert.counts.texts if alert.counts else None
    if texts:
        line = f"texts {texts.planned}, accepted {texts.accepted}, delivered {texts.delivered}, waiting {texts.waiting}"
        typer.echo(
            f"{line} ({texts.waiting_for_budget} for the budget), doubled {texts.doubled}, unknown {texts.unknown}"
        )
    for one in alert.events:
        typer.echo(f"  {one.at:%Y-%m-%d %H:%M}  {one.act:9}  {one.operator or 'worker'}  {one.reason}")


def _show_prepared(made: CorrectionOut, *, as_json: bool) -> None:
    if as_json:
        typer.echo(made.model_dump_json())
        return
    for text in made.texts:
        typer.echo(json.dumps([text.language, text.title, text.body], ensure_ascii=False))
    world = "  EXERCISE" if made.exercise else ""
    typer.echo(f"Of revision {made.revision} about {made.place}, for {made.audience or 'few'} people so far.{world}")
    typer.echo(f"Nothing has been sent. To send exactly this: --confirm {made.content} --why …")


def _world(alert: AlertOut) -> str:
    return "  EXERCISE" if alert.exercise else ""
