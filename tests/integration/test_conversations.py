"""Dialogues in four languages and scripts, turn by turn, over a real database and Redis."""

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from service.i18n import forbidden, lengths
from service.kit.house import House
from tests.integration.talking import a_person, opened

DIALOGUES = tomllib.loads((Path(__file__).parents[1] / "data" / "dialogues.toml").read_text("utf-8"))
TABLE = [
    pytest.param(tag, dialogue["turns"], id=f"{tag}-{number}")
    for tag, dialogues in DIALOGUES.items()
    for number, dialogue in enumerate(dialogues)
]


@pytest.fixture
async def talking(house: House, redis_url: str) -> AsyncIterator[House]:
    async with opened(house, redis_url) as made:
        yield made


@pytest.mark.parametrize(("tag", "turns"), TABLE)
async def test_a_conversation_goes_as_people_expect(talking: House, tag: str, turns: list[Any]) -> None:
    person = a_person(talking)
    languages = []
    for text, template, words in turns:
        reply = await person.writes(text)
        got = ("", "") if reply is None else (reply.template, reply.text.reveal())
        assert got[0] == template, (text, got)
        assert words in got[1], (text, got)
        assert lengths.measure(got[1]).fits
        if reply is not None:
            languages.append(reply.language)
            assert not forbidden.find(got[1], reply.language)
    # A word or a script tells the language; the codes of the menu are written in all of them.
    assert set(languages) <= {tag, "uk"}
    assert tag in languages
