"""The command line's door to residents: codes for testers, canaries, how many there are."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from service.commands.session import acting, guarded, open_house
from service.delivery import canaries
from service.kit.counts import blur
from service.kit.db import transaction
from service.operators.model import STAFF, Role
from service.residents import actions, rekeying
from service.residents.model import FEWEST_CELLS_COUNTED, CodeOffer
from service.residents.rekeying import Rekeyed

app = typer.Typer(help="Residents: codes for testers, canaries, counts.")

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
def canary(
    registration: Annotated[UUID, typer.Argument(help="Its id, which the phone's app knows.")],
    data: Data = None,
    *,
    answers: Annotated[bool, typer.Option(help="Its phone sends receipts; else the provider's word counts.")] = True,
    remove: Annotated[bool, typer.Option("--remove", help="Let it be a phone again.")] = False,
) -> None:
    """Let a phone of the service's own stand for nobody: it gets silent test messages, and no alert."""
    asyncio.run(_canary(data, registration, answers=answers, remove=remove))


async def _canary(data: Path | None, registration: UUID, *, answers: bool, remove: bool) -> None:
    async with open_house(data) as house, transaction(house.pool) as tx:
        operator = await acting(tx, Role.ADMIN)
        if remove:
            await canaries.unmark(tx, house, operator, registration)
            typer.echo("It is no canary any more; alerts reach it once its app tells its cells again.")
            return
        made = await canaries.mark(tx, house, operator, registration, answers=answers)
        typer.echo(f"It is the canary for {made.channel} in {made.language}; no alert reaches it from now on.")


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
        await acting(tx, *STAFF)
        exact = await actions.census(tx, now=house.clock.now())
    told = exact.pop("cells") >= FEWEST_CELLS_COUNTED
    return {state: blur(number) if told else None for state, number in exact.items()}


@app.command()
@guarded
def rekey(data: Data = None, *, as_json: AsJson = False) -> None:
    """Seal every number with the first of SUREFOOT_NUMBER_KEYS; may be stopped and run again at any moment.

    Put the new key first and restart the API and the workers before; take the old one out after.
    """
    done = asyncio.run(_rekey(data, quiet=as_json))
    if as_json:
        typer.echo(json.dumps({"key": done.key_id, "sealed": done.numbers, "spare": done.spare}))
        return
    typer.echo(f"{done.numbers} numbers were sealed anew; all are sealed by {done.key_id!r} now.")
    for one in done.spare:
        typer.echo(f"Nothing is sealed by {one!r} any more: once no process has it as its first key, take it out.")


async def _rekey(data: Path | None, *, quiet: bool) -> Rekeyed:
    def tell(numbers: int) -> None:
        if not quiet:
            typer.echo(f"{numbers} numbers so far", err=True)

    async with open_house(data) as house:
        async with transaction(house.pool) as tx:
            operator = await acting(tx, Role.ADMIN)
        return await rekeying.rekey(house, operator, told=tell)
