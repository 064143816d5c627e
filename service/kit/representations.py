"""Encoded documents ready to send: each in every coding, with the headers that go with it (RFC 9110, 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from service.kit.asgi import SAFE, Scope, sound_id
from service.kit.encodings import SMALLER, Effort, Encoding, choose, compress

Header: TypeAlias = tuple[bytes, bytes]
Headers: TypeAlias = list[Header]

FOR_EVER = b"public, max-age=31536000, immutable"
ASK_AGAIN = b"public, no-cache"
JSON = b"application/json"
_OK, _SAME = int(HTTPStatus.OK), int(HTTPStatus.NOT_MODIFIED)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One document in one coding, with its headers; `tag` says which bytes it unpacks to, and never anything else.

    The tag is a weak one: a body may be replaced by a smaller one that unpacks to the same bytes.
    """

    body: bytes
    headers: Headers
    tag: bytes


@dataclass(frozen=True, slots=True)
class Book:
    """A document as it is, and in the codings that make it smaller; `until` is when to look for a smaller one."""

    leaves: Mapping[Encoding, Leaf]
    sha256: bytes
    weight: int
    until: float | None


def packed(content: bytes, effort: Effort) -> dict[Encoding, bytes]:
    """Return the content in every coding, as it stands too."""
    return {encoding: compress(content, encoding, effort) for encoding in (*SMALLER, Encoding.IDENTITY)}


def bound(
    bodies: Mapping[Encoding, bytes],
    sha256: str,
    cache: bytes,
    until: float | None = None,
    *,
    more: Sequence[Header] = (),
) -> Book:
    """Give bodies their headers; `more` says a type other than JSON, a language, what else the answer varies by."""
    leaves = {
        encoding: _leaf(body, encoding, sha256, (*more, (b"cache-control", cache))) for encoding, body in bodies.items()
    }
    return Book(leaves, sha256.encode(), sum(map(len, bodies.values())), until)


def _leaf(body: bytes, encoding: Encoding, sha256: str, more: Sequence[Header]) -> Leaf:
    tag = f'W/"{sha256}-{encoding}"'.encode()
    named = {name for name, _ in more}
    headers: Headers = [
        (b"content-length", str(len(body)).encode()),
        (b"etag", tag),
        *more,
        # Anybody's page may read what everybody may read; it is sent without anybody's credentials.
        (b"access-control-allow-origin", b"*"),
        *SAFE,
    ]
    usual = ((b"content-type", JSON), (b"vary", b"accept-encoding"))
    headers += [header for header in usual if header[0] not in named]
    if encoding is not Encoding.IDENTITY:
        headers.append((b"content-encoding", encoding.value.encode()))
    return Leaf(body, headers, tag)


def answer(book: Book, scope: Scope) -> tuple[int, Headers, bytes, Header]:
    """Return status, headers, body, and the header with the request's id."""
    accepted = known = given = None
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            accepted = value if accepted is None else accepted + b"," + value
        elif name == b"if-none-match":
            known = value if known is None else known + b"," + value
        elif name == b"x-request-id":
            given = value
    # What has no smaller form is sent as it is, to who refuses even plain bytes too (RFC 9110, 12.5.3).
    leaf = book.leaves.get(choose(accepted) or Encoding.IDENTITY) or book.leaves[Encoding.IDENTITY]
    request_id = (b"x-request-id", sound_id(given).encode())
    if known is not None and holds(known, book.sha256):
        return _SAME, unchanged(leaf.headers), b"", request_id
    return _OK, leaf.headers, b"" if scope["method"] == "HEAD" else leaf.body, request_id


def holds(tags: bytes, sha256: bytes) -> bool:
    """Say whether If-None-Match names these bytes, in whatever coding they came."""
    return tags.strip() == b"*" or any(_named(tag, sha256) for tag in tags.split(b","))


def _named(tag: bytes, sha256: bytes) -> bool:
    return tag.strip().removeprefix(b"W/").strip(b'"').partition(b"-")[0] == sha256


def unchanged(headers: Sequence[Header]) -> Headers:
    """Return the headers of a 304: those that say what stands, none that describe a body."""
    bodily = {b"content-length", b"content-encoding", b"content-type"}
    return [header for header in headers if header[0] not in bodily]
