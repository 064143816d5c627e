"""Every statement of every store is one that PostgreSQL takes on the migrated tables."""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from tests.architecture.shape import Source, sources

STORE = re.compile(r"service/\w+/store(/(?!__init__)\w+)?\.py")
HOLE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Statement:
    """A constant of a store: where it stands, and its text."""

    where: str
    text: str

    @property
    def numbered(self) -> str:
        """The text with $1, $2 … for its named holes, as PREPARE wants it."""
        names = list(dict.fromkeys(HOLE.findall(self.text)))
        return HOLE.sub(lambda hole: f"${names.index(hole[1]) + 1}", self.text).replace("%%", "%")


def stores() -> list[Source]:
    return [source for source in sources("service") if STORE.fullmatch(source.path)]


def declared(source: Source) -> Iterator[str]:
    """Name the constants at the top level that are annotated as LiteralString."""
    for node in source.tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "LiteralString":
            yield ast.unparse(node.target)


def statements_of(source: Source) -> list[Statement]:
    module = importlib.import_module(source.path.removesuffix(".py").replace("/", "."))
    return [Statement(f"{source.path}:{name}", getattr(module, name)) for name in declared(source)]


def loose(source: Source) -> list[str]:
    """Find what is run without being a declared constant, and constants that nobody runs."""
    names = set(declared(source))
    run = [
        node.args[0]
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("execute")
    ]
    written = [node for node in run if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp | ast.Call)]
    used = {node.id for node in ast.walk(source.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return [f"{source.path}:{node.lineno} runs SQL that is no constant" for node in written] + [
        f"{source.path}: nobody runs {name}" for name in sorted(names - used)
    ]


def refused(url: str, text: str) -> str | None:
    """Say why PostgreSQL does not take a statement; None if it does. COPY cannot be prepared: nothing is copied."""
    with psycopg.connect(url, autocommit=True) as connection:
        try:
            if text.lstrip().startswith("COPY "):
                with connection.cursor().copy(text.encode()):
                    return None
            connection.execute(f"PREPARE statement AS {text}".encode())
        except psycopg.Error as error:
            return str(error)
    return None


def test_there_are_statements_to_try() -> None:
    assert len(stores()) >= 5
    assert sum(len(statements_of(source)) for source in stores()) > 50


@pytest.mark.parametrize("store", stores(), ids=lambda store: store.path.removeprefix("service/"))
def test_postgresql_takes(store: Source, tables: str) -> None:
    found = {one.where: refused(tables, one.numbered) for one in statements_of(store)}
    assert {where: why for where, why in found.items() if why} == {}


def test_what_postgresql_does_not_take_is_found(tables: str) -> None:
    assert refused(tables, Statement("here", "SELECT nothing FROM zone WHERE id = %(id)s").numbered) is not None
    assert refused(tables, Statement("here", "SELECT id FROM zone WHERE id = %(id)s AND id = %(id)s").numbered) is None


def test_stores_run_declared_constants_only() -> None:
    assert [wrong for source in stores() for wrong in loose(source)] == []


@pytest.mark.parametrize(
    "text",
    ['tx.execute("SELECT 1")', 'tx.execute(f"SELECT {x}")', 'tx.execute(A + "x")', 'A: LiteralString = "SELECT 1"'],
)
def test_a_loose_statement_is_found(text: str) -> None:
    assert loose(Source("service/a/store.py", text)) != []
