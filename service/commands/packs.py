"""The command line's door to packs: make, look, export; and the reference client of phones."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg import IsolationLevel
from rich.console import Console
from rich.table import Table

from service.commands.session import acting, guarded, open_house
from service.config import Settings
from service.kit import geo
from service.kit.db import transaction
from service.kit.errors import Kind, Refused
from service.operators.model import STAFF, Role
from service.publication import actions, syncing, tree
from service.publication.model import World
from service.publication.sources import open_source
from service.publication.syncing import State, Syncing, Wish
from service.publication.trust import moment
from service.zones.model import PACK_RESOLUTION

app = typer.Typer(help="Packs: what phones hold without network.")

Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line for programs.")]
Folder = Annotated[Path, typer.Argument(help="What the client holds.")]
Exercise = Annotated[bool, typer.Option("--exercise", help="The world of exercises instead of the real one.")]
Root = Annotated[str | None, typer.Option(help="The public root key; SUREFOOT_ROOT_KEY if not given.")]
_PAIR = 2


@app.command()
@guarded
def build(
    data: Data = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every pack, not only those that wait.")] = False,
) -> None:
    """Have the worker make packs anew; those whose bytes stay the same keep their version."""
    asyncio.run(_build(data, everything=everything))
    typer.echo("The worker of the queue `slow` makes them; `surefoot packs status` shows how far it is.")


async def _build(data: Path | None, *, everything: bool) -> None:
    async with open_house(data) as house, transaction(house.pool) as tx:
        await acting(tx, Role.ADMIN, Role.EDITOR)
        for world in World:
            if everything:
                await actions.note_everything(tx, world=world, now=house.clock.now())
            else:
                await actions.note(tx, [], world=world, now=house.clock.now())


@app.command()
@guarded
def status(data: Data = None, *, as_json: AsJson = False) -> None:
    """Show each world's index, its packs, and what waits."""
    found = asyncio.run(_status(data))
    if as_json:
        typer.echo(json.dumps({"worlds": found}))
        return
    table = Table("world", "version", "made", "packs", "bytes", "waiting since")
    for one in found:
        table.add_row(*(str(value if value is not None else "-") for value in one.values()))
    Console().print(table)


async def _status(data: Path | None) -> list[dict[str, Any]]:
    async with open_house(data) as house, transaction(house.pool) as tx:
        await acting(tx, *STAFF)
        return [
            {
                "world": one.world.value,
                "version": one.version,
                "made": one.made and moment(one.made),
                "packs": len(entries),
                "bytes": sum(entry.size for entry in entries),
                "waiting_since": waiting and moment(waiting),
            }
            for one, entries, waiting in await actions.standing(tx)
        ]


