"""A worker with 100,000 texts queued behind a slow operator: what it holds in memory, and what each text costs it."""

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import uuid4

import psycopg

from service.kit.crypto import Keyring, SealKeys
from service.kit.hidden import Hidden
from service.residents import numbers
from tests.bench.load import cpu_seconds
from tests.bench.system import say, system
from tests.bench.target import Target
from tests.e2e.system import SERVER_KEY, wait_for
from tests.e2e.texting import KEY, Texters
from tests.smsc import an_smsc

TARGETS = {"queued_mb": Target(most=200)}
_A_SECOND = 100
_WARM = 500
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") / 1024
_REGISTRATION = (
    "COPY registration (id, secret_hash, platform, address_kind, languages, verified, numbered, created_at, changed_at,"
    " seen_at) FROM STDIN"
)
_PHONE = (
    "COPY phone (number, sealed, key_id, hash, verified_at, alive_at, consent_wording, consent_language, consent_at)"
    " FROM STDIN"
)


async def run(*, quick: bool) -> dict[str, float]:
    """Queue them for one worker and watch it send for two minutes; quick: a tenth of them, and ten seconds."""
    count, seconds = (10_000, 10) if quick else (100_000, 120)
    with system() as made, an_smsc(program="service.demo.smsc") as smsc, tempfile.TemporaryDirectory() as folder:
        redis_url = made.settings.redis_url
        assert redis_url is not None
        texters = Texters(
            made.database, redis_url.get_secret_value(), Path(folder), smsc, per_second=_A_SECOND, speed=1
        )
        people = add_people(made.database, count + _WARM)
        try:
            return _watch(texters, people, seconds)
        finally:
            texters.stop()


def _watch(texters: Texters, people: list[int], seconds: int) -> dict[str, float]:
    texters.start("worker")
    pid = texters.programs["worker"].pid
    warm = texters.tell(people[:_WARM])
    wait_for(lambda: not texters.left(warm), 120, what="the first texts")
    before, peak = resident_mb(pid), 0.0
    texters.tell(people[_WARM:])
    busy, sent, began = cpu_seconds(pid), len(texters.taken()), time.monotonic()
    while time.monotonic() - began < seconds:
        peak = max(peak, resident_mb(pid))
        time.sleep(0.2)
    texts, took = len(texters.taken()) - sent, time.monotonic() - began
    say(f"{texts:,} texts in {took:.0f} s; {before:.0f} MB before, {peak:.0f} MB at most")
    return {
        "queued_mb": peak - before,
        "queued_per_s": texts / took,
        "queued_cpu_ms": 1_000 * (cpu_seconds(pid) - busy) / max(1, texts),
    }


def add_people(url: str, count: int) -> list[int]:
    """Write people who are told by text straight into the record; return the numbers of their registrations."""
    keyring, keys, now = Keyring(bytes.fromhex(SERVER_KEY)), SealKeys([("first", KEY)]), datetime.now(UTC)
    with psycopg.connect(url) as tx, tx.cursor() as cursor:
        with cursor.copy(_REGISTRATION) as rows:
            for _ in range(count):
                rows.write_row((uuid4(), bytes(32), "sms", "sms", ["en"], True, True, now, now, now))
        found = [number for (number,) in cursor.execute("SELECT number FROM registration ORDER BY number").fetchall()]
        with cursor.copy(_PHONE) as rows:
            for number, phone in zip(found, islice(_phones(), count), strict=True):
                one = numbers.seal(keyring, keys, phone)
                rows.write_row((number, one.sealed, one.key_id, one.hash, now, now, "bench", "en", now))
    return found


def _phones() -> Iterator[Hidden[str]]:
    return (Hidden(f"+380671{number:06d}") for number in range(1_000_000))


def resident_mb(pid: int) -> float:
    """Return the memory of a process that is in use now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_KB / 1024
