"""The doors to what phones pull. `serving` answers before they are reached; they describe it, and say no for it."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from service.guidance.media import TYPES
from service.kit.errors import Kind, Refused
from service.kit.http import PUBLIC
from service.publication import serving
from service.publication.schemas import BundleOut, DeltaOut, LessonsBundleOut, PackOut, SignedOut, TopicsOut

router = APIRouter(tags=["packs"], dependencies=[PUBLIC])

Cell = Annotated[str, Path(pattern="^([0-9a-f]{15}|elsewhere)$", description="an H3 cell of resolution 4")]
Versions = Annotated[str, Path(pattern="^[0-9]{1,15}(-[0-9]{1,15})?$", description="`12`: a pack; `9-12`: a delta")]

Language = Annotated[str, Path(pattern="^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}$", description="BCP 47")]
CourseId = Annotated[str, Path(pattern="^[a-z0-9][a-z0-9-]{0,59}$", description="such as `emergency` or `5-7`")]
Name = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,59}$")]
Suffix = Annotated[str, Path(pattern=f"^({'|'.join(TYPES)})$", description="what sort of picture it is")]
Hash = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of its bytes before any compression")]


_PICTURES: dict[str, dict[str, str]] = {kind: {} for kind in TYPES.values()}


@router.get("/keys.json", response_model=SignedOut)
async def keys(request: Request) -> Response:
    """Return the key set that the offline root key signed (docs/packs.md)."""
    return await _found(request)


@router.get("/topics", response_model=TopicsOut)
async def topics(request: Request) -> Response:
    """Return how topics are named, for a phone that registers nothing (docs/topics.md); the index signs it."""
    return await _found(request)


@router.get("/topics/exercise", response_model=TopicsOut)
async def exercise_topics(request: Request) -> Response:
    """Return how the topics of exercises are named: other keys and other names (R27)."""
    return await _found(request)


@router.get("/packs/index.json", response_model=SignedOut)
async def index(request: Request) -> Response:
    """Return the signed index of all packs: versions, sizes and hashes by cell."""
    return await _found(request)


@router.get("/packs/exercise/index.json", response_model=SignedOut)
async def exercise_index(request: Request) -> Response:
    """Return the signed index of exercises, which an app for the real world refuses (R27)."""
    return await _found(request)


@router.get("/guidance/bundle/{language}/{versions}.json", response_model=BundleOut | DeltaOut)
async def bundle(request: Request, language: Language, versions: Versions) -> Response:
    """Return all guidance of one language, or a delta between two versions of it (docs/guidance.md)."""
    del language, versions
    return await _found(request)


@router.get(
    "/guidance/pictures/{name}/{sha256}.{kind}",
    response_class=Response,
    responses={
        200: {"content": {kind: {} for kind in TYPES.values()}, "description": "The picture that a bundle names"}
    },
)
async def picture(request: Request, name: Name, sha256: Hash, kind: Suffix) -> Response:
    """Return a picture, ours or the deployment's own, which never changes."""
    del name, sha256, kind
    return await _found(request)


@router.get("/lessons/bundle/{course}/{language}/{versions}.json", response_model=LessonsBundleOut | DeltaOut)
async def lessons(request: Request, course: CourseId, language: Language, versions: Versions) -> Response:
    """Return a course in one language as an app keeps it, or a delta between two versions of it (docs/lessons.md)."""
    del course, language, versions
    return await _found(request)


@router.get("/packs/exercise/{cell}/{versions}.json", response_model=PackOut | DeltaOut)
async def exercise_pack(request: Request, cell: Cell, versions: Versions) -> Response:
    """Return a pack of an exercise, or a delta between two versions of it."""
    del cell, versions
    return await _found(request)


@router.get("/packs/{cell}/{versions}.json", response_model=PackOut | DeltaOut)
async def pack(request: Request, cell: Cell, versions: Versions) -> Response:
    """Return a pack, or a delta between two versions of it; both never change and may be kept for ever."""
    del cell, versions
    return await _found(request)


async def _found(request: Request) -> Response:
    answer = await serving.respond(request.app.state.packs.shelf, request)
    if answer is None:
        detail = "There is no such document, or none any more."
        raise Refused(Kind.NOT_FOUND, "pack-unknown", detail, remedy="Take what /v1/packs/index.json names.")
    return answer
