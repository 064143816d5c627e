"""The command line's door to topics: which keys name them, and beginning another."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from service.commands.listing import listed
from service.commands.session import acting, guarded, open_house
from service.delivery import posting, topics
from service.delivery.topics import Generation
from service.kit.db import transaction
from service.operators.model import Role

app = typer.Typer(help="Topics, over which phones that register nothing are warned.")

Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line for programs.")]
Exercise = Annotated[bool, typer.Option("--exercise", help="Those of exercises instead of the real world's.")]


@app.command()
@guarded
def show(data: Data = None, *, exercise: Exercise = False, as_json: AsJson = False) -> None:
    """Show which generations of topics alerts go to."""
    _tell(asyncio.run(_held(data, exercise=exercise)), as_json=as_json)


@app.command()
@guarded
def rotate(data: Data = None, *, exercise: Exercise = False, as_json: AsJson = False) -> None:
    """Begin a generation; alerts go to the one before for 270 days more, and until then there is no other rotation."""
    _tell(asyncio.run(_rotate(data, exercise=exercise)), as_json=as_json)


async def _held(data: Path | None, *, exercise: bool) -> list[Generation]:
    async with open_house(data) as house, transaction(house.pool) as tx:
        return await posting.generations(tx, exercise=exercise, now=house.clock.now())


async def _rotate(data: Path | None, *, exercise: bool) -> list[Generation]:
    async with open_house(data) as house, transaction(house.pool) as tx:
        now = house.clock.now()
        await posting.rotate(tx, await acting(tx, Role.ADMIN), exercise=exercise, now=now)
        return await posting.generations(tx, exercise=exercise, now=now)


def _tell(held: list[Generation], *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {"number": one.number, "since": f"{one.since:%Y-%m-%d}", "until": after and f"{topics.ended(after):%Y-%m-%d}"}
        for one, after in zip(held, (None, *held), strict=False)  # the newest first
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    table = listed("generation", "since", "sent to until")
    for row in rows:
        table.add_row(str(row["number"]), row["since"], row["until"] or "the next one")
    Console().print(table)
