"""Loads the catalogues as the settings say."""

from service.config import Settings
from service.i18n import laying
from service.i18n.catalogues import Catalogues
from service.i18n.laying import Laid, Overlay


def open_catalogues(settings: Settings, laid: Laid | None = None) -> Catalogues:
    """Return every language of the deployment; Refused lists what is wrong with files or settings."""
    found = read(settings) if laid is None else laid
    return Catalogues.opened(
        found.catalogues,
        confirmed=frozenset(settings.confirmed_languages),
        default=settings.default_language,
        near=settings.near_languages,
        plain=settings.sms_plain,
    )


def read(settings: Settings, overlay: Overlay | None = None) -> Laid:
    """Read the catalogues' files, a deployment's own words over ours; Refused lists what is wrong with them."""
    return laying.load(settings.locales_folder, overlay)
