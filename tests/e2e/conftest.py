"""What the tests of faults share: a system that is not sending yet."""

from collections.abc import Iterator

import pytest

from tests.conftest import ServerUrls, a_database
from tests.e2e.by_text import Ground
from tests.e2e.crowd import OUTLINES
from tests.e2e.system import System, running
from tests.fakes import stub_of_google


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, server_urls: ServerUrls, template: str) -> Iterator[System]:
    """An API with two dozen zones, started once for a file; no two tests warn of the same zone."""
    folder = tmp_path_factory.mktemp("system")
    with (
        a_database(server_urls, template) as database_url,
        stub_of_google(folder, delay=0.02) as google,
        running(System(google, database_url, server_urls.redis, folder), worker=False) as system,
    ):
        system.import_zones(OUTLINES)
        yield system


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, server_urls: ServerUrls, template: str) -> Ground:
    """Where a file's system that speaks by text is put up."""
    return Ground(tmp_path_factory.mktemp("by_text"), server_urls, template)


@pytest.fixture
def system(standing: System) -> Iterator[System]:
    """An API with a few zones, and no worker yet."""
    yield standing
    standing.be_as_before()
