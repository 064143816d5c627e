"""Which languages there are, and the one that a request is answered in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response

from service.i18n import rules
from service.i18n.catalogues import Catalogues
from service.i18n.model import Asked, Language
from service.i18n.schemas import LanguagesOut, languages_out
from service.kit.http import PUBLIC, HouseDep

router = APIRouter(prefix="/languages", tags=["languages"])

_Wish = Annotated[str, Header(description="RFC 9110, with q-values; matched by CLDR within one language")]


async def answer_language(house: HouseDep, response: Response, accept_language: _Wish = "") -> Language:
    """Choose the language of an answer and say so in Content-Language and Vary.

    The headers reach the answer of a route that returns a model; one that returns a Response of its own sets them.
    """
    language = wished(house.get(Catalogues), accept_language)
    response.headers["Content-Language"] = language.tag
    response.headers.append("Vary", "Accept-Language")
    return language


def wished(catalogues: Catalogues, header: str) -> Language:
    """Choose by an Accept-Language header; where every language is refused, the refusal cannot be met."""
    wishes = rules.parse_accept_language(header)
    tags = rules.acceptable((language.tag for language in catalogues.languages()), wishes.refused)
    return catalogues.choose(wishes.tags, available=tags or None)


LanguageDep = Annotated[Language, Depends(answer_language)]


async def answer_asked(language: LanguageDep, accept_language: _Wish = "") -> Asked:
    """Choose as `answer_language` does, and keep the wishes: the answer says if another language is shown."""
    return Asked(language, rules.parse_accept_language(accept_language).tags)


AskedDep = Annotated[Asked, Depends(answer_asked)]


@router.get("", dependencies=[PUBLIC])
async def languages(house: HouseDep) -> LanguagesOut:
    """Return every language with its own name, direction, state and completeness."""
    return languages_out(house.get(Catalogues))
