"""What docker/ says is what the program has: paths, commands, settings, doors, who holds which key."""

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
from fastapi.routing import iter_route_contexts

from service.__main__ import app
from service.api import build
from service.config import Settings
from service.kit.jobs import Queue
from tests.conformance import image
from tests.conformance.image import DOCKER, ROOT, Step

OURS = ("api", "worker", "slow", "migrate")
WORKERS = {"worker", "slow"}
KEYS_OF_WORKERS = {
    "SUREFOOT_SIGNING_KEY",
    "SUREFOOT_EXERCISE_SIGNING_KEY",
    "SUREFOOT_ROOT_KEY",
    "SUREFOOT_FCM_PROJECT",
    "GOOGLE_APPLICATION_CREDENTIALS",
}
# Read by Python, pip and PostgreSQL's image.
KNOWN_ELSEWHERE = {
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
    "PIP_NO_CACHE_DIR",
    "PIP_DISABLE_PIP_VERSION_CHECK",
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD",
}
SECRET = re.compile(r"KEY|PASSWORD|SECRET|TOKEN|CREDENTIALS")


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return image.dockerfile()


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = image.compose()["services"]
    return found


def known() -> set[str]:
    """Every variable that the program reads."""
    fields = Settings.model_fields.items()
    return {str(field.validation_alias or f"SUREFOOT_{name.upper()}") for name, field in fields}


def parse(arguments: list[str]) -> None:
    """Read a command line as the program does; an unknown command or option raises."""
    group: Any = typer.main.get_command(app)
    with group.make_context("surefoot", list(arguments)) as context:
        name, command, rest = group.resolve_command(context, list(arguments))
        command.make_context(name, rest)


def given(service: dict[str, Any]) -> dict[str, str]:
    """The settings that a service is started with, from the examples of its files."""
    found: dict[str, str] = {}
    for path in service.get("env_file", []):
        found |= image.settings_in(DOCKER / "example" / Path(path).name)
    found |= service.get("environment", {})
    return found


def test_the_image_is_slim_and_of_the_python_that_the_project_asks_for(steps: list[Step]) -> None:
    bases = {step.words[0] for step in steps if step.word == "FROM"}
    assert bases == {"python:3.11-slim-bookworm"}
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"] == ">=3.11,<3.12"


def test_the_image_runs_as_nobody_special(steps: list[Step]) -> None:
    user = image.last(steps, "USER")
    assert user.stage == max(step.stage for step in steps)
    assert all(int(part) >= 1000 for part in user.rest.split(":"))


def test_every_path_that_the_image_takes_exists_and_is_let_through(steps: list[Step]) -> None:
    let_through = set((DOCKER / "Dockerfile.dockerignore").read_text().split())
    taken = [source for source, _ in image.copied(steps)]
    assert taken
    for source in taken:
        assert (ROOT / source).exists()
        assert f"!{source}" in let_through


def test_the_image_starts_the_program_where_its_catalogues_are(steps: list[Step]) -> None:
    places = dict(image.copied(steps))
    assert image.last(steps, "ENTRYPOINT").words[1:] == ["-m", "service"]
    assert places["service"] == f"{image.last(steps, 'WORKDIR').rest}/service"
    assert places["locales"] == f"{image.last(steps, 'WORKDIR').rest}/locales"
    assert Settings().locales_folder == ROOT / "locales"


def test_every_setting_of_the_image_exists_and_none_is_secret(steps: list[Step]) -> None:
    names = {name for stage in (0, 1) for name in image.variables(steps, stage=stage)}
    assert names <= known() | KNOWN_ELSEWHERE
    assert not [name for name in names if SECRET.search(name)]


def test_the_image_knocks_at_a_door_that_is_open_to_all(steps: list[Step]) -> None:
    paths = {context.path for context in iter_route_contexts(build(Settings()).routes)}
    words = " ".join(image.knock(steps))
    assert [path for path in paths if f"'{path}'" in words] == ["/healthz"]
    assert set(re.findall(r"environ\['(\w+)'\]", words)) <= image.variables(steps, stage=1).keys()
    assert image.last(steps, "EXPOSE").rest == image.variables(steps, stage=1)["SUREFOOT_PORT"]


def test_every_command_is_one_of_the_program(steps: list[Step], services: dict[str, dict[str, Any]]) -> None:
    for arguments in [image.last(steps, "CMD").words, *(services[name]["command"] for name in OURS)]:
        parse(arguments)


