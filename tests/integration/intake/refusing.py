"""How a refusal is looked at: it has a name and a remedy, and tells nothing of the inside."""

import tempfile
from collections.abc import Awaitable

import pytest

from service.kit.errors import Refused
from tests.files import Read

SECRET = "the server's own secret"


async def refusal(reading: Awaitable[Read]) -> Refused:
    with pytest.raises(Refused) as refused:
        await reading
    assert refused.value.remedy
    for word in ("Traceback", tempfile.gettempdir()):
        assert word not in refused.value.detail
    return refused.value
