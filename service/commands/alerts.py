"""The command line's door to alerts: stop all sending, let it go on, look."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from service.alerts import actions
from service.alerts.schemas import AlertOut
from service.commands import alerts_life
from service.commands.session import acting, guarded, open_house
from service.config import Settings
from service.delivery import actions as delivery
from service.kit.db import transaction
from service.operators.model import STAFF, Role

app = typer.Typer(help="Warnings: stop all sending, let it go on, look, and what comes after a warning.")
app.registered_commands += alerts_life.app.registered_commands

Reason = Annotated[str, typer.Option(help="Why; kept in the audit trail.")]
Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]


@app.command()
@guarded
def pause(reason: Reason, data: Data = None) -> None:
    """Stop all sending within two seconds: one person is enough."""
    asyncio.run(_switch(data, reason, paused=True))
    typer.echo("Sending is paused. What waits keeps waiting; `surefoot alerts resume` lets it go on.")


@app.command()
@guarded
def resume(reason: Reason, data: Data = None) -> None:
    """Let messages go out again."""
    asyncio.run(_switch(data, reason, paused=False))
    typer.echo("Messages go out again.")


async def _switch(data: Path | None, reason: str, *, paused: bool) -> None:
    roles = STAFF if paused else (Role.APPROVER, Role.ADMIN)
    async with open_house(data) as house, transaction(house.pool) as tx:
        operator = await acting(tx, *roles)
        now = house.clock.now()
        if paused:
            await delivery.pause(tx, operator, reason=reason, now=now)
        else:
            epoch = house.get(Settings).epoch
            await delivery.resume(tx, operator, reason=reason, epoch=epoch, now=now)


@app.command("list")
@guarded
def list_newest(data: Data = None, *, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List alerts, the newest first."""
    for alert in asyncio.run(_newest(data)):
        line = f"{alert.created_at:%Y-%m-%d %H:%M}  {alert.state:9}  {alert.severity:8}  {alert.place}"
        exercise = "  EXERCISE" if alert.exercise else ""
        typer.echo(json.dumps(alert.model_dump(mode="json")) if as_json else f"{line}{exercise}  {alert.id}")


async def _newest(data: Path | None) -> list[AlertOut]:
    async with open_house(data) as house, transaction(house.pool) as tx:
        await acting(tx, *STAFF)
        return [AlertOut.of(alert) for alert in await actions.newest(tx, before=None, limit=50)]
