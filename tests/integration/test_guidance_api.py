"""Guidance over HTTP: one language an answer, ready bytes and the route's alike, whom to call beside everything."""

import httpx
import pytest
from fastapi import FastAPI

BASE = "/v1/guidance"


async def told(api: httpx.AsyncClient, path: str = BASE, **asked: str) -> dict[str, object]:
    answer = await api.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_x(api: httpx.AsyncClient) -> None:
    found = await told(api, lang="uk")
    print({k: (v if len(str(v)) < 300 else len(str(v))) for k, v in found.items()})
    found = await told(api, lang="ar", topic="found", audience="children-8-11")
    print(found)
    print((await api.get("/v1/contacts?country=UA&lang=uk")).text)
    print((await api.get("/v1/guidance/recall?text=found&revision=1-00000000&language=ar")).text)
