"""Counts, for each kind of message of the core set, what is translated, and what nobody has read or tried yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.i18n import fieldtests, po, review
from service.i18n.channels import Demand
from service.i18n.exchange import read_catalogue
from service.i18n.loading import SOURCE, tags_in


@dataclass(frozen=True, slots=True)
class KindCount:
    """How far one language is with one kind of message, in messages of the core set."""

    tag: str
    kind: str
    texts: int
    translated: int
    unreviewed: int
    untested: int


def by_kind(folder: Path, demands: Sequence[Demand]) -> Iterator[KindCount]:
    """Yield a count for each language but the source, and each kind; what is not translated is neither read nor tried.

    Refused if a catalogue or a record beside it cannot be read.
    """
    kinds = dict.fromkeys(demand.kind for demand in demands)
    for tag in tags_in(folder):
        if tag == SOURCE:
            continue
        usable = [one for one in _entries(folder, tag) if one.text and not one.fuzzy]
        there = {one.id for one in usable}
        read = review.reviewed(usable, review.read(review.path_beside(folder, tag)))
        tried = fieldtests.tested(usable, fieldtests.read(fieldtests.path_beside(folder, tag)))
        for kind in kinds:
            wanted = {demand.id for demand in demands if demand.kind == kind}
            yield KindCount(
                tag, kind, len(wanted), len(wanted & there), len(wanted & there - read), len(wanted & there - tried)
            )


def _entries(folder: Path, tag: str) -> list[po.Translation]:
    paths = [po.path_of(folder, tag, domain) for domain in (po.DOMAIN, po.GUIDANCE)]
    return [one for path in paths if path.is_file() for one in read_catalogue(path)]
