"""Every alarm has a page, and a page names only figures, commands, settings and log lines that there are."""

import re
from pathlib import Path

import httpx
import pytest
import typer
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from service.__main__ import Parts
from service.__main__ import app as program
from service.config import Settings
from service.delivery.channels import fcm_figures, sms_figures
from service.delivery.channels.fcm_answers import Fault
from tests.architecture.shape import sources
from tests.conftest import METRICS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "runbooks"
PAGES = sorted(FOLDER.glob("*.md"))
RULES = [rule for group in yaml.safe_load((FOLDER / "alarms.yaml").read_text())["groups"] for rule in group["rules"]]
PARTS = ("**You see**", "**It means**", "**First**", "**Never**")


async def test_every_figure_of_an_alarm_or_page_is_told(api: httpx.AsyncClient) -> None:
    told = (await api.get("/metrics", headers=METRICS)).text
    there = {line.split()[2] for text in (told, of_workers()) for line in text.splitlines() if line[:6] == "# TYPE"}
    named = {name for page in (*PAGES, FOLDER / "alarms.yaml") for name in figures(page.read_text())}
    assert len(named) >= 8
    assert {name for name in named if not any(one.startswith(name) for one in there)} == set()


def of_workers() -> str:
    """Return what a worker tells at its own port."""
    registry = CollectorRegistry()
    figures = (fcm_figures.ANSWERS, fcm_figures.UNSENT, fcm_figures.BREAKER)
    for figure in (*figures, sms_figures.ANSWERS, sms_figures.READY, sms_figures.SHARE):
        registry.register(figure)
    return generate_latest(registry).decode()


def figures(text: str) -> set[str]:
    return set(re.findall(r"\bsurefoot_[a-z_]+", text))


def test_every_alarm_has_a_page_and_every_page_an_alarm() -> None:
    assert {rule["annotations"]["runbook"] for rule in RULES} == {page.name for page in PAGES}
    for rule in RULES:
        title = (FOLDER / rule["annotations"]["runbook"]).read_text().splitlines()[0]
        assert rule["alert"] in title.removeprefix("# ").split(": ")[0].split(", ")
        assert figures(rule["expr"])


def test_the_readme_leads_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [page.name for page in PAGES if f"(docs/runbooks/{page.name})" not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_is_seen_what_it_means_three_first_steps_and_what_never_to_do(page: Path) -> None:
    text = page.read_text()
    places = [text.index(part) for part in PARTS]
    assert places == sorted(places)
    steps = text[places[2] : places[3]]
    assert re.findall(r"^(\d)\. ", steps, re.MULTILINE) == ["1", "2", "3"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    commands = set(re.findall(r"`surefoot ([a-z-]+(?: [a-z-]+)?)", text))
    assert {one for one in commands if not is_command(one.split())} == set()
    variables = set(re.findall(r"\bSUREFOOT_[A-Z_]+", text))
    assert {one for one in variables if one.removeprefix("SUREFOOT_").lower() not in Settings.model_fields} == set()
    code = "".join(source.text for source in sources("service"))
    assert [event for event in re.findall(r"`([a-z]+\.[a-z_]+)`", text) if f'"{event}"' not in code] == []
    assert {one for one in re.findall(r"\b([a-z-]+\.md)\b", text) if not (FOLDER / one).is_file()} == set()


def is_command(words: list[str]) -> bool:
    command = typer.main.get_command(program)
    assert isinstance(command, Parts)
    command.read_all()
    for word in words:
        found = getattr(command, "commands", {}).get(word)
        if found is None:
            return not hasattr(command, "commands")
        command = found
    return True


def test_the_reasons_that_an_alarm_waits_for_are_those_of_the_channel() -> None:
    (rule,) = (rule for rule in RULES if rule["alert"] == "ProviderRefusesUs")
    reasons = set(re.search(r'reason=~"([^"]+)"', rule["expr"])[1].split("|"))  # type: ignore[index]  # else it fails
    assert reasons <= {fault.value for fault in Fault}
    page = (FOLDER / "fcm.md").read_text()
    assert {one for one in reasons if f"{one}`" not in page} == set()
