"""The command line's door to imports: take in, map; the other verbs about zones stand in files of their own."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import pydantic
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from service.commands import quarantine, zones_life, zones_look, zones_two
from service.commands.session import acting, guarded, open_house
from service.config import Settings
from service.imports import actions, carrying, exporting, looking, mapping, mappings, proposing, receiving, tables
from service.imports.actions import Order
from service.imports.model import Report
from service.imports.records import Kept, Stage
from service.imports.schemas import ImportIn, ImportOut, QuarantinedOut
from service.imports.sifting import Watch
from service.intake import reading
from service.intake.model import Layout, Remark
from service.kit.db import Tx, transaction
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.operators.model import STAFF, Role
from service.zones.model import HazardClass, Publication

app = typer.Typer(help="Zones: where the danger is.")
for part in (zones_look.app, zones_life.app, zones_two.app):
    app.registered_commands += part.registered_commands
app.add_typer(quarantine.app, name="quarantine")

Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for programs.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A file in any known format.")]
Map = Annotated[Path | None, typer.Option("--map", exists=True, dir_okay=False, help="Which column means what: YAML.")]
_SHOWN = 20


@app.command("import")
@guarded
def take_in(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    authority: Annotated[str, typer.Option(help="Whose data this is.")],
    dated: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day the data is of.")],
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, readable=True, help="A file in any known format.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="A FeatureServer's layer instead of a file.")] = None,
    feed: Annotated[str, typer.Option(help="Which list of the authority this is.")] = "",
    map_file: Map = None,
    hazard_class: Annotated[HazardClass | None, typer.Option("--class", help="Of rows that name none.")] = None,
    accuracy: Annotated[float | None, typer.Option(help="Metres of survey error; unset, the usual one.")] = None,
    publication: Annotated[Publication, typer.Option(help="What the public may see.")] = Publication.OUTLINE,
    id_property: Annotated[str | None, typer.Option(help="The property that holds the source's id.")] = None,
    points: Annotated[str, typer.Option(help="What becomes of points: quarantine, or buffer:METRES.")] = "quarantine",
    plan_to: Annotated[Path | None, typer.Option(help="Write the plan to FILE.csv or FILE.geojson.")] = None,
    data: Data = None,
    *,
    partial: Annotated[bool, typer.Option("--partial", help="A part of the list: nothing is missing.")] = False,
    exercise: Annotated[bool, typer.Option("--exercise", help="Practice areas, never beside real ones.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only plan what would happen.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in a file of zones: what adds danger at once; what would take some off the list waits for a second person.

    A layer that was interrupted is gone on with by the same command.

    Exit status 0: every row was judged; those that have to wait are listed and kept in quarantine. 2: the file or what
    was stated of it was refused, and nothing was changed.
    """
    stated = _stated(
        authority=authority, dated=dated.date(), feed=feed, exercise=exercise, dry_run=dry_run, partial=partial,
        accuracy_m=accuracy, hazard_class=hazard_class, publication=publication, id_property=id_property, points=points,
    )  # fmt: skip  # one a line would hide that they are passed on as they are
    _check_form(plan_to)
    with _bar(shown=not as_json) as bar:
        report = asyncio.run(_take_in(data, _source(file, url), stated, map_file, plan_to, bar))
    if as_json:
        typer.echo(report.model_dump_json())
        return
    _print(report)


def _stated(**said: object) -> ImportIn:
    try:
        return ImportIn.model_validate(said)
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = str(first["loc"][0])
        detail = f"What is stated as {where} cannot be used: {first['msg']}."
        remedy = "See `surefoot zones import --help`."
        raise Refused(Kind.INVALID, f"{where}-unfit", detail, where=where, remedy=remedy) from None


def _check_form(plan_to: Path | None) -> None:
    if plan_to is not None and plan_to.suffix.removeprefix(".") not in tables.MEDIA_TYPES:
        detail = f"A plan is not written as {plan_to.suffix or 'a file without an ending'}."
        raise Refused(Kind.INVALID, "plan-form-unknown", detail, where="plan-to", remedy="Use .csv or .geojson.")


