"""`surefoot zones` and `surefoot coverage`: a zone's life on the command line, each act by the holder of a key."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner, Result

from service.__main__ import app
from service.operators import actions as operators
from service.operators.model import Done, Role
from tests.build import a_feature, a_square
from tests.conftest import NOW, SERVER_KEY

RUNNER = CliRunner()
WHY = ["--why", "survey of 2 October"]
RECORD = ["--kind", "cleared", "--authority", "Centre", "--dated", "2026-10-20", "--depth-cm", "20", *WHY]


@pytest.fixture(autouse=True)
def keys(database_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings as a shell would have them, and the keys of two admins."""

    async def add() -> dict[str, str]:
        found = {}
        async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as tx:
            first = None
            for name in ("Ana", "Borys"):
                done = await operators.add(tx, first, name, frozenset({Role.ADMIN}), now=NOW)
                assert isinstance(done, Done)
                assert done.key is not None
                first, found[name] = done.operator, done.key.reveal()
        return found

    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SUREFOOT_SERVER_KEY", SERVER_KEY.hex())
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("SUREFOOT_CLOCK", f"2026-11-02T09:00:00+00:00@{time.time():.0f}x1")
    return asyncio.run(add())


class Shell:
    """Somebody types commands; outlines are files."""

    def __init__(self, folder: Path, keys: dict[str, str]) -> None:
        self.folder = folder
        self.keys = keys

    def file(self, content: Any) -> str:
        path = self.folder / f"{len(list(self.folder.iterdir()))}.geojson"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def ran(self, by: str, *words: str) -> Result:
        return RUNNER.invoke(app, list(words), env={"SUREFOOT_KEY": self.keys.get(by, "")})

    def must(self, by: str, *words: str) -> Any:
        done = self.ran(by, *words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def add(self) -> str:
        stated = ["--outline", self.file(a_feature()), "--authority", "Centre", "--external-id", "H-1"]
        made = self.must("Ana", "zones", "add", *stated, "--class", "sha", "--dated", "2026-10-02", *WHY)
        zone: str = made["zones"][0]["id"]
        return zone


@pytest.fixture
def shell(tmp_path: Path, keys: dict[str, str]) -> Shell:
    return Shell(tmp_path, keys)


def test_r2_a_release_on_the_command_line_waits_for_a_second_person(shell: Shell) -> None:
    zone = shell.add()
    outline = ["--outline", shell.file(a_square(17.005, 44.995, 0.02))]
    said = shell.ran("Ana", "zones", "release", zone, *RECORD, *outline)
    assert said.exit_code == 0, said.output
    assert "m² remain dangerous" in said.stdout
    assert "may exist" in said.stdout
    (proposal,) = shell.must("Ana", "zones", "proposals")["proposals"]
    assert f"surefoot zones approve {proposal['id']}" in said.stdout
    alone = shell.ran("Ana", "zones", "approve", proposal["id"])
    assert alone.exit_code == 2
    assert "cannot approve" in alone.stderr
    done = shell.ran("Borys", "zones", "approve", proposal["id"])
    assert "Approved and done." in done.stdout
    history = shell.must("Ana", "zones", "history", zone)
    told = shell.ran("Ana", "zones", "history", zone).stdout
    assert "cleared by clearance, 20 cm deep" in told
    assert "Borys" in told
    back = shell.must("Borys", "zones", "revoke", history["releases"][0]["id"], *WHY)
    assert back["zones"][0]["released"] is None


def test_a_zone_lives_on_the_command_line(shell: Shell) -> None:
    zone = shell.add()
    shell.must("Ana", "zones", "extend", zone, "--outline", shell.file(a_square(17.01)), *WHY)
    shell.must("Ana", "zones", "correct", zone, "--name", "Old mill", "--accuracy", "200", *WHY)
    shell.must("Ana", "zones", "reclassify", zone, "--class", "cha", *WHY)
    lowered = shell.must("Ana", "zones", "reclassify", zone, "--class", "sha", *WHY)
    shell.must("Borys", "zones", "refuse", lowered["id"], *WHY)
    halves = [a_square(16.999, 44.999, 0.012), a_square(17.01, 44.999, 0.012)]
    parts = {"type": "FeatureCollection", "features": [a_feature(None, half, external_id="") for half in halves]}
    made = shell.must("Ana", "zones", "split", zone, "--parts", shell.file(parts), *WHY)["zones"]
    assert [one["external_id"] for one in made] == ["H-1/1", "H-1/2"]
    whole = shell.must("Ana", "zones", "merge", *(one["id"] for one in made), "--external-id", "H-2", *WHY)["zones"][0]
    annulled = shell.must("Ana", "zones", "annul", whole["id"], "--evidence", "south for north", *WHY)
    shell.must("Borys", "zones", "approve", annulled["id"])
    assert shell.must("Ana", "zones", "reinstate", whole["id"], *WHY)["zones"][0]["state"] == "active"
    hidden = shell.must("Ana", "zones", "publish", whole["id"], "--as", "withheld", *WHY)
    shell.must("Borys", "zones", "approve", hidden["id"])
    stale = shell.ran("Ana", "zones", "stale", "--authority", "Centre", *WHY)
    assert "Marked now: 1." in stale.stdout
    listed = shell.must("Ana", "zones", "list", "--state", "active", "--class", "cha", "--stale")["zones"]
    assert [one["external_id"] for one in listed] == ["H-2"]
    assert "withheld stale" in shell.ran("Ana", "zones", "list", "--authority", "Centre").stdout


def test_coverage_lives_on_the_command_line(shell: Shell) -> None:
    stated = ["--authority", "Centre", "--external-id", "north", "--dated", "2026-10-02", *WHY]
    made = shell.must("Ana", "coverage", "add", "--outline", shell.file(a_square(16, 44, 2)), *stated, "--surveyed")
    area = made["coverage"][0]["id"]
    assert shell.must("Ana", "coverage", "end", area, *WHY)["coverage"][0]["ended_at"]
    assert "ended" in shell.ran("Ana", "coverage", "list").stdout


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, '{"type": "Point", "coordinates": [17, 45]}', "null"])
def test_a_file_without_an_outline_ends_in_2_and_says_why(shell: Shell, content: str) -> None:
    zone = shell.add()
    done = shell.ran("Ana", "zones", "release", zone, *RECORD, "--outline", shell.file(content))
    assert done.exit_code == 2
    assert "outline" in done.stderr
    assert "Traceback" not in done.output


