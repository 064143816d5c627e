"""What a file of this project may look like; each check returns what is wrong, in words."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
MOST_ARGUMENTS = 5
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "core"}
SQL = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE \S+ SET|DELETE FROM|WITH \w+ AS|TRUNCATE|LOCK TABLE|COPY"
    r"|(CREATE|ALTER|DROP) [A-Z]+)\b"
)
# Where SQL may stand: beside the function that runs it; a GeoPackage is itself a database, of a stranger.
KEEPERS = re.compile(r"service/(\w+/store(/\w+)?|kit/db|kit/jobs|migrations/\w+|intake/geopackage)\.py")
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
SILENCED = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<what>\[[\w, -]+\]|:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?(?P<why>.*)")
SAID = re.compile(r"\s*(#|-)\s*\w+")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file: its path from the project's root, with /, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


@cache
def source(path: Path) -> Source:
    """Read and parse a file once for all checks."""
    return Source(path.relative_to(ROOT).as_posix(), path.read_text())


def sources(*folders: str) -> list[Source]:
    return [source(path) for path in sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))]


def length(source: Source) -> list[str]:
    count = len(source.lines)
    return [f"{source.path} has {count} lines"] if count > LONGEST_FILE else []


def function_length(source: Source) -> list[str]:
    spans = ((node, (node.end_lineno or node.lineno) - node.lineno + 1) for node in source.functions())
    return [f"{source.path}: {node.name} has {span} lines" for node, span in spans if span > LONGEST_FUNCTION]


def arguments(source: Source) -> list[str]:
    """Count all but self and cls; a reasoned noqa of PLR0913 lets more through."""
    found = []
    for node in source.functions():
        names = [each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        count = len(names) - (names[:1] in (["self"], ["cls"]))
        if count > MOST_ARGUMENTS and "noqa: PLR0913" not in source.lines[node.lineno - 1]:
            found.append(f"{source.path}: {node.name} takes {count} arguments")
    return found


def name(source: Source) -> list[str]:
    parts = set(source.path.removesuffix(".py").split("/"))
    return [f"{source.path}: a file is named after what it holds, not {each}" for each in sorted(parts & NAMELESS)]


def docstring(source: Source) -> list[str]:
    """Demand one line at the top of each file that holds anything."""
    if not source.text.strip():
        return []
    said = ast.get_docstring(source.tree, clean=False)
    if said is None or "\n" in said or not source.text.startswith(('"""', 'r"""')):
        return [f"{source.path} does not begin with a docstring of one line"]
    return [] if said.endswith((".", "?", "!")) else [f"{source.path}: the docstring is no sentence"]


def sql(source: Source) -> list[str]:
    if KEEPERS.fullmatch(source.path):
        return []
    texts = (node for node in ast.walk(source.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [f"{source.path}:{node.lineno} holds SQL" for node in texts if SQL.match(str(node.value))]


def silence(source: Source) -> list[str]:
    """Every noqa and type: ignore names what it silences, and why."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        match = SILENCED.search(token.string) if token.type == tokenize.COMMENT else None
        if match and not (match["what"] and SAID.match(match["why"])):
            found.append(f"{source.path}:{token.start[0]} is silenced without a reason")
    return found


def clock(source: Source) -> list[str]:
    if source.path == "service/kit/clock.py":
        return []
    calls = (node for node in ast.walk(source.tree) if isinstance(node, ast.Attribute))
    reads = ((node.lineno, ".".join(ast.unparse(node).split(".")[-2:])) for node in calls)
    return [f"{source.path}:{line} reads the clock by {read}" for line, read in reads if read in CLOCKS]
