"""Loads the guidance as the settings say."""

from service.config import Settings
from service.guidance import loading
from service.guidance.editions import Deployment
from service.guidance.model import Guidance


def open_guidance(settings: Settings) -> Guidance:
    """Return the guidance of the deployment; Refused lists what is wrong with its own texts."""
    del settings
    return loading.load()


def deployment_of(settings: Settings) -> Deployment:
    """Return what the deployment fills into its texts."""
    return Deployment(
        number=settings.emergency_number,
        authority=settings.authority,
        distance_m=settings.guidance_distance_m,
        countries=settings.guidance_countries,
    )
