"""The image's own steps, run in a clean folder: what they install starts, answers, and ends when told."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from service.kit.processes import free_port
from tests.conformance import image
from tests.conformance.image import DOCKER, ROOT
from tests.conftest import ServerUrls, named
from tests.fakes import PROJECT, stub_of_google
from tests.quick_disk import quick_folder

pytestmark = pytest.mark.timeout(600)  # everything is installed anew
UNREACHABLE = (
    "No matching distribution",
    "Failed to establish",
    "Name or service not known",
    "timed out",
    "ProxyError",
)


@dataclass
class Container:
    """A folder that stands for the image's root; its steps are run with their paths led into it."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def inside(self, words: list[str]) -> list[str]:
        """Lead every absolute path into the folder."""
        return [str(self.root) + word if word.startswith("/") else word for word in words]

    def build(self) -> None:
        """Run the steps of the stage that builds."""
        for source, target in image.copied(image.dockerfile()):
            into, given = Path(*self.inside([target])), ROOT / source
            into.parent.mkdir(parents=True, exist_ok=True)
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(given, into, ignore=skipped) if given.is_dir() else shutil.copy(given, into)
        for step in image.dockerfile():
            if step.word == "RUN":
                self._run(self.inside(step.words))
        place = image.last(image.dockerfile(), "WORKDIR").rest
        self._run(self.inside(["/opt/surefoot/bin/python", "-c", "import service.api, service.worker"]), place)

    def _run(self, words: list[str], place: str = "/") -> None:
        words = [sys.executable, *words[1:]] if words[0] == "python" else words
        # In this machine's own environment: how it fetches packages is not the image's affair. Nor is it when they are
        # compiled: here only what the programs read in, at the end, as a whole image's takes a minute.
        done = subprocess.run(
            words,
            cwd=self.inside([place])[0],
            env=os.environ | {"PIP_COMPILE": "0"},
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
        if done.returncode and any(sign in done.stderr for sign in UNREACHABLE):
            pytest.skip("the package registry cannot be reached")
        assert done.returncode == 0, done.stderr[-2000:]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the program as the image does: its folder, its variables, nothing of this machine."""
        found = image.dockerfile()
        words = self.inside([*image.last(found, "ENTRYPOINT").words])
        place = self.inside([image.last(found, "WORKDIR").rest])[0]
        settings = image.variables(found, stage=1) | self.environment
        pipe = subprocess.PIPE
        return subprocess.Popen([*words, *arguments], cwd=place, env=settings, text=True, stdout=pipe, stderr=pipe)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        program = self.start(*arguments)
        out, err = program.communicate(timeout=60)
        return subprocess.CompletedProcess(program.args, program.returncode, out, err)

    def healthy(self) -> bool:
        """Knock as the image's healthcheck does."""
        settings = image.variables(image.dockerfile(), stage=1) | self.environment
        words = self.inside(image.knock(image.dockerfile()))
        return subprocess.run(words, env=settings, capture_output=True, check=False, timeout=10).returncode == 0


@pytest.fixture(scope="module")
def empty(server_urls: ServerUrls) -> Iterator[str]:
    """A database without tables, as a new server has."""
    name = f"empty_{uuid4().hex}"
    with psycopg.connect(server_urls.database, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield named(server_urls.database, name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory, server_urls: ServerUrls, empty: str) -> Iterator[Container]:
    with quick_folder(tmp_path_factory.mktemp("image"), programs=True) as folder:
        made = Container(folder)
        made.build()
        _configure(made, server_urls, empty)
        yield made


def _configure(made: Container, server_urls: ServerUrls, empty: str) -> None:
    made.environment = image.settings_in(DOCKER / "example" / "surefoot.env") | {
        "DATABASE_URL": empty,
        "REDIS_URL": server_urls.redis,
        "SUREFOOT_SERVER_KEY": "5a" * 32,
        "SUREFOOT_EPOCH": "image",
        "SUREFOOT_HOST": "127.0.0.1",
        "SUREFOOT_PORT": str(free_port()),
    }
    assert made.run("migrate").returncode == 0


def until(true: Callable[[], bool], program: subprocess.Popen[str]) -> None:
    """Wait for something of a running program; fail with its own words if it ends or nothing comes of it."""
    give_up = time.monotonic() + 30
    while program.poll() is None and time.monotonic() < give_up:
        if true():
            return
        time.sleep(0.2)
    program.kill()
    pytest.fail(program.communicate()[1][-2000:])


def end(program: subprocess.Popen[str]) -> int:
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=30)
    return program.returncode


def test_the_api_of_the_image_is_healthy_and_ends_when_told(container: Container) -> None:
    assert not container.healthy()
    program = container.start(*image.last(image.dockerfile(), "CMD").words)
    until(container.healthy, program)
    assert end(program) == 0
    assert not container.healthy()


def test_the_image_says_what_it_still_lacks(container: Container) -> None:
    done = container.run("check", "--json")
    found = {one["what"]: one["verdict"] for one in json.loads(done.stdout)["found"]}
    assert done.returncode == 1
    assert (found["database"], found["tables"], found["server key"]) == ("ok", "ok", "ok")
    assert (found["signing key"], found["FCM"], found["operators"]) == ("stop", "stop", "stop")


def workers(url: str) -> int:
    """Count the workers that have announced themselves."""
    with psycopg.connect(url) as connection:
        return len(connection.execute("SELECT id FROM procrastinate_workers").fetchall())


def test_a_worker_of_the_image_works_with_the_keys_of_workers_only(
    container: Container, empty: str, tmp_path: Path
) -> None:
    assert container.run("worker").returncode == 2
    with stub_of_google(tmp_path) as stub:
        container.environment |= {
            "SUREFOOT_SIGNING_KEY": "a5" * 32,
            "SUREFOOT_FCM_PROJECT": PROJECT,
            "SUREFOOT_FCM_ENDPOINT": stub.url,
            "SUREFOOT_LOOPBACK_ONLY": "1",
            "GOOGLE_APPLICATION_CREDENTIALS": str(stub.account),
        }
        program = container.start(*image.compose()["services"]["slow"]["command"])
        until(lambda: workers(empty) == 1, program)
        assert end(program) == 0
