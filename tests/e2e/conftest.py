"""What the tests of faults share: a system that is not sending yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.crowd import OUTLINES
from tests.e2e.system import System, running
from tests.fakes import stub_of_google


@pytest.fixture
def system(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[System]:
    """An API with a few zones, and no worker yet."""
    with (
        stub_of_google(tmp_path, delay=0.02) as google,
        running(System(google, database_url, redis_url, tmp_path), worker=False) as system,
    ):
        system.import_zones(OUTLINES)
        yield system
