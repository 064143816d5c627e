"""Whatever people write, and in whatever order: an answer or silence, short, harmless, in nobody's words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from service.alerts import sms_texts
from service.config import Settings
from service.conversations import actions, lookup, rules, texts, words
from service.conversations.memory import Memory
from service.conversations.model import Heard, Meaning
from service.i18n import forbidden, lengths
from service.i18n.catalogues import Catalogues
from service.kit.crypto import Keyring
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.shared import Shared
from service.places.following import PlaceIndex
from service.residents import phones
from service.zones import actions as zones
from tests.conftest import LOCALES, NOW, FixedClock
from tests.integration.atoll import AS_REAL
from tests.island import MAP, REGISTER, Record

NAMES_A_PLACE = {texts.WHICH.id, texts.ALIKE.id, texts.MANY.id, texts.BEGUN.id, texts.RECORDED, texts.UNRECORDED}
LETTERS = st.characters(codec="utf-8")  # no text of an operator holds lone surrogates
TURN = st.text(LETTERS, max_size=80) | st.sampled_from(
    ["33", "33 Камянка", "Камянка", "1", "2", "9", "44", "55", "11", "22", "00", "Чайкинэ", "33 Орлне", "стоп", "mine"]
)
CATALOGUES = Catalogues.load(LOCALES, confirmed=frozenset({"uk", "ru", "es", "ar", "km"}), default="uk")


def a_house() -> House:
    record = Record()
    record.load(REGISTER, MAP, stated=AS_REAL)
    house = House(None, FixedClock(), Keyring(bytes(32)))  # type: ignore[arg-type]  # nothing here asks a database
    house.put(Settings(locales=LOCALES, default_language="uk", authority_short="Mine service"))
    house.put(CATALOGUES)
    index = PlaceIndex()
    index._gazetteer = record.gazetteer()
    house.put(index)
    return house


HOUSE = a_house()


@asynccontextmanager
async def no_database(_: Any) -> AsyncIterator[None]:
    yield None


class Remembering(Memory):
    """Keeps everything in the test's own memory."""

    def __init__(self) -> None:
        super().__init__(Shared(None), HOUSE.clock, HOUSE.keyring)
        self.state: Any = None

    async def recall(self, number: Hidden[str]) -> Any:
        return self.state or await super().recall(number)

    async def remember(self, _: Hidden[str], state: Any) -> bool:
        self.state = state
        return True


async def nothing(*_: Any, **__: Any) -> None:
    return None


async def converse(turns: list[str], *, recorded: bool) -> None:
    async def is_any(*_: Any, **__: Any) -> bool:
        return recorded

    async def dated(*_: Any, **__: Any) -> Any:
        return NOW.date()

    async def codes(*_: Any) -> list[str]:
        return [f"02.11.2026/{number}" for number in range(30)]

    remembering = Remembering()
    HOUSE._parts[Memory] = remembering
    with (
        patch.object(actions, "transaction", no_database),
        patch.object(lookup, "transaction", no_database),
        patch.multiple(phones, alive=nothing, known=nothing, opt_out=nothing, come_back=nothing,
                       set_language=nothing, subscribe_by_text=nothing, verify_by_text=nothing),
        patch.multiple(zones, is_any_public=is_any, public_data_of=dated),
        patch.object(sms_texts, "live_codes", codes),
    ):  # fmt: skip  # the patches side by side
        for turn in turns:
            await harmless(turn)


async def harmless(text: str) -> None:
    reply = await actions.answer(HOUSE, Heard("kannel", Hidden("+380670000000"), Hidden(text), NOW))
    if reply is None:
        return
    said = reply.text.reveal()
    assert lengths.measure(said).fits
    assert not forbidden.find(said, reply.language)
    assert text not in repr(reply) or len(text) < 12
    if reply.template not in NAMES_A_PLACE:
        assert len(text) < 12 or text not in said


@settings(max_examples=150)
@given(turns=st.lists(TURN, min_size=1, max_size=6), recorded=st.booleans())
def test_any_conversation_whatever_is_short_harmless_and_in_nobodys_words(turns: list[str], *, recorded: bool) -> None:
    asyncio.run(converse(turns, recorded=recorded))


@settings(max_examples=300)
@given(text=st.text(LETTERS, max_size=200))
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert words.fold(words.fold(text)) == words.fold(text)


STOPS = sorted({word for listed in words.lists().values() for word in listed[Meaning.STOP]})
AROUND = st.text(st.sampled_from(" .,!?\"'«»()-\n\t*#\u200b\u200f"), max_size=6)


@settings(max_examples=200)
@given(word=st.sampled_from(STOPS), before=AROUND, after=AROUND, upper=st.booleans())
def test_an_end_is_known_with_punctuation_quotes_blanks_and_any_case(
    word: str, before: str, after: str, *, upper: bool
) -> None:
    written = f"{before}{word.upper() if upper else word}{after}"
    assert rules.understand(written).meaning is Meaning.STOP
