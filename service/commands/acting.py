"""How commands about zones run: one transaction, the holder of SUREFOOT_KEY, outlines from files."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import typer

from service.commands.session import acting, open_house
from service.intake.geojson import MOST_BYTES
from service.kit.db import Tx, transaction
from service.operators.model import Operator, Role
from service.zones.records import Reason
from service.zones.refusals import refusal
from service.zones.schemas import ProposalOut, RecordOut

T = TypeVar("T")
Act: TypeAlias = Callable[[Tx, Operator, datetime], Awaitable[T]]

Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def said(text: str | None) -> str | None:
    """Refuse a text that says nothing, or that holds what cannot be kept."""
    if text is not None and not (text.strip() and text.isprintable()):
        raise typer.BadParameter("give a printable text")
    return text


Why = Annotated[str, typer.Option(callback=said, help="Kept in the zone's history and the audit trail.")]
Text = typer.Option(callback=lambda text: text and said(text))
File = typer.Option(exists=True, dir_okay=False, readable=True, help="GeoJSON: a polygon, a Feature or a collection.")
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]


def acted(data: Path | None, roles: tuple[Role, ...], act: Act[T]) -> T:
    """Let the holder of SUREFOOT_KEY do something in one transaction, if one of the roles is held (R17)."""

    async def run() -> T:
        async with open_house(data) as house, transaction(house.pool) as tx:
            return await act(tx, await acting(tx, *roles), house.clock.now())

    return asyncio.run(run())


def document(file: Path) -> Any:
    """Read a JSON file. Raises Refused for what is none, or too large."""
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise refusal(Reason.OUTLINE_UNFIT, f"the file is larger than {MOST_BYTES:,} bytes", where=str(file))
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        why = f"the file is no JSON ({type(error).__name__})"
        raise refusal(Reason.OUTLINE_UNFIT, why, where=str(file)) from None


def tell_proposal(said: ProposalOut, *, as_json: bool) -> None:
    """Say what waits or was decided, what becomes of each zone, and that danger may be elsewhere."""
    if as_json:
        typer.echo(said.model_dump_json())
        return
    would = "" if said.approved else "would be "
    for one in said.effects:
        remains = f"{one.remains_m2:,.1f} m² remain dangerous" if one.remains_m2 else "nothing of it remains on record"
        typer.echo(f"{one.external_id}: {would}{one.state}; {remains}.")
    if said.approved is None:
        typer.echo(f"Nothing has changed yet. A second person decides: surefoot zones approve {said.id}")
    else:
        typer.echo("Approved and done." if said.approved else "Refused; nothing has changed.")
    typer.echo(said.caveat)


def tell_zones(zones: list[RecordOut], *, as_json: bool) -> None:
    """Say how zones are now."""
    if as_json:
        typer.echo(json.dumps({"zones": [zone.model_dump(mode="json", by_alias=True) for zone in zones]}))
        return
    for zone in zones:
        world = "  EXERCISE" if zone.exercise else ""
        typer.echo(
            f"{zone.external_id}  {zone.hazard_class.upper()}  {zone.state}  revision {zone.revision}  {zone.id}{world}"
        )
