"""Loads the catalogues as the settings say."""

from service.config import Settings
from service.i18n.catalogues import Catalogues


def open_catalogues(settings: Settings) -> Catalogues:
    """Return every language of the deployment; Refused lists what is wrong with files or settings."""
    return Catalogues.load(
        settings.locales_folder,
        confirmed=frozenset(settings.confirmed_languages),
        default=settings.default_language,
        near=settings.near_languages,
        plain=settings.sms_plain,
    )
