"""Which of a place's names to show to whom."""

from service.i18n import rules as languages
from service.places.model import Name, NameKind, Place


def shown(place: Place, language: str | None) -> Name:
    """Return the official name in a language (BCP 47) or one that its readers read; else the register's own."""
    wanted = None if language is None else languages.known(language)
    official = {name.language: name for name in place.names if name.kind is NameKind.OFFICIAL}
    if wanted is None:
        return place.name
    if wanted in official:
        return official[wanted]
    known = ((languages.distance(wanted, tag), tag) for tag in official if languages.known(tag))
    near = sorted((away, tag) for away, tag in known if away is not None)
    return official[near[0][1]] if near else place.name
