"""What the tests of reading share: a way to send a content, and watchers of what must not happen."""

import itertools
import socket
import tempfile
from asyncio.subprocess import Process
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.intake import reading
from service.intake.model import Layout, Limits
from tests.files import Read, Reading, rows_here, rows_of
from tests.integration.intake.refusing import SECRET


@pytest.fixture(autouse=True)
def private(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where private folders are made; none may be left."""
    folder = tmp_path_factory.mktemp("private")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("server") / "secret.csv"
    path.write_text(f"id,lat,lon\n{SECRET},45,17\n")
    return path


@pytest.fixture
def listener() -> Iterator[str]:
    """The address of a server that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.fixture
def read() -> Reading:
    """Read a content by the reader's own code, which the real process runs as well: it is many times quicker."""

    async def sent(content: bytes | str, _: str = "zones", layout: Layout | None = None, **limits: int) -> Read:
        return rows_here(content, layout, Limits(**limits))

    return sent


@pytest.fixture
def stranger(tmp_path: Path) -> Reading:
    """Read a content under a name in the real process, for what it may not do."""
    numbers = itertools.count()

    async def sent(content: bytes | str, name: str = "zones", layout: Layout | None = None, **limits: int) -> Read:
        path = tmp_path / f"sent{next(numbers)}" / name
        path.parent.mkdir()
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return await rows_of(path, layout, Limits(**limits))

    return sent


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """The processes that were started."""
    processes: list[Process] = []
    start = reading._start

    async def starting(*arguments: object) -> Process:
        process = await start(*arguments)  # type: ignore[arg-type]  # passed on as they came
        processes.append(process)
        return process

    monkeypatch.setattr(reading, "_start", starting)
    return processes
