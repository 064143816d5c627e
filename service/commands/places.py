"""The command line's door to places: load a source, list, show, find."""

import asyncio
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from service.commands.listing import listed
from service.commands.session import acting, guarded, open_house
from service.kit.db import transaction
from service.kit.errors import Kind, Refused
from service.operators.model import Role
from service.places import actions, schemas
from service.places.gazetteer import Gazetteer
from service.places.model import Found, Place, Stated
from service.places.naming import shown
from service.places.schemas import LoadOut, RowOut
from service.places.sources import columns
from service.places.sources.columns import Columns
from service.places.sources.fields import MOST_BYTES

app = typer.Typer(help="Places: administrative units and settlements, by name.")

Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for programs.")]
Lang = Annotated[str | None, typer.Option(help="In which language to show names (BCP 47).")]
Exercise = Annotated[bool, typer.Option("--exercise", help="The invented places of exercises.")]
_SHOWN = 20
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})")


@app.command()
@guarded
def load(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    file: Annotated[Path, typer.Argument(exists=True, readable=True, help="A file, or a folder of GeoJSON outlines.")],
    country: Annotated[str, typer.Option(help="ISO 3166-1, two letters.")],
    column_map: Annotated[
        Path | None, typer.Option("--map", exists=True, help="Which column means what (TOML).")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Whose data this is; unset, what the format says.")] = None,
    dated: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Unset, the file name's date.")] = None,
    licence: Annotated[str | None, typer.Option(help="Unset, what the format is published under.")] = None,
    data: Data = None,
    *,
    part: Annotated[bool, typer.Option("--part", help="Only some of the source's units: none is missing.")] = False,
    exercise: Exercise = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    as_json: AsJson = False,
) -> None:
    """Load the units of a country from one source. Loading it again changes nothing; nothing is ever deleted.

    Exit status 0: every row was judged, and those that were left out are listed. 2: refused, and nothing was changed.
    """
    day = dated.date() if dated else _date_in(file.name)
    stated = Stated(country.strip().upper(), exercise, source, day, licence, part)
    said = None if column_map is None else columns.parse(column_map.read_bytes(), column_map.name)
    report = asyncio.run(_load(data, _read(file), stated, said, dry_run=dry_run))
    if as_json:
        typer.echo(report.model_dump_json())
        return
    _print(report)


def _date_in(name: str) -> date | None:
    found = _DATED.search(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


async def _load(
    data: Path | None, files: dict[str, bytes], stated: Stated, said: Columns | None, *, dry_run: bool
) -> LoadOut:
    async with open_house(data) as house, transaction(house.pool) as tx:
        operator = await acting(tx, Role.EDITOR, Role.ADMIN)
        now = house.clock.now()
        if dry_run:
            return LoadOut.of(await actions.plan_load(tx, files, stated, said, now=now))
        return LoadOut.of(await actions.run_load(tx, operator, files, stated, said, now=now))


def _read(file: Path) -> dict[str, bytes]:
    """Read a file, or all GeoJSON files of a folder in the order of their names."""
    paths = sorted(file.glob("*.geojson")) if file.is_dir() else [file]
    if not paths:
        detail = f"The folder {file.name} holds no file whose name ends in .geojson."
        raise Refused(Kind.INVALID, "places-folder-empty", detail, remedy="Name the file itself.")
    found = {}
    for path in paths:
        with path.open("rb") as opened:
            found[path.name] = opened.read(MOST_BYTES + 1)  # one byte too many is refused as too large
    return found


def _print(report: LoadOut) -> None:
    console = Console()
    would = "would be " if report.dry_run else ""
    world = " (exercise)" if report.exercise else ""
    title = f"{report.source}, {report.country}{world}, {report.data_as_of}, {report.licence}"
    table = Table(title=escape(title), show_header=False)
    for words, number in (
        ("new", report.new),
        ("changed", report.changed),
        ("unchanged", report.unchanged),
        ("marked missing", report.missing),
        ("not joined", len(report.unjoined)),
        ("left out", len(report.faults)),
    ):
        table.add_row(f"{would}{words}", str(number))
    table.add_row("of other countries", str(report.elsewhere))
    console.print(table)
    _print_rows(console, "Left out", report.faults)
    _print_rows(console, "Not joined", report.unjoined)
    _print_rows(console, "Taken, to be looked at", report.notes)


def _print_rows(console: Console, title: str, rows: list[RowOut]) -> None:
    if not rows:
        return
    table = Table("where", "what", "what to do", title=title)
    for one in rows[:_SHOWN]:
        table.add_row(escape(one.where), escape(one.detail), escape(one.remedy))
    console.print(table)
    if len(rows) > _SHOWN:
        console.print(f"… and {len(rows) - _SHOWN} more; --json lists them all.")


@app.command("list")
@guarded
def list_all(  # noqa: PLR0913 - each is an option of the command line
    country: Annotated[str | None, typer.Option(help="ISO 3166-1, two letters.")] = None,
    level: Annotated[int | None, typer.Option(min=0, max=5)] = None,
    lang: Lang = None,
    data: Data = None,
    *,
    missing: Annotated[bool, typer.Option("--missing", help="Only what the newest register no longer names.")] = False,
    exercise: Exercise = False,
    as_json: AsJson = False,
) -> None:
    """List places by level, then by the units that they lie in."""
    gazetteer = asyncio.run(_gazetteer(data))
    chosen = [
        place
        for place in gazetteer.places(exercise=exercise)
        if country in {None, place.country} and level in {None, place.level} and (place.missing or not missing)
    ]
    if as_json:
        rows = [schemas.brief(place, lang).model_dump(mode="json") for place in chosen]
        typer.echo(json.dumps({"places": rows}, ensure_ascii=False))
        return
    _print_places(gazetteer, chosen, lang)


@app.command()
@guarded
def show(place: Annotated[str, typer.Argument(help="Its id or a code.")], lang: Lang = None, data: Data = None) -> None:
    """Print all that is known of a place as JSON."""
    gazetteer = asyncio.run(_gazetteer(data))
    found = schemas.whole(_named(gazetteer, place), gazetteer, lang)
    typer.echo(found.model_dump_json(indent=2))


def _named(gazetteer: Gazetteer, text: str) -> Place:
    try:
        return actions.get(gazetteer, UUID(text))
    except ValueError:
        found = gazetteer.find(text).only or gazetteer.find(text, exercise=True).only
    if found is None:
        detail, remedy = "No place has this id or code.", "`surefoot places find NAME` finds one."
        raise Refused(Kind.NOT_FOUND, "place-unknown", detail, remedy=remedy)
    return found


@app.command()
@guarded
def find(
    name: Annotated[str, typer.Argument(help="A name or a code; a second name narrows the first.")],
    lang: Lang = None,
    data: Data = None,
    *,
    exercise: Exercise = False,
    as_json: AsJson = False,
) -> None:
    """Find the places that a name may mean, however it is spelt."""
    gazetteer = asyncio.run(_gazetteer(data))
    answer = gazetteer.find(name, exercise=exercise)
    if as_json:
        typer.echo(schemas.found(answer, gazetteer, lang).model_dump_json())
        return
    _print_found(gazetteer, answer, lang)


def _print_found(gazetteer: Gazetteer, answer: Found, lang: str | None) -> None:
    if not answer.groups:
        typer.echo("No place has a name like this.")
    for group in answer.groups:
        Console().print(escape(f"{shown(group.places[0], lang).text} ({group.reason}): {len(group.places)}"))
        _print_places(gazetteer, list(group.places), lang)


def _print_places(gazetteer: Gazetteer, places: list[Place], lang: str | None) -> None:
    table = listed("code", "level", "category", "name", "lies in", "")
    for place in places:
        above = ", ".join(shown(one, lang).text for one in gazetteer.above(place))
        cells = (place.codes[0][1], place.level, place.category, shown(place, lang).text, above)
        table.add_row(*(escape(str(cell)) for cell in cells), "missing" if place.missing else "")
    Console().print(table)


async def _gazetteer(data: Path | None) -> Gazetteer:
    async with open_house(data) as house, transaction(house.pool) as tx:
        return await actions.gazetteer(tx)
