"""New keys for numbers: page by page, stopped and begun again at any moment, by an operator whose key is audited."""

import asyncio
import json

import psycopg
import pytest
from typer.testing import CliRunner

from service.commands.residents import app
from service.config import Settings
from service.kit.crypto import Keyring, SealKeys
from service.kit.db import Pool, open_pool, transaction
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from service.operators import actions as operators
from service.operators.model import Operator
from service.residents import numbers, rekeying
from service.residents.numbers import NumberOpener, Sealed
from tests.build import an_admin, an_admin_with_key
from tests.conftest import SERVER_KEY

RUNNER = CliRunner()
OLD = "old:" + "11" * 32
NEW = "new:" + "22" * 32
COUNT = 7


async def keep(pool: Pool, *, damaged: bool = False) -> None:
    """Register seven numbers, sealed by the old key, the last only named."""
    keyring, keys = Keyring(SERVER_KEY), SealKeys([("old", bytes.fromhex("11" * 32))])
    async with transaction(pool) as tx:
        for place in range(COUNT):
            number = Hidden(f"+38067123456{place}")
            one = numbers.seal(keyring, keys, number)
            sealed = one.sealed[:-1] + b"x" if damaged and place == 3 else one.sealed
            made = await tx.execute(
                "INSERT INTO registration (id, secret_hash, platform, address_kind, languages, created_at, changed_at,"
                " seen_at) VALUES (gen_random_uuid(), sha256('x'), 'sms', 'sms', '{uk}', now(), now(), now())"
                " RETURNING number"
            )
            row = await made.fetchone()
            assert row is not None
            table, when = ("phone_claim", "named_at") if place == COUNT - 1 else ("phone", "verified_at, alive_at")
            times = "now()" if place == COUNT - 1 else "now(), now()"
            await tx.execute(
                f"INSERT INTO {table} (number, sealed, key_id, hash, {when}, consent_wording, consent_language,"  # noqa: S608 - two tables of the test's own
                f" consent_at) VALUES (%s, %s, %s, %s, {times}, 'w', 'uk', now())".encode(),
                [row["number"], sealed, one.key_id, one.hash],
            )


async def opened(pool: Pool, keys: str) -> list[str]:
    """Open every number with these keys."""
    opener = NumberOpener(SealKeys(Settings(number_keys=keys).number_keyring))
    query = b"SELECT sealed, key_id, hash FROM phone UNION ALL SELECT sealed, key_id, hash FROM phone_claim"
    async with transaction(pool) as tx:
        rows = await (await tx.execute(query)).fetchall()
    kept = [Sealed(bytes(row["sealed"]), row["key_id"], bytes(row["hash"])) for row in rows]
    return sorted(opener.open(one).reveal() for one in kept)


ALL = [f"+38067123456{place}" for place in range(COUNT)]


def with_keys(house: House, keys: str) -> House:
    house.put(house.get(Settings).model_copy(update={"number_keys": Settings(number_keys=keys).number_keys}))
    return house


@pytest.fixture
async def admin(pool: Pool) -> Operator:
    async with transaction(pool) as tx:
        return await an_admin(tx)


async def test_all_numbers_are_sealed_anew_and_the_old_key_is_called_spare(
    house: House, pool: Pool, admin: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekeying, "PAGE", 2)
    await keep(pool)
    heard: list[int] = []
    done = await rekeying.rekey(with_keys(house, f"{NEW},{OLD}"), admin, told=heard.append)
    assert (done.key_id, done.numbers, done.spare) == ("new", COUNT, ("old",))
    assert heard == [2, 4, 6, 7]
    assert await opened(pool, NEW) == ALL
    again = await rekeying.rekey(house, admin)
    assert again.numbers == 0


async def test_killed_between_pages_all_numbers_open_and_the_next_run_does_the_rest(
    house: House, pool: Pool, admin: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(numbers: int) -> None:
        if numbers >= 4:
            raise Killed

    monkeypatch.setattr(rekeying, "PAGE", 2)
    await keep(pool)
    with pytest.raises(Killed):
        await rekeying.rekey(with_keys(house, f"{NEW},{OLD}"), admin, told=die)
    assert await opened(pool, f"{NEW},{OLD}") == ALL
    assert (await rekeying.rekey(house, admin)).numbers == COUNT - 4
    assert await opened(pool, NEW) == ALL


async def test_it_is_audited_without_a_number_and_refused_while_a_key_is_missing(
    house: House, pool: Pool, admin: Operator
) -> None:
    await keep(pool)
    with pytest.raises(Refused) as caught:
        await rekeying.rekey(with_keys(house, NEW), admin)
    assert caught.value.name == "number-key-missing"
    assert "old" in caught.value.detail
    await rekeying.rekey(with_keys(house, f"{NEW},{OLD}"), admin)
    async with transaction(pool) as tx:
        trail = [one for one in await operators.trail(tx, before=None, limit=10) if one.act == "residents.rekey"]
    assert [one.detail.get("ended") for one in trail] == [True, False]


async def test_a_number_that_does_not_open_stops_its_page_alone(
    house: House, pool: Pool, admin: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekeying, "PAGE", 2)
    await keep(pool, damaged=True)
    with pytest.raises(Refused) as caught:
        await rekeying.rekey(with_keys(house, f"{NEW},{OLD}"), admin)
    assert caught.value.name == "number-unreadable"
    assert "+380" not in f"{caught.value.detail} {caught.value.remedy}"
    async with transaction(pool) as tx:
        rows = await (await tx.execute("SELECT key_id, count(*) AS n FROM phone GROUP BY 1 ORDER BY 1")).fetchall()
    assert rows == [{"key_id": "new", "n": 2}, {"key_id": "old", "n": 4}]


def test_the_command_needs_an_admins_key_and_says_what_may_go(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prepare() -> str:
        pool = await open_pool(database_url, size=1)
        async with transaction(pool) as tx:
            key = await an_admin_with_key(tx)
        await keep(pool)
        await pool.close()
        return key

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SUREFOOT_SERVER_KEY", SERVER_KEY.hex())
    monkeypatch.setenv("SUREFOOT_NUMBER_KEYS", f"{NEW},{OLD}")
    monkeypatch.setenv("SUREFOOT_SMS_COUNTRIES", "UA")
    key = asyncio.run(prepare())
    assert RUNNER.invoke(app, ["rekey"]).exit_code == 2
    monkeypatch.setenv("SUREFOOT_KEY", key)
    done = RUNNER.invoke(app, ["rekey"])
    assert done.exit_code == 0, done.output
    assert "7 numbers were sealed anew; all are sealed by 'new' now." in done.output
    assert "Nothing is sealed by 'old' any more" in done.output
    again = RUNNER.invoke(app, ["rekey", "--json"])
    assert json.loads(again.output) == {"key": "new", "sealed": 0, "spare": ["old"]}
    with psycopg.connect(database_url) as connection:
        trail = connection.execute("SELECT count(*) FROM audit WHERE act = 'residents.rekey'").fetchone()
    assert trail == (4,)