def _source(file: Path | None, url: str | None) -> Path | str:
    if (file is None) is (url is None):
        detail = "Name a file, or a FeatureServer's layer with --url."
        raise Refused(Kind.INVALID, "source-unclear", detail, where="file", remedy="Give exactly one of them.")
    return url if file is None else file  # type: ignore[return-value]  # one of them is there


async def _take_in(  # noqa: PLR0913, PLR0917 - what the command was told
    data: Path | None, source: Path | str, stated: ImportIn, map_file: Path | None, plan_to: Path | None, bar: "_Bar"
) -> ImportOut:
    async with open_house(data) as house:
        async with transaction(house.pool) as tx:
            operator = await acting(tx, Role.EDITOR, Role.ADMIN)
            order, layout = await _order(tx, house, source, stated, map_file, bar.watch)
            if isinstance(source, Path):
                items = reading.read(source, layout, progress=bar.read)
                report = await actions.run_import(tx, operator, items, order, now=house.clock.now())
                await _write_plan(tx, plan_to, report)
                return ImportOut.of(report)
            kept = await receiving.put_down(tx, operator, order, now=house.clock.now())
        _tell_begun(kept)
        report = await carrying.finish(house, kept, operator, bar.watch)
        async with transaction(house.pool) as tx:
            await _write_plan(tx, plan_to, report)
        return ImportOut.of(report)


async def _order(  # noqa: PLR0913, PLR0917 - as above
    tx: Tx, house: House, source: Path | str, stated: ImportIn, map_file: Path | None, watch: Watch
) -> tuple[Order, Layout]:
    settings, origin = house.get(Settings), source if isinstance(source, str) else source.name
    text = await mappings.get(tx, stated.source) if map_file is None else mappings.text_of(map_file)
    mapped = mapping.load(text, origin, said_in="the kept mapping" if map_file is None else str(map_file))
    declared = stated.declared(usual_error_m=settings.survey_error_m)
    order = Order(declared, mapped.columns, text, settings.area, origin, dry_run=stated.dry_run, watch=watch)
    return order, mapped.layout


async def _write_plan(tx: Tx, plan_to: Path | None, report: Report) -> None:
    if plan_to is not None:
        write = tables.plan_csv if plan_to.suffix == ".csv" else tables.plan_geojson
        await _write(plan_to, write(looking.lines(tx, report.import_id)))


async def _write(path: Path, pieces: AsyncIterator[bytes]) -> None:
    with path.open("wb") as opened:
        async for piece in pieces:
            opened.write(piece)


def _tell_begun(kept: Kept) -> None:
    """Say that an earlier try is gone on with, and why that one ended."""
    if kept.cursor is not None:
        why = f" The last try: {kept.trouble['detail']}" if kept.trouble else ""
        typer.echo(f"Import {kept.id} is gone on with after {kept.cursor['rows']:,} rows.{why}", err=True)


@dataclass
class _Bar:
    """Shows on a terminal how far an import has come: bytes while a file is read, else rows."""

    progress: Progress
    task: TaskID

    def watch(self, stage: Stage, done: int, total: int | None) -> None:
        if total is not None:
            self.progress.update(self.task, description=f"{stage.value} rows", completed=done, total=total)

    def read(self, done: int, total: int) -> None:
        self.progress.update(self.task, description=f"{Stage.READING.value} bytes", completed=done, total=total)


@contextlib.contextmanager
def _bar(*, shown: bool) -> Iterator[_Bar]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not (shown and console.is_terminal)) as progress:
        yield _Bar(progress, progress.add_task(Stage.READING.value, total=None))


def _print(report: ImportOut) -> None:
    console = Console()
    would = "would be " if report.dry_run else ""
    world = " (exercise)" if report.exercise else ""
    feed = f", {report.feed}" if report.feed else ""
    table = Table(title=escape(f"{report.authority}{feed}, {report.dated}{world}"), show_header=False)
    for words, number in (
        ("new", report.new),
        ("changed", report.changed),
        ("moved: the old ground stays", report.moved),
        ("reclassified", report.reclassified),
        ("shrunk: the old ground stays", report.shrunk),
        ("split: the whole ground stays", report.split),
        ("missing from the file: marked as old", report.missing),
        (f"unchanged ({report.confirmed} of a later day)", report.unchanged),
        ("in doubt", report.in_doubt),
        ("entries in quarantine", report.quarantined_total),
    ):
        table.add_row(f"{would}{words}", str(number))
    console.print(table)
    if report.nothing_changed:
        console.print("Nothing changed.")
    for remark in report.remarks:
        console.print(escape(f"{remark.code}: {remark.detail}"))
    for note, number in Counter(finding.note for finding in report.findings).most_common():
        first = next(finding for finding in report.findings if finding.note is note)
        console.print(escape(f"{number}x {note}: {first.detail} (first: row {first.row}, {first.external_id})"))
    _print_waiting(console, report)
    console.print(f"Import {report.import_id}")


