"""Looks for what must be nowhere: in logs, in Redis and in what is said to it, in every table, in figures."""

import base64
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import psycopg
import redis
from psycopg import sql


def forms(secret: str) -> set[bytes]:
    """Return the ways in which a number, a name or a word could stand somewhere."""
    made: set[bytes] = set()
    for said in {secret, secret.casefold(), secret.upper()}:
        for plain in (said.encode(), said.encode("utf-16-be"), said.encode("utf-16-le")):
            # As Redis's MONITOR and Python write bytes.
            made |= {plain, plain.hex().encode(), repr(plain)[2:-1].encode(), base64.b64encode(plain)[:-4] or plain}
        made |= {quote(said).encode(), quote_plus(said).encode(), said.encode("unicode_escape")}
    return made


def found(secrets: Iterable[str], places: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Return which secret stands in which place."""
    known = {secret: forms(secret) for secret in secrets}
    return [
        (secret, place)
        for place, held in places.items()
        for secret, ways in known.items()
        if any(way in held or way in held.lower() for way in ways)
    ]


def in_database(url: str) -> dict[str, bytes]:
    """Return everything in every table, the jobs' arguments among it."""
    query = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    with psycopg.connect(url) as connection:
        tables = connection.execute(query).fetchall()
        made = {}
        for schema, name in tables:
            rows = sql.SQL("SELECT whole::text FROM {} AS whole").format(sql.Identifier(schema, name))
            made[f"table {name}"] = "\n".join(row[0] for row in connection.execute(rows)).encode()
    return made


def in_redis(url: str) -> dict[str, bytes]:
    """Return all keys with their values, as Redis gives them to whoever asks."""
    with redis.Redis.from_url(url) as client:
        keys: list[bytes] = list(client.scan_iter())
        return {"Redis": b"\n".join(key + b" " + _value(client, key) for key in keys)}


def _value(client: Any, key: bytes) -> bytes:
    parts: list[bytes]
    match client.type(key):
        case b"string":
            parts = [client.get(key) or b""]
        case b"hash":
            parts = [part for pair in client.hgetall(key).items() for part in pair]
        case b"zset":
            parts = client.zrange(key, 0, -1)
        case b"set":
            parts = list(client.smembers(key))
        case b"list":
            parts = client.lrange(key, 0, -1)
        case kind:
            raise AssertionError(f"nobody looks into a {kind}")
    return b" ".join(parts)


def in_files(folder: Path, pattern: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(pattern)}


@contextmanager
def everything_said_to_redis(url: str) -> Iterator[list[bytes]]:
    """Collect each command that Redis gets, with its arguments, until the block ends."""
    said: list[bytes] = []
    listening, ending = threading.Event(), threading.Event()
    end = f"the end {id(said)}"

    def listen() -> None:
        with redis.Redis.from_url(url) as client, client.monitor() as monitor:
            listening.set()
            for command in monitor.listen():
                said.append(str(command["command"]).encode("utf-8", "surrogateescape"))
                if end in command["command"]:
                    break
        ending.set()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert listening.wait(10)
    try:
        yield said
    finally:
        with redis.Redis.from_url(url) as client:
            client.echo(end)
        assert ending.wait(10)
        thread.join(10)
