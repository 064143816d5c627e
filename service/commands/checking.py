"""`surefoot check`: what is configured, reachable, missing, and what would stop it in production."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from typing import Annotated

import psycopg
import redis.asyncio
import typer
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from service.commands import checking_sms
from service.commands.finding import Found, Verdict
from service.commands.session import guarded
from service.config import MIGRATIONS, Settings
from service.delivery import actions as delivery
from service.delivery import canaries
from service.delivery.channels.web_push_vapid import Vapid
from service.delivery.records import Canary
from service.guidance.opening import Words
from service.kit import db
from service.kit.crypto import Signer
from service.kit.errors import Refused
from service.lessons.opening import open_words
from service.operators import actions as operators
from service.operators.model import Role
from service.publication import actions as publication
from service.publication import jws, trust
from service.publication.model import World

app = typer.Typer()
_OLDEST_POSTGRES = 150_000
_PAIR = 2


@app.command()
@guarded
def check(*, as_json: Annotated[bool, typer.Option("--json", help="One line for programs.")] = False) -> None:
    """Say what is configured, reachable and missing; exit status 1 if something would stop it in production."""
    found = asyncio.run(look(Settings()))
    stops = [one for one in found if one.verdict is Verdict.STOP]
    if as_json:
        typer.echo(json.dumps({"ready": not stops, "found": [asdict(one) for one in found]}))
    else:
        _show(found)
    raise typer.Exit(1 if stops else 0)


def _show(found: list[Found]) -> None:
    table = Table("what", "", "detail", box=None)
    for one in found:
        table.add_row(one.what, one.verdict.value, one.detail)
    Console().print(table)


async def look(settings: Settings) -> list[Found]:
    """Look at everything; nothing is changed."""
    found = [*_keys(settings), *_fcm(settings), *_web_push(settings), *checking_sms.look(settings), *_words(settings)]
    found += [one async for one in _redis(settings)]
    found += [one async for one in _database(settings)]
    return found


def _keys(settings: Settings) -> Iterator[Found]:
    for name, need in (("server key", settings.need_server_key), ("signing key", settings.need_signing_key)):
        try:
            need()
        except Refused as refused:
            yield Found(name, Verdict.STOP, f"{refused.detail} {refused.remedy}")
        else:
            yield Found(name, Verdict.OK, "set")
    if settings.root_key is None:
        detail = "Make one offline with `surefoot keys root`: without its public half phones can trust no pack."
        yield Found("root key", Verdict.STOP, detail)
    if settings.exercise_signing_key is None:
        detail = "SUREFOOT_EXERCISE_SIGNING_KEY is unset: no packs are made for exercises."
        yield Found("exercise signing key", Verdict.NOTE, detail)
    if settings.epoch is None:
        yield Found("epoch", Verdict.STOP, "Set SUREFOOT_EPOCH: without it a restored copy of the database would send.")
    if settings.clock is not None:
        yield Found("clock", Verdict.STOP, "SUREFOOT_CLOCK shows another time than the wall's; unset it.")


def _fcm(settings: Settings) -> Iterator[Found]:
    if settings.fcm_project is None or settings.fcm_credentials is None:
        detail = "Set SUREFOOT_FCM_PROJECT and GOOGLE_APPLICATION_CREDENTIALS, else nothing can be pushed."
        yield Found("FCM", Verdict.STOP, detail)
    elif not settings.fcm_credentials.is_file():
        yield Found("FCM", Verdict.STOP, "GOOGLE_APPLICATION_CREDENTIALS names no file.")
    else:
        yield Found(
            "FCM",
            Verdict.OK,
            f"project {settings.fcm_project} at {settings.fcm_endpoint}, {settings.fcm_per_minute:,} messages a minute",
        )
    if settings.loopback_only:
        yield Found("loopback only", Verdict.STOP, "SUREFOOT_LOOPBACK_ONLY lets nothing out; unset it.")


def _web_push(settings: Settings) -> Iterator[Found]:
    if settings.vapid_key is None:
        yield Found("Web Push", Verdict.NOTE, "SUREFOOT_VAPID_KEY is unset: no phone without Google is reached.")
        return
    try:
        Vapid.of(settings)
    except Refused as refused:
        yield Found("Web Push", Verdict.STOP, f"{refused.detail} {refused.remedy}")
    else:
        yield Found(
            "Web Push", Verdict.OK, "hosts: " + (", ".join(settings.web_push_hosts) or "any of the open internet")
        )


def _words(settings: Settings) -> Iterator[Found]:
    try:
        words = open_words(settings)
    except Refused as refused:
        detail = f"{refused.detail} {refused.remedy} Programs that run keep to what they read before."
        yield Found("languages", Verdict.STOP, detail)
        return
    except OSError as error:
        yield Found("languages", Verdict.STOP, f"{error.filename} cannot be read: {error.strerror}.")
        return
    catalogues = words.catalogues
    yield from _own_words(words, settings)
    sendable = [language.tag for language in catalogues.languages() if catalogues.may_send(language.tag)]
    yield Found("languages sent", Verdict.OK, ", ".join(sendable))
    if settings.confirmed_languages:
        detail = "Drafts without a reviewer are sent in: " + ", ".join(settings.confirmed_languages)
        yield Found("drafts", Verdict.NOTE, detail)
    if settings.authority == Settings.model_fields["authority"].default:
        yield Found("authority", Verdict.NOTE, "SUREFOOT_AUTHORITY is unset: alerts speak in a neutral form.")


def _own_words(words: Words, settings: Settings) -> Iterator[Found]:
    """Say whose words are in force beside ours (R16)."""
    if words.overlay is None:
        detail = "SUREFOOT_OVERLAY is unset: our own texts are said, where the authority's would come first."
        yield Found("own words", Verdict.NOTE, detail)
        return
    whose = f"{words.overlay.name}, revision {words.overlay.revision}, in {settings.overlay}"
    yield Found("own words", Verdict.OK, f"{whose}: {words.replaced} texts of catalogues beside or in place of ours")
    if words.lost:
        detail = f"{len(words.lost)} texts have new English that languages lack: `surefoot locales check --overlay`."
        yield Found("own words", Verdict.NOTE, detail)


async def _redis(settings: Settings) -> AsyncIterator[Found]:
    if settings.redis_url is None:
        yield Found("Redis", Verdict.NOTE, "REDIS_URL is unset: each process keeps to its own limits and to its share.")
        return
    client = redis.asyncio.from_url(settings.redis_url.get_secret_value(), socket_timeout=2)
    try:
        await client.ping()
        yield Found("Redis", Verdict.OK, "reachable")
    except (RedisError, OSError) as error:
        yield Found("Redis", Verdict.NOTE, f"not reachable ({type(error).__name__}); everything works, slower")
    finally:
        await client.aclose()


async def _database(settings: Settings) -> AsyncIterator[Found]:
    if settings.database_url is None:
        yield Found("database", Verdict.STOP, "DATABASE_URL is unset: `surefoot serve` would use the embedded server.")
        return
    url = settings.need_database()
    try:
        async with await psycopg.AsyncConnection.connect(
            url, connect_timeout=3, row_factory=psycopg.rows.dict_row
        ) as tx:
            new_enough = tx.info.server_version >= _OLDEST_POSTGRES
            yield Found("database", Verdict.OK if new_enough else Verdict.STOP, f"PostgreSQL {tx.info.server_version}")
            missing = db.pending(url, MIGRATIONS)
            if missing:
                yield Found("tables", Verdict.STOP, f"{len(missing)} migrations are missing: run `surefoot migrate`.")
                return
            yield Found("tables", Verdict.OK, "up to date")
            async for one in _inside(tx, settings):
                yield one
    except psycopg.OperationalError:
        yield Found("database", Verdict.STOP, "not reachable: look at DATABASE_URL, the server and its network")


async def _trusted(tx: db.Tx, settings: Settings) -> Found:
    """Say whether phones can trust what this installation's worker signs."""
    published = await publication.keys(tx)
    if published is None:
        detail = "None is published, so phones take no pack: `surefoot keys sign`, then `surefoot keys publish`."
        return Found("key set", Verdict.STOP, detail)
    try:
        keys = trust.open_keys(published, settings.need_roots())
        key = keys.get(jws.kid_of(Signer(settings.need_signing_key()).public))
    except Refused as refused:
        return Found("key set", Verdict.STOP, f"{refused.detail} {refused.remedy}")
    if key is None or not key.fits(World.LIVE, settings.make_clock().now()):
        detail = f"Version {keys.version} does not hold the signing key, or not for today: `surefoot keys create`."
        return Found("key set", Verdict.STOP, detail)
    return Found("key set", Verdict.OK, f"version {keys.version}, the signing key until {key.valid_until:%Y-%m-%d}")


