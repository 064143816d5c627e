"""Where a phone fetches from: a server, or a folder or stick that somebody exported."""

import urllib.error
import urllib.request
import zlib
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from service.kit.errors import Kind, Refused

MOST_BYTES = 64 * 1024 * 1024
_PATIENCE_SECONDS = 30
_GZIP = 31  # zlib's sign for gzip with the largest window


class Source(Protocol):
    """Gives documents by their path, such as `v1/packs/index.json`. None of them is believed for where it came from."""

    def fetch(self, path: str) -> bytes:
        """Return a document. Refused `not-fetched`."""
        ...


def open_source(text: str) -> Source:
    """Return the source that a URL or a path names. Refused `source-unknown` for any other scheme."""
    parts = urlsplit(text)
    match parts.scheme:
        case "http" | "https":
            return Server(text.rstrip("/"))
        case "file":
            return Folder(Path(unquote(parts.path)))
        case "":
            return Folder(Path(text))
        case _:
            detail = f"Packs cannot be fetched by {parts.scheme!r}."
            raise Refused(Kind.INVALID, "source-unknown", detail, where="--from", remedy="Give http, https or file.")


class Folder:
    """An exported tree."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fetch(self, path: str) -> bytes:
        """Return a file's bytes."""
        try:
            with (self._path / path).open("rb") as file:
                return _limited(file.read(MOST_BYTES + 1), path)
        except OSError as error:
            raise _not_fetched(path, error.strerror or type(error).__name__) from error


class Server:
    """A running service, or a static mirror."""

    def __init__(self, address: str) -> None:
        self._address = address

    def fetch(self, path: str) -> bytes:
        """Return an answer's body, unpacked; never more than 64 MB, however small it came."""
        headers = {"Accept-Encoding": "gzip", "User-Agent": "surefoot-packs"}
        request = urllib.request.Request(f"{self._address}/{path}", headers=headers)  # noqa: S310 - http(s), see above
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310 - as above
                content = answer.read(MOST_BYTES + 1)
                packed = answer.headers.get("Content-Encoding") == "gzip"
            return _limited(zlib.decompressobj(_GZIP).decompress(content, MOST_BYTES + 1) if packed else content, path)
        except (OSError, zlib.error, ValueError) as error:
            raise _not_fetched(path, type(error).__name__) from error


def _limited(content: bytes, path: str) -> bytes:
    if len(content) > MOST_BYTES:
        raise _not_fetched(path, f"it has more than {MOST_BYTES} bytes")
    return content


def _not_fetched(path: str, why: str) -> Refused:
    detail = f"{path} could not be fetched: {why}."
    return Refused(Kind.UNAVAILABLE, "not-fetched", detail, remedy="What is held stays; try again or elsewhere.")
