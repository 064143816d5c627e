"""Makes one package in a process of its own, bounded in time and memory: whoever waits for it stalls nobody else."""

import asyncio
import fcntl
import hashlib
import json
import os
import pickle
import resource
import shutil
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.kit.errors import Kind, Refused
from service.kit.processes import die_with_parent
from service.lessons import actions
from service.lessons.model import Format
from service.lessons.said import SaidCourse

LISTING = "files.json"
"""Names what a folder holds; it is written last."""
_LOCK = "lock"
_CPU_SECONDS, _WALL_SECONDS, _MEMORY, _NICE = 60, 180, 3 * 1024**3, 10
_REFUSED = 3


async def made_apart(course: SaidCourse, form: Format, folder: Path) -> None:
    """Make a package into a folder that is not there yet; whoever is quicker with the same has made it.

    Refused as `actions.export`, or `package-unmade` where that took too long or broke.
    """
    maker = await _started(folder)
    try:
        _, complaint = await asyncio.wait_for(maker.communicate(pickle.dumps((course, form))), _WALL_SECONDS)
    except BaseException as stopped:
        await _ended(maker)
        if isinstance(stopped, TimeoutError):
            raise _unmade("it took too long.") from stopped
        raise
    if maker.returncode == _REFUSED:
        said = json.loads(complaint)
        raise Refused(Kind(said.pop("kind")), said.pop("name"), said.pop("detail"), **said)
    if maker.returncode != 0:
        raise _unmade(complaint.decode(errors="replace").strip().rpartition("\n")[2][:300])


async def _started(folder: Path) -> Process:
    """Start the process; whoever stops waiting meanwhile leaves none behind."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "service.lessons.making", str(folder)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(Path(__file__).parents[2])},
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _ended(await starting)
        raise


async def _ended(maker: Process) -> None:
    if maker.returncode is None:
        maker.kill()
        await maker.communicate()


def make(course: SaidCourse, form: Format, folder: Path) -> None:
    """Make a package into a folder, whole or not at all."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(folder.parent):
        if folder.exists():
            return
        half = Path(tempfile.mkdtemp(prefix=".half-", dir=folder.parent))
        try:
            _fill(half, course, form)
            half.rename(folder)
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise


def _fill(folder: Path, course: SaidCourse, form: Format) -> None:
    listing = []
    for file in actions.export(course, form):
        (folder / file.name).write_bytes(file.content)
        sha256 = hashlib.sha256(file.content).hexdigest()
        listing.append([file.name, file.media_type, len(file.content), sha256])
    (folder / LISTING).write_text(json.dumps(listing))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time make packages in a folder, however many serve from it."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _unmade(why: str) -> Refused:
    detail = f"The package could not be made: {why}"
    return Refused(Kind.UNAVAILABLE, "package-unmade", detail, remedy="Ask again later.", after=60)


def _bind() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_NICE)


def _serve() -> None:
    """Make what standard input orders: the whole life of the process."""
    die_with_parent()
    _bind()
    course, form = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent wrote it
    try:
        make(course, form, Path(sys.argv[1]))
    except Refused as refused:
        said = {"kind": refused.kind, "name": refused.name, "detail": refused.detail}
        sys.stderr.write(json.dumps(said | {"where": refused.where, "remedy": refused.remedy}))
        sys.exit(_REFUSED)


if __name__ == "__main__":
    _serve()
