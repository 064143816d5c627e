"""Every file has a place: what a feature may hold, and why a file beside the usual ones is there."""

import pytest

from tests.architecture.rooms import BESIDE
from tests.architecture.shape import Source, sources

USUAL = {"__init__", "model", "rules", "store", "actions", "schemas", "routes", "jobs"}


def strangers(source: Source) -> list[str]:
    """Name the file if its feature has no place for it."""
    _, feature, part, *_ = [*source.path.removesuffix(".py").split("/"), "", ""]
    if feature not in BESIDE or part in USUAL | BESIDE[feature].keys():
        return []
    return [f"{source.path}: a feature holds {', '.join(sorted(USUAL))}; say here why this stands beside them"]


def test_every_file_of_a_feature_has_a_usual_name_or_a_reason() -> None:
    assert [wrong for source in sources("service") for wrong in strangers(source)] == []


def test_every_reason_is_for_a_file_that_exists() -> None:
    there = {tuple(source.path.removesuffix(".py").split("/")[1:3]) for source in sources("service")}
    assert {(feature, name) for feature, names in BESIDE.items() for name in names} - there == set()


@pytest.mark.parametrize("path", ["service/zones/thing.py", "service/residents/channels/sms.py"])
def test_a_stranger_is_found(path: str) -> None:
    assert strangers(Source(path, "")) != []
