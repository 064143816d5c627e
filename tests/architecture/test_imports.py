"""Who may import whom: the contracts of pyproject.toml hold, and each of them can fail."""

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS: list[dict[str, str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]


@dataclass(frozen=True)
class Breach:
    """One import that must not be: this line at the end of this file."""

    contract: str
    file: str
    line: str


BREACHES = [
    Breach("house", "kit/ids.py", "from service import config"),
    Breach("house", "zones/rules.py", "from service.residents import model as _"),
    Breach("house", "operators/actions.py", "from service.alerts import actions as _"),
    Breach("house", "api.py", "from service import worker"),
    Breach("house", "strange.py", ""),
    Breach("feature-alerts", "alerts/rules.py", "from service.alerts import store"),
    Breach("feature-zones", "zones/store/zone.py", "from service.zones import rules"),
    Breach("house", "atlas/rules.py", "from service.imports import model as _"),
    Breach("house", "intake/geojson.py", "from service.zones import model as _"),
    Breach("store-imports", "commands/zones.py", "from service.imports import store"),
    Breach("feature-conversations", "conversations/strange.py", ""),
    Breach("feature-delivery", "delivery/actions.py", "from service.delivery import schemas"),
    Breach("feature-residents", "residents/model.py", "from service.residents import rules"),
    Breach("feature-operators", "operators/strange.py", ""),
    Breach("house", "zones/model.py", "from service.guidance import model as _"),
    Breach("feature-guidance", "guidance/wording.py", "from service.guidance import loading"),
    Breach("feature-prints", "prints/model.py", "from service.prints import composing"),
    Breach("feature-lessons", "lessons/said.py", "from service.lessons import editions"),
    Breach("feature-publication", "publication/phone.py", "from service.publication import syncing"),
    Breach("feature-atlas", "atlas/answering.py", "from service.atlas import index"),
    Breach("feature-imports", "imports/columns.py", "from service.imports import surveying"),
    Breach("feature-incidents", "incidents/model.py", "from service.incidents import rules"),
    Breach("i18n", "i18n/po.py", "from service.i18n import catalogues"),
    Breach("store-alerts", "alerts/routes.py", "from service.alerts import store"),
    Breach("store-delivery", "alerts/actions.py", "from service.delivery import store as _"),
    Breach("store-zones", "commands/zones.py", "from service.zones.store import zone"),
    Breach("store-incidents", "commands/incidents.py", "from service.incidents import store"),
    Breach("house", "incidents/rules.py", "from service.atlas import model as _"),
    Breach("store-residents", "delivery/actions.py", "from service.residents import store as _"),
    Breach("store-operators", "operators/routes.py", "from service.operators import store"),
    Breach("feature-outreach", "outreach/counting.py", "from service.outreach import rules"),
    Breach("store-outreach", "outreach/routes.py", "from service.outreach import store"),
    Breach("store-guidance", "publication/printing.py", "from service.guidance import store"),
    Breach("store-publication", "publication/shelf.py", "from service.publication import store"),
    Breach("api-cannot-sign", "publication/routes.py", "from service.publication import signing"),
    Breach("api-cannot-sign", "publication/shelf.py", "from service.publication import building"),
    Breach("store-places", "commands/places.py", "from service.places import store"),
    Breach("house", "places/rules.py", "from service.zones import model as _"),
    Breach("feature-places", "places/folding.py", "from service.places import finding"),
    Breach("api-cannot-send", "delivery/routes.py", "from service.delivery.channels import fcm"),
    Breach("api-cannot-send", "alerts/composing.py", "import firebase_admin"),
    Breach("decisions-are-pure", "alerts/rules.py", "import fastapi"),
    Breach("decisions-are-pure", "residents/model.py", "import psycopg"),
    Breach("demo", "worker.py", "from service import demo"),
    Breach("independent-judge", "demo/expected.py", "from service.kit import geo"),
]


def lint(folder: Path, cache: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [part for contract in contracts for part in ("--contract", contract)]
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-logo", "--cache-dir", str(cache), *chosen]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("import_graph")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package that a test may spoil, and must mend."""
    folder = tmp_path_factory.mktemp("spoiled")
    shutil.copytree(ROOT / "service", folder / "service", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", folder)
    return folder


def test_every_import_keeps_to_the_contracts(cache: Path) -> None:
    done = lint(ROOT, cache)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: f"{breach.contract}-{breach.file}")
def test_a_forbidden_import_breaks_its_contract(breach: Breach, copy: Path, cache: Path) -> None:
    file = copy / "service" / breach.file
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{breach.line}\n")
    try:
        done = lint(copy, cache, breach.contract)
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before)
    assert done.returncode == 1
    assert "1 broken" in done.stdout


def test_each_contract_is_broken_once_here() -> None:
    assert {breach.contract for breach in BREACHES} == {contract["id"] for contract in CONTRACTS}
