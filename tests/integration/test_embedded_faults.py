"""The embedded servers against what machines and other accounts do: closed folders, planted files, lost parents."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from service.kit import processes
from service.kit.data_folder import DataFolder
from service.kit.embedded import EmbeddedServers
from service.kit.errors import Refused
from service.kit.processes import runnable

ROOT = Path(__file__).parents[2]
TIED = "import time; from service.kit.processes import die_with_parent as d; d(); print(7, flush=True); time.sleep(60)"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two accounts")


def ended(pid: int, seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def prepared(folder: Path) -> Path:
    DataFolder.take(folder, purpose="tests").__exit__()
    return folder


@as_root
def test_a_folder_that_another_account_prepared_is_refused_before_its_links_are_followed(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "data")
    (tmp_path / "precious").write_text("precious")
    (folder / "lock").unlink()
    (folder / "lock").symlink_to(tmp_path / "precious")
    os.chown(folder, 1234, 1234)
    with pytest.raises(Refused, match="uid 1234"):
        DataFolder.take(folder, purpose="tests")
    os.chown(folder, 0, 0)
    with pytest.raises(Refused):
        DataFolder.take(folder, purpose="tests")
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_link_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(prepared(tmp_path / "data"))
    with pytest.raises(Refused, match="symbolic link"):
        DataFolder.take(tmp_path / "link", purpose="tests")


def test_a_folder_that_others_may_write_is_refused(tmp_path: Path) -> None:
    prepared(tmp_path / "data").chmod(0o777)
    with pytest.raises(Refused, match="may write"):
        DataFolder.take(tmp_path / "data", purpose="tests")


def test_an_empty_folder_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    assert prepared(tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_a_first_start_that_was_interrupted_does_not_spoil_the_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lock").write_text("77")
    (tmp_path / "data" / "surefoot.json.new").write_text("{")
    assert (prepared(tmp_path / "data") / "surefoot.json").exists()


def test_a_secret_that_was_cut_short_is_never_used(tmp_path: Path) -> None:
    with DataFolder.take(tmp_path / "data", purpose="tests") as data:
        (data.path / "server_key.secret").write_bytes(b"")
        with pytest.raises(Refused, match="0 bytes"):
            data.secret("server_key")


def test_the_log_holds_no_value_of_a_failed_statement_and_foreign_settings_are_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLMODE", "require")
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    with (
        DataFolder.take(tmp_path / "data", purpose="tests") as data,
        EmbeddedServers.start(data, durable=False) as ours,
    ):
        with psycopg.connect(ours.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (token text PRIMARY KEY)")
            connection.execute("INSERT INTO kept VALUES ('a-token')")
            with pytest.raises(psycopg.errors.UniqueViolation, match="a-token"):
                connection.execute("INSERT INTO kept VALUES ('a-token')")
        assert "a-token" not in (data.path / "postgres.log").read_text()


def test_a_start_waits_for_the_sessions_of_a_killed_postgres(tmp_path: Path) -> None:
    with DataFolder.take(tmp_path / "data", purpose="tests") as data:
        servers = EmbeddedServers.start(data, durable=False)
        busy = psycopg.connect(servers.database_url)
        # A session that computes does not see that its server is gone.
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 4000), generate_series(1, 4000)")
        time.sleep(0.2)
        servers._postgres.kill()
        servers.stop()
        EmbeddedServers.start(data, durable=False).stop()
        busy.close()


@as_root
def test_programs_installed_with_a_strict_umask_are_copied_so_that_others_can_run_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for parent in (tmp_path, *tmp_path.parents[:-2]):
        parent.chmod(parent.stat().st_mode | 0o711)
    monkeypatch.setattr(processes, "_SHARED", tmp_path / "cache")
    (tmp_path / "closed" / "package" / "bin").mkdir(parents=True)
    tool = tmp_path / "closed" / "package" / "bin" / "tool"
    tool.write_text("#!/bin/sh\necho runs\n")
    tool.chmod(0o700)
    (tmp_path / "closed" / "package").chmod(0o700)
    copy = runnable([tmp_path / "closed" / "package"], name="package-1")
    assert copy == tmp_path / "cache" / "package-1"
    said = subprocess.run([copy / "package" / "bin" / "tool"], user=65534, cwd="/", capture_output=True, check=True)
    assert said.stdout == b"runs\n"
    assert [one.name for one in (tmp_path / "cache").iterdir()] == ["package-1"]


@as_root
def test_a_place_for_copies_that_another_account_made_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_SHARED", tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    os.chown(tmp_path / "cache", 1234, 1234)
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed" / "tool").write_text("")
    with pytest.raises(PermissionError, match="root's own"):
        runnable([tmp_path / "closed" / "tool"], name="tool-1")


def pid_of(shell: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a shell that starts the tied program, and return the shell with the program's pid."""
    starter = subprocess.Popen(["sh", "-c", shell, sys.executable, TIED], stdout=subprocess.PIPE, cwd=ROOT)
    assert starter.stdout is not None
    with starter.stdout as said:
        pid = int(said.readline())
        assert said.readline() == b"7\n"
    return starter, pid


def test_a_program_ends_when_its_parent_is_killed() -> None:
    starter, pid = pid_of('"$0" -c "$1" & echo $!; wait')
    starter.kill()
    starter.wait()
    assert ended(pid, 5)


def test_a_program_under_nohup_outlives_the_shell_that_started_it() -> None:
    starter, pid = pid_of('trap "" HUP; "$0" -c "$1" & echo $!; wait')
    starter.kill()
    starter.wait()
    assert not ended(pid, 1.5)
    os.kill(pid, signal.SIGKILL)


def test_a_program_lives_on_when_only_the_thread_that_started_it_ends() -> None:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        started.append(subprocess.Popen([sys.executable, "-c", TIED], stdout=subprocess.PIPE, cwd=ROOT))
        assert started[0].stdout is not None
        with started[0].stdout as said:
            said.readline()

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert not ended(started[0].pid, 1.5)
    started[0].kill()
    started[0].wait()
