"""What the API describes is what it does: schemathesis asks every route what it should and should not take."""

import asyncio
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from service.kit.processes import free_port
from service.operators import actions
from service.operators.model import Done, Role
from tests.conftest import NOW, NUMBER_KEYS, SERVER_KEY
from tests.integration.test_api_process import running

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


async def an_all_powerful_key(database_url: str) -> str:
    """Add two admins, so that no test of a route changes rights by itself."""
    async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as tx:
        first = await actions.add(tx, None, "Ana", frozenset(Role), now=NOW)
        assert isinstance(first, Done)
        assert first.key is not None
        await actions.add(tx, first.operator, "Borys", frozenset(Role), now=NOW)
        return first.key.reveal()


@pytest.fixture
def environment(database_url: str, redis_url: str) -> dict[str, str]:
    made = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SUREFOOT_SERVER_KEY": SERVER_KEY.hex()}
    texts = {"SUREFOOT_NUMBER_KEYS": NUMBER_KEYS, "SUREFOOT_SMS_COUNTRIES": "UA"}
    return {"PATH": "", "SUREFOOT_PORT": str(free_port()), **made, **texts}


def test_every_route_answers_as_described_whatever_is_asked(
    environment: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    key = asyncio.run(an_all_powerful_key(database_url))
    with running(environment, tmp_path / "api.log") as (_, url):
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--no-color"]
        limits = ["--max-examples", "5", "--seed", "1", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing"]
        asked = subprocess.run(
            [*command, *limits, "-H", f"Authorization: Bearer {key}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
    assert asked.returncode == 0, asked.stdout[-5000:]
    assert "api.surprise" not in (tmp_path / "api.log").read_text()
