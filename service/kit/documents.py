"""Documents that are served: the same bytes in every coding, named by the hash of what they unpack to."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.kit.encodings import Encoding, expand


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes that are served. `bodies` holds them by coding; `final` says that they will not be made any smaller."""

    path: str
    sha256: str
    size: int
    bodies: Mapping[Encoding, bytes]
    final: bool

    def plain(self) -> bytes:
        """Return the bytes that the hash is of."""
        return expand(self.bodies[Encoding.ZSTD], Encoding.ZSTD)