@app.command()
@guarded
def export(
    folder: Annotated[Path, typer.Argument(help="Of a static mirror or a stick; what is there already is kept.")],
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write all that is served as files: `surefoot packs sync --from` takes them as it takes a server."""
    done = asyncio.run(_export(data, folder))
    said = {"written": done.written, "kept": done.kept, "dropped": done.dropped, "versions": done.versions}
    words = f"{done.written} documents written, {done.kept} were there, {done.dropped} old ones dropped."
    typer.echo(json.dumps(said) if as_json else words)


async def _export(data: Path | None, folder: Path) -> tree.Exported:
    async with open_house(data) as house, house.pool.connection() as tx:
        # One moment's record, however long the writing takes.
        await tx.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        try:
            async with tx.transaction():
                return await tree.export(tx, folder, now=house.clock.now())
        finally:
            await tx.set_isolation_level(None)


@app.command()
@guarded
def sync(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    folder: Folder,
    source: Annotated[str, typer.Option("--from", help="A server's address, or the folder of an export.")],
    cell: Annotated[list[str] | None, typer.Option(help="An H3 cell of resolution 4; may be given more often.")] = None,
    near: Annotated[list[str] | None, typer.Option(help="LAT,LON of a place; may be given more often.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Guidance too, as uk; may be given more often.")] = None,
    course: Annotated[
        list[str] | None, typer.Option(help="Lessons too, as emergency; may be given more often.")
    ] = None,
    root: Root = None,
    *,
    recognition: Annotated[bool, typer.Option(help="Pictures for readers of 13 and over too.")] = False,
    exercise: Exercise = False,
    as_json: AsJson = False,
) -> None:
    """Do what a phone does: fetch, check, decide, keep. Without a place it holds everything, as a mirror does.

    Exit status 0: what is held is current. 1: it is shown as old, or something was not believed; nothing was lost.
    """
    places = tuple(_cell(text) for text in cell or ()) + tuple(_place(text) for text in near or ())
    wish = Wish(
        World.of(exercise=exercise),
        _roots(root),
        places,
        everything=not places,
        languages=tuple(language or ()),
        courses=tuple(course or ()),
        recognition=recognition,
    )
    now = Settings().make_clock().now()
    _tell(Syncing(folder, open_source(source), wish).run(now=now), as_json=as_json)


@app.command()
@guarded
def verify(folder: Folder, root: Root = None, *, exercise: Exercise = False, as_json: AsJson = False) -> None:
    """Check all that a client holds, without network. Exit status as of sync."""
    now = Settings().make_clock().now()
    _tell(syncing.verify(folder, World.of(exercise=exercise), _roots(root), now=now), as_json=as_json)


def _roots(text: str | None) -> list[bytes]:
    return (Settings() if text is None else Settings(root_key=text)).need_roots()


def _cell(text: str) -> int:
    try:
        cell = geo.parse_cell(text)
        fits = geo.resolution_of(cell) == PACK_RESOLUTION
    except ValueError:
        cell, fits = 0, False
    if not fits:
        detail = f"This is no H3 cell of resolution {PACK_RESOLUTION}."
        raise Refused(Kind.INVALID, "cell-unfit", detail, where="--cell", remedy="Give one as 841e1c7ffffffff.")
    return cell


def _place(text: str) -> int:
    parts = text.split(",")
    try:
        latitude, longitude = map(float, parts)
        fits = len(parts) == _PAIR and abs(latitude) <= geo.QUARTER_TURN and abs(longitude) <= geo.HALF_TURN
    except ValueError:
        fits = False
    if not fits:
        detail = "This is no place in degrees, latitude first."
        raise Refused(Kind.INVALID, "place-unfit", detail, where="--near", remedy="Give one as 48.5,35.25.")
    return geo.cell_at(longitude, latitude, PACK_RESOLUTION)


def _tell(state: State, *, as_json: bool) -> None:
    said = _said(state)
    if as_json:
        typer.echo(json.dumps(said))
    else:
        for name, value in said.items():
            typer.echo(f"{name.replace('_', ' '):18}{value}")
        typer.echo("No record is not safety: what is not listed here may be dangerous all the same.")
    raise typer.Exit(1 if state.trouble or state.old else 0)


def _said(state: State) -> dict[str, Any]:
    index, trouble = state.index, state.trouble
    return {
        "version": index and index.version,
        "data_as_of": index and moment(index.data_as_of),
        "shown_as_old": state.old,
        "packs": state.packs,
        "zones": len(state.shown.listed),
        "kept_and_marked": {zone_id: kept.why.value for zone_id, kept in sorted(state.shown.kept.items())},
        "alerts": {alert: standing.value for alert, standing in sorted(state.alerts.items())},
        "guidance": {one: booklet.version for one, booklet in sorted(state.guidance.items())},
        "withdrawn": {one: sorted(found) for one, found in sorted(state.withdrawn.items()) if found},
        "lessons": {one: book.version for one, book in sorted(state.lessons.items())},
        "lessons_withdrawn": {one: sorted(found) for one, found in sorted(state.lessons_withdrawn.items()) if found},
        "fetched": state.fetched,
        "by_delta": state.by_delta,
        "bytes": state.bytes,
        "trouble": trouble and trouble.name,
        "why": trouble and str(trouble),
    }
