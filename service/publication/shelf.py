"""Encoded documents in this process's memory, ready to send; what is not here is in PostgreSQL."""

import asyncio
from collections import OrderedDict

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from service.guidance import actions as guidance
from service.guidance.media import TYPES
from service.kit.db import Pool, Tx, transaction
from service.kit.documents import Document
from service.kit.encodings import Effort, Encoding
from service.kit.representations import ASK_AGAIN, FOR_EVER, Book, bound, packed
from service.publication import actions, booklets, rules
from service.publication.actions import KEYS, TOPICS
from service.publication.model import World

_log = structlog.get_logger()
_MOST_BYTES = 128 * 1024 * 1024
_LOOK_SECONDS = 0.25
_ROUGH_SECONDS = 10.0
GUIDANCE, LESSONS = "guidance/", booklets.LESSONS
"""What the names of bundles and pictures begin with: no pack's path does."""


class Shelf:
    """Gives documents by name: `keys`, `topics:` of a world, a path under /v1/packs/, or a bundle's with its feature.

    What changes in its place is asked for anew. While the database is away what is here is served on: a phone sees by
    the index itself how old it is.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._books: OrderedDict[str, Book] = OrderedDict()
        self._weight = 0
        self._heads: dict[str, Book] = {}
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    def ready(self, name: str) -> Book | None:
        """Return a document that is here and will never be another; None for any other."""
        book = self._books.get(name)
        if book is None or book.until is not None:
            return None
        self._books.move_to_end(name)
        return book

    async def take(self, name: str) -> Book | None:
        """Return a document; None if there is none. Raises psycopg.Error if that cannot be told."""
        head = _HEADS.get(name)
        if head is not None:
            return await self._head(head)
        book, now = self._books.get(name), _monotonic()
        if book is None:
            return await self._fetch(name, now)
        if book.until is not None and book.until < now:
            return await self._smaller(name, book, now)
        return book

    async def _smaller(self, name: str, book: Book, now: float) -> Book:
        """Look whether a document has been made smaller since; what is here is good enough while that fails."""
        try:
            return await self._fetch(name, now) or book
        except (psycopg.Error, PoolTimeout):
            return book

    async def _fetch(self, name: str, now: float) -> Book | None:
        async with transaction(self._pool) as tx:
            document = await _document(tx, name)
        if document is None:
            return None
        return self._put(name, _book(document, until=None if document.final else now + _ROUGH_SECONDS))

    async def _head(self, head: str) -> Book | None:
        if _monotonic() - self._looked > _LOOK_SECONDS:
            async with self._looking:
                if _monotonic() - self._looked > _LOOK_SECONDS:
                    await self._look()
        return self._heads.get(head)

    async def _look(self) -> None:
        """Read what changed in its place; an answer that stands already is given on while that fails."""
        try:
            async with transaction(self._pool) as tx:
                there = await actions.heads(tx)
                self._heads = {head: book for head, book in self._heads.items() if head in there}
                for head, sha256 in there.items():
                    held = self._heads.get(head)
                    if held is None or held.sha256 != sha256.encode():
                        content = await actions.head(tx, head)
                        self._heads[head] = await asyncio.to_thread(_head_book, content or b"", sha256)
        except (psycopg.Error, PoolTimeout) as error:
            if not self._heads:
                raise
            _log.warning("publication.heads_not_read", error=type(error).__name__)
        self._looked = _monotonic()

    def _put(self, name: str, book: Book) -> Book:
        if (old := self._books.pop(name, None)) is not None:
            self._weight -= old.weight
        self._books[name] = book
        self._weight += book.weight
        for other in list(self._books):
            if self._weight <= _MOST_BYTES:
                break
            if other != name:
                self._weight -= self._books.pop(other).weight
        return book


_HEADS = {KEYS: KEYS}
_HEADS |= {rules.index_path(world): world.value for world in World}
_HEADS |= {f"{TOPICS}{world}": f"{TOPICS}{world}" for world in World}


async def _document(tx: Tx, name: str) -> Document | None:
    if name.startswith(GUIDANCE):
        path = name.removeprefix(GUIDANCE)
        return None if path.startswith(LESSONS) else await guidance.document(tx, path)
    if name.startswith(LESSONS):
        return await guidance.document(tx, name)
    return await actions.document(tx, name)


def _book(document: Document, *, until: float | None) -> Book:
    bodies = {**document.bodies, Encoding.IDENTITY: document.plain()}
    kind = TYPES.get(document.path.rpartition(".")[2])
    more = [] if kind is None else [(b"content-type", kind.encode())]
    return bound(bodies, document.sha256, FOR_EVER, until, more=more)


def _head_book(content: bytes, sha256: str) -> Book:
    return bound(packed(content, Effort.GOOD), sha256, ASK_AGAIN)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
