"""The doors to prints and recordings."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Path
from fastapi.responses import Response

from service.i18n.catalogues import Catalogues
from service.kit.errors import Kind, Refused
from service.kit.http import PUBLIC, HouseDep
from service.prints import actions, press
from service.prints.model import PUBLIC as FORMATS
from service.prints.model import Format
from service.prints.press import Press
from service.prints.schemas import RecordingsOut, recordings_out

__all__ = ["Press", "router"]  # who builds the API puts a press beside this router

router = APIRouter(prefix="/guidance", tags=["guidance"], dependencies=[PUBLIC])

Lang = Annotated[str, Path(pattern="^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,7}$", description="BCP 47")]
TopicId = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,59}$", description="such as `found`, or `core`")]
Name = Annotated[str, Path(pattern="^[a-z][A-Za-z0-9._-]{0,199}$", description="as in the list")]
_FILES: dict[str, dict[str, str]] = {"application/pdf": {}, "image/png": {}, "application/json": {}}
_NO_SUCH = f"There is no such format: ask for one of {', '.join(FORMATS)}."


@router.get(
    "/prints/{lang}/{topic}/{form}",
    response_class=Response,
    responses={
        200: {"content": _FILES, "description": "The file; the same bytes until its revision changes"},
        304: {"description": "What the caller holds is the same"},
    },
)
async def prints(
    house: HouseDep, lang: Lang, topic: TopicId, form: Format, if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """Return a topic as poster, leaflet, card or script, whole in one language, with its revision on it.

    Refused: `language-unknown`, `topic-unknown`, `print-not-whole` (a text of it is not there), `print-unfit` (not made
    of this topic, or not for anybody) as 404; `topic-undated`, `print-unset` (no room at a legible size),
    `card-too-large`, `script-too-long` as 409; `prints-busy`, `print-unset` (took too long), `fonts-missing` as 503.
    """
    if form not in FORMATS:
        raise Refused(Kind.NOT_FOUND, "print-unfit", _NO_SUCH, where="form", remedy="Ask whoever hands it out.")
    language = actions.offered(house.get(Catalogues), lang)
    kept = await house.get(Press).printed(house, language, topic, form)
    headers = {
        "ETag": f'"{kept.sha256}"',
        "Cache-Control": "public, no-cache",
        "Content-Language": language,
        "Content-Disposition": f'inline; filename="{kept.print.name}"',
        "X-Content-Type-Options": "nosniff",
    }
    if headers["ETag"] in {one.strip().removeprefix("W/") for one in if_none_match.split(",")}:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(kept.print.content, media_type=kept.print.media_type, headers=headers)


@router.get("/audio/{lang}")
async def recordings(house: HouseDep, lang: Lang) -> RecordingsOut:
    """Return the deployment's recordings in a language; one whose words have changed is not current."""
    language = actions.offered(house.get(Catalogues), lang)
    return recordings_out(language, await press.recordings(house, language))


@router.get(
    "/audio/{lang}/{name}",
    response_class=Response,
    responses={200: {"content": {"audio/ogg": {}}, "description": "Opus in Ogg, at most 30 s"}},
)
async def recording(house: HouseDep, lang: Lang, name: Name) -> Response:
    """Return one recording, as long as its words are the ones that hold.

    Refused: `recording-unknown` as 404, `recording-stale` as 410, when its words have changed since.
    """
    language = actions.offered(house.get(Catalogues), lang)
    content = await press.recording(house, language, name)
    headers = {"Content-Language": language, "Cache-Control": "public, no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="audio/ogg", headers=headers)