def test_r2_a_record_needs_an_outline_or_the_word_whole(shell: Shell) -> None:
    zone = shell.add()
    assert shell.ran("Ana", "zones", "release", zone, *RECORD).exit_code == 2
    both = ["--whole", "--outline", shell.file(a_square())]
    assert shell.ran("Ana", "zones", "release", zone, *RECORD, *both).exit_code == 2
    assert "nothing of it remains" in shell.ran("Ana", "zones", "release", zone, *RECORD, "--whole").stdout


@pytest.mark.parametrize(
    "words",
    [
        ["zones", "proposals"],
        ["zones", "history", "01936f3e-8f2a-7bbb-8000-1c0ffee00003"],
        ["zones", "approve", "01936f3e-8f2a-7bbb-8000-1c0ffee00003"],
        ["zones", "revoke", "01936f3e-8f2a-7bbb-8000-1c0ffee00003", *WHY],
        ["zones", "reinstate", "01936f3e-8f2a-7bbb-8000-1c0ffee00003", *WHY],
        ["zones", "stale", "--authority", "Centre", *WHY],
        ["coverage", "list"],
        ["coverage", "end", "01936f3e-8f2a-7bbb-8000-1c0ffee00003", *WHY],
    ],
)
def test_r17_no_act_on_the_command_line_goes_without_a_key(shell: Shell, words: list[str]) -> None:
    done = shell.ran("nobody", *words)
    assert done.exit_code == 2
    assert "SUREFOOT_KEY" in done.stderr
    unknown = shell.ran("Ana", *words)
    assert "Traceback" not in unknown.output
