"""The search for secrets finds them where they are: a search that finds nothing must not be a blind one."""

from pathlib import Path
from urllib.parse import quote_plus

import psycopg
import pytest
import redis

from tests import secrecy

SECRET = "Чарівнопілля by 380671234567"


@pytest.mark.parametrize("written", [SECRET, SECRET.upper(), "a word " + SECRET])
def test_a_secret_is_found_wherever_it_is(database_url: str, redis_url: str, tmp_path: Path, written: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE leak (text text, bytes bytea)")
        connection.execute("INSERT INTO leak VALUES (%s, NULL)", [written])
        connection.execute("CREATE TABLE leak_of_bytes AS SELECT convert_to(text, 'UTF8') FROM leak")
    (tmp_path / "api.log").write_text(f'{{"event": "{written}"}}')
    with secrecy.everything_said_to_redis(redis_url) as said, redis.Redis.from_url(redis_url) as client:
        client.set("leak:string", written)
        client.hset("leak:hash", "field", written)
        client.zadd("leak:zset", {written: 1})
        client.sadd("leak:set", written)
        client.rpush("leak:list", written)
        held = secrecy.in_redis(redis_url)
        client.delete("leak:string", "leak:hash", "leak:zset", "leak:set", "leak:list")
    places = {
        **secrecy.in_database(database_url),
        **secrecy.in_files(tmp_path, "*.log"),
        **{f"Redis {number}": line for number, line in enumerate(held["Redis"].splitlines())},
        "told": b"\n".join(said),
        "url": f"/inbound?text={quote_plus(SECRET)}".encode(),
    }
    named = {place for _, place in secrecy.found([SECRET], places)}
    assert named >= {"table leak", "table leak_of_bytes", "api.log", "told", "url"}
    assert len([place for place in named if place.startswith("Redis ")]) == 5
    assert secrecy.found(["nowhere to be found"], places) == []
