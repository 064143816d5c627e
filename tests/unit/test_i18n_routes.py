"""The doors: which languages there are, and that an answer says which one it is in."""

from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from service.i18n import routes
from service.i18n.catalogues import Catalogues
from tests.locales.folder import STOP, write, write_all


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    write_all(tmp_path)
    write(tmp_path, "uk", {STOP: "Зупиніться."})
    catalogues = Catalogues.load(tmp_path, confirmed=frozenset({"ar"}))
    app = FastAPI()
    app.state.house = SimpleNamespace(get=lambda _: catalogues)
    app.include_router(routes.router)

    @app.get("/spoken")
    async def spoken(language: routes.LanguageDep) -> str:
        return language.tag

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def shares(program: float, state: str) -> dict[str, dict[str, object]]:
    """What is said of the domains in a folder without guidance."""
    return {
        "surefoot": {"completeness": program, "state": state},
        "guidance": {"completeness": 0.0, "state": state},
    }


async def test_languages_are_listed_with_their_own_names_direction_state_and_completeness(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/languages")
    assert answer.json()["languages"] == [
        {
            "tag": "en",
            "name": "English",
            "direction": "ltr",
            "state": "source",
            "completeness": 1.0,
            "may_be_sent": True,
            "domains": shares(1.0, "source"),
        },
        {
            "tag": "ar",
            "name": "العربية",
            "direction": "rtl",
            "state": "draft",
            "completeness": 1.0,
            "may_be_sent": True,
            "domains": shares(1.0, "draft"),
        },
        {
            "tag": "uk",
            "name": "українська",
            "direction": "ltr",
            "state": "draft",
            "completeness": 0.5,
            "may_be_sent": False,
            "domains": shares(0.5, "draft"),
        },
    ]


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("uk-UA,uk;q=0.9,en;q=0.8", "uk"),
        ("en;q=0.1, ar;q=0.2", "ar"),
        ("ru", "en"),
        ("", "en"),
        ("en;q=0", "ar"),
        ("en;q=0, ar;q=0, uk;q=0", "en"),
        (';;=,q=1;uk,"', "en"),
    ],
)
async def test_an_answer_says_its_language_and_that_it_depends_on_the_wish(
    client: httpx.AsyncClient, header: str, tag: str
) -> None:
    answer = await client.get("/spoken", headers={"Accept-Language": header})
    assert answer.json() == tag
    assert answer.headers["Content-Language"] == tag
    assert answer.headers["Vary"] == "Accept-Language"
