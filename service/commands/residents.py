"""The command line's door to residents: codes for testers, how many there are."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from service.commands.session import acting, guarded, open_house
from service.kit.counts import blur
from service.kit.db import transaction
from service.operators.model import Role
from service.residents import actions
from service.residents.model import FEWEST_CELLS_COUNTED, CodeOffer

app = typer.Typer(help="Residents: codes for testers, counts.")

Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line for programs.")]


@app.command("tester-code")
@guarded
def issue(
    uses: Annotated[int, typer.Option(min=1, max=10_000, help="How many phones may enrol by it.")],
    hours: Annotated[int, typer.Option(min=1, max=168, help="How long.")],
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print a code by which phones' owners enrol for exercises; it is shown only now."""
    code = asyncio.run(_issue(data, CodeOffer(uses, timedelta(hours=hours))))
    typer.echo(json.dumps({"code": code, "uses": uses, "hours": hours}) if as_json else code)


async def _issue(data: Path | None, offer: CodeOffer) -> str:
    async with open_house(data) as house, transaction(house.pool) as tx:
        issuer = await acting(tx, Role.ADMIN, Role.AUTHOR)
        code = await actions.issue_code(tx, house, offer, issuer=issuer, now=house.clock.now())
        return code.reveal()


@app.command()
@guarded
def count(data: Data = None, *, as_json: AsJson = False) -> None:
    """Say how many phones are registered, rounded so that no two answers give one person away (R26)."""
    counts = asyncio.run(_count(data))
    if as_json:
        typer.echo(json.dumps(counts))
        return
    for state, number in counts.items():
        typer.echo(f"{state:14}{number if number is not None else 'not told: too few cells'}")


async def _count(data: Path | None) -> dict[str, int | str | None]:
    async with open_house(data) as house, transaction(house.pool) as tx:
        await acting(tx, *Role)
        exact = await actions.census(tx, now=house.clock.now())
    told = exact.pop("cells") >= FEWEST_CELLS_COUNTED
    return {state: blur(number) if told else None for state, number in exact.items()}