def _print_waiting(console: Console, report: ImportOut) -> None:
    waiting: list[QuarantinedOut] = report.quarantined
    if not waiting:
        return
    table = Table("row", "id", "what is wrong", "what to do", title="In quarantine")
    for one in waiting[:_SHOWN]:
        table.add_row(str(one.row or ""), escape(one.external_id or ""), escape(one.detail), escape(one.remedy))
    console.print(table)
    if report.quarantined_total > _SHOWN:
        console.print(f"… and {report.quarantined_total - _SHOWN} more; `surefoot zones quarantine list` shows them.")


@app.command("map")
@guarded
def propose(file: File, map_file: Map = None) -> None:
    """Propose a mapping for a file, as commented YAML; what nobody can guess it asks."""
    typer.echo(asyncio.run(_proposed(file, map_file)), nl=False)


async def _proposed(file: Path, map_file: Path | None) -> str:
    text = None if map_file is None else mappings.text_of(map_file)
    sampled, remarks = proposing.Sampled(), []
    reader = reading.read(file, mapping.load(text, file.name).layout)
    async with contextlib.aclosing(reader) as items:  # type: ignore[type-var]  # an async generator
        async for item in items:
            if isinstance(item, Remark):
                remarks.append(item.detail)
            else:
                sampled.add(item)
    return proposing.propose(sampled, name=file.name, remarks=remarks)


@app.command("export")
@guarded
def write_back(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    out: Annotated[Path, typer.Argument(dir_okay=False, help="FILE.geojson or FILE.csv.")],
    authority: Annotated[str, typer.Option(help="Whose zones.")],
    feed: Annotated[str, typer.Option(help="Which list of the authority.")] = "",
    map_file: Map = None,
    form: Annotated[str | None, typer.Option("--format", help="geojson or csv; unset, as the file's ending.")] = None,
    data: Data = None,
    *,
    exercise: Annotated[bool, typer.Option("--exercise", help="Exercise zones instead of real ones.")] = False,
) -> None:
    """Write zones back in their source's own columns; release records go to FILE.releases beside it."""
    wanted = form or out.suffix.removeprefix(".")
    if wanted not in exporting.FORMS:
        detail = f"Zones are not written as {wanted or 'a file without an ending'}."
        raise Refused(Kind.INVALID, "form-unknown", detail, where="format", remedy="Use geojson or csv.")
    zones, releases = asyncio.run(_written(data, (authority, feed), map_file, exercise=exercise, form=wanted))
    out.write_text(zones, encoding="utf-8")
    beside = out.with_name(f"{out.stem}.releases{out.suffix}")
    beside.write_text(releases, encoding="utf-8")
    typer.echo(f"{out} and {beside} are written.")


async def _written(
    data: Path | None, named: tuple[str, str], map_file: Path | None, *, exercise: bool, form: str
) -> tuple[str, str]:
    source = (" ".join(named[0].split()), " ".join(named[1].split()))
    async with open_house(data) as house, transaction(house.pool) as tx:
        await acting(tx, *STAFF)
        text = await mappings.get(tx, source) if map_file is None else mappings.text_of(map_file)
        mapped = mapping.load(text, said_in="the kept mapping" if map_file is None else str(map_file))
        zones, releases = [], []
        async for zone, records in exporting.rows(tx, source, mapped, exercise=exercise):
            zones.append(zone)
            releases += records
    place = mapped.layout.columns.place
    if form == "csv":
        return exporting.as_csv(zones, place), exporting.as_csv(releases, place)
    return exporting.as_geojson(zones), exporting.as_geojson(releases)
