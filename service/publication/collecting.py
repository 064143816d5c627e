"""The reference client's part for guidance and lessons: the bundles that are wanted, and the pictures of guidance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.guidance.model import BundleEntry
from service.kit.errors import Kind, Refused
from service.publication import booklets as bundles
from service.publication import deltas, reading
from service.publication.holding import Held, Holding
from service.publication.model import Index
from service.publication.reading import Booklet, Schoolbook

_V1 = "v1/"


@dataclass(frozen=True, slots=True)
class Collecting:
    """Brings the bundles of a folder up to what an index names; all of it is fetched before any of it is shown."""

    holding: Holding
    fetch: Callable[[str], bytes]
    languages: Sequence[str]
    courses: Sequence[str] = ()
    recognition: bool = False

    def run(self, held: Held, index: Index, *, honest: bool) -> Held:
        """Return the new state, written."""
        there = {entry.owner: entry for entry in index.guidance}
        wanted = sorted({*held.guidance, *self.languages, *self._lessons(held, index)})
        entries = {owner: there.get(owner) or held.guidance.get(owner) for owner in wanted}
        missing = [owner for owner, entry in entries.items() if entry is None]
        if missing:
            offered = ", ".join(sorted(one.language for one in index.guidance if not one.course)) or "none"
            detail = f"There is no guidance in {missing[0]!r}; there is some in {offered}."
            raise Refused(Kind.NOT_FOUND, "language-not-offered", detail, remedy="Ask for one of these.")
        named = {owner: entry for owner, entry in entries.items() if entry is not None}
        found = [self._taken(entry, held, honest=honest) for entry in named.values()]
        booklets = [one for one in found if isinstance(one, Booklet)]
        for sha256, path in reading.pictures_of(booklets, recognition=self.recognition).items():
            self._picture(sha256, path)
        if named != dict(held.guidance):
            held = replace(held, guidance=named)
            self.holding.write(held)
        pictures = reading.pictures_of(booklets, recognition=True)  # what is held may stay, whoever wishes for it now
        self.holding.tidy_guidance(
            {_name(one) for one in named.values()} | {reading.file_of(*one) for one in pictures.items()}
        )
        return held

    def _lessons(self, held: Held, index: Index) -> list[str]:
        """Return the courses that are wanted in the languages of this phone: those that are whole there."""
        spoken = {*self.languages, *(one.language for one in held.guidance.values())}
        found = [one for one in index.guidance if one.course in self.courses and one.language in spoken]
        missing = [course for course in self.courses if course not in {one.course for one in found}]
        if missing:
            offered = ", ".join(sorted(one.owner for one in index.guidance if one.course)) or "none"
            detail = f"There are no lessons {missing[0]!r} in the languages of this phone; there are {offered}."
            raise Refused(Kind.NOT_FOUND, "lessons-not-offered", detail, remedy="Ask for one of these.")
        return [one.owner for one in found]

    def _taken(self, entry: BundleEntry, held: Held, *, honest: bool) -> Booklet | Schoolbook:
        """Return the bundle that the index names: the one that is held, or made by a delta, or fetched whole."""
        last = held.guidance.get(entry.owner)
        if last is not None and honest:
            reading.demand_no_older_bundle(entry, last.version)
        content = self.holding.guidance(_name(entry))
        if content is not None:
            return _opened(content, entry)
        if last is not None and entry.deltas_from <= last.version < entry.version:
            content = self._by_the_delta(entry, last)
        if content is None:
            content = self._fetched(bundles.bundle_path(entry.owner, entry.version))
        booklet = _opened(content, entry)
        self.holding.keep_guidance(_name(entry), content)
        return booklet

    def _by_the_delta(self, entry: BundleEntry, last: BundleEntry) -> bytes | None:
        old = self.holding.guidance(_name(last))
        if old is None:
            return None
        try:
            content = deltas.apply(old, self._fetched(bundles.delta_path(entry.owner, last.version, entry.version)))
            _opened(content, entry)
        except Refused:
            return None
        return content

    def _fetched(self, path: str) -> bytes:
        return self.fetch(_V1 + bundles.served(path))

    def _picture(self, sha256: str, path: str) -> None:
        name = reading.file_of(sha256, path)
        if self.holding.guidance(name) is None:
            self.holding.keep_guidance(name, reading.demand_picture(self.fetch(path.lstrip("/")), sha256))


def booklets(holding: Holding, held: Held) -> Mapping[str, Booklet]:
    """Return what is held of guidance, by language. Refused `bundle-wrong` if the disk spoiled one."""
    return {
        entry.language: reading.demand_bundle(holding.guidance(_name(entry)) or b"", entry)
        for entry in held.guidance.values()
        if not entry.course
    }


def schoolbooks(holding: Holding, held: Held) -> Mapping[str, Schoolbook]:
    """Return what is held of lessons, by course and language. Refused as `booklets`."""
    return {
        owner: reading.demand_lessons(holding.guidance(_name(entry)) or b"", entry)
        for owner, entry in held.guidance.items()
        if entry.course
    }


def _opened(content: bytes, entry: BundleEntry) -> Booklet | Schoolbook:
    return reading.demand_lessons(content, entry) if entry.course else reading.demand_bundle(content, entry)


def _name(entry: BundleEntry) -> str:
    return f"{entry.sha256}.json"
