"""What the tests of the architecture share."""

import pytest

from tests.conftest import ServerUrls, named


@pytest.fixture
def tables(server_urls: ServerUrls, template: str) -> str:
    """The URL of the migrated database that tests copy; only looked at here."""
    return named(server_urls.database, template)
