"""What the API says about recordings."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field

from service.prints.model import Recording


class RecordingOut(BaseModel):
    """One recording of a deployment."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "guidance.found.stop.uk.0123456789abcdef.opus",
                    "message": "guidance.found.stop",
                    "seconds": 7.5,
                    "current": True,
                }
            ]
        }
    )

    name: str = Field(description="under which it is fetched")
    message: str = Field(description="id of the text that is read")
    seconds: float = Field(gt=0, le=30)
    current: bool = Field(description="false when the words have changed since: it is not played any more")


class RecordingsOut(BaseModel):
    """The recordings of one language."""

    language: str
    recordings: list[RecordingOut]


def recordings_out(language: str, found: Iterable[Recording]) -> RecordingsOut:
    """Describe the recordings of a language."""
    told = [RecordingOut(name=one.name, message=one.message, seconds=one.seconds, current=one.current) for one in found]
    return RecordingsOut(language=language, recordings=told)
