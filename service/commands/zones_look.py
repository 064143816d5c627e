"""The command line's door to what is on record of zones: list, show, history, what waits for a second person."""

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape

from service.commands.acting import AsJson, Data, acted
from service.commands.listing import listed
from service.commands.session import guarded
from service.kit.db import Tx
from service.operators.model import STAFF, Operator
from service.zones import actions, history, proposals
from service.zones.model import HazardClass, State
from service.zones.records import Filter
from service.zones.schemas import HistoryOut, ProposalOut, RecordOut

app = typer.Typer()


@app.command("list")
@guarded
def list_all(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    state: State | None = None,
    hazard_class: Annotated[HazardClass | None, typer.Option("--class")] = None,
    authority: str | None = None,
    data: Data = None,
    after: Annotated[UUID | None, typer.Option(help="The last id of the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100,
    *,
    stale: Annotated[bool | None, typer.Option("--stale/--fresh", help="Only those, or only the others.")] = None,
    as_json: AsJson = False,
) -> None:
    """List zones in the order in which they came, the withheld and the ended ones too."""
    wanted = Filter(state, hazard_class, authority, stale)

    async def act(tx: Tx, _: Operator, __: datetime) -> list[RecordOut]:
        return [RecordOut.of(zone) for zone in await actions.everything(tx, after=after, limit=limit, wanted=wanted)]

    zones = acted(data, STAFF, act)
    if as_json:
        typer.echo(json.dumps({"zones": [zone.model_dump(mode="json", by_alias=True) for zone in zones]}))
        return
    table = listed("id", "authority", "source's id", "class", "name", "of", "revision", "")
    for zone in zones:
        cells = (zone.id, zone.authority, zone.external_id, zone.hazard_class.upper(), zone.name, zone.data_as_of)
        table.add_row(*(escape(str(cell)) for cell in cells), str(zone.revision), _marks(zone))
    Console().print(table)


def _marks(zone: RecordOut) -> str:
    said = (zone.state, zone.publication, "stale" if zone.stale else "", "EXERCISE" if zone.exercise else "")
    return " ".join(mark for mark in said if mark not in {"active", "outline"})


@app.command()
@guarded
def show(zone: UUID, data: Data = None) -> None:
    """Print the whole record of a zone as JSON."""

    async def act(tx: Tx, _: Operator, __: datetime) -> RecordOut:
        return RecordOut.of(await actions.get_record(tx, zone))

    typer.echo(acted(data, STAFF, act).model_dump_json(by_alias=True, indent=2))


@app.command("history")
@guarded
def tell_history(zone: UUID, data: Data = None, *, as_json: AsJson = False) -> None:
    """Tell what was done with a zone: when, by whom, why, and what it changed."""

    async def act(tx: Tx, _: Operator, __: datetime) -> HistoryOut:
        return HistoryOut.of(await history.of(tx, zone))

    told = acted(data, STAFF, act)
    if as_json:
        typer.echo(told.model_dump_json())
        return
    for one in told.revisions:
        changed = f" ({', '.join(one.changed)})" if one.changed else ""
        typer.echo(f"{one.at:%Y-%m-%d %H:%M}  revision {one.revision}  {one.operator or ''}: {one.why}{changed}")
    for record in told.releases:
        ended = "in force" if record.in_force else "revoked" if record.revoked_at else "overruled by a later survey"
        depth = f", {record.depth_cm} cm deep" if record.depth_cm else ""
        typer.echo(
            f"release {record.id}: {record.kind} by {record.method}{depth}, {record.dated}, {record.authority}, {ended}"
        )
    for each in told.lineage:
        typer.echo(f"{each.act}: {each.child} came of {each.parent}")


@app.command("proposals")
@guarded
def list_waiting(data: Data = None, *, as_json: AsJson = False) -> None:
    """List what waits for a second person, the oldest first."""

    async def act(tx: Tx, _: Operator, __: datetime) -> list[ProposalOut]:
        return [ProposalOut.of(one) for one in await proposals.waiting(tx)]

    waiting = acted(data, STAFF, act)
    if as_json:
        typer.echo(json.dumps({"proposals": [one.model_dump(mode="json") for one in waiting]}))
        return
    for one in waiting:
        zones = ", ".join(map(str, one.zones))
        typer.echo(f"{one.asked_at:%Y-%m-%d %H:%M}  {one.act}  {zones}: {one.why}  surefoot zones approve {one.id}")
    if not waiting:
        typer.echo("Nothing waits for a second person.")
