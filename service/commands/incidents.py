"""The command line's door to incidents: take in, list, show, let totals be seen."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands import incidents_look
from service.commands.listing import listed
from service.commands.session import acting, guarded, open_house
from service.i18n.catalogues import Catalogues
from service.incidents import actions, schemas, showing
from service.incidents.model import Declared, SourceMap
from service.incidents.schemas import IncidentOut, ReportOut
from service.incidents.showing import AskedOut, TotalsOut
from service.intake.model import LIMITS
from service.kit.db import Tx, transaction
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.operators.model import STAFF, Role

app = typer.Typer(help="Incidents: accidents and finds, which are no areas.")
app.registered_commands += incidents_look.app.registered_commands

T = TypeVar("T")
Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for programs.")]
Authority = Annotated[str, typer.Option(help="Whose data this is.")]
Year = Annotated[int, typer.Option(min=1900, max=2999)]
_SHOWN = 20


async def _in_house(data: Path | None, act: Callable[[House, Tx], Awaitable[T]]) -> T:
    async with open_house(data) as house, transaction(house.pool) as tx:
        return await act(house, tx)


@app.command("import")
@guarded
def take_in(  # noqa: PLR0913 - each is an option of the command line
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="GeoJSON, CSV, XLSX …")],
    authority: Authority,
    dated: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day the data is of.")],
    map_file: Annotated[
        Path | None, typer.Option("--map", exists=True, dir_okay=False, help="YAML: columns, and what values mean.")
    ] = None,
    data: Data = None,
    *,
    exercise: Annotated[bool, typer.Option("--exercise", help="Invented incidents, never beside real ones.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in a file of accidents and finds; no zone comes of it.

    Exit status 0: every row was judged; those that have to wait are listed and kept in quarantine. 2: the file or what
    was stated of it was refused, and nothing was changed.
    """
    source_map = None if map_file is None else read_map(map_file)
    declared = Declared(authority, dated.date(), exercise, source_map)
    content = _content(file)

    async def act(house: House, tx: Tx) -> ReportOut:
        operator, now = await acting(tx, Role.EDITOR, Role.ADMIN), house.clock.now()
        if dry_run:
            return ReportOut.of(await actions.plan_import(tx, content, declared, now=now))
        return ReportOut.of(await actions.run_import(tx, operator, content, declared, now=now))

    report = asyncio.run(_in_house(data, act))
    if as_json:
        typer.echo(report.model_dump_json())
        return
    _print(report)


