"""The doors to lessons. `serving` answers most files before they are reached; they describe it, and say no for it."""

import asyncio
import hashlib
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.guidance import page as recall_page
from service.guidance.model import Guidance
from service.guidance.shelf import Chosen, Shelf
from service.i18n.catalogues import Catalogues
from service.kit.encodings import Effort
from service.kit.house import House
from service.kit.http import PUBLIC, HouseDep
from service.kit.representations import ASK_AGAIN, JSON, bound, packed
from service.lessons import page, recalls, serving
from service.lessons.model import Format
from service.lessons.press import Press
from service.lessons.schemas import LessonsOut, lessons_out
from service.lessons.shelf import Lessons, Taught, path_of

router = APIRouter(prefix="/lessons", tags=["lessons"], dependencies=[PUBLIC])

_TAG = r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,7}$"
Wish = Annotated[str, Header(description="RFC 9110, with q-values; matched by CLDR within one language")]
Asked = Annotated[str | None, Query(pattern=_TAG, description="BCP 47; goes before Accept-Language")]
Lang = Annotated[str, Path(pattern=_TAG, description="BCP 47")]
CourseId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,59}$", description="such as `emergency` or `5-7`")]
Name = Annotated[str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$", description="as in the list")]
Printed = Annotated[str, Query(max_length=130, description="id of a lesson or course, as printed")]
_KINDS = ("application/pdf", "application/epub+zip", "application/zip", "application/xml", "application/json")
_PACKAGE = {"content": {kind: {} for kind in (*_KINDS, "text/plain")}, "description": "A file of the package"}


@router.get("", response_model=LessonsOut)
async def lessons(request: Request, house: HouseDep, lang: Asked = None, accept_language: Wish = "") -> Response:
    """Return the courses of a language with their downloads, and the recall list: which lessons are withdrawn."""
    taught = await house.get(Lessons).now(house)
    asked = taught.chosen(lang, accept_language)
    house.get(Lessons).begin(house, taught, asked.language.tag)
    said = lessons_out(taught, asked, house.get(Press)).model_dump_json().encode()
    return await _answered(request, said, asked.language.tag, JSON)


@router.get("/index", response_class=HTMLResponse)
async def index(request: Request, house: HouseDep, lang: Asked = None, accept_language: Wish = "") -> Response:
    """Return the same as a page without scripts, to be read, printed and handed round."""
    taught = await house.get(Lessons).now(house)
    asked = taught.chosen(lang, accept_language)
    house.get(Lessons).begin(house, taught, asked.language.tag)
    told = page.written(taught, asked, house.get(Press)).encode()
    return await _answered(request, told, asked.language.tag, b"text/html; charset=utf-8")


@router.get("/recall", response_class=HTMLResponse)
async def recall(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
    house: HouseDep,
    lesson: Printed,
    revision: Annotated[str, Query(max_length=60, description="as printed")],
    language: Annotated[str, Query(max_length=35, description="of the lesson, as printed")],
    lang: Asked = None,
    accept_language: Wish = "",
) -> HTMLResponse:
    """Say on a small page whether a printed lesson, or any sheet of a course, still stands."""
    taught = await house.get(Lessons).now(house)
    shown = house.get(Shelf).chosen(house, lang, accept_language or language)
    # A plus sign in an address reads as a blank.
    told = _verdict(house, taught, (lesson, revision.replace(" ", "+"), language), shown)
    headers = {"Content-Language": shown.language, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
    return HTMLResponse(told, headers=headers)


@router.get(
    "/{course}/{lang}/{form}",
    status_code=HTTPStatus.SEE_OTHER,
    response_class=RedirectResponse,
    responses={303: {"description": "Where its file is, or the page that lists them"}},
)
async def package(house: HouseDep, course: CourseId, lang: Lang, form: Format) -> RedirectResponse:
    """Make a package if nobody asked for it before, and lead to it: the address for links that stay."""
    taught = await house.get(Lessons).now(house)
    found = taught.package(course, lang, form)
    files = await house.get(Press).made_now(found)
    there = path_of(found, files[0].name) if len(files) == 1 else f"/v1/lessons/index?lang={found.course.language}"
    return RedirectResponse(there, HTTPStatus.SEE_OTHER, headers={"Cache-Control": "no-cache"})


@router.get(
    "/{course}/{lang}/{form}/{name}",
    response_class=Response,
    responses={200: _PACKAGE, 304: {"description": "What the caller holds is the same"}},
)
async def file(  # noqa: PLR0913, PLR0917 - each is a part of the path
    request: Request, house: HouseDep, course: CourseId, lang: Lang, form: Format, name: Name
) -> Response:
    """Return a file of a package; the same bytes until its revision changes, and then another name."""
    taught = await house.get(Lessons).now(house)
    book = await house.get(Lessons).file(house, taught.package(course, lang, form), name)
    return serving.respond(book, request)


async def _answered(request: Request, content: bytes, language: str, kind: bytes) -> Response:
    more = (
        (b"content-type", kind),
        (b"content-language", language.encode()),
        (b"vary", b"accept-language, accept-encoding"),
    )
    bodies = await asyncio.to_thread(packed, content, Effort.FAST)
    return serving.respond(bound(bodies, hashlib.sha256(content).hexdigest(), ASK_AGAIN, more=more), request)


def _verdict(house: House, taught: Taught, printed: tuple[str, str, str], shown: Chosen) -> str:
    """Return the page on something printed: its id, revision and language."""
    named, revision, language = printed
    course = taught.source.courses.get(named.partition(".")[0])
    stands, _ = recalls.current(taught.offered.get(language, ()), named)
    _, now_says = recalls.current(taught.offered.get(shown.language, ()), named)
    verdict = recalls.judge(house.get(Guidance).recalls, course, named, language, is_current=revision == stands)
    edition = house.get(Shelf).edition(house, shown.language)
    return recall_page.written(verdict, edition, house.get(Catalogues), now_says, shown.notes)
