"""The command line's door to files of coverage areas."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from service.commands.acting import AsJson, Data, Day, Why
from service.commands.session import acting, guarded, open_house
from service.imports import covering, mapping, mappings
from service.imports.covering import Covering, Said
from service.imports.model import Declared
from service.intake import reading
from service.kit.db import transaction
from service.zones import proposals
from service.zones.schemas import CoverageOut

app = typer.Typer()


@app.command("import")
@guarded
def take_in(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A file in any format.")],
    authority: Annotated[str, typer.Option(help="Who keeps the record there.")],
    dated: Day,
    why: Why,
    map_file: Annotated[
        Path | None, typer.Option("--map", exists=True, dir_okay=False, help="Which column means what: YAML.")
    ] = None,
    data: Data = None,
    *,
    surveyed: Annotated[
        bool, typer.Option("--surveyed/--not-surveyed", help="It has looked everywhere there; nobody is told so.")
    ],
    exercise: Annotated[bool, typer.Option("--exercise", help="Practice areas.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in a file of coverage areas; a known id replaces what was said; unfit rows are told and left out."""
    found = asyncio.run(
        _taken(data, file, Declared(authority, dated.date(), exercise), map_file, (surveyed, why)),
    )
    if as_json:
        _tell_json(found)
        return
    typer.echo(f"{len(found.areas)} coverage areas are kept, {len(found.left)} rows were left out.")
    for fault in found.left:
        typer.echo(f"  {fault.where}: {fault.detail} {fault.remedy}")


async def _taken(
    data: Path | None, file: Path, declared: Declared, map_file: Path | None, said: tuple[bool, str]
) -> Covering:
    text = None if map_file is None else mappings.text_of(map_file)
    mapped = mapping.load(text, file.name, said_in=str(map_file))
    async with open_house(data) as house, transaction(house.pool) as tx:
        operator = await acting(tx, *proposals.PROPOSERS)
        stated = Said(declared, mapped.columns, *said)
        return await covering.take_in(tx, operator, reading.read(file, mapped.layout), stated, now=house.clock.now())


def _tell_json(found: Covering) -> None:
    areas = [CoverageOut.of(area).model_dump(mode="json") for area in found.areas]
    left = [{"where": one.where, "detail": one.detail, "remedy": one.remedy} for one in found.left]
    typer.echo(json.dumps({"coverage": areas, "left": left}, ensure_ascii=False))
