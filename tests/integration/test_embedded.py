"""The embedded servers keep their data, end with us, and are held by one program at a time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from service.kit import processes
from service.kit.data_folder import DataFolder
from service.kit.embedded import EmbeddedServers
from service.kit.errors import Refused
from service.kit.processes import NOBODY, free_port, runnable

PROGRAM = """
import encodings.idna, os, sys, time
from pathlib import Path
from service.kit.data_folder import DataFolder
from service.kit.embedded import EmbeddedServers
if len(sys.argv) > 3:
    # Found while we may still look everywhere: a test machine's interpreter can lie in a folder closed to others.
    from service.kit import embedded
    programs, redis = embedded._postgres_programs(), embedded._redis_program()
    embedded._postgres_programs, embedded._redis_program = lambda: programs, lambda: redis
    os.setgroups([]), os.setgid(int(sys.argv[3])), os.setuid(int(sys.argv[3]))
with DataFolder.take(Path(sys.argv[1]), purpose="tests") as folder:
    with EmbeddedServers.start(folder, durable=False) as servers:
        print(servers.database_url, flush=True)
        time.sleep(float(sys.argv[2]))
"""


def wait_until(asked: Callable[[], bool], seconds: float = 20) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if asked():
            return True
        time.sleep(0.05)
    return False


def servers_in(folder: Path) -> list[int]:
    """The processes of servers that work in this folder, whoever started them."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                inside = [str(each.readlink()) for each in (entry / "fd").iterdir()]
            except OSError:
                continue
            if any(name.startswith(str(folder)) for name in inside):
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]


def started(folder: Path, seconds: float = 60, *, user: int | None = None) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-c", PROGRAM, str(folder), str(seconds), *([] if user is None else [str(user)])]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    with program.stdout as said:
        return program, said.readline().strip()


def value_in(url: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT value FROM kept").fetchone()
        return row[0] if row else None


def test_a_second_start_finds_what_the_first_kept_and_nothing_stays_behind(tmp_path: Path) -> None:
    folder = tmp_path / "döta with spaces" / ("long" * 30)
    for turn in range(2):
        with DataFolder.take(folder, purpose="tests") as data, EmbeddedServers.start(data, durable=False) as servers:
            with psycopg.connect(servers.database_url) as connection:
                if turn == 0:
                    connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
            assert value_in(servers.database_url) == 7
            assert servers.redis_url.startswith("redis://:")
    assert servers_in(folder) == []


def test_when_the_starting_program_is_killed_its_servers_end_and_the_next_start_works(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    program, url = started(folder)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 8 AS value")
    program.send_signal(signal.SIGKILL)
    program.wait()
    with DataFolder.take(folder, purpose="tests") as data, EmbeddedServers.start(data, durable=False) as servers:
        assert value_in(servers.database_url) == 8
    assert wait_until(lambda: servers_in(folder) == [])


def test_a_killed_postgres_recovers_although_its_pid_file_names_a_living_process(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with DataFolder.take(folder, purpose="tests") as data:
        servers = EmbeddedServers.start(data)
        with psycopg.connect(servers.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 9 AS value")
        servers._postgres.kill()
        servers.stop()
        pid_file = folder / "postgres" / "cluster" / "postmaster.pid"
        pid_file.write_text(pid_file.read_text().replace(pid_file.read_text().split("\n")[0], str(os.getpid()), 1))
        with EmbeddedServers.start(data) as again:
            assert value_in(again.database_url) == 9


def test_a_second_copy_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    program, _ = started(tmp_path / "data")
    with pytest.raises(Refused, match=f"process {program.pid}") as refused:
        DataFolder.take(tmp_path / "data", purpose="tests")
    assert refused.value.name == "data-folder-in-use"
    assert refused.value.remedy
    program.terminate()
    program.wait()


def test_a_folder_that_we_did_not_make_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(Refused, match="not made by Surefoot"):
        DataFolder.take(tmp_path, purpose="tests")
    assert [one.name for one in tmp_path.iterdir()] == ["letters.txt"]


def test_a_folder_made_for_something_else_is_refused(tmp_path: Path) -> None:
    DataFolder.take(tmp_path / "data", purpose="serve").__exit__()
    with pytest.raises(Refused, match="made for something else"):
        DataFolder.take(tmp_path / "data", purpose="demo")


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(Refused) as refused:
        DataFolder.take(tmp_path / "data", purpose="tests")
    assert refused.value.name == "data-folder-unusable"


def test_an_interrupted_initdb_is_done_again(tmp_path: Path) -> None:
    with DataFolder.take(tmp_path / "data", purpose="tests") as data:
        (data.path / "postgres" / "new").mkdir(parents=True)
        (data.path / "postgres" / "new" / "PG_VERSION").write_text("18")
        servers = EmbeddedServers.start(data, durable=False)
        with servers, psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_secrets_are_made_once_and_readable_by_us_alone(tmp_path: Path) -> None:
    with DataFolder.take(tmp_path / "data", purpose="tests") as data:
        assert data.secret("server_key") == data.secret("server_key")
        assert len(data.secret("server_key")) == 32
        assert (data.path / "server_key.secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else; this run is the ordinary user's")
def test_an_ordinary_user_can_run_it_too(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    for parent in (tmp_path, *tmp_path.parents[:-2]):
        parent.chmod(parent.stat().st_mode | 0o711)
    program, url = started(home / "data", 0.1, user=NOBODY)
    assert url.startswith("postgresql://")
    assert program.wait(20) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes user, so only root needs the copy")
def test_binaries_under_a_closed_folder_are_copied_to_where_nobody_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_SHARED", tmp_path / "cache")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "tool").write_text("#!/bin/sh\n")
    place = runnable([closed / "tool"], name="tool-1")
    assert place != closed
    assert (place / "tool").read_text() == "#!/bin/sh\n"


def test_a_port_in_use_is_passed_over() -> None:
    import socket  # noqa: PLC0415 - only here

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_port(taken.getsockname()[1]) != taken.getsockname()[1]
