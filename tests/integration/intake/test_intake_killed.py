"""An asker that is killed: its reading process dies with it, and what it left is removed by the next, nothing else."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.intake import folders
from service.kit.processes import NOBODY
from tests.build import a_feature
from tests.files import a_collection, rows_of

ROOT = Path(__file__).parents[3]
ASKER = """
import asyncio, sys
from pathlib import Path
from service.intake import reading
start = reading._start
async def starting(content, folder, *more):
    process = await start(content, folder, *more)
    print(process.pid, folder, flush=True)
    return process
reading._start = starting
async def main():
    async for _ in reading.read(Path(sys.argv[1])):
        print("reading", flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@contextmanager
def an_asker(content: Path, above: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """Start a process that reads a file and rests after the first row; the reader's number and folder beside it."""
    command = [sys.executable, "-c", ASKER, str(content)]
    environment = {**os.environ, "TMPDIR": str(above)}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment) as asker:
        try:
            assert asker.stdout is not None
            number, folder = asker.stdout.readline().decode().split()
            assert asker.stdout.readline() == b"reading\n"
            yield asker, int(number), Path(folder)
        finally:
            asker.kill()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A file that is longer than what the pipe between the two holds."""
    path = tmp_path / "zones"
    path.write_text(f"{json.dumps(a_feature('Z'))}\n" * 20_000)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small"
    path.write_text(a_collection(a_feature("Z")))
    return path


async def test_a_killed_askers_process_dies_and_the_next_reading_removes_its_folder(
    content: Path, small: Path, private: Path
) -> None:
    with an_asker(content, private) as (asker, number, folder):
        assert _lives(number)
        await rows_of(small)
        assert folder.exists(), "it is in use"
        (folder / "more").mkdir()
        (folder / "more" / "link").symlink_to(content)
        asker.kill()
        asker.wait()
        await _until_dead(number)
        assert folder.exists(), "nobody was left to remove it"
        await rows_of(small)
        assert not folder.exists()
        assert _is_there(content)


def test_only_what_an_asker_of_ours_left_is_removed(private: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "note").write_text("x")
    open_to_others = private / "surefoot-intake-1-open"
    open_to_others.mkdir(mode=0o755)
    (private / "surefoot-intake-1-link").symlink_to(precious)
    (private / "surefoot-intake-1-file").write_text("x")
    for name in ("surefoot-demo-1", "surefoot-intake-zones", "surefoot-intake-x-1"):
        (private / name).mkdir(mode=0o700)
    others = {path.name for path in private.iterdir()}
    left = private / "surefoot-intake-1-left"
    left.mkdir(mode=0o700)
    folders.sweep()
    assert {path.name for path in private.iterdir()} == others
    assert (precious / "note").exists()
    for path in private.iterdir():
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


@pytest.mark.parametrize(
    ("us", "owner", "ours"),
    [(0, 0, True), (0, NOBODY, True), (0, 1000, False), (1000, 1000, True), (1000, 0, False), (1000, NOBODY, False)],
)
def test_another_users_folder_is_not_ours(monkeypatch: pytest.MonkeyPatch, us: int, owner: int, *, ours: bool) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: us)
    assert folders._is_ours(os.stat_result((0o40700, 1, 1, 2, owner, owner, 0, 0, 0, 0))) is ours
    assert not folders._is_ours(os.stat_result((0o40755, 1, 1, 2, owner, owner, 0, 0, 0, 0)))


def test_a_folder_that_a_sweeper_took_too_early_is_made_again(monkeypatch: pytest.MonkeyPatch, private: Path) -> None:
    made: list[str] = []
    make = tempfile.mkdtemp

    def swept(prefix: str) -> str:
        made.append(make(prefix=prefix))
        if len(made) == 1:
            folders.sweep()
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", swept)
    folder = folders.Private.make()
    assert [str(path) for path in private.iterdir()] == [str(folder.path)] == made[1:]
    folder.remove()


def _is_there(path: Path) -> bool:
    return path.exists()


def _lives(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def _until_dead(number: int) -> None:
    until = time.monotonic() + 5
    while _lives(number):
        assert time.monotonic() < until, "the process lives on"
        await asyncio.sleep(0.02)
