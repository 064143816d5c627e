"""What is done when somebody writes: an end at once, a find before all else, then what was asked for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import psycopg
from psycopg_pool import PoolTimeout

from service.alerts import sms_texts
from service.config import Settings
from service.conversations import lookup, rules, texts
from service.conversations.lookup import Told
from service.conversations.memory import Memory
from service.conversations.model import Asked, Heard, Meaning, Reply, State, Understood
from service.conversations.saying import Voice, fitting
from service.i18n.loading import own_name
from service.kit.db import transaction
from service.kit.errors import Refused
from service.kit.house import House
from service.residents import phones
from service.residents.phones import Subscriber

_AWAY = (psycopg.Error, PoolTimeout, TimeoutError)
_MOST_LANGUAGES = 9
_TOO_MANY = "places-number"


@dataclass(frozen=True, slots=True)
class Talk:
    """One text that came in, what it means, who wrote it, and what we had asked before."""

    house: House
    heard: Heard
    understood: Understood
    state: State
    voice: Voice


Answer: TypeAlias = Callable[[Talk], Awaitable[Told | None]]


def meaning_of(text: str) -> Meaning:
    """Return what a text asks for, before anything is looked up: who counts texts lets an end and a find through."""
    return rules.understand(text).meaning


async def answer(house: House, heard: Heard) -> Reply | None:
    """Act on a text and return the answer; None for silence.

    Raises what the database raises only for an end, which must not be lost: whoever carries texts brings it again.
    """
    talk = await _begun(house, heard, rules.understand(heard.text.reveal()))
    if talk.understood.meaning is Meaning.STOP:
        told = await _end(talk)
    else:
        told = await _answered(talk)
    if told is None:
        return None
    spoken = talk.understood.languages or talk.state.spoken
    state = replace(told.state, language=told.state.language or talk.state.language, spoken=spoken)
    if state != talk.state:
        await house.get(Memory).remember(heard.sender, state)
    return told.reply


async def _answered(talk: Talk) -> Told | None:
    try:
        return await _ANSWERS[talk.understood.meaning](talk)
    except _AWAY:
        return Told(talk.voice.say(texts.LATER.id))
    except Refused:  # what cannot be done now, or not with this number: either way it was not done
        return Told(talk.voice.say(texts.LATER.id))


async def _begun(house: House, heard: Heard, understood: Understood) -> Talk:
    state = await house.get(Memory).recall(heard.sender)
    known = await _known(house, heard, alive=understood.meaning is not Meaning.STOP)
    default = house.get(Settings).default_language
    spoken = () if known is None else known.languages
    voice = Voice.of(house, rules.wanted(state, spoken, understood.languages, default=default))
    return Talk(house, heard, understood, state, voice)


async def _known(house: House, heard: Heard, *, alive: bool) -> Subscriber | None:
    """Note that the number's owner wrote, and return who it is; nobody while that cannot be read."""
    try:
        async with transaction(house.pool) as tx:
            if alive:
                await phones.alive(tx, house, heard.sender, now=house.clock.now())
            return await phones.known(tx, house, heard.sender)
    except _AWAY:
        return None


# --- an end, a find


async def _end(talk: Talk) -> Told | None:
    """End the texts to a number. Whoever repeats it within the hour is obeyed and not answered again."""
    now = talk.house.clock.now()
    async with transaction(talk.house.pool) as tx:
        ended = await phones.opt_out(tx, talk.house, talk.heard.sender, by_operator=False, now=now)
    first = await talk.house.get(Memory).is_first("ended", talk.heard.sender, now=now)
    return Told(talk.voice.say(texts.ENDED.id)) if ended or first else None


async def _found(talk: Talk) -> Told:
    """Say that nobody was told, and what to do. Only who named a place by its code and exact name asks about that."""
    rest = talk.understood.rest.reveal()
    if rest and _is_exact(talk.house, rest):
        return await _place(talk)
    return Told(talk.voice.say(texts.FOUND), talk.state)


def _is_exact(house: House, words: str) -> bool:
    try:
        return lookup.is_exact(house, words)
    except Refused:
        return False


# --- the menu


async def _menu(talk: Talk) -> Told:
    return Told(talk.voice.say(texts.MENU.id), talk.state)


async def _what_to_do(talk: Talk) -> Told:
    return Told(talk.voice.say(texts.WHAT_TO_DO), talk.state)


async def _call(talk: Talk) -> Told:
    return Told(talk.voice.say(texts.CALL.id), talk.state)


async def _place(talk: Talk) -> Told:
    rest = talk.understood.rest.reveal()
    if not rest:
        return Told(talk.voice.say(texts.ASK_PLACE.id), State(Asked.PLACE))
    return await _named(talk, rest, similar=True)


async def _named(talk: Talk, words: str, *, similar: bool) -> Told:
    places = lookup.meant(talk.house, words, similar=similar)
    exact = bool(places) and bool(lookup.meant(talk.house, words, similar=False))
    return await lookup.tell(talk.house, talk.voice, places, words, exact=exact)


