"""One exception for every "no" that a caller can mend."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of "no" it is; `service.api` maps each to one HTTP status."""

    INVALID = "invalid"
    MALFORMED = "malformed"
    NOT_FOUND = "not-found"
    FORBIDDEN = "forbidden"
    UNAUTHENTICATED = "unauthenticated"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Fault:
    """One of several things wrong in one input. `where` is a field's path, a row or a file."""

    where: str
    detail: str
    remedy: str


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """A clear "no": `name` is stable and documented, `detail` says what is wrong, `remedy` how to mend it.

    `after` is in how many seconds it may be tried again.
    """

    def __init__(  # noqa: PLR0913 - what, where and how to mend it belong together
        self,
        kind: Kind,
        name: str,
        detail: str,
        *,
        where: str | None = None,
        remedy: str | None = None,
        faults: Sequence[Fault] = (),
        after: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.name = name
        self.detail = detail
        self.where = where
        self.remedy = remedy
        self.faults = tuple(faults)
        self.after = after
