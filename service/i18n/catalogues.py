"""Everything that can be said, in every language; loaded once, never changed, never silently English."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from service.i18n import po, rules
from service.i18n.checking import claims_in, plainly
from service.i18n.cyrillic import CYRILLIC
from service.i18n.filling import fill
from service.i18n.loading import SOURCE, Catalogue, Key, load_all, with_cyrillic
from service.i18n.model import (
    Hole,
    Language,
    Message,
    MissingTranslation,
    Rendered,
    RenderedSms,
    State,
)
from service.kit.errors import Kind, Refused

P = ParamSpec("P")
R = TypeVar("R")


class Catalogues:
    """The languages of a deployment: what is asked for is chosen, rendered and fallen back from here."""

    def __init__(
        self,
        catalogues: Iterable[Catalogue],
        *,
        confirmed: frozenset[str],
        default: str = SOURCE,
        near: rules.Near | None = None,
        plain: bool = True,
    ) -> None:
        self._by_tag = {catalogue.language.tag: catalogue for catalogue in catalogues}
        self._confirmed = confirmed
        self._default = default
        self._near = near or {}
        self._plain = plain
        self.memories: dict[object, Callable[..., Any]] = {}
        self._english = dict(self._by_tag[SOURCE].texts.keys()) if SOURCE in self._by_tag else {}

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        confirmed: frozenset[str],
        default: str = SOURCE,
        near: Sequence[str] = (),
        plain: bool = True,
    ) -> "Catalogues":
        """Read `<folder>/<language>/LC_MESSAGES/{surefoot,guidance,sms_plain}.po` of every language.

        `confirmed` names the languages whose drafts a deployment sends, `near` holds pairs such as "rue:uk"; without
        `plain` an SMS goes out in all its letters. Refused `bad-catalogue` lists what is wrong with files, Refused
        `bad-language` what is wrong with the settings.
        """
        return cls.opened(load_all(folder), confirmed=confirmed, default=default, near=near, plain=plain)

    @classmethod
    def opened(
        cls,
        catalogues: Sequence[Catalogue],
        *,
        confirmed: frozenset[str],
        default: str = SOURCE,
        near: Sequence[str] = (),
        plain: bool = True,
    ) -> "Catalogues":
        """Make use of what was read, as `load` does; what is written by rule is added."""
        whole = with_cyrillic(catalogues)
        tags = {catalogue.language.tag for catalogue in whole}
        return cls(
            whole,
            confirmed=frozenset(_demand(tag, tags) for tag in confirmed),
            default=_demand(default, tags),
            near=_read_near(near),
            plain=plain,
        )

    def languages(self) -> tuple[Language, ...]:
        """Return every language, the source first, then by tag."""
        return tuple(catalogue.language for catalogue in self._by_tag.values())

    def catalogue(self, tag: str) -> Catalogue:
        """Return one language's catalogue; KeyError if it is not one of ours."""
        return self._by_tag[tag]

    def known(self, tag: str) -> str | None:
        """Normalise a BCP 47 tag; None if it names no language."""
        return rules.known(tag)

    def choose(self, wanted: Sequence[str], *, available: Collection[str] | None = None) -> Language:
        """Choose the language to answer in for wishes in order, of all languages or only of `available` ones."""
        tags = [tag for tag in self._by_tag if available is None or tag in available]
        chosen = rules.choose(wanted, among=tags or [SOURCE], default=self._default, near=self._near)
        return self._by_tag[chosen].language

    def render(self, message: Message, tag: str, **holes: Hole) -> str:
        """Return the message in exactly this language, holes filled; MissingTranslation rather than another one."""
        language = self._by_tag[tag].language
        return fill(self._text((message.id, message.english), tag), holes, tag=tag, direction=language.direction)

    def render_together(self, messages: Sequence[Message], wanted: str, **holes: Hole) -> Rendered:
        """Return texts that belong together in one language: the wanted one, or else one that has all of them."""
        language = self.choose([wanted], available=self.having(messages))
        return Rendered(
            language=language.tag,
            direction=language.direction,
            texts=tuple(self.render(message, language.tag, **holes) for message in messages),
            draft=not self._is_reviewed(messages, language.tag),
        )

    def render_sms(self, message_id: str, tag: str, **holes: Hole) -> RenderedSms:
        """Return a text of guidance as an SMS in exactly this language, holes filled; MissingTranslation as `render`.

        Where the language has a hand-written plain variant that may be sent as well as the text itself, it is that one;
        and where all letters of a text are in GSM-7, names are written in those letters too.
        """
        key = self._key(message_id)
        catalogue = self._by_tag[tag]
        plain = self._plain and self._is_plain_best(catalogue, key)
        text = catalogue.plain[key] if plain else self._text(key, tag)
        values = plainly(text, holes) if self._plain else holes
        reviewed = catalogue.plain_reviewed if plain else catalogue.reviewed
        return RenderedSms(
            text=fill(text, values, tag=tag, direction=catalogue.language.direction),
            draft=tag != SOURCE and message_id not in reviewed,
            plain=plain,
        )

    def sms_sendable(self, message_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the languages in which all of these exist as an SMS and may be sent: reviewed, or drafts confirmed.

        Never Bosnian in Cyrillic letters: who asked for it reads the Latin ones too, in which an SMS needs two parts
        where it would need three, and `choose` gives them the Latin text before any other language.
        """
        keys = [self._key(one) for one in message_ids]
        tags = [tag for tag in self._by_tag if tag != CYRILLIC]
        return tuple(tag for tag in tags if all(self._may_text(key, tag) for key in keys))

    def _key(self, message_id: str) -> tuple[str, str]:
        if message_id not in self._english:
            raise MissingTranslation(message_id, SOURCE)
        return message_id, self._english[message_id]

    def _is_plain_best(self, catalogue: Catalogue, key: tuple[str, str]) -> bool:
        """Say whether the plain variant goes out: it is there, and no draft in place of a text that was reviewed."""
        if key not in catalogue.plain:
            return False
        confirmed = catalogue.language.tag in self._confirmed
        known = key[0] in catalogue.plain_reviewed or key[0] not in catalogue.reviewed
        return confirmed or known or key not in catalogue.texts

    def _may_text(self, key: tuple[str, str], tag: str) -> bool:
        catalogue = self._by_tag[tag]
        plain = self._plain and self._is_plain_best(catalogue, key)
        if tag == SOURCE or not (plain or key in catalogue.texts):
            return tag == SOURCE
        return tag in self._confirmed or key[0] in (catalogue.plain_reviewed if plain else catalogue.reviewed)

    def refuse_claims(self, messages: Sequence[Message], tag: str, **holes: Hole) -> None:
        """Raise Refused `forbidden-claim` if a text with its holes filled says that there is no danger.

        For the moment when a person has typed the holes: a warning that is under way is never held back by this.
        """
        for message in messages:
            entry = po.Translation(message.id, message.english, self._text((message.id, message.english), tag))
            for claim in claims_in(self.render(message, tag, **holes), entry, tag):
                raise Refused(
                    Kind.INVALID,
                    "forbidden-claim",
                    f"The text in {tag!r} would say that there is no danger: {claim.words!r}.",
                    where=message.id,
                    remedy="Write only a name into the place, or ask for a template that says what you mean.",
                )

    def having(self, messages: Sequence[Message]) -> tuple[str, ...]:
        """Return the languages in which all of the messages can be rendered; the source is always among them."""
        return tuple(tag for tag in self._by_tag if all(self._has(message, tag) for message in messages))

    def sendable(self, messages: Sequence[Message]) -> tuple[str, ...]:
        """Return the languages in which all of the messages exist and may be sent: reviewed, or drafts confirmed."""
        return tuple(tag for tag in self.having(messages) if tag in self._confirmed or self._is_reviewed(messages, tag))

    def may_send(self, tag: str) -> bool:
        """Say whether any text of this language may be sent: source, reviewed, or confirmed by the deployment."""
        catalogue = self._by_tag.get(tag)
        return catalogue is not None and (tag in self._confirmed or catalogue.language.state is not State.DRAFT)

    def joined(self, more: Mapping[str, tuple[Mapping[Key, str], frozenset[str]]]) -> "Catalogues":
        """Return catalogues that say more: by language, its texts by id and English, and the ids of reviewed ones."""
        wider = [
            replace(one, texts={**one.texts, **more[tag][0]}, reviewed=one.reviewed | more[tag][1])
            if tag in more
            else one
            for tag, one in self._by_tag.items()
        ]
        return Catalogues(wider, confirmed=self._confirmed, default=self._default, near=self._near, plain=self._plain)

    def _has(self, message: Message, tag: str) -> bool:
        return tag == SOURCE or (message.id, message.english) in self._by_tag[tag].texts

    def _text(self, key: tuple[str, str], tag: str) -> str:
        text = self._by_tag[tag].texts.get(key, key[1] if tag == SOURCE else None)
        if text is None:
            raise MissingTranslation(key[0], tag)
        return text

    def _is_reviewed(self, messages: Sequence[Message], tag: str) -> bool:
        return tag == SOURCE or all(message.id in self._by_tag[tag].reviewed for message in messages)


def remembered(
    size: int,
) -> Callable[[Callable[Concatenate[Catalogues, P], R]], Callable[Concatenate[Catalogues, P], R]]:
    """Keep a function's last answers, as long as the catalogues that they came from are in use and no longer."""

    def made(work: Callable[Concatenate[Catalogues, P], R]) -> Callable[Concatenate[Catalogues, P], R]:
        def answer(catalogues: Catalogues, /, *asked: P.args, **more: P.kwargs) -> R:
            kept = catalogues.memories.get(work)
            if kept is None:
                kept = catalogues.memories[work] = lru_cache(maxsize=size)(partial(work, catalogues))
            return cast("R", kept(*asked, **more))  # type: ignore[arg-type]  # lru_cache says that nothing is hashable

        return answer

    return made


def _demand(tag: str, tags: Collection[str]) -> str:
    found = rules.known(tag)
    if found not in tags:
        raise Refused(
            Kind.INVALID,
            "bad-language",
            f"{tag!r} is not a language that there is a catalogue for",
            remedy=f"name one of {', '.join(sorted(tags))}",
        )
    return str(found)


def _read_near(pairs: Sequence[str]) -> rules.Near:
    try:
        return rules.parse_near(pairs)
    except ValueError as fault:
        raise Refused(
            Kind.INVALID, "bad-language", str(fault), remedy="write pairs such as rue:uk, asked for first"
        ) from fault
