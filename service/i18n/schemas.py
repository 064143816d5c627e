"""What the API says about languages."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from service.i18n.catalogues import Catalogues
from service.i18n.loading import SOURCE
from service.i18n.model import Direction, Language, State
from service.i18n.po import DOMAIN, GUIDANCE

_SHARE: JsonDict = {"completeness": 1.0, "state": "draft"}


class ShareOut(BaseModel):
    """How much of a domain can be said in a language, and how far that may be trusted."""

    completeness: float = Field(ge=0, le=1, description="share of the source's texts that are translated")
    state: State


class LanguageOut(BaseModel):
    """One language that is spoken here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "tag": "uk",
                    "name": "українська",
                    "direction": "ltr",
                    "state": "draft",
                    "completeness": 1.0,
                    "may_be_sent": False,
                    "domains": {"surefoot": _SHARE, "guidance": _SHARE},
                }
            ]
        }
    )

    tag: str = Field(description="BCP 47")
    name: str = Field(description="in the language itself")
    direction: Direction
    state: State = Field(description="`draft` until a reviewer has read every text as it stands")
    completeness: float = Field(ge=0, le=1, description="share of the source's texts that are translated")
    may_be_sent: bool = Field(description="whether warnings go out in it: drafts only where the deployment says so")
    domains: dict[str, ShareOut] = Field(description="`surefoot`: what the program says; `guidance`: advice")


class LanguagesOut(BaseModel):
    """Every language that is spoken here, the source first."""

    languages: list[LanguageOut]


def languages_out(catalogues: Catalogues) -> LanguagesOut:
    """Describe every language of a deployment."""
    return LanguagesOut(
        languages=[
            LanguageOut(
                tag=language.tag,
                name=catalogues.catalogue(language.tag).name,
                direction=language.direction,
                state=language.state,
                # Rounded down: 1 means all of them.
                completeness=int(catalogues.catalogue(language.tag).completeness * 100) / 100,
                may_be_sent=catalogues.may_send(language.tag),
                domains={domain: _share(catalogues, language, domain) for domain in (DOMAIN, GUIDANCE)},
            )
            for language in catalogues.languages()
        ]
    )


def _share(catalogues: Catalogues, language: Language, domain: str) -> ShareOut:
    """Measure one domain; rounded down, so that 1 means all of it."""
    wanted = {
        key for key in catalogues.catalogue(SOURCE).texts if key[0].startswith(f"{GUIDANCE}.") == (domain == GUIDANCE)
    }
    catalogue = catalogues.catalogue(language.tag)
    here = wanted & catalogue.texts.keys()
    whole = here == wanted and {key[0] for key in here} <= catalogue.reviewed
    state = State.SOURCE if language.tag == SOURCE else State.REVIEWED if whole and here else State.DRAFT
    return ShareOut(completeness=int(len(here) / len(wanted) * 100) / 100 if wanted else 0.0, state=state)
