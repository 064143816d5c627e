"""The reference client's part for guidance: bundles in the languages that are wanted, and their pictures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.guidance import bundles
from service.guidance.model import BundleEntry
from service.kit.errors import Kind, Refused
from service.publication import deltas, reading
from service.publication.holding import Held, Holding
from service.publication.model import Index
from service.publication.reading import Booklet

_GUIDANCE = "v1/guidance/"


@dataclass(frozen=True, slots=True)
class Collecting:
    """Brings the guidance of a folder up to what an index names; all of it is fetched before any of it is shown."""

    holding: Holding
    fetch: Callable[[str], bytes]
    languages: Sequence[str]
    recognition: bool = False

    def run(self, held: Held, index: Index, *, honest: bool) -> Held:
        """Return the new state, written."""
        wanted = sorted({*held.guidance, *self.languages})
        there = {entry.language: entry for entry in index.guidance}
        entries = {language: there.get(language) or held.guidance.get(language) for language in wanted}
        missing = [language for language, entry in entries.items() if entry is None]
        if missing:
            detail = f"There is no guidance in {missing[0]!r}; there is some in {', '.join(sorted(there)) or 'none'}."
            raise Refused(Kind.NOT_FOUND, "language-not-offered", detail, remedy="Ask for one of these.")
        named = {language: entry for language, entry in entries.items() if entry is not None}
        found = [self._taken(entry, held, honest=honest) for entry in named.values()]
        for sha256, path in reading.pictures_of(found, recognition=self.recognition).items():
            self._picture(sha256, path)
        if named != dict(held.guidance):
            held = replace(held, guidance=named)
            self.holding.write(held)
        pictures = reading.pictures_of(found, recognition=True)  # what is held may stay, whoever wishes for it now
        self.holding.tidy_guidance(
            {_name(one) for one in named.values()} | {reading.file_of(*one) for one in pictures.items()}
        )
        return held

    def _taken(self, entry: BundleEntry, held: Held, *, honest: bool) -> Booklet:
        """Return the bundle that the index names: the one that is held, or made by a delta, or fetched whole."""
        last = held.guidance.get(entry.language)
        if last is not None and honest:
            reading.demand_no_older_bundle(entry, last.version)
        content = self.holding.guidance(_name(entry))
        if content is not None:
            return reading.demand_bundle(content, entry)
        if last is not None and entry.deltas_from <= last.version < entry.version:
            content = self._by_the_delta(entry, last)
        if content is None:
            content = self.fetch(_GUIDANCE + bundles.bundle_path(entry.language, entry.version))
        booklet = reading.demand_bundle(content, entry)
        self.holding.keep_guidance(_name(entry), content)
        return booklet

    def _by_the_delta(self, entry: BundleEntry, last: BundleEntry) -> bytes | None:
        old = self.holding.guidance(_name(last))
        if old is None:
            return None
        try:
            path = bundles.delta_path(entry.language, last.version, entry.version)
            content = deltas.apply(old, self.fetch(_GUIDANCE + path))
            reading.demand_bundle(content, entry)
        except Refused:
            return None
        return content

    def _picture(self, sha256: str, path: str) -> None:
        name = reading.file_of(sha256, path)
        if self.holding.guidance(name) is None:
            self.holding.keep_guidance(name, reading.demand_picture(self.fetch(path.lstrip("/")), sha256))


def booklets(holding: Holding, held: Held) -> Mapping[str, Booklet]:
    """Return what is held, by language. Refused `bundle-wrong` if the disk spoiled one."""
    return {
        language: reading.demand_bundle(holding.guidance(_name(entry)) or b"", entry)
        for language, entry in held.guidance.items()
    }


def _name(entry: BundleEntry) -> str:
    return f"{entry.sha256}.json"
