"""The JSON of what follows a warning: corrections as they are prepared and confirmed, renewals."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.alerts.counting import People
from service.alerts.model import Correction
from service.alerts.schemas import TextOut, Why
from service.alerts.texts import Wrong

_HASH = "^[0-9a-f]{64}$"


class WrongIn(BaseModel):
    """What was wrong with a message; it chooses the prepared text (R19)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"wrong": "place"}]})

    wrong: Wrong


class CorrectIn(Why):
    """Confirms a correction; `content` is that of the preparation, so that exactly this goes out."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"wrong": "place", "reason": "the other bank of the river", "content": "5e" * 32}]
        },
    )

    wrong: Wrong
    content: Annotated[str, Field(pattern=_HASH)]


class CorrectionOut(BaseModel):
    """A correction as it would go out. Nothing has happened yet."""

    of: Annotated[str, Field(description="id of the message that it corrects")]
    revision: Annotated[int, Field(description="of that message")]
    place: str
    exercise: bool
    audience: Annotated[
        People | None,
        Field(description="to how many it was or may have been sent so far; null for fewer than 3 cells (R26)"),
    ]
    texts: list[TextOut]
    content: Annotated[str, Field(description="send it back to confirm")]

    @classmethod
    def of_prepared(cls, made: Correction, *, texts: list[TextOut], audience: People | None) -> "CorrectionOut":
        return cls(
            of=str(made.of.id),
            revision=made.of.revision,
            place=made.of.draft.place,
            exercise=made.of.draft.exercise,
            audience=audience,
            texts=texts,
            content=made.content.hash.hex(),
        )
