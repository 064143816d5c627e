"""Running the service: serve, api, worker, migrate, check."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from service.commands.servers import environment
from service.commands.session import guarded
from service.config import MIGRATIONS, Settings
from service.kit import log
from service.kit.db import migrate as apply_migrations
from service.kit.errors import Kind, Refused
from service.kit.garbage import seldom_sought
from service.kit.jobs import Queue
from service.kit.processes import child, die_with_parent

app = typer.Typer()

Data = Annotated[Path | None, typer.Option(help="Folder of the embedded servers.")]
_STOP_SECONDS = 30.0
_LOOK_SECONDS = 0.2


def settings_for(data: Path | None) -> Settings:
    """Read the settings; `data` from the command line wins over the environment's."""
    return Settings() if data is None else Settings(data=data)


@app.command()
@guarded
def serve(data: Data = None) -> None:
    """Run API and workers; on embedded servers unless DATABASE_URL is set."""
    die_with_parent()
    settings = settings_for(data)
    with environment(settings) as found:
        apply_migrations(found["DATABASE_URL"], MIGRATIONS)
        commands = [["api"], ["worker", "--queues", "urgent,delivery"], ["worker", "--queues", "slow"]]
        programs = [start(arguments, found) for arguments in commands]
        typer.echo(f"Surefoot serves at http://{settings.host}:{settings.port}/docs; Ctrl-C stops it.")
        raise typer.Exit(wait_for(programs))


def start(arguments: Sequence[str], found: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start this program again as a child that ends when we end."""
    return child([sys.executable, "-m", "service", *arguments], found)


def wait_for(programs: Sequence[subprocess.Popen[bytes]]) -> int:
    """Wait until we are told to stop or a child ends by itself; stop all, return 0 only for the former."""
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _: told.append(got))
    signal.signal(signal.SIGHUP, lambda got, _: _pass_on(got, programs))
    try:
        while not told and all(program.poll() is None for program in programs):
            time.sleep(_LOOK_SECONDS)
    finally:
        stop(programs)
    return 0 if told else 1


def _pass_on(number: int, programs: Sequence[subprocess.Popen[bytes]]) -> None:
    for program in programs:
        program.send_signal(number)


def stop(programs: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask the programs to end, then make them."""
    for program in programs:
        program.send_signal(signal.SIGTERM)
    for program in programs:
        try:
            program.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


@app.command()
@guarded
def api() -> None:
    """Run the API alone; needs DATABASE_URL and SUREFOOT_SERVER_KEY."""
    _await_words()
    with seldom_sought():
        from service import api as program  # noqa: PLC0415 - the worker's process need not hold the API, nor the reverse

    settings = Settings()
    log.configure(level=settings.log_level)
    program.run(settings)


@app.command()
@guarded
def worker(
    queues: Annotated[str, typer.Option(help="Of urgent, delivery, slow; comma between.")] = "urgent,delivery",
) -> None:
    """Run a worker alone; needs DATABASE_URL, SUREFOOT_SERVER_KEY, SUREFOOT_SIGNING_KEY and FCM's settings."""
    _await_words()
    wanted = _read_queues(queues)
    with seldom_sought():
        from service import worker as program  # noqa: PLC0415 - the API need not hold what sends

    settings = Settings()
    log.configure(level=settings.log_level)
    asyncio.run(program.run(settings, wanted))


def _await_words() -> None:
    """Let SIGHUP pass until somebody reads words anew at it: it must never end a program that is about to."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _read_queues(text: str) -> list[Queue]:
    names = [name.strip() for name in text.split(",")]
    strange = [name for name in names if name not in set(Queue)]
    if strange:
        known = ", ".join(Queue)
        detail = f"There is no queue {strange[0]!r}."
        raise Refused(Kind.INVALID, "queue-unknown", detail, where="--queues", remedy=f"Name some of: {known}.")
    return [Queue(name) for name in names]


@app.command()
@guarded
def migrate(data: Data = None) -> None:
    """Bring the database's tables up to date."""
    with environment(settings_for(data), join=True) as found:
        done = apply_migrations(found["DATABASE_URL"], MIGRATIONS)
    typer.echo("\n".join(f"applied {name}" for name in done) or "The database is up to date.")
