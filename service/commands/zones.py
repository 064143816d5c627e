"""The command line's door to zones: take in, list, show."""

import asyncio
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.session import acting, guarded, open_house
from service.config import Settings
from service.imports import actions as imports
from service.imports.schemas import ImportIn, QuarantinedOut, ReportOut
from service.intake.geojson import MOST_BYTES
from service.kit.db import transaction
from service.operators.model import Role
from service.zones import actions
from service.zones.model import HazardClass, Publication
from service.zones.schemas import RecordOut

app = typer.Typer(help="Zones: where the danger is.")

Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for programs.")]
_SHOWN = 20


@app.command("import")
@guarded
def take_in(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="GeoJSON or GeoJSONSeq.")],
    authority: Annotated[str, typer.Option(help="Whose data this is.")],
    dated: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day the data is of.")],
    hazard_class: Annotated[HazardClass | None, typer.Option("--class", help="Of rows that name none.")] = None,
    accuracy: Annotated[float | None, typer.Option(help="Metres of survey error; unset, the usual one.")] = None,
    publication: Annotated[Publication, typer.Option(help="What the public may see.")] = Publication.OUTLINE,
    id_property: Annotated[str | None, typer.Option(help="The property that holds the source's id.")] = None,
    data: Data = None,
    *,
    exercise: Annotated[
        bool, typer.Option("--exercise", help="Invented or practice areas, never beside real ones.")
    ] = (False),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in a file of zones.

    Exit status 0: every row was judged; those that have to wait are listed and kept in quarantine. 2: the file or what
    was stated of it was refused, and nothing was changed.
    """
    stated = ImportIn(
        authority=authority,
        dated=dated.date(),
        exercise=exercise,
        dry_run=dry_run,
        accuracy_m=accuracy,
        hazard_class=hazard_class,
        publication=publication,
        id_property=id_property,
    )
    report = asyncio.run(_take_in(data, file, stated))
    if as_json:
        typer.echo(report.model_dump_json())
        return
    _print(report)


async def _take_in(data: Path | None, file: Path, stated: ImportIn) -> ReportOut:
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)  # one byte too many is refused as too large
    async with open_house(data) as house, transaction(house.pool) as tx:
        operator = await acting(tx, Role.EDITOR, Role.ADMIN)
        declared, now = stated.declared(usual_error_m=house.get(Settings).survey_error_m), house.clock.now()
        if stated.dry_run:
            return ReportOut.of(await imports.plan_import(tx, content, declared, now=now))
        return ReportOut.of(await imports.run_import(tx, operator, content, declared, now=now))


def _print(report: ReportOut) -> None:
    console = Console()
    would = "would be " if report.dry_run else ""
    world = " (exercise)" if report.exercise else ""
    table = Table(title=escape(f"{report.authority}, {report.dated}{world}"), show_header=False)
    for words, number in (
        ("new", report.new),
        ("changed", report.changed),
        ("confirmed (only the date is newer)", report.confirmed),
        ("unchanged", report.unchanged),
        ("in quarantine", len(report.quarantined)),
    ):
        table.add_row(f"{would}{words}", str(number))
    console.print(table)
    if report.nothing_changed:
        console.print("Nothing changed.")
    for note, number in Counter(finding.note for finding in report.findings).most_common():
        first = next(finding for finding in report.findings if finding.note is note)
        console.print(escape(f"{number}x {note}: {first.detail} (first: row {first.row}, {first.external_id})"))
    _print_waiting(console, report.quarantined)


def _print_waiting(console: Console, waiting: list[QuarantinedOut]) -> None:
    if not waiting:
        return
    table = Table("row", "id", "what is wrong", "what to do", title="In quarantine")
    for one in waiting[:_SHOWN]:
        table.add_row(str(one.row), escape(one.external_id or ""), escape(one.detail), escape(one.remedy))
    console.print(table)
    if len(waiting) > _SHOWN:
        console.print(f"… and {len(waiting) - _SHOWN} more; --json lists them all.")


@app.command("list")
@guarded
def list_all(
    data: Data = None,
    after: Annotated[UUID | None, typer.Option(help="The last id of the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List zones in the order in which they came, the withheld ones too."""
    zones = asyncio.run(_page(data, after, limit))
    if as_json:
        typer.echo(json.dumps({"zones": [zone.model_dump(mode="json", by_alias=True) for zone in zones]}))
        return
    table = Table("id", "authority", "source's id", "class", "name", "of", "revision", "")
    for zone in zones:
        marks = " ".join(mark for mark in (zone.publication, "EXERCISE" if zone.exercise else "") if mark != "outline")
        cells = (zone.id, zone.authority, zone.external_id, zone.hazard_class.upper(), zone.name, zone.data_as_of)
        table.add_row(*(escape(str(cell)) for cell in cells), str(zone.revision), marks)
    Console().print(table)


async def _page(data: Path | None, after: UUID | None, limit: int) -> list[RecordOut]:
    async with open_house(data) as house, transaction(house.pool) as tx:
        await acting(tx, *Role)
        return [RecordOut.of(zone) for zone in await actions.everything(tx, after=after, limit=limit)]


@app.command()
@guarded
def show(zone: UUID, data: Data = None) -> None:
    """Print the whole record of a zone as JSON."""
    typer.echo(asyncio.run(_record(data, zone)).model_dump_json(by_alias=True, indent=2))


async def _record(data: Path | None, zone: UUID) -> RecordOut:
    async with open_house(data) as house, transaction(house.pool) as tx:
        await acting(tx, *Role)
        return RecordOut.of(await actions.get_record(tx, zone))
