"""Guidance over HTTP: one language an answer, ready bytes and the route's alike, whom to call beside everything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.guidance.lists import REVISION
from service.guidance.model import Guidance, Recall, RecallReason
from service.guidance.shelf import Shelf
from service.i18n.catalogues import Catalogues
from service.kit.encodings import Encoding, expand
from tests.conftest import LOCALES, METRICS

BASE = "/v1/guidance"


async def told(api: httpx.AsyncClient, path: str = BASE, **asked: str) -> Any:
    answer = await api.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(
    ("wish", "lang", "tag"),
    [
        ("uk-UA, en;q=0.5", None, "uk"),
        ("uk", "ar", "ar"),
        ("", None, "en"),
        ("en;q=0, es", None, "es"),
        ("xx", None, "en"),
    ],
)
async def test_an_answer_is_in_the_language_that_is_wished_and_says_so(
    api: httpx.AsyncClient, wish: str, lang: str | None, tag: str
) -> None:
    answer = await api.get(BASE, params={} if lang is None else {"lang": lang}, headers={"accept-language": wish})
    assert answer.headers["content-language"] == answer.json()["language"] == tag
    assert answer.headers["vary"] == "accept-language, accept-encoding"
    assert answer.json()["direction"] == ("rtl" if tag == "ar" else "ltr")


def noted(found: Any) -> list[tuple[str, str]]:
    return [(one["language"], one["direction"]) for one in found["notes"]]


@pytest.mark.parametrize(
    ("lang", "wish", "expected"),
    [
        (None, "", []),
        (None, "uk-UA", []),
        ("arz", "", []),
        (None, "de, uk;q=0.5", [("uk", "ltr")]),
        ("ckb", "uk", [("en", "ltr")]),
        ("no-such-language-xx", "uk", []),
    ],
)
@pytest.mark.parametrize("path", [f"{BASE}?topic=found", "/v1/contacts?country=UA"])
async def test_who_is_shown_another_language_than_the_one_asked_for_is_told_so(
    api: httpx.AsyncClient, path: str, lang: str | None, wish: str, expected: list[tuple[str, str]]
) -> None:
    asked = path if lang is None else f"{path}&lang={lang}"
    for _ in range(2):  # made, and out of memory
        answer = await api.get(asked, headers={"accept-language": wish})
        assert noted(answer.json()) == expected
        assert all(one["text"] for one in answer.json()["notes"])


async def test_a_language_with_words_but_without_guidance_says_in_its_own_words_that_another_is_shown(
    api: httpx.AsyncClient, app: FastAPI
) -> None:
    catalogues = app.state.house.get(Catalogues)
    khmer = catalogues.catalogue("km")
    without = {key: text for key, text in khmer.texts.items() if key[0] != "notice.rest"}
    app.state.house.put(
        Catalogues(
            [
                replace(khmer, texts=without) if tag == "km" else catalogues.catalogue(tag)
                for tag in (one.tag for one in catalogues.languages())
            ],
            confirmed=frozenset(),
        )
    )
    found = await told(api, topic="found", lang="km")
    assert noted(found) == [("en", "ltr"), ("km", "ltr")]
    page = await api.get(f"{BASE}/recall", params={"text": "found", "language": "km", "revision": "1", "lang": "km"})
    assert page.headers["content-language"] == "en"
    assert f'<p lang="km" dir="ltr">{found["notes"][1]["text"]}</p>' in page.text


async def test_what_strangers_wish_for_is_kept_by_weight_alone(api: httpx.AsyncClient, app: FastAPI) -> None:
    for tag in ("de", "pl", "ro", "sw"):
        await told(api, topic="found", lang=tag)
    assert not app.state.guidance._kept
    await told(api, topic="found", lang="uk")
    assert len(app.state.guidance._kept) == 1


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}?lang=ckb",
        BASE,
        f"{BASE}?topic=found&audience=parents&lang=uk",
        "/v1/contacts",
        "/v1/contacts?country=UA&lang=ar",
    ],
)
async def test_ready_bytes_and_the_route_give_the_same_answer(api: httpx.AsyncClient, app: FastAPI, path: str) -> None:
    ready = await api.get(path)
    fronts, app.state.fronts = app.state.fronts, ()
    routed = await api.get(path)
    app.state.fronts = fronts
    left_out = {"x-request-id"}
    assert routed.content == ready.content
    assert {one for one in routed.headers.multi_items() if one[0] not in left_out} == {
        one for one in ready.headers.multi_items() if one[0] not in left_out
    }


async def test_who_has_it_already_is_told_so_and_every_coding_unpacks_to_the_same(api: httpx.AsyncClient) -> None:
    plain = await api.get(BASE, headers={"accept-encoding": "identity"})
    for coding in ("br", "zstd", "gzip"):
        async with api.stream("GET", BASE, headers={"accept-encoding": coding}) as answer:
            body = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == coding
        assert expand(body, Encoding(coding)) == plain.content
    again = await api.get(BASE, headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert plain.headers["cache-control"] == "public, no-cache"
    assert 'route="/v1/guidance",status="200"' in (await api.get("/metrics", headers=METRICS)).text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("topic=no-such", 404),
        ("topic=../etc", 422),
        ("audience=soldiers", 422),
        ("situation=", 422),
        ("lang=%2e%2e", 422),
        ("lang=uk&lang=ru", 200),
        ("unheard=of", 200),
        ("topic=%FF", 422),
    ],
)
async def test_what_cannot_be_answered_is_refused_by_name(api: httpx.AsyncClient, query: str, status: int) -> None:
    assert (await api.get(f"{BASE}?{query}")).status_code == status


async def test_contacts_name_number_day_of_the_check_and_source(api: httpx.AsyncClient) -> None:
    found = await told(api, "/v1/contacts", country="UA", lang="uk")
    [ukraine] = found["countries"]
    assert ukraine["checked"] == "2026-11-25"
    assert "libphonenumber" in ukraine["source"]
    assert "note" not in ukraine, "our notes are in English"
    assert ukraine["emergency"][0] == {"number": "101", "service": "Пожежно-рятувальна служба"}
    assert len((await told(api, "/v1/contacts"))["countries"]) > 10


async def test_words_that_are_read_anew_are_served_at_once(api: httpx.AsyncClient, app: FastAPI) -> None:
    before = await told(api, topic="found", lang="uk")
    app.state.house.put(Catalogues.load(LOCALES, confirmed=frozenset({"uk"})))
    assert await told(api, topic="found", lang="uk") == before
    guidance = app.state.house.get(Guidance)
    app.state.house.put(replace(guidance, topics={**guidance.topics, "found": guidance.topics["inside"]}))
    assert await told(api, topic="found", lang="uk") != before


@pytest.fixture
def withdrawn(app: FastAPI) -> Callable[[str], None]:
    def withdraw(text: str) -> None:
        guidance = app.state.house.get(Guidance)
        recall = Recall(text, ("7",), date(2026, 11, 20), RecallReason.OUTDATED, ())
        app.state.house.put(replace(guidance, recalls=(recall,)))

    return withdraw


async def test_a_printed_sheet_is_told_how_its_wording_stands_in_the_readers_language(
    api: httpx.AsyncClient, withdrawn: Callable[[str], None]
) -> None:
    page = f"{BASE}/recall"
    topic = next(one for one in (await told(api, lang="ar"))["topics"] if one["id"] == "found")
    asked = {"text": "found", "language": "ar", "revision": topic["revision"]}
    current = await api.get(page, params=asked)
    assert '<html lang="ar" dir="rtl">' in current.text
    assert "<script" not in current.text
    assert "النص الذي على الورقة هو الساري الآن" in current.text
    older = await api.get(page, params=asked | {"revision": "1-00000000"}, headers={"accept-language": "uk"})
    assert older.headers["content-language"] == "uk"
    assert "Є новіший текст" in older.text
    withdrawn("found.stop")
    assert (
        "відкликано 20 листопада 2026"
        in (await api.get(page, params={"text": "found.stop", "language": "uk", "revision": "7-00000000"})).text
    )


async def test_a_printed_sheet_of_the_core_set_is_told_how_its_wording_stands(
    api: httpx.AsyncClient, app: FastAPI, withdrawn: Callable[[str], None]
) -> None:
    page, asked = f"{BASE}/recall", {"text": "core", "language": "km", "lang": "en"}
    now = app.state.house.get(Shelf).current(app.state.house, "core", "km")
    assert now is not None
    assert REVISION.fullmatch(now[0]), "so that a recall can name it"
    current = await api.get(page, params=asked | {"revision": now[0]})
    assert "The wording on the sheet is the current one" in current.text
    older = await api.get(page, params=asked | {"revision": "1-00000000"})
    assert "There is a newer wording" in older.text
    assert "Stop as soon as you see something suspicious" in older.text
    withdrawn("found.stop")
    assert "was withdrawn" in (await api.get(page, params=asked | {"revision": "1-00000000"})).text
    withdrawn("core")
    assert "was withdrawn" in (await api.get(page, params=asked | {"revision": "7-00000000"})).text


async def test_what_stands_in_an_address_is_never_written_into_the_page(api: httpx.AsyncClient) -> None:
    asked = {"text": "<b>found", "language": "<i>", "revision": "<u>"}
    page = await api.get(f"{BASE}/recall", params=asked)
    assert page.status_code == 200
    assert not {"<b>", "<i>", "<u>"} & {page.text[at : at + 3] for at in range(len(page.text))}
    assert "Nothing is known of this wording" in page.text


async def test_languages_say_how_complete_guidance_is_beside_the_program(api: httpx.AsyncClient) -> None:
    found = {one["tag"]: one for one in (await api.get("/v1/languages")).json()["languages"]}
    assert found["uk"]["domains"]["guidance"] == {"completeness": 1.0, "state": "draft"}
    assert found["en"]["domains"]["surefoot"] == {"completeness": 1.0, "state": "source"}
    assert found["km"]["domains"]["guidance"]["completeness"] < 1
