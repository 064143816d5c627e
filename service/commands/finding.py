"""What `surefoot check` says of one thing that it looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`ok` is as production wants it, `note` works with less, `stop` must be mended first."""

    OK = "ok"
    NOTE = "note"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at; nothing secret stands in it."""

    what: str
    verdict: Verdict
    detail: str
