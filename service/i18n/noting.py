"""What is said where another language is shown than was asked for: in that language, and in the one asked for."""

from babel import Locale, UnknownLocaleError

from service.i18n import rules
from service.i18n.catalogues import Catalogues, remembered
from service.i18n.model import Message, Rendered

OTHER_LANGUAGE = Message(
    "i18n.other_language",
    "There is no text in the language you asked for yet ({asked}), so it is shown in another one ({shown}).",
    "Stands beside a text that is shown in another language. {asked} and {shown} are names of languages.",
    limit=250,
)


@remembered(256)
def notes(catalogues: Catalogues, wishes: tuple[str, ...], shown: str) -> tuple[Rendered, ...]:
    """Return the note in the language that is shown and, where it has words for it, in the one that was asked for.

    Nothing if nobody asked, or if the first wish is met: in another territory's form, a near one, or another script
    that its readers know.
    """
    wish = next((tag for tag in map(rules.known, wishes) if tag), None)
    if wish is None or rules.distance(wish, shown) is not None:
        return ()
    there = catalogues.having((OTHER_LANGUAGE,))
    own = [tag for tag in there if rules.distance(wish, tag) is not None]
    tags = [*([shown] if shown in there else []), *([catalogues.choose([wish], available=own).tag] if own else [])]
    return tuple(_said(catalogues, tag, wish, shown) for tag in tags)


def _said(catalogues: Catalogues, tag: str, wish: str, shown: str) -> Rendered:
    return catalogues.render_together(
        (OTHER_LANGUAGE,), tag, asked=name_of(wish, in_language=tag), shown=name_of(shown, in_language=tag)
    )


def name_of(tag: str, *, in_language: str) -> str:
    """Return what a language calls another one, by CLDR; where it has no name for it, that one's own, or its code."""
    names = Locale.parse(in_language, sep="-").languages
    found: str | None = names.get(tag.replace("-", "_")) or names.get(tag.partition("-")[0]) or _own_name(tag)
    return found or tag


def _own_name(tag: str) -> str | None:
    try:
        return Locale.parse(tag, sep="-").get_language_name()
    except (ValueError, UnknownLocaleError):
        return None
