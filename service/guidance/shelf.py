"""Guidance in this process's memory, ready to send; made anew when the texts of the house are other ones."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from service.config import Settings
from service.guidance import bundles, drawings, editions
from service.guidance.bundles import Asked
from service.guidance.drawings import Drawing, own_drawing
from service.guidance.drills import drills
from service.guidance.editions import Deployment, Edition
from service.guidance.model import CORE, Guidance, Recall, owner_of
from service.i18n import rules
from service.i18n.catalogues import Catalogues
from service.i18n.model import Rendered
from service.i18n.noting import notes
from service.kit.encodings import Effort
from service.kit.house import House
from service.kit.representations import ASK_AGAIN, Book, Header, bound, packed

_MOST_BYTES = 64 * 1024 * 1024

Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a phone keeps of one language: its bytes, their hash, and the pictures that they name.

    With a `course` it is a bundle of lessons, which holds its pictures.
    """

    language: str
    content: bytes
    sha256: str
    drawings: tuple[Drawing, ...]
    course: str = ""

    @property
    def owner(self) -> str:
        """Return whose it is: a language's, or that of a course in one."""
        return owner_of(self.course, self.language)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The language of an answer, and what must be said where somebody had asked for another one."""

    language: str
    notes: tuple[Rendered, ...] = ()


class Shelf:
    """Gives guidance as the house has it now: catalogues and content may be replaced while the process runs."""

    def __init__(self) -> None:
        self._of: tuple[Guidance, Catalogues, Settings] | None = None
        self._editions: dict[str, Edition] = {}
        self._bundles: dict[str, Bundle] = {}
        self._books: OrderedDict[Key, Book] = OrderedDict()
        self._weight = 0

    def texts(self, house: House) -> tuple[Guidance, Catalogues, Settings]:
        """Return what everything here is made of: other objects as soon as the house has others."""
        self._follow(house)
        return self._of or (house.get(Guidance), house.get(Catalogues), house.get(Settings))

    def languages(self, house: House) -> tuple[str, ...]:
        """Return the languages that guidance is given in."""
        self._follow(house)
        return editions.offered(house.get(Catalogues))

    def recalls(self, house: House) -> tuple[Recall, ...]:
        """Return every text that was withdrawn."""
        return house.get(Guidance).recalls

    def chosen(self, house: House, lang: str | None, header: str) -> Chosen:
        """Choose the language to answer in: the one that was named, else by the Accept-Language header."""
        catalogues, offered = house.get(Catalogues), self.languages(house)
        wishes = rules.parse_accept_language(header) if lang is None else rules.Wishes((lang,), frozenset())
        fit = rules.acceptable(offered, wishes.refused) or offered
        language = catalogues.choose(wishes.tags, available=fit).tag
        return Chosen(language, notes(catalogues, wishes.tags, language))

    def edition(self, house: House, language: str) -> Edition:
        """Return everything in one of the languages that are offered."""
        self._follow(house)
        if language not in self._editions:
            made = editions.edition(
                house.get(Guidance), house.get(Catalogues), language, deployment_of(house.get(Settings))
            )
            self._editions[language] = made
        return self._editions[language]

    def current(self, house: House, text: str, language: str) -> tuple[str, tuple[str, ...]] | None:
        """Return revision and wording that stand now, of a message, a topic or the core sheet; None for others."""
        if language not in self.languages(house):
            return None
        if text == CORE:
            sheet = drills(house.get(Guidance), house.get(Catalogues), self.edition(house, language))
            return None if sheet is None else (sheet.revision, (sheet.title, *(said for _, said in sheet.messages)))
        for topic in self.edition(house, language).topics:
            if topic.of.id == text:
                return topic.revision, (topic.title, *(message.text for message in topic.messages))
            for message in topic.messages:
                if message.of.id == text:
                    return message.revision, (message.text,)
        return None

    def bundles(self, house: House) -> dict[str, Bundle]:
        """Return what phones are given, by language; takes a while the first time."""
        return {language: self._bundle(house, language) for language in self.languages(house)}

    def guidance(self, house: House, chosen: Chosen, asked: Asked) -> Book:
        """Return the part of guidance that was asked for."""

        def made() -> bytes:
            edition = self.edition(house, chosen.language)
            return bundles.answer(edition, _drawings(house, edition), asked, chosen.notes)

        return self._book(house, chosen.language, (chosen, asked), made)

    def contacts(self, house: House, chosen: Chosen, country: str | None) -> Book:
        """Return whom to call in a country, or in all of them."""

        def made() -> bytes:
            found = editions.every_contact(
                house.get(Guidance), house.get(Catalogues), chosen.language, deployment_of(house.get(Settings))
            )
            fit = [one for one in found if country is None or one.of.country.split("-")[0] == country.split("-")[0]]
            return bundles.contacts(self.edition(house, chosen.language), fit, chosen.notes)

        return self._book(house, chosen.language, (chosen, country), made)

    def _bundle(self, house: House, language: str) -> Bundle:
        if language not in self._bundles:
            edition = self.edition(house, language)
            found = _drawings(house, edition)
            content = bundles.bundle(edition, found)
            named = (*(found[name] for name in sorted(edition.pictures)), *map(own_drawing, edition.own))
            self._bundles[language] = Bundle(language, content, hashlib.sha256(content).hexdigest(), named)
        return self._bundles[language]

    def _follow(self, house: House) -> None:
        """Drop everything when the house has other texts than those that it was made of."""
        guidance, catalogues, settings = house.get(Guidance), house.get(Catalogues), house.get(Settings)
        of = self._of
        if of is None or of[0] is not guidance or of[1] is not catalogues or of[2] is not settings:
            self._of = (guidance, catalogues, settings)
            self._editions, self._bundles, self._books, self._weight = {}, {}, OrderedDict(), 0

    def _book(self, house: House, language: str, key: Key, make: Callable[[], bytes]) -> Book:
        self._follow(house)
        book = self._books.get(key)
        if book is None:
            content = make()
            book = _bound(content, language)
            self._books[key] = book
            self._weight += book.weight
            while self._weight > _MOST_BYTES and len(self._books) > 1:
                self._weight -= self._books.popitem(last=False)[1].weight
        else:
            self._books.move_to_end(key)
        return book


def deployment_of(settings: Settings) -> Deployment:
    return Deployment(
        number=settings.emergency_number,
        authority=settings.authority,
        distance_m=settings.guidance_distance_m,
        countries=settings.guidance_countries,
        address=settings.guidance_url,
        age_groups=settings.outreach_age_groups,
    )


def _drawings(house: House, edition: Edition) -> dict[str, Drawing]:
    return drawings.drawings(house.get(Guidance).pictures, edition.direction)


def _bound(content: bytes, language: str) -> Book:
    more: Sequence[Header] = (
        (b"content-language", language.encode()),
        (b"vary", b"accept-language, accept-encoding"),
    )
    return bound(packed(content, Effort.FAST), hashlib.sha256(content).hexdigest(), ASK_AGAIN, more=more)
