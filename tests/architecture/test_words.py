"""What README and docs say holds: every test, file, command and setting that they name exists, no place of ours."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from fastapi.routing import iter_route_contexts

from service.__main__ import Parts, app
from service.api import build
from service.config import Settings
from tests.architecture.shape import ROOT, sources

DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text()
FIRST = (
    "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt"
    " && .venv/bin/pip install -q --no-deps -e . && .venv/bin/surefoot demo"
)
# A place of somebody's machine, or where packages come from: neither is the project's.
STRANGE = re.compile(
    r"(?<![\w.])/(work|home|root|Users)/\w|\b(pypi|pythonhosted|npmjs|debian)\.(org|net)\b|files\.python", re.IGNORECASE
)


@cache
def written_tests() -> set[str]:
    nodes = (node for source in sources("tests") for node in ast.walk(source.tree))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def missing_tests(text: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", text)) - written_tests()


def missing_paths(text: str) -> list[str]:
    named = re.findall(r"`?\b((?:service|docs|tests|docker|locales)/[\w./-]*)", text)
    return [path for path in named if not (ROOT / path.rstrip("./")).exists()]


def commands() -> Iterator[str]:
    """Every command of the program, as it is typed after `surefoot`."""
    group = typer.main.get_command(app)
    assert isinstance(group, Parts)
    group.read_all()
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        yield from (f"{name} {each}" for each in inner) if inner else (name,)


def unknown_commands(text: str) -> list[str]:
    """Find `surefoot <words>` in code that is no command; options and values may follow."""
    code = re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL)
    typed = [words for each in code for words in re.findall(r"\bsurefoot ([a-z]+(?: [a-z][a-z-]*)?)", each)]
    there = set(commands())
    return [words for words in typed if words not in there and words.split()[0] not in there]


def unknown_settings(text: str) -> set[str]:
    fields = Settings.model_fields.items()
    known = {str(field.validation_alias or f"SUREFOOT_{name.upper()}") for name, field in fields} | {"SUREFOOT_KEY"}
    return set(re.findall(r"\b(?:SUREFOOT_\w+|DATABASE_URL|REDIS_URL|GOOGLE_\w+)", text)) - known


@cache
def routes() -> set[tuple[str, str]]:
    contexts = iter_route_contexts(build(Settings()).routes)
    return {(verb, re.sub(r"{\w+}", "{}", one.path or "")) for one in contexts for verb in one.methods or ()}


def unknown_routes(text: str) -> set[tuple[str, str]]:
    """Find `VERB /path` that the API does not have; {name} stands for any hole."""
    told = re.findall(r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w/{}.-]+)", text)
    return {(verb, re.sub(r"{\w+}", "{}", path)) for verb, path in told} - routes()


def promises() -> list[tuple[str, str]]:
    """The rows of README's table of promises: what is promised, and what holds it."""
    table = README.partition("## Safety promises")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", table, re.MULTILINE)
    return [(promise, held) for promise, held in rows if promise != "promise"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_names_only_what_there_is(document: Path) -> None:
    text = document.read_text()
    assert missing_tests(text) == set()
    assert missing_paths(text) == []
    assert unknown_commands(text) == []
    assert unknown_settings(text) == set()
    assert unknown_routes(text) == set()


def test_each_promise_of_safety_is_held_by_a_test_of_its_own_rule() -> None:
    assert len(promises()) >= 15
    for promise, held in promises():
        names = re.findall(r"`(test_\w+)`", held)
        assert names, promise
        for rule in re.findall(r"\bR(\d+)\b", promise):
            assert any(f"_r{rule}_" in name for name in names), promise


def test_every_dependency_is_accounted_for_with_its_locked_version() -> None:
    table = (ROOT / "docs" / "decisions" / "0008-dependencies.md").read_text()
    rows = dict(re.findall(r"^\| ([a-z0-9-]+) \| ([\w.]+) \|", table, re.MULTILINE))
    rows.pop("dependency")
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert rows.keys() == {re.split(r"[\[<>=]", each)[0] for each in needed}
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    assert rows.items() <= locked.items()


def test_readme_tells_the_two_commands_to_the_letter() -> None:
    lines = README.splitlines()
    assert FIRST in lines
    assert ".venv/bin/pytest" in lines


def test_no_file_names_a_machine_or_where_packages_come_from() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split() or [path.relative_to(ROOT).as_posix() for path in (ROOT / "service").rglob("*.py")]
    found = [name for name in names if (ROOT / name).is_file() and STRANGE.search(read(name))]
    assert found == []


def read(name: str) -> str:
    return (ROOT / name).read_text(errors="replace")


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (missing_tests, "held by `test_that_nobody_wrote`"),
        (missing_paths, "see `service/zones/nothing.py`"),
        (unknown_commands, "run `surefoot dance`"),
        (unknown_settings, "set SUREFOOT_NOTHING"),
        (unknown_routes, "ask `GET /v1/nothing`"),
    ],
)
def test_a_word_that_does_not_hold_is_found(check: Callable[[str], Collection[str]], text: str) -> None:
    assert check(text)
