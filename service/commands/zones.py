"""The command line's door to zones: take in; the other verbs stand in files of their own."""

import asyncio
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands import zones_life, zones_look, zones_two
from service.commands.session import acting, guarded, open_house
from service.config import Settings
from service.imports import actions as imports
from service.imports.schemas import ImportIn, QuarantinedOut, ReportOut
from service.intake.geojson import MOST_BYTES
from service.kit.db import transaction
from service.operators.model import Role
from service.zones.model import HazardClass, Publication

app = typer.Typer(help="Zones: where the danger is.")
for part in (zones_look.app, zones_life.app, zones_two.app):
    app.registered_commands += part.registered_commands

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
