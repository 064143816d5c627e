"""The command line's door to operators: rights and keys (R17)."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from service.commands.session import acting, guarded, open_house
from service.kit.db import Tx, transaction
from service.operators import actions
from service.operators.model import STAFF, Done, Operator, Role, Waiting
from service.operators.schemas import ChangeOut, OperatorOut, Outcome

app = typer.Typer(help="Operators: who may do what; a second admin confirms every change from the third person on.")

Name = Annotated[str, typer.Argument(help="As colleagues know this person.")]
Roles = Annotated[list[Role], typer.Option("--role", help="May be given several times.")]
Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
Json = Annotated[bool, typer.Option("--json", help="One line for programs.")]


@app.command()
@guarded
def add(name: Name, role: Roles, data: Data = None, *, as_json: Json = False) -> None:
    """Add an operator and print the key, once."""

    async def act() -> Done | Waiting:
        async with open_house(data) as house, transaction(house.pool) as tx:
            asker = await _asker(tx)
            return await actions.add(tx, asker, name, frozenset(role), now=house.clock.now())

    _show(asyncio.run(act()), as_json=as_json)


async def _asker(tx: Tx) -> Operator | None:
    """Return who asks; nobody needs a key while nobody exists."""
    if not os.environ.get("SUREFOOT_KEY") and not await actions.everybody(tx):
        return None
    return await acting(tx, Role.ADMIN)


@app.command()
@guarded
def confirm(change: UUID, data: Data = None, *, as_json: Json = False) -> None:
    """Put a waiting change in force, as the second admin."""

    async def act() -> Done:
        async with open_house(data) as house, transaction(house.pool) as tx:
            return await actions.confirm(tx, await acting(tx, Role.ADMIN), change, now=house.clock.now())

    _show(asyncio.run(act()), as_json=as_json)


@app.command()
@guarded
def roles(name: Name, role: Roles, data: Data = None, *, as_json: Json = False) -> None:
    """Give an operator exactly these roles."""

    async def act() -> Done | Waiting:
        async with open_house(data) as house, transaction(house.pool) as tx:
            asker = await acting(tx, Role.ADMIN)
            return await actions.change_roles(tx, asker, name, frozenset(role), now=house.clock.now())

    _show(asyncio.run(act()), as_json=as_json)


@app.command("new-key")
@guarded
def new_key(name: Name, data: Data = None, *, as_json: Json = False) -> None:
    """Give an operator a new key and print it, once."""

    async def act() -> Done | Waiting:
        async with open_house(data) as house, transaction(house.pool) as tx:
            return await actions.new_key(tx, await acting(tx, Role.ADMIN), name, now=house.clock.now())

    _show(asyncio.run(act()), as_json=as_json)


@app.command()
@guarded
def revoke(name: Name, data: Data = None, *, as_json: Json = False) -> None:
    """End an operator's access."""

    async def act() -> Done | Waiting:
        async with open_house(data) as house, transaction(house.pool) as tx:
            return await actions.revoke(tx, await acting(tx, Role.ADMIN), name, now=house.clock.now())

    _show(asyncio.run(act()), as_json=as_json)


@app.command("list")
@guarded
def everybody(data: Data = None, *, as_json: Json = False) -> None:
    """List operators, and the changes that wait for a second admin."""

    async def act() -> tuple[list[OperatorOut], list[ChangeOut]]:
        async with open_house(data) as house, transaction(house.pool) as tx:
            await acting(tx, *STAFF)
            waiting = await actions.waiting(tx, now=house.clock.now())
            staff = [OperatorOut.of(one) for one in await actions.everybody(tx)]
            return staff, [ChangeOut.of(one) for one in waiting]

    staff, waiting = asyncio.run(act())
    if as_json:
        found = {"operators": [one.model_dump(mode="json") for one in staff]}
        typer.echo(json.dumps(found | {"waiting": [one.model_dump(mode="json") for one in waiting]}))
        return
    for one in staff:
        ended = f"  ended {one.revoked_at:%Y-%m-%d}" if one.revoked_at else ""
        typer.echo(f"{one.name}  {', '.join(one.roles)}{ended}")
    for change in waiting:
        typer.echo(f"waits: {change.act} {change.name or ''}  surefoot operators confirm {change.id}")


def _show(outcome: Done | Waiting, *, as_json: bool) -> None:
    shown = Outcome.of(outcome)
    if as_json:
        typer.echo(shown.model_dump_json(exclude_none=True))
    elif shown.waiting is not None:
        typer.echo(f"This waits for a second admin: surefoot operators confirm {shown.waiting.id}")
    elif shown.key is not None:
        typer.echo(f"The key, shown this once: {shown.key}")
    else:
        typer.echo("Done.")
