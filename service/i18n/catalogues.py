"""Everything that can be said, in every language; loaded once, never changed, never silently English."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel import Locale, UnknownLocaleError

from service.i18n import po, review, rules
from service.i18n.checking import claims_in, unusable
from service.i18n.filling import fill
from service.i18n.model import (
    Direction,
    Finding,
    Hole,
    Language,
    Message,
    MissingTranslation,
    Rendered,
    State,
)
from service.kit.errors import Fault, Kind, Refused

SOURCE = "en"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language's usable texts by (id, English); what is empty, fuzzy or of another English is not in it."""

    language: Language
    name: str
    texts: Mapping[tuple[str, str], str]
    reviewed: frozenset[str]
    completeness: float


class Catalogues:
    """The languages of a deployment: what is asked for is chosen, rendered and fallen back from here."""

    def __init__(
        self,
        catalogues: Iterable[Catalogue],
        *,
        confirmed: frozenset[str],
        default: str = SOURCE,
        near: rules.Near | None = None,
    ) -> None:
        self._by_tag = {catalogue.language.tag: catalogue for catalogue in catalogues}
        self._confirmed = confirmed
        self._default = default
        self._near = near or {}

    @classmethod
    def load(
        cls, folder: Path, *, confirmed: frozenset[str], default: str = SOURCE, near: Sequence[str] = ()
    ) -> "Catalogues":
        """Read `<folder>/<language>/LC_MESSAGES/surefoot.po` of every language.

        `confirmed` names the languages whose drafts a deployment sends, `near` holds pairs such as "rue:uk". Refused
        `bad-catalogue` lists what is wrong with files, Refused `bad-language` what is wrong with the settings.
        """
        catalogues = _load_all(folder)
        tags = {catalogue.language.tag for catalogue in catalogues}
        return cls(
            catalogues,
            confirmed=frozenset(_demand(tag, tags) for tag in confirmed),
            default=_demand(default, tags),
            near=_read_near(near),
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
        return fill(self._text(message, tag), holes, tag=tag, direction=language.direction)

    def render_together(self, messages: Sequence[Message], wanted: str, **holes: Hole) -> Rendered:
        """Return texts that belong together in one language: the wanted one, or else one that has all of them."""
        language = self.choose([wanted], available=self.having(messages))
        return Rendered(
            language=language.tag,
            direction=language.direction,
            texts=tuple(self.render(message, language.tag, **holes) for message in messages),
            draft=not self._is_reviewed(messages, language.tag),
        )

    def refuse_claims(self, messages: Sequence[Message], tag: str, **holes: Hole) -> None:
        """Raise Refused `forbidden-claim` if a text with its holes filled says that there is no danger.

        For the moment when a person has typed the holes: a warning that is under way is never held back by this.
        """
        for message in messages:
            entry = po.Translation(message.id, message.english, self._text(message, tag))
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

    def _has(self, message: Message, tag: str) -> bool:
        return tag == SOURCE or (message.id, message.english) in self._by_tag[tag].texts

    def _text(self, message: Message, tag: str) -> str:
        if not self._has(message, tag):
            raise MissingTranslation(message.id, tag)
        return message.english if tag == SOURCE else self._by_tag[tag].texts[message.id, message.english]

    def _is_reviewed(self, messages: Sequence[Message], tag: str) -> bool:
        return tag == SOURCE or all(message.id in self._by_tag[tag].reviewed for message in messages)


def tags_in(folder: Path) -> tuple[str, ...]:
    """Return the languages that have a folder, the source first; Refused if this is no folder of catalogues."""
    if not po.path_of(folder, SOURCE).is_file():
        raise Refused(
            Kind.INVALID,
            "bad-catalogue",
            "there are no catalogues in this folder",
            where=str(folder),
            remedy="set SUREFOOT_LOCALES to the project's folder `locales`",
        )
    tags = sorted(path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{po.DOMAIN}.po"))
    return (SOURCE, *(tag for tag in tags if tag != SOURCE))


def direction_of(tag: str) -> Direction:
    """Return which way a language is written, by CLDR."""
    return "rtl" if _locale(tag).text_direction == "rtl" else "ltr"


def own_name(tag: str) -> str:
    """Return a language's name in itself, by CLDR."""
    return _locale(tag).get_display_name() or tag


def no_language(folder: Path, tag: str) -> list[Finding]:
    """Return what is wrong with a language's folder name; nothing if CLDR knows the language."""
    remedy = f"name it {rules.known(tag) or 'by a BCP 47 tag'}"
    if rules.known(tag) != tag:
        return [Finding(str(folder / tag), "", "is not named by a normalised language tag", remedy)]
    try:
        _locale(tag)
    except (ValueError, UnknownLocaleError):
        return [Finding(str(folder / tag), "", "is a language that CLDR has no data for", "leave it out")]
    return []


def _locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


def _load_all(folder: Path) -> list[Catalogue]:
    findings: list[Finding] = []
    catalogues: list[Catalogue] = []
    wanted: frozenset[tuple[str, str]] = frozenset()
    for tag in tags_in(folder):
        try:
            entries = po.read(po.path_of(folder, tag))
            reviews = review.read(review.path_beside(folder, tag))
        except po.BadCatalogue as bad:
            findings.append(bad.finding)
            continue
        wanted = wanted or frozenset((entry.id, entry.english) for entry in entries)
        problems = no_language(folder, tag) or _problems(folder, tag, entries)
        findings += problems
        if not problems:
            catalogues.append(_catalogue(tag, entries, review.reviewed(entries, reviews), wanted))
    _refuse(folder, findings)
    return catalogues


def _refuse(folder: Path, findings: Sequence[Finding]) -> None:
    """Refuse a folder in which anything was found; the first finding is said in full."""
    if findings:
        faults = [Fault(f"{found.file} {found.entry}".strip(), found.reason, found.remedy) for found in findings]
        raise Refused(
            Kind.INVALID,
            "bad-catalogue",
            f"{faults[0].where} {faults[0].detail}",
            where=str(folder),
            remedy=f"{faults[0].remedy}; `surefoot locales check` lists everything",
            faults=faults,
        )


def _problems(folder: Path, tag: str, entries: Sequence[po.Translation]) -> list[Finding]:
    """Return what would harm a reader at once; what is merely missing is for `locales check`."""
    file = str(po.path_of(folder, tag))
    return [found for entry in entries for found in unusable(entry, file=file)]


def _catalogue(
    tag: str, entries: Sequence[po.Translation], reviewed: frozenset[str], wanted: frozenset[tuple[str, str]]
) -> Catalogue:
    texts = {(entry.id, entry.english): entry.text for entry in entries if entry.text and not entry.fuzzy}
    here = wanted & texts.keys()
    whole = here == wanted and {key[0] for key in here} <= reviewed
    state = State.SOURCE if tag == SOURCE else State.REVIEWED if whole else State.DRAFT
    return Catalogue(
        language=Language(tag, direction_of(tag), state),
        name=own_name(tag),
        texts=texts,
        reviewed=reviewed,
        completeness=len(here) / len(wanted) if wanted else 1.0,
    )


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