def read_map(file: Path) -> SourceMap:
    """Read a mapping. Raises Refused for what is no YAML or has another form."""
    try:
        return schemas.read_map(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise Refused(Kind.INVALID, "map-unfit", "The mapping is no YAML in UTF-8.", where=str(file)) from None


def _content(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LIMITS.file_bytes + 1)  # one byte too many is refused as too large


def _print(report: ReportOut) -> None:
    console = Console()
    would = "would be " if report.dry_run else ""
    world = " (exercise)" if report.exercise else ""
    table = Table(title=escape(f"{report.authority}, {report.dated}{world}"), show_header=False)
    for words in ("new", "changed", "unchanged"):
        table.add_row(f"{would}{words}", str(getattr(report, words)))
    table.add_row(f"{would}in quarantine", str(len(report.quarantined)))
    console.print(table)
    if report.nothing_changed:
        console.print("Nothing changed.")
    for finding in report.findings:
        console.print(escape(f"{finding.times}x {finding.note}: {finding.detail} (first: row {finding.row})"))
    if report.quarantined:
        waiting = Table("row", "id", "what is wrong", "what to do", title="In quarantine")
        for one in report.quarantined[:_SHOWN]:
            waiting.add_row(str(one.row), escape(one.external_id or ""), escape(one.detail), escape(one.remedy))
        console.print(waiting)
        console.print(f"{len(report.quarantined)} rows wait; --json lists them all.")


@app.command("list")
@guarded
def list_all(  # noqa: PLR0913 - each is an option of the command line
    data: Data = None,
    authority: Annotated[str | None, typer.Option(help="Only this authority's.")] = None,
    year: Annotated[int | None, typer.Option(min=1900, max=2999)] = None,
    after: Annotated[UUID | None, typer.Option(help="The last id of the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100,
    *,
    exercise: Annotated[bool, typer.Option("--exercise")] = False,
    as_json: AsJson = False,
) -> None:
    """List incidents in the order in which they came."""
    wanted: dict[str, Any] = {"exercise": exercise, "authority": authority, "year": year, "after": after}

    async def act(_: House, tx: Tx) -> list[IncidentOut]:
        await acting(tx, *STAFF)
        return [IncidentOut.of(one) for one in await actions.page(tx, **wanted, limit=limit)]

    found = asyncio.run(_in_house(data, act))
    if as_json:
        typer.echo(json.dumps({"incidents": [one.model_dump(mode="json") for one in found]}))
        return
    table = listed("id", "authority", "source's id", "kind", "date", "region", "district", "")
    for one in found:
        cells = (one.id, one.authority, one.external_id, one.kind, one.happened_on, one.region.name, one.district.name)
        table.add_row(*(escape(str(cell)) for cell in cells), "EXERCISE" if one.exercise else "")
    Console().print(table)


@app.command()
@guarded
def show(incident: UUID, data: Data = None) -> None:
    """Print the whole record of an incident as JSON."""

    async def act(_: House, tx: Tx) -> IncidentOut:
        await acting(tx, *STAFF)
        return IncidentOut.of(await actions.get(tx, incident))

    typer.echo(asyncio.run(_in_house(data, act)).model_dump_json(indent=2))


@app.command()
@guarded
def totals(
    data: Data = None,
    authority: Annotated[str | None, typer.Option(help="Only this authority's.")] = None,
    year: Annotated[int | None, typer.Option(min=1900, max=2999)] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print what the public sees: recorded events by district and year."""

    async def act(house: House, tx: Tx) -> TotalsOut:
        catalogues = house.get(Catalogues)
        found = await actions.public_totals(tx, authority=authority, year=year)
        return showing.totals(found, catalogues, catalogues.choose(()))

    shown = asyncio.run(_in_house(data, act))
    if as_json:
        typer.echo(shown.model_dump_json())
        return
    table = Table("authority", "year", "region", "district", "recorded events")
    for one in shown.figures:
        region, district = (unit.name if unit else "" for unit in (one.region, one.district))
        figure = one.note if one.count is None else str(one.count)
        table.add_row(*map(escape, (one.authority or "", str(one.year or ""), region, district, figure)))
    console = Console()
    console.print(table)
    console.print(escape(shown.caveat))


@app.command()
@guarded
def publish(authority: Authority, year: Year, data: Data = None, *, as_json: AsJson = False) -> None:
    """Ask that a year's totals become public; a second person approves."""

    async def act(house: House, tx: Tx) -> AskedOut:
        operator, now = await acting(tx, Role.EDITOR, Role.ADMIN), house.clock.now()
        return AskedOut.of(await actions.ask_for_totals(tx, house.keyring, operator, authority, year, now=now))

    _say(asyncio.run(_in_house(data, act)), as_json=as_json)


@app.command()
@guarded
def approve(authority: Authority, year: Year, data: Data = None, *, as_json: AsJson = False) -> None:
    """Let the public see a year's totals, as the second person; from then on they never change."""

    async def act(house: House, tx: Tx) -> AskedOut:
        operator, now = await acting(tx, Role.APPROVER, Role.ADMIN), house.clock.now()
        return AskedOut.of(await actions.approve_totals(tx, house.keyring, operator, authority, year, now=now))

    _say(asyncio.run(_in_house(data, act)), as_json=as_json)


def _say(one: AskedOut, *, as_json: bool) -> None:
    if as_json:
        typer.echo(one.model_dump_json())
        return
    state = "are public" if one.public else "wait for a second person"
    typer.echo(f"The totals of {one.year} {state}: {one.districts} districts, {one.not_shown} without a figure.")


@app.command()
@guarded
def withdraw(
    authority: Authority, year: Year, reason: Annotated[str, typer.Option(help="Why.")], data: Data = None
) -> None:
    """Stop showing a year's totals, alone and at once."""

    async def act(house: House, tx: Tx) -> None:
        operator = await acting(tx, *STAFF)
        await actions.withdraw_totals(tx, operator, authority, year, reason, now=house.clock.now())

    asyncio.run(_in_house(data, act))
    typer.echo(f"The totals of {year} are no longer public.")
