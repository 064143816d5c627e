"""Prints for whoever asks: one at a time, each made once and kept until the texts of the house are other ones."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from service.config import Settings
from service.guidance.model import Guidance
from service.guidance.shelf import Shelf
from service.guidance.slots import contents
from service.i18n.catalogues import Catalogues
from service.kit.errors import Kind, Refused
from service.kit.house import House
from service.prints import actions, slots
from service.prints.composing import Source
from service.prints.model import Format, Print, Recording

_MOST_BYTES = 32 * 1024 * 1024
_MOST_WAITING = 16
_SOON = 15


@dataclass(frozen=True, slots=True)
class Kept:
    """A print with the hash of its bytes."""

    print: Print
    sha256: str


class Press:
    """Makes prints beside the API's own work: typst runs in a process of its own, and never more than one."""

    def __init__(self) -> None:
        self._one = asyncio.Semaphore(1)
        self._waiting = 0
        self._of: object = None
        self._kept: OrderedDict[tuple[str, str, Format], Kept] = OrderedDict()
        self._weight = 0

    async def printed(self, house: House, language: str, topic: str, form: Format) -> Kept:
        """Return a print, made now if nobody asked for it before. Refused where too many wait."""
        self._follow(house)
        key = (language, topic, form)
        if key in self._kept:
            return self._kept[key]
        if self._waiting >= _MOST_WAITING:
            detail = "Too many prints are waiting to be made."
            raise Refused(Kind.UNAVAILABLE, "prints-busy", detail, remedy="Ask again soon.", after=_SOON)
        self._waiting += 1
        try:
            async with self._one:
                return self._kept.get(key) or await self._made(house, key)
        finally:
            self._waiting -= 1

    async def _made(self, house: House, key: tuple[str, str, Format]) -> Kept:
        language, topic, form = key
        settings, texts = house.get(Settings), self._of
        edition, guidance = house.get(Shelf).edition(house, language), house.get(Guidance)
        source = Source(guidance, house.get(Catalogues), edition, settings.guidance_url, guidance.own)
        made = await actions.printed_apart(source, topic, form)
        kept = Kept(made, hashlib.sha256(made.content).hexdigest())
        if texts is self._of:
            self._keep(key, kept)
        return kept

    def _keep(self, key: tuple[str, str, Format], kept: Kept) -> None:
        self._kept[key] = kept
        self._weight += len(kept.print.content)
        while self._weight > _MOST_BYTES and len(self._kept) > 1:
            self._weight -= len(self._kept.popitem(last=False)[1].print.content)

    def _follow(self, house: House) -> None:
        """Drop everything when the house has other texts: a print of an earlier revision is not given out."""
        texts = house.get(Shelf).texts(house)
        if texts is not self._of:
            self._of, self._weight = texts, 0
            self._kept.clear()


async def recordings(house: House, language: str, name: str | None = None) -> tuple[Recording, ...]:
    """Return a language's recordings, current and stale, or the one of this name."""
    folder, texts = house.get(Settings).guidance_media, (house.get(Guidance), house.get(Catalogues))
    found, _ = await asyncio.to_thread(actions.recordings, folder, texts, language, name)
    return found


async def recording(house: House, language: str, name: str) -> bytes:
    """Return one recording. Refused where there is none, or where its words have changed since."""
    found = await recordings(house, language, name)
    folder = house.get(Settings).guidance_media
    if not found or folder is None:
        detail = "There is no such recording."
        remedy = "Ask for the list of recordings of the language."
        raise Refused(Kind.NOT_FOUND, "recording-unknown", detail, where="name", remedy=remedy)
    if not found[0].current:
        detail = "The words have changed since this was recorded."
        raise Refused(Kind.GONE, "recording-stale", detail, where="name", remedy="Show the text instead.")
    return await asyncio.to_thread(contents, folder / slots.RECORDINGS / found[0].name)
