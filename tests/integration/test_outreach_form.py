"""The report as a sheet of paper."""

import httpx
import pytest
from fastapi import FastAPI

from service.config import Settings
from tests.integration.schoolhouse import BASE


@pytest.mark.parametrize(
    ("tag", "direction", "word"),
    [
        ("uk", "ltr", "Код місця"),
        ("ar", "rtl", "مدرسة"),
        ("km", "ltr", "ប្រភេទទីកន្លែង"),
        ("en", "ltr", "Code of the place"),
    ],
)
async def test_the_paper_form_speaks_the_readers_language_and_runs_nothing(
    api: httpx.AsyncClient, tag: str, direction: str, word: str
) -> None:
    answer = await api.get(f"/v1{BASE}/form", params={"lang": tag})
    assert (answer.status_code, answer.headers["content-language"]) == (200, tag)
    assert f'<html lang="{tag}" dir="{direction}">' in answer.text
    assert word in answer.text
    assert ('class="notice"' in answer.text) is (tag != "en"), "a draft is marked as one"
    assert all(group in answer.text for group in ("5-12", "13-17", "18+"))
    assert not [sign for sign in ("<script", "http:", "https:", "src=") if sign in answer.text]


async def test_the_paper_form_has_the_deployments_age_groups(app: FastAPI, api: httpx.AsyncClient) -> None:
    house = app.state.house
    house.put(house.get(Settings).model_copy(update={"outreach_age_groups": ("0-17", "18+")}))
    told = (await api.get(f"/v1{BASE}/form")).text
    assert "0-17" in told
    assert "5-12" not in told


async def test_the_paper_form_is_whole_in_all_twelve_languages(api: httpx.AsyncClient) -> None:
    for tag in ("en", "uk", "ru", "es", "ar", "fr", "pt", "bs", "fa-AF", "ps", "km", "my", "bs-Cyrl"):
        answer = await api.get(f"/v1{BASE}/form", params={"lang": tag})
        assert answer.headers["content-language"] == tag