def _canary(one: Canary, settings: Settings) -> Found:
    name, silence = f"canary {one.channel} {one.language}", one.silence(now=settings.make_clock().now())
    if silence > settings.canary_patience:
        detail = f"No answer for {silence.total_seconds() // 60:.0f} minutes: docs/runbooks/canary-silent.md."
        return Found(name, Verdict.STOP, detail)
    told = "none yet" if one.delay_s is None else f"after {one.delay_s:.1f} s"
    return Found(name, Verdict.OK, f"last answer {told}")


async def _inside(tx: db.Tx, settings: Settings) -> AsyncIterator[Found]:
    yield await _trusted(tx, settings)
    sending = await delivery.status(tx)
    if sending.held(epoch=settings.epoch):
        detail = "This database belongs to another installation." if not sending.paused else "Sending is paused."
        yield Found("sending", Verdict.STOP, f"{detail} {sending.reason} Mend: `surefoot alerts resume`.")
    if sending.trouble:
        yield Found("trouble", Verdict.NOTE, sending.trouble)
    for one in await canaries.everybody(tx):
        yield _canary(one, settings)
    staff = [one for one in await operators.everybody(tx) if one.active]
    writers = {one.id for one in staff if Role.AUTHOR in one.roles}
    judges = {one.id for one in staff if Role.APPROVER in one.roles}
    if not writers or not judges or len(writers | judges) < _PAIR:
        detail = "A warning needs an author and another person who approves: `surefoot operators add`."
        yield Found("operators", Verdict.STOP, detail)
    else:
        yield Found("operators", Verdict.OK, f"{len(staff)} active")
