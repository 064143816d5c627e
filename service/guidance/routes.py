"""The doors to guidance. `serving` answers most before they are reached; they describe it, and say no for it."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import HTMLResponse, Response

from service.guidance import page, recalls, serving
from service.guidance.bundles import Asked
from service.guidance.model import Audience, Guidance, Situation
from service.guidance.schemas import ContactsOut, GuidanceOut
from service.guidance.shelf import Shelf
from service.i18n.catalogues import Catalogues
from service.kit.errors import Kind, Refused
from service.kit.http import PUBLIC, HouseDep

router = APIRouter(tags=["guidance"], dependencies=[PUBLIC])

Wish = Annotated[str, Header(description="RFC 9110, with q-values; matched by CLDR within one language")]
Lang = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,7}$", description="BCP 47; goes before Accept-Language"),
]
TopicId = Annotated[str | None, Query(pattern="^[a-z][a-z0-9-]{0,59}$", description="such as `found`; all if left out")]
TextId = Annotated[str, Query(max_length=130, description="id of a message or topic, as printed")]
Country = Annotated[str | None, Query(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?$", description="ISO 3166-1 or -2")]


@router.get("/guidance", response_model=GuidanceOut)
async def guidance(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    request: Request,
    house: HouseDep,
    topic: TopicId = None,
    audience: Audience | None = None,
    situation: Situation | None = None,
    lang: Lang = None,
    accept_language: Wish = "",
) -> Response:
    """Return what to do and why, in one language, with whom to call."""
    shelf = house.get(Shelf)
    if topic is not None and topic not in house.get(Guidance).topics:
        remedy = f"Ask for one of {', '.join(house.get(Guidance).topics)}."
        raise Refused(Kind.NOT_FOUND, "topic-unknown", "There is no such topic.", where="topic", remedy=remedy)
    chosen = shelf.chosen(house, lang, accept_language)
    return serving.respond(shelf.guidance(house, chosen, Asked(topic, audience, situation)), request)


@router.get("/contacts", response_model=ContactsOut)
async def contacts(
    request: Request, house: HouseDep, country: Country = None, lang: Lang = None, accept_language: Wish = ""
) -> Response:
    """Return whom to call, by country, with the day of the last check and its source."""
    shelf = house.get(Shelf)
    return serving.respond(shelf.contacts(house, shelf.chosen(house, lang, accept_language), country), request)


@router.get("/guidance/recall", response_class=HTMLResponse)
async def recall(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    house: HouseDep,
    text: TextId,
    revision: Annotated[str, Query(max_length=60, description="as printed")],
    language: Annotated[str, Query(max_length=35, description="of the sheet, as printed")],
    lang: Lang = None,
    accept_language: Wish = "",
) -> HTMLResponse:
    """Say on a small page whether a printed wording still stands."""
    shelf = house.get(Shelf)
    printed = shelf.current(house, text, language)
    # A plus sign in an address reads as a blank.
    verdict = recalls.judge(
        house.get(Guidance), text, language, revision.replace(" ", "+"), current=printed and printed[0]
    )
    shown = shelf.chosen(house, lang, accept_language or language)
    now_says = shelf.current(house, text, shown.language)
    told = page.written(
        verdict,
        shelf.edition(house, shown.language),
        house.get(Catalogues),
        now_says[1] if now_says else (),
        shown.notes,
    )
    headers = {"Content-Language": shown.language, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
    return HTMLResponse(told, headers=headers)
