"""PostgreSQL and Redis of a test's own, behind relays: they can be killed, starved and started again."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from service.config import MIGRATIONS
from service.kit.data_folder import DataFolder
from service.kit.db import migrate
from service.kit.embedded import EmbeddedServers
from service.kit.errors import Refused
from tests.e2e.relay import Relay, port_of

# Run by itself: who may set another's limits must be its user, and nothing leads back from giving up root.
_STARVE = """
import os, resource, sys
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
for pid in sys.argv[2:]:
    resource.prlimit(int(pid), resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
"""


@dataclass
class OwnServers:
    """Durable servers, as in production; programs reach them by the relays' ports, which stay."""

    folder: DataFolder
    database: Relay
    redis: Relay
    running: EmbeddedServers

    @property
    def database_url(self) -> str:
        return self.database.url(self.running.database_url)

    @property
    def redis_url(self) -> str:
        return self.redis.url(self.running.redis_url)

    @property
    def postmaster(self) -> int:
        return int((self.folder.path / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])

    def stop(self) -> None:
        """Stop both in order; their ports refuse from now on."""
        self.running.stop()
        self.database.turn(None)
        self.redis.turn(None)

    def kill_database(self) -> None:
        """Kill -9, without a word of warning."""
        os.kill(self.postmaster, signal.SIGKILL)
        self.database.turn(None)

    def kill_redis(self) -> None:
        with Redis.from_url(self.running.redis_url) as redis:
            os.kill(redis.info("server")["process_id"], signal.SIGKILL)
        self.redis.turn(None)

    def start(self) -> None:
        """Start what is not running; PostgreSQL recovers from its log by itself."""
        self.running.stop()
        give_up = time.monotonic() + 30
        while True:
            try:
                self.running = EmbeddedServers.start(self.folder)
                break
            except Refused:  # what a killed server had started may not have ended yet
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)
        self.database.turn(port_of(self.running.database_url))
        self.redis.turn(port_of(self.running.redis_url))

    def let_files_grow(self, most: int = resource.RLIM_INFINITY) -> None:
        """Let no process of PostgreSQL write beyond so many bytes of a file; without a number, end that."""
        tasks = Path(f"/proc/{self.postmaster}/task").glob("*/children")
        family = [str(self.postmaster), *(pid for task in tasks for pid in task.read_text().split())]
        subprocess.run([sys.executable, "-c", _STARVE, str(most), *family], check=True)


@contextlib.contextmanager
def own_servers(folder: Path) -> Iterator[OwnServers]:
    """Start servers with all tables until the end of the block."""
    with (
        DataFolder.take(folder, purpose="tests") as data,
        contextlib.ExitStack() as stack,
    ):
        running = EmbeddedServers.start(data)
        migrate(running.database_url, MIGRATIONS)
        database = stack.enter_context(Relay(port_of(running.database_url)))
        redis = stack.enter_context(Relay(port_of(running.redis_url)))
        own = OwnServers(data, database, redis, running)
        try:
            yield own
        finally:
            own.running.stop()
