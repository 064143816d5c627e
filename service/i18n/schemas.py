"""What the API says about languages."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from service.i18n.catalogues import Catalogues
from service.i18n.model import Direction, State
from service.i18n.noting import notes


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


@dataclass(slots=True)
class NoteOut:
    """A sentence beside a text that is not in the language asked for."""

    language: str
    direction: Direction
    text: str


def notes_out(catalogues: Catalogues, wishes: tuple[str, ...], shown: str) -> list[NoteOut]:
    """Say in both languages that another one is shown than was asked for; nothing where the wish is met."""
    return [NoteOut(one.language, one.direction, one.texts[0]) for one in notes(catalogues, wishes, shown)]


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
            )
            for language in catalogues.languages()
        ]
    )
