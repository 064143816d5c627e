"""Answers "you have it already" (RFC 9110, 304) where the record has not moved since."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2s

from fastapi import Response

from service.i18n.model import Language

_TAG = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class Kept:
    """What an answer turns on: the version of the public record (None: it may not be kept), the question, the language.

    `seconds`: for how long anybody may show it without asking again; 0 where it is the caller's own.
    """

    version: int | None
    question: str
    language: str
    seconds: int = 0

    @property
    def etag(self) -> str:
        asked = blake2s(f"{self.language}\n{self.question}".encode(), digest_size=8).hexdigest()
        return f'W/"{self.version}-{asked}"'

    @property
    def cache_control(self) -> str:
        if self.version is None:
            return "no-store"
        return f"public, max-age={self.seconds}" if self.seconds else "private, no-cache"


def unless_known(
    known: str, kept: Kept, content: Callable[[], bytes], headers: Mapping[str, str], media_type: str
) -> Response:
    """Return the content, or 304 if the caller's If-None-Match names what it would be."""
    told = {**headers, "Cache-Control": kept.cache_control}
    if kept.version is not None:
        told["ETag"] = kept.etag
        if kept.etag.removeprefix("W/") in _TAG.findall(known):
            return Response(status_code=304, headers=told)
    return Response(content(), media_type=media_type, headers=told)


def spoken(language: Language) -> dict[str, str]:
    """Return the headers that say in which language an answer is, and that it was chosen."""
    return {"Content-Language": language.tag, "Vary": "Accept-Language"}
