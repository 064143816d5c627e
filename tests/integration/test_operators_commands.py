"""`surefoot operators` on a real database: rights and keys by two people, words instead of tracebacks."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from service.__main__ import app
from service.kit.processes import free_port
from tests.conftest import SERVER_KEY, ServerUrls

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def shell(database_url: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of somebody who works on the server."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SUREFOOT_SERVER_KEY", SERVER_KEY.hex())
    return monkeypatch


def ran(*words: str, key: str = "") -> Result:
    return RUNNER.invoke(app, ["operators", *words], env={"SUREFOOT_KEY": key})


def said(*words: str, key: str = "") -> dict[str, Any]:
    done = ran(*words, "--json", key=key)
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def demand_no(done: Result, *words: str) -> None:
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def pair() -> tuple[str, str]:
    ana = said("add", "Ana", "--role", "admin", "--role", "author")["key"]
    return ana, said("add", "Borys", "--role", "admin", "--role", "approver", key=ana)["key"]


def test_the_first_operator_needs_no_key_and_gets_one() -> None:
    done = ran("add", "Ana", "--role", "admin")
    assert done.exit_code == 0
    assert "shown this once: sf_" in done.stdout


def test_the_first_operator_must_be_an_admin() -> None:
    demand_no(ran("add", "Ana", "--role", "author"), "must hold the role admin", "`--role admin`")


def test_from_then_on_an_admins_key_is_needed() -> None:
    ana, _ = pair()
    demand_no(ran("add", "Clara", "--role", "author"), "SUREFOOT_KEY")
    demand_no(ran("add", "Clara", "--role", "author", key="sf_wrong"), "not known")
    demand_no(ran("list"), "SUREFOOT_KEY")
    assert [one["name"] for one in said("list", key=ana)["operators"]] == ["Ana", "Borys"]


def test_r17_a_second_admin_confirms_and_gets_the_key() -> None:
    ana, borys = pair()
    change = said("add", "Clara", "--role", "editor", key=ana)["waiting"]["id"]
    demand_no(ran("confirm", change, key=ana), "cannot confirm it")
    listed = ran("list", key=borys)
    assert f"surefoot operators confirm {change}" in listed.stdout
    clara = said("confirm", change, key=borys)
    assert clara["key"].startswith("sf_")
    demand_no(ran("add", "Dora", "--role", "author", key=clara["key"]), "role admin")


def test_roles_keys_and_rights_change_on_the_command_line() -> None:
    ana, borys = pair()
    change = said("roles", "Borys", "--role", "admin", key=ana)["waiting"]["id"]
    assert said("confirm", change, key=borys)["operator"]["roles"] == ["admin"]
    change = said("new-key", "borys", key=ana)["waiting"]["id"]
    fresh = said("confirm", change, key=borys)["key"]
    demand_no(ran("list", key=borys), "not known")
    change = said("revoke", "Borys", key=ana)["waiting"]["id"]
    assert said("confirm", change, key=fresh)["operator"]["revoked_at"]
    assert "ended" in ran("list", key=ana).stdout
    demand_no(ran("revoke", "Ana", key=ana), "no admin")


def test_a_database_that_is_away_is_said_in_words(shell: pytest.MonkeyPatch) -> None:
    shell.setenv("DATABASE_URL", f"postgresql://surefoot@127.0.0.1:{free_port()}/nothing")
    demand_no(ran("list", key="sf_any"), "cannot be reached", "DATABASE_URL")


def test_a_database_without_tables_is_said_in_words(shell: pytest.MonkeyPatch, server_urls: ServerUrls) -> None:
    shell.setenv("DATABASE_URL", server_urls.database)
    demand_no(ran("list", key="sf_any"), "surefoot migrate")


def test_every_group_of_commands_is_there() -> None:
    done = RUNNER.invoke(app, ["--help"])
    assert done.exit_code == 0
    for name in ("demo", "serve", "api", "worker", "migrate", "check", "operators", "zones", "alerts", "residents"):
        assert name in done.stdout