@pytest.mark.parametrize("arguments", [["serv"], ["worker", "--queue", "slow"], ["api", "urgent"]])
def test_a_command_that_the_program_lacks_is_found(arguments: list[str]) -> None:
    with pytest.raises(Exception, match=r"No such|unexpected"):
        parse(arguments)


def test_the_workers_take_every_queue_and_the_slow_one_has_its_own(services: dict[str, dict[str, Any]]) -> None:
    taken = [services[name]["command"][-1].split(",") for name in ("worker", "slow")]
    assert taken[1] == [Queue.SLOW]
    of_texts = [Queue.URGENT_TEXTS, Queue.TEXTS]  # whoever works on urgent or delivery works on these, too
    assert sorted(taken[0] + taken[1] + of_texts) == sorted(Queue)


def test_every_setting_given_is_one_that_the_program_reads(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS:
        assert given(services[name]).keys() <= known()
        assert "DATABASE_URL" in given(services[name])
    assert given(services["postgres"]).keys() <= KNOWN_ELSEWHERE


def test_only_workers_hold_the_keys_to_send_and_sign(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert (given(service).keys() & KEYS_OF_WORKERS) == (KEYS_OF_WORKERS if name in WORKERS else set())
        assert service.get("secrets", []) == (["fcm"] if name in WORKERS else [])
    assert {given(services[name])["GOOGLE_APPLICATION_CREDENTIALS"] for name in WORKERS} == {"/run/secrets/fcm"}


def test_the_examples_hold_no_real_secret_and_the_real_ones_stay_out_of_the_project() -> None:
    for path in (DOCKER / "example").iterdir():
        secrets = [value for name, value in image.settings_in(path).items() if SECRET.search(name)]
        assert all("replace" in value for value in secrets)
    assert "docker/secrets/" in (ROOT / ".gitignore").read_text().split()


def test_programs_start_after_their_servers_and_tables(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS:
        for needed, how in services[name]["depends_on"].items():
            wanted = "service_completed_successfully" if needed == "migrate" else "service_healthy"
            assert how["condition"] == wanted
            assert needed == "migrate" or services[needed]["healthcheck"]["test"]
    assert set(services["migrate"]["depends_on"]) == {"postgres"}
    assert "migrate" in services["api"]["depends_on"]


def test_the_servers_are_those_that_the_settings_name(services: dict[str, dict[str, Any]]) -> None:
    database, redis = (urlsplit(given(services["api"])[name]) for name in ("DATABASE_URL", "REDIS_URL"))
    own = given(services["postgres"])
    asked = services["postgres"]["healthcheck"]["test"]
    assert (database.hostname, redis.hostname) == ("postgres", "redis")
    assert (database.username, database.password) == (own["POSTGRES_USER"], own["POSTGRES_PASSWORD"])
    assert database.path == f"/{own['POSTGRES_DB']}"
    assert asked[asked.index("--username") + 1] == database.username
    assert asked[asked.index("--dbname") + 1] == own["POSTGRES_DB"]
    assert re.fullmatch(r"postgres:(1[5-9])-\w+", services["postgres"]["image"])
    assert re.fullmatch(r"redis:7-\w+", services["redis"]["image"])


def test_servers_cannot_be_reached_from_outside(services: dict[str, dict[str, Any]]) -> None:
    assert image.compose()["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "migrate"):
        assert services[name]["networks"] == ["inside"]
        assert "ports" not in services[name]
    assert services["api"]["ports"] == ["127.0.0.1:8000:8000"]


def test_what_the_image_installs_is_the_locked_part_that_the_program_needs() -> None:
    whole, part = image.pinned(ROOT / "requirements.txt"), image.pinned(DOCKER / "requirements.txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {re.split(r"[\[<>=~]", each)[0] for each in project["project"]["dependencies"]}
    tools = {re.split(r"[\[<>=~]", each)[0] for each in project["dependency-groups"]["test"]}
    assert part.items() <= whole.items()
    assert needed <= part.keys()
    assert part.keys() & (tools - needed) <= {"httpx", "pyyaml"}
    assert tools <= whole.keys()
    assert all(hashes for _, hashes in whole.values())


@pytest.mark.parametrize("path", [ROOT / "requirements.txt", DOCKER / "requirements.txt"], ids=["all", "image"])
def test_a_lock_names_no_place_to_fetch_from(path: Path) -> None:
    assert re.findall(r"^\s*-(?!-hash=).*|\S*://\S*|#.*", path.read_text(), re.MULTILINE) == []
