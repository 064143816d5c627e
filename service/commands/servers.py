"""Where programs and commands find database, Redis and keys: configured, embedded, or run by another copy."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from service.config import Settings
from service.kit.data_folder import DataFolder
from service.kit.embedded import EmbeddedServers
from service.kit.errors import Refused
from service.publication.owning import own_trust

_RUNNING = "running.json"


@contextmanager
def environment(settings: Settings, *, purpose: str = "serve", join: bool = False) -> Iterator[dict[str, str]]:
    """Give the environment for programs; with `join`, that of the copy that already runs in this data folder.

    Refused when the folder is not ours, or held by another copy that is not to be joined.
    """
    if settings.database_url is not None:
        yield dict(os.environ)
        return
    try:
        folder = DataFolder.take(settings.data, purpose=purpose)
    except Refused as refused:
        running = settings.data / _RUNNING
        if not join or refused.name != "data-folder-in-use" or not running.exists():
            raise
        yield os.environ | json.loads(running.read_text())
        return
    with folder, EmbeddedServers.start(folder) as servers:
        made = embedded_environment(folder, servers, settings)
        running = _publish(folder.path / _RUNNING, made)
        try:
            yield os.environ | made
        finally:
            running.unlink(missing_ok=True)


def _publish(path: Path, made: Mapping[str, str]) -> Path:
    path.unlink(missing_ok=True)
    with open(path, "x", opener=lambda at, how: os.open(at, how, 0o600)) as file:
        json.dump(dict(made), file)
    return path


def embedded_environment(folder: DataFolder, servers: EmbeddedServers, settings: Settings) -> dict[str, str]:
    """Return what embedded servers and a data folder's own keys add to the environment; set keys win."""
    made = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    if settings.server_key is None:
        made["SUREFOOT_SERVER_KEY"] = folder.secret("server_key").hex()
    if settings.signing_key is None:
        made["SUREFOOT_SIGNING_KEY"] = folder.secret("signing_key").hex()
    if settings.epoch is None:
        made["SUREFOOT_EPOCH"] = folder.secret("epoch", 16).hex()
    if settings.signing_key is None and settings.root_key is None:
        made |= own_trust(folder, now=settings.make_clock().now())
    return made