async def _languages(talk: Talk, begin: int = 0) -> Told:
    """List the languages that everything can be said in, by their own names; the ninth line leads on."""
    tags = talk.voice.languages()
    page = tags[begin : begin + _MOST_LANGUAGES]
    if len(tags) > begin + _MOST_LANGUAGES:
        page = (*page[:-1], _MORE)
    names = ["…" if tag == _MORE else own_name(tag) for tag in page]
    found = fitting(names, lambda some: talk.voice.say(texts.LANGUAGES.id, list=rules.lines(some)))
    if found is None:
        return Told(talk.voice.say(texts.LATER.id))
    reply, count = found
    return Told(reply, State(Asked.LANGUAGE, page[:count]))


_MORE = "more"


async def _real(talk: Talk) -> Told:
    """Name the warnings in force by their numbers, as many as there is room for, the newest first."""
    async with transaction(talk.house.pool) as tx:
        live = await sms_texts.live_codes(tx, talk.house)
    if not live:
        return Told(talk.voice.say(texts.REAL_NONE.id), talk.state)
    found = fitting(live, lambda some: talk.voice.say(texts.REAL.id, codes=", ".join(some)), least=len(live))
    if found is None:
        found = fitting(live, lambda some: talk.voice.say(texts.REAL_SOME.id, codes=", ".join(some)))
    return Told(found[0] if found else talk.voice.say(texts.LATER.id), talk.state)


async def _back(talk: Talk) -> Told:
    async with transaction(talk.house.pool) as tx:
        await phones.come_back(tx, talk.house, talk.heard.sender, now=talk.house.clock.now())
    return Told(talk.voice.say(texts.ASK_PLACE.id), State(Asked.PLACE))


# --- answers to what we asked


async def _number(talk: Talk) -> Told:
    at = talk.understood.number - 1
    options = talk.state.options
    if at >= len(options):
        return Told(talk.voice.say(texts.AGAIN.id), talk.state if options else State())
    match talk.state.asked:
        case Asked.LANGUAGE:
            return await _speak(talk, options[at])
        case Asked.WARNINGS:
            return await _warn(talk, options[at])
        case _:
            place = lookup.chosen(talk.house, options[at])
            if place is None:
                return Told(talk.voice.say(texts.AGAIN.id))
            return await lookup.about(talk.house, talk.voice, place)


async def _speak(talk: Talk, tag: str) -> Told:
    if tag == _MORE:
        return await _languages(talk, begin=_MOST_LANGUAGES - 1)
    async with transaction(talk.house.pool) as tx:
        await phones.set_language(tx, talk.house, talk.heard.sender, tag, now=talk.house.clock.now())
    return Told(talk.voice.preferring(tag).say(texts.LANGUAGE_SET.id), State(language=tag))


async def _warn(talk: Talk, option: str) -> Told:
    """Begin warnings for a municipality or larger; the text itself proves the number."""
    unit = lookup.chosen(talk.house, option)
    if unit is None:
        return Told(talk.voice.say(texts.AGAIN.id))
    tag = talk.voice.tag_of(texts.BEGUN.id)
    reply = talk.voice.naming(unit, tag, lambda name: talk.voice.say_in(tag, texts.BEGUN.id, place=name))
    try:
        async with transaction(talk.house.pool) as tx:
            await phones.subscribe_by_text(
                tx, talk.house, talk.heard.sender, language=tag, places=[unit.id], wording=texts.BEGUN.id,
                now=talk.house.clock.now(),
            )  # fmt: skip  # one argument a line would fill the screen
    except Refused as refused:
        if refused.name != _TOO_MANY:
            raise
        return Told(talk.voice.say(texts.FULL.id))
    return Told(reply or talk.voice.say(texts.LATER.id))


async def _proof(talk: Talk) -> Told | None:
    """Believe a code that comes back from the number that it was sent to; any other six digits are just a text."""
    code = talk.understood.rest.reveal()
    async with transaction(talk.house.pool) as tx:
        proved = await phones.verify_by_text(tx, talk.house, talk.heard.sender, code, now=talk.house.clock.now())
    return Told(talk.voice.say(texts.PROVED.id)) if proved else await _other(talk)


async def _other(talk: Talk) -> Told | None:
    """Take a text for the name of a place; if it is none, and none was asked for, say once an hour what there is."""
    words = talk.heard.text.reveal()
    asked = talk.state.asked in {Asked.PLACE, Asked.WHICH}
    if asked or lookup.meant(talk.house, words, similar=False):
        return await _named(talk, words, similar=asked)
    first = await talk.house.get(Memory).is_first("lost", talk.heard.sender, now=talk.house.clock.now())
    return Told(talk.voice.say(texts.MENU.id), talk.state) if first else None


_ANSWERS: Mapping[Meaning, Answer] = {
    Meaning.FOUND: _found,
    Meaning.MENU: _menu,
    Meaning.WHAT_TO_DO: _what_to_do,
    Meaning.CALL: _call,
    Meaning.PLACE: _place,
    Meaning.LANGUAGE: _languages,
    Meaning.REAL: _real,
    Meaning.BACK: _back,
    Meaning.NUMBER: _number,
    Meaning.PROOF: _proof,
    Meaning.OTHER: _other,
}
