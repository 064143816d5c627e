"""Every file keeps to the shape of the project, and each check of it can fail."""

from collections.abc import Callable

import pytest

from tests.architecture import shape
from tests.architecture.shape import Source

Check = Callable[[Source], list[str]]

EVERYWHERE: list[Check] = [
    shape.length,
    shape.function_length,
    shape.arguments,
    shape.name,
    shape.docstring,
    shape.silence,
]
IN_THE_SERVICE: list[Check] = [shape.sql, shape.clock]


@pytest.mark.parametrize("check", EVERYWHERE, ids=lambda check: str(check.__name__))
def test_every_file_keeps_to(check: Check) -> None:
    assert [wrong for source in shape.sources("service", "tests") for wrong in check(source)] == []


@pytest.mark.parametrize("check", IN_THE_SERVICE, ids=lambda check: str(check.__name__))
def test_every_file_of_the_service_keeps_to(check: Check) -> None:
    assert [wrong for source in shape.sources("service") for wrong in check(source)] == []


def long_function(lines: int) -> str:
    return '"""A."""\n' + "def f():\n" + "    x = 1\n" * (lines - 1)


@pytest.mark.parametrize(
    ("check", "text", "path"),
    [
        (shape.length, "x = 1\n" * 301, "service/a.py"),
        (shape.function_length, long_function(41), "service/a.py"),
        (shape.arguments, "def f(a, b, c, *, d, e, g): ...", "service/a.py"),
        (shape.name, "", "service/zones/utils.py"),
        (shape.name, "", "service/core/zones.py"),
        (shape.docstring, "import os\n", "service/a.py"),
        (shape.docstring, '"""Two\nlines."""\n', "service/a.py"),
        (shape.docstring, '# first\n"""Not at the top."""\n', "service/a.py"),
        (shape.docstring, '"""no sentence"""\n', "service/a.py"),
        (shape.sql, 'A = "SELECT 1"', "service/zones/actions.py"),
        (shape.sql, 'A = "\\nUPDATE zone SET a = 1"', "service/zones/routes.py"),
        (shape.silence, "import os  # noqa", "service/a.py"),
        (shape.silence, "import os  # noqa: F401", "service/a.py"),
        (shape.silence, "x: int = ''  # type: ignore", "service/a.py"),
        (shape.silence, "x: int = ''  # type: ignore[assignment]", "service/a.py"),
        (shape.clock, "at = datetime.now(UTC)", "service/zones/actions.py"),
        (shape.clock, "at = datetime.datetime.now(UTC)", "service/zones/actions.py"),
        (shape.clock, "at = time.time()", "service/worker.py"),
    ],
)
def test_a_bad_file_is_found(check: Check, text: str, path: str) -> None:
    assert check(Source(path, text)) != []


@pytest.mark.parametrize(
    ("check", "text", "path"),
    [
        (shape.length, "x = 1\n" * 300, "service/a.py"),
        (shape.function_length, long_function(40), "service/a.py"),
        (shape.arguments, "def f(self, a, b, c, *, d, e): ...", "service/a.py"),
        (shape.arguments, "def f(a, b, c, d, e, g):  # noqa: PLR0913 - one row\n    ...", "service/a.py"),
        (shape.docstring, "", "tests/__init__.py"),
        (shape.sql, 'A = "SELECT 1"', "service/zones/store.py"),
        (shape.sql, 'A = "Select a zone."', "service/zones/routes.py"),
        (shape.silence, "import os  # noqa: F401 - others import it from here", "service/a.py"),
        (shape.silence, "x: int = ''  # type: ignore[assignment]  # the library's types lie", "service/a.py"),
        (shape.clock, "at = datetime.now(UTC)", "service/kit/clock.py"),
    ],
)
def test_a_good_file_is_left_alone(check: Check, text: str, path: str) -> None:
    assert check(Source(path, text)) == []
