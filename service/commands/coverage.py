"""The command line's door to coverage areas: where an authority keeps the record."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from service.commands import coverage_import
from service.commands.acting import AsJson, Data, Day, File, Text, Why, acted, document
from service.commands.session import guarded
from service.kit.db import Tx
from service.operators.model import STAFF, Operator
from service.zones import coverage, geojson, proposals
from service.zones.records import Covered
from service.zones.schemas import CoverageOut

app = typer.Typer(help="Coverage: where an authority keeps the record of dangerous areas.")
app.registered_commands += coverage_import.app.registered_commands


@app.command("list")
@guarded
def list_all(data: Data = None, *, as_json: AsJson = False) -> None:
    """List coverage areas, those that have ended too."""

    async def act(tx: Tx, _: Operator, __: datetime) -> list[CoverageOut]:
        return [CoverageOut.of(area) for area in await coverage.everything(tx)]

    _tell(acted(data, STAFF, act), as_json=as_json)


@app.command()
@guarded
def add(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    outline: Annotated[Path, File],
    authority: Annotated[str, typer.Option(help="Who keeps the record there.")],
    external_id: Annotated[str, typer.Option(help="The authority's own id; the same one replaces what was said.")],
    dated: Day,
    why: Why,
    name: Annotated[str, Text] = "",
    data: Data = None,
    *,
    surveyed: Annotated[bool, typer.Option("--surveyed", help="It has looked everywhere; nobody is told so.")] = False,
    exercise: Annotated[bool, typer.Option("--exercise", help="A practice area.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say where an authority keeps the record, or replace what was said under the same id."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> CoverageOut:
        wanted = Covered(
            authority=authority,
            external_id=external_id,
            exercise=exercise,
            surveyed=surveyed,
            data_as_of=dated.date(),
            outline=geojson.exact(geojson.geometry_of(document(outline))),
            name=name,
        )
        return CoverageOut.of(await coverage.put(tx, operator, wanted, why=why, now=now))

    _tell([acted(data, proposals.PROPOSERS, act)], as_json=as_json)


@app.command()
@guarded
def end(area: UUID, why: Why, data: Data = None, *, as_json: AsJson = False) -> None:
    """End a coverage area; no zone changes by it."""

    async def act(tx: Tx, operator: Operator, now: datetime) -> CoverageOut:
        return CoverageOut.of(await coverage.end(tx, operator, area, why=why, now=now))

    _tell([acted(data, proposals.PROPOSERS, act)], as_json=as_json)


def _tell(areas: list[CoverageOut], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"coverage": [area.model_dump(mode="json") for area in areas]}))
        return
    for area in areas:
        ended = f"  ended {area.ended_at:%Y-%m-%d}" if area.ended_at else ""
        world = "  EXERCISE" if area.exercise else ""
        typer.echo(f"{area.authority}  {area.external_id}  of {area.data_as_of}  {area.id}{ended}{world}")
