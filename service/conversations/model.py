"""What somebody wrote to us, whole, and what is answered. Neither is ever written to disk."""

from dataclasses import dataclass
from datetime import datetime

from service.kit.hidden import Hidden


@dataclass(frozen=True, slots=True)
class Heard:
    """One whole text. `sender` is E.164."""

    provider: str
    sender: Hidden[str]
    text: Hidden[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """One text back; `template` is the id of its message, all that is kept of it."""

    text: Hidden[str]
    template: str
    language: str
