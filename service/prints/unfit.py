"""The one exception for a file of a deployment that cannot be used."""


class Unfit(Exception):  # noqa: N818 - the file is unfit
    """Why a file is not used, and how to mend it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}: {remedy}")
        self.reason = reason
        self.remedy = remedy
