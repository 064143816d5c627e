"""What phones pull: packs of zones by cell, the signed index that names them, and the keys that phones trust."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.guidance.model import BundleEntry, Recall
from service.kit.documents import Document
from service.lessons.recalls import RecalledLesson

BUILD_JOB = "publication:build"
REFINE_JOB = "publication:refine"

ELSEWHERE = "elsewhere"
"""The pack of every cell that the index does not list: a phone anywhere finds one, and no 404 gives it away."""

DELTAS_KEPT = 30
"""A phone that is further behind takes the whole pack."""


class World(StrEnum):
    """Real, or an exercise (R27): each has its own keys, its own index and its own packs."""

    LIVE = "live"
    EXERCISE = "exercise"

    @classmethod
    def of(cls, *, exercise: bool) -> "World":
        return cls.EXERCISE if exercise else cls.LIVE

    @property
    def exercise(self) -> bool:
        return self is World.EXERCISE


@dataclass(frozen=True, slots=True)
class Revoked:
    """When a key was given up, and why. What it ever signed is worth nothing from then on."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A key that may sign the index of one world for a time; `kid` is made from `public` itself."""

    kid: str
    public: bytes
    world: World
    valid_from: datetime
    valid_until: datetime
    revoked: Revoked | None = None

    def fits(self, world: World, at: datetime) -> bool:
        """Say whether something of this world, made at this moment, may carry this key's signature."""
        return self.revoked is None and self.world is world and self.valid_from <= at <= self.valid_until


@dataclass(frozen=True, slots=True)
class KeySet:
    """All keys there ever were, signed together by the offline root key; `version` only grows."""

    version: int
    issued: datetime
    keys: tuple[PublishedKey, ...]

    def get(self, kid: str) -> PublishedKey | None:
        return next((key for key in self.keys if key.kid == kid), None)


@dataclass(frozen=True, slots=True)
class PackEntry:
    """What the index says of one pack: `sha256` (hexadecimal) and `size` of its bytes before any compression.

    A delta to `version` exists from every version that is not older than `deltas_from`.
    """

    cell: str
    version: int
    size: int
    sha256: str
    deltas_from: int


@dataclass(frozen=True, slots=True)
class TopicsEntry:
    """What the index says of the document on topics: `sha256` (hexadecimal) and `size` of its bytes."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Index:
    """The one thing that is signed of a world: it names every pack by its hash, so nothing can be mixed or swapped.

    `version` grows with every change of a public byte; `made` also when the index is only signed anew. The packs are
    what was on record at `data_as_of`, and after `stale_after` a phone shows them as old. `guidance` are the bundles,
    of lessons too; `recalls` and `lessons` what was withdrawn.
    """

    world: World
    version: int
    made: datetime
    data_as_of: datetime
    stale_after: datetime
    packs: tuple[PackEntry, ...]
    topics: TopicsEntry | None = None
    guidance: tuple[BundleEntry, ...] = ()
    recalls: tuple[Recall, ...] = ()
    lessons: tuple[RecalledLesson, ...] = ()

    def get(self, cell: str) -> PackEntry | None:
        return next((entry for entry in self.packs if entry.cell == cell), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a world's index stands; version 0 before the first.

    `labels` is the hash of the words in its packs, `guidance` that of the bundles and recalls which it names.
    """

    world: World
    version: int
    made: datetime | None
    labels: str
    guidance: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document with the place where it belongs; a pack has no `since`."""

    world: World
    cell: str
    since: int | None
    until: int
    document: Document
