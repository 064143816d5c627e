"""Why a file of a deployment cannot be used: as an exception where it is read, as a value where it is told."""

from dataclasses import dataclass


class Unfit(Exception):  # noqa: N818 - the file is unfit
    """Why a file is not used, and how to mend it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Unused:
    """A file of a deployment that is not used: why, and how to mend it."""

    file: str
    reason: str
    remedy: str
