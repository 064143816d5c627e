"""What must stand nowhere: every spelling of a number or a text, looked for in tables, Redis and what was said."""

from collections.abc import Iterable

import phonenumbers
import redis.asyncio
from phonenumbers import PhoneNumberFormat

from service.kit.db import Tx
from tests.integration.looks import everything


def of_number(number: str) -> frozenset[str]:
    """Return how an E.164 number may be written: with and without its country, grouped, as bytes in hexadecimals."""
    parsed = phonenumbers.parse(number)
    formats = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)
    national = phonenumbers.national_significant_number(parsed)
    written = {phonenumbers.format_number(parsed, one) for one in formats} | {number[1:], national}
    return of_text(*written)


def of_text(*texts: str) -> frozenset[str]:
    """Return each text, and its bytes in hexadecimals as UTF-8 and as UCS-2."""
    return frozenset(
        spelling for one in texts for spelling in (one, one.encode().hex(), one.encode("utf-16-be").hex()) if one
    )


def found(said: str, spellings: Iterable[str]) -> list[str]:
    """Return which of them stand in what was said; empty is as it should be."""
    small = said.lower()
    return sorted(one for one in spellings if one.lower() in small)


async def in_tables(tx: Tx, spellings: Iterable[str]) -> list[str]:
    """Search every column of every table, jobs and their arguments too; bytes as hexadecimals."""
    return found(await everything(tx), spellings)


async def in_redis(url: str, spellings: Iterable[str]) -> list[str]:
    """Search every key and value, whatever its kind."""
    async with redis.asyncio.Redis.from_url(url) as client:
        kept = [key async for key in client.scan_iter(count=1000)]
        # DUMP is the value as Redis keeps it, of every kind; short texts stand in it as they are.
        dumps = [await client.dump(key) or b"" for key in kept]
    said = "\n".join(f"{one!r} {one.hex()} {one.decode('utf-8', 'replace')}" for one in [*kept, *dumps])
    return found(said, spellings)
