"""What came of the demo: who was warned against who should have been, and how the warning reached them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from service.delivery.model import ChannelName
from service.delivery.records import Tally, TextFate
from service.demo.expected_texts import Verdict
from service.demo.phone import Phone, Shown
from service.demo.population import Network

MOST_NAMED = 50
_ALWAYS_ON = (Network.ONLINE, Network.DOZING)


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a warning got, in numbers of phones; `sent` have been tried at least once."""

    planned: int
    sent: int
    accepted: int
    received: int

    @classmethod
    def of(cls, tallies: Iterable[Tally]) -> "Counts":
        part = list(tallies)
        planned = sum(one.planned for one in part)
        return cls(
            planned,
            planned - sum(one.waiting for one in part),
            sum(one.accepted for one in part),
            sum(one.received for one in part),
        )


def pushes(tallies: Iterable[Tally]) -> list[Tally]:
    return [one for one in tallies if one.channel != ChannelName.SMS]


def texts(tallies: Iterable[Tally]) -> list[Tally]:
    return [one for one in tallies if one.channel == ChannelName.SMS]


@dataclass(frozen=True, slots=True)
class Texts:
    """What the service counts of its texts, and what they were worth to people."""

    verdict: Verdict
    fate: TextFate


@dataclass(frozen=True, slots=True)
class Story:
    """What happened to one alert: counted in the database, seen on the phones. `began` is when it was approved."""

    alert: str
    began: float
    tallies: Sequence[Tally]
    phones: Sequence[Phone]

    def shown(self) -> dict[int, Shown]:
        """Return how each phone that showed the alert came to show it, by the phone's number."""
        found: dict[int, Shown] = {}
        for phone in self.phones:
            for (alert, _), shown in phone.shown.items():
                if alert == self.alert:
                    found[phone.owner.number] = shown
        return found


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict, naming phones by their numbers.

    `missed` should have been warned and were not, `extra` the reverse; `late` learned at a sync what a push should have
    brought, `wrong_language` were addressed in a language not theirs.
    """

    phones: int
    meant: frozenset[int]
    warned: frozenset[int]
    late: tuple[int, ...]
    wrong_language: tuple[int, ...]
    counts: Counts
    tallies: tuple[Tally, ...]
    numbers: Mapping[str, float | int | None]
    languages: Mapping[str, int]
    troubles: tuple[str, ...]
    texts: Texts | None = None

    @classmethod
    def of(cls, story: Story, meant: Iterable[int], troubles: Sequence[str], texts: Texts | None = None) -> "Result":
        shown = story.shown()
        owners = {phone.owner.number: phone.owner for phone in story.phones}
        late = (number for number, one in shown.items() if owners[number].pushable and not one.pushed)
        strange = (number for number, one in shown.items() if one.language != owners[number].speaks)
        return cls(
            phones=len(story.phones),
            meant=frozenset(meant),
            warned=frozenset(shown),
            late=tuple(sorted(late)),
            wrong_language=tuple(sorted(strange)),
            counts=Counts.of(pushes(story.tallies)),
            tallies=tuple(story.tallies),
            numbers=_numbers(story, shown),
            languages=dict(sorted(Counter(one.language for one in shown.values()).items())),
            troubles=tuple(troubles),
            texts=texts,
        )

    @property
    def missed(self) -> list[int]:
        return sorted(self.meant - self.warned)

    @property
    def extra(self) -> list[int]:
        return sorted(self.warned - self.meant)

    @property
    def exact(self) -> bool:
        """Say whether exactly those meant were warned, by a push where one can, each in a language of theirs.

        And whether everybody got the texts that are due, and no others.
        """
        by_text = self.texts is None or self.texts.verdict.exact
        return self.meant == self.warned and not self.late and not self.wrong_language and by_text

    def as_json(self) -> dict[str, Any]:
        """Return the result for programs; phones stand under their numbers."""
        return {
            "exact": self.exact,
            "phones": self.phones,
            "meant": len(self.meant),
            "warned": len(self.warned),
            "missed": self.missed,
            "extra": self.extra,
            "late": list(self.late),
            "wrong_language": list(self.wrong_language),
            "planned": self.counts.planned,
            "sent": self.counts.sent,
            "accepted": self.counts.accepted,
            "received": self.counts.received,
            **self.numbers,
            "texts": None if self.texts is None else _texts_as_json(self.texts, self.tallies),
            "languages": dict(self.languages),
            "troubles": list(self.troubles),
        }


def _texts_as_json(one: Texts, tallies: Sequence[Tally]) -> dict[str, Any]:
    counts = Counts.of(texts(tallies))
    return {
        **asdict(one.verdict),
        **asdict(one.fate),
        "planned": counts.planned,
        "accepted": counts.accepted,
    }


def _numbers(story: Story, shown: Mapping[int, Shown]) -> dict[str, float | int | None]:
    pushed = sorted(one.at - story.began for one in shown.values() if one.pushed)
    always_on = {one.owner.number for one in story.phones if one.owner.network in _ALWAYS_ON}
    online = [one.at - story.began for number, one in shown.items() if one.pushed and number in always_on]
    return {
        "dead": sum(one.dead for one in pushes(story.tallies)),
        "first_s": round(pushed[0], 3) if pushed else None,
        "last_s": round(pushed[-1], 3) if pushed else None,
        "last_online_s": round(max(online), 3) if online else None,
        "by_push": len(pushed),
        "by_sync": len(shown) - len(pushed),
        "unregistered": sum(not one.owner.registers and one.owner.number in shown for one in story.phones),
        "sent_twice": sum(max(0, phone.brought - 1) for phone in story.phones),
        "repeats_dropped": sum(phone.repeats_dropped for phone in story.phones),
        "drawn_by_system": sum(phone.drawn_by_system for phone in story.phones),
        "pushes_lost": sum(phone.lost for phone in story.phones),
        "forged": sum(phone.forged for phone in story.phones),
    }


def named(numbers: Sequence[int]) -> str:
    """Name phones by their numbers, the first 50 of them."""
    if not numbers:
        return "none"
    more = f" and {len(numbers) - MOST_NAMED} more" if len(numbers) > MOST_NAMED else ""
    return ", ".join(f"phone {number}" for number in numbers[:MOST_NAMED]) + more
