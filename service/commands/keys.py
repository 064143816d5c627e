"""The command line's door to the keys that phones trust: an offline root, signing keys, the set that names them."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from service.commands.listing import listed
from service.commands.session import acting, guarded, open_house
from service.config import Settings
from service.delivery.channels import web_push_vapid
from service.kit.db import transaction
from service.kit.errors import Kind, Refused
from service.operators.model import Role
from service.publication import actions, jws, trust
from service.publication.model import KeySet, PublishedKey, World
from service.publication.offline import Ceremony
from service.residents.web_push import encoded

app = typer.Typer(help="The keys that phones trust. All but publish and show works offline, in a folder of its own.")

Folder = Annotated[Path, typer.Argument(help="The folder of the root key; keep it away from every server.")]
OfWorld = Annotated[World, typer.Option(help="Real packs, or those of exercises.")]
Days = Annotated[int, typer.Option(min=1, max=3650, help="For how long the key may sign.")]
Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line for programs.")]


@app.command()
@guarded
def root(folder: Folder, *, as_json: AsJson = False) -> None:
    """Make the root key. Its private half stays in the folder; apps are built with the public one."""
    public = Ceremony(folder).found()
    said = {"public": public.hex(), "kid": jws.kid_of(public)}
    words = f"Public root key: {public.hex()}\nBuild apps with it, and set SUREFOOT_ROOT_KEY to it."
    typer.echo(json.dumps(said) if as_json else words)


@app.command()
@guarded
def create(folder: Folder, world: OfWorld, days: Days = 400, *, as_json: AsJson = False) -> None:
    """Add a signing key and sign the set anew."""
    key, file = Ceremony(folder).create(world, days=days, now=_now())
    _tell(folder, key, file, as_json=as_json)


@app.command()
@guarded
def rotate(folder: Folder, world: OfWorld, days: Days = 400, *, as_json: AsJson = False) -> None:
    """Add a signing key in the place of those before it, which are believed for 30 days more."""
    key, file = Ceremony(folder).rotate(world, days=days, now=_now())
    _tell(folder, key, file, as_json=as_json)


@app.command()
@guarded
def revoke(
    folder: Folder,
    kid: Annotated[str, typer.Argument(help="The id of the key.")],
    reason: Annotated[str, typer.Option(help="Why, for everybody to read.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Give a key up for good and sign the set anew."""
    _tell(folder, Ceremony(folder).revoke(kid, reason, now=_now()), None, as_json=as_json)


@app.command()
@guarded
def sign(folder: Folder, *, as_json: AsJson = False) -> None:
    """Sign the same keys under the next version."""
    _show(Ceremony(folder).sign(now=_now()), as_json=as_json)


@app.command()
@guarded
def publish(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The signed set, keys.json.")],
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Give phones a signed set; checked against SUREFOOT_ROOT_KEY, and newer than the one they have."""
    _show(asyncio.run(_publish(data, file.read_bytes())), as_json=as_json)


async def _publish(data: Path | None, signed: bytes) -> KeySet:
    async with open_house(data) as house, transaction(house.pool) as tx:
        operator = await acting(tx, Role.ADMIN)
        roots = house.get(Settings).need_roots()
        return await actions.publish_keys(tx, signed, roots=roots, operator=operator, now=house.clock.now())


@app.command()
@guarded
def show(
    file: Annotated[Path | None, typer.Argument(help="A signed set; without one, what is published.")] = None,
    data: Data = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a key set, and the public root key that signed it, after checking."""
    if file is not None:
        roots = Settings().need_roots()
        _show(trust.open_keys(file.read_bytes(), roots), as_json=as_json, roots=roots)
        return
    keys, roots = asyncio.run(_published(data))
    _show(keys, as_json=as_json, roots=roots)


async def _published(data: Path | None) -> tuple[KeySet, list[bytes]]:
    async with open_house(data) as house, transaction(house.pool) as tx:
        signed = await actions.keys(tx)
        if signed is None:
            detail = "No key set is published."
            raise Refused(Kind.NOT_FOUND, "keys-unknown", detail, remedy="Publish one: `surefoot keys publish`.")
        roots = house.get(Settings).need_roots()
        return trust.open_keys(signed, roots), roots


@app.command()
@guarded
def vapid(*, as_json: AsJson = False) -> None:
    """Make a key for Web Push (RFC 8292), for the worker alone; with another one all phones must subscribe anew."""
    private = web_push_vapid.create()
    public = encoded(web_push_vapid.Vapid(private, "").public)
    if as_json:
        typer.echo(json.dumps({"private": private.hex(), "public": public}))
        return
    typer.echo(f"SUREFOOT_VAPID_KEY={private.hex()}")
    typer.echo(f"It stays with the worker, which tells phones its public half, {public}.")


def _tell(folder: Path, key: PublishedKey, file: Path | None, *, as_json: bool) -> None:
    version = Ceremony(folder).keys().version
    if as_json:
        said: dict[str, Any] = {"kid": key.kid, "world": key.world, "version": version}
        typer.echo(json.dumps(said | {"file": str(file) if file else None}))
        return
    typer.echo(f"Key {key.kid} ({key.world}) stands in version {version} of the set: {folder / 'keys.json'}")
    if file is not None:
        names = {World.LIVE: "SUREFOOT_SIGNING_KEY", World.EXERCISE: "SUREFOOT_EXERCISE_SIGNING_KEY"}
        typer.echo(f"Publish the set first; then give the worker the private half, {file}, as {names[key.world]}.")


def _show(keys: KeySet, *, as_json: bool, roots: Sequence[bytes] = ()) -> None:
    if as_json:
        typer.echo(json.dumps(trust.keys_as_json(keys) | {"roots": [root.hex() for root in roots]}))
        return
    table = listed("kid", "world", "from", "until", "revoked")
    table.title = f"Version {keys.version}, {keys.issued:%Y-%m-%d}"
    for key in keys.keys:
        revoked = f"{key.revoked.at:%Y-%m-%d}: {key.revoked.reason}" if key.revoked else ""
        table.add_row(key.kid, key.world, f"{key.valid_from:%Y-%m-%d}", f"{key.valid_until:%Y-%m-%d}", revoked)
    Console().print(table)
    for root in roots:
        typer.echo(f"Signed by the root key {root.hex()}: apps, and `surefoot packs sync --root`, are given it.")


def _now() -> Any:
    return Settings().make_clock().now()
