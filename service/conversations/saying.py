"""How an answer is put into words: which language, which names, and that it fits into few parts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from service.alerts.texts import AUTHORITY_SHORT
from service.config import Settings
from service.conversations import texts
from service.conversations.model import Reply
from service.i18n import lengths
from service.i18n.catalogues import Catalogues
from service.i18n.loading import SOURCE
from service.i18n.model import Hole, Message
from service.kit.hidden import Hidden
from service.kit.house import House
from service.places import naming
from service.places.model import Category, Place

_UNITS = {
    Category.COMMUNITY: texts.COMMUNITY,
    Category.DISTRICT: texts.DISTRICT,
    Category.REGION: texts.REGION,
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things to somebody who reads these languages, the best first; drafts only where a deployment wants it."""

    catalogues: Catalogues
    settings: Settings
    wanted: tuple[str, ...]

    @classmethod
    def of(cls, house: House, wanted: Sequence[str]) -> "Voice":
        return cls(house.get(Catalogues), house.get(Settings), tuple(wanted))

    def preferring(self, tag: str) -> "Voice":
        return replace(self, wanted=(tag, *self.wanted))

    def languages(self) -> tuple[str, ...]:
        """Return the languages in which everything can be said, the source first."""
        return self.catalogues.sms_sendable(texts.EVERYTHING)

    def tag_of(self, *ids: str) -> str:
        """Return the best language that has all of these texts."""
        return self.catalogues.choose(self.wanted, available=self.catalogues.sms_sendable(ids)).tag

    def say(self, message_id: str, **holes: Hole) -> Reply:
        """Say a text in the best language that has it."""
        return self.say_in(self.tag_of(message_id), message_id, **holes)

    def say_in(self, tag: str, message_id: str, **holes: Hole) -> Reply:
        """Say a text in a language that has it."""
        standing: dict[str, Hole] = {
            "number": self.settings.emergency_number,
            "authority_short": self.settings.authority_short or self._word(AUTHORITY_SHORT, tag),
        }
        rendered = self.catalogues.render_sms(message_id, tag, **(standing | holes))
        return Reply(Hidden(rendered.text), message_id, tag)

    def name(self, place: Place, tag: str) -> str:
        """Return a place's name with what sort of unit it is: names of communities and districts are half a name."""
        bare = self.bare(place, tag)
        message = _UNITS.get(place.category)
        if message is None or not self._has(message, tag):
            return bare
        return self.catalogues.render(message, tag, place=bare)

    def bare(self, place: Place, tag: str) -> str:
        """Return a place's name alone."""
        return naming.shown(place, tag).text

    def names(self, place: Place, tag: str) -> Iterable[str]:
        """Return what a place may be called, the best first; its code fits into every text."""
        yield from dict.fromkeys((self.name(place, tag), self.bare(place, tag)))
        yield place.codes[0][1]

    def naming(self, place: Place, tag: str, say: Callable[[str], Reply]) -> Reply | None:
        """Say something about a place by the first of its names with which it fits."""
        return next((reply for name in self.names(place, tag) if fits(reply := say(name))), None)

    def _word(self, message: Message, tag: str) -> str:
        return self.catalogues.render(message, tag if self._has(message, tag) else SOURCE)

    def _has(self, message: Message, tag: str) -> bool:
        return tag in self.catalogues.having([message])


def fits(reply: Reply) -> bool:
    return lengths.measure(reply.text.reveal()).fits


def fitting(
    options: Sequence[str], say: Callable[[Sequence[str]], Reply], *, least: int = 1
) -> tuple[Reply, int] | None:
    """Return the longest list that fits, with how many of the options it has; None if not even the least does."""
    for count in range(len(options), least - 1, -1):
        reply = say(options[:count])
        if fits(reply):
            return reply, count
    return None
