"""What the API says of guidance, described; the bytes themselves are made by `bundles`."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from service.guidance.media import Sort
from service.guidance.model import Audience, RecallReason, Situation
from service.i18n.model import Direction, State
from service.i18n.schemas import NoteOut

_LINE = {"number": "101", "service": "Fire and rescue service"}
_COUNTRY = {
    "country": "UA",
    "emergency": [_LINE],
    "hotline": None,
    "remark": "The mine action authority's own number is not known here.",
    "checked": "2026-11-25",
}
_CALL = "First move away from the object. Then call 112 to report mines or other explosive objects."
_MESSAGE = {
    "id": "found.stop",
    "revision": "1-0a1b2c3d",
    "state": "source",
    "rules": ["R10a", "R15"],
    "audience": ["adults"],
    "situation": "object-ahead",
    "text": "Stop as soon as you see something suspicious. Do not approach it, touch it or move it.",
    "supporting": {"why": "As long as nobody goes near it, you still have every choice."},
    "picture": "stop",
}
_PICTURE = {
    "path": f"/v1/guidance/pictures/stop/{'0' * 64}.svg",
    "sha256": "0" * 64,
    "size": 869,
    "alternative": "A person stands still and holds up a large open hand. It means stop.",
}
_NOTES = "said first: another language is shown than was asked for; in that one, and in the one asked for"
_HEAD = {"surefoot": 1, "language": "en", "direction": "ltr", "state": "source", "notices": {}}


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


class LineOut(BaseModel):
    """A number to dial, and who answers: `service` in the language of the answer, or a `name` as it is."""

    number: str = Field(description="ASCII digits; reads from left to right in any text")
    service: str | None = None
    name: str | None = Field(default=None, description="what a deployment calls it: a name, isolate its direction")


class CountryOut(BaseModel):
    """Whom to call in a country, or in a part of it."""

    country: str = Field(description="ISO 3166-1 or -2")
    emergency: list[LineOut]
    hotline: LineOut | None = Field(description="of the mine action authority; null where nobody confirmed one")
    remark: str | None = Field(description="said where there is no hotline")
    checked: str = Field(description="the day on which somebody looked last")


class SourcedCountryOut(CountryOut):
    """Whom to call, and where the numbers come from."""

    source: str
    source_language: str = Field(description="of `source`, and of `note`, which comes only in that language")
    note: str | None = None


class ContactsOut(BaseModel):
    """Whom to call: the deployment's own number first."""

    model_config = _example(
        _HEAD
        | {
            "number": "112",
            "text": _CALL,
            "countries": [_COUNTRY | {"source": "libphonenumber 9.0.43", "source_language": "en"}],
            "notes": [],
        }
    )

    surefoot: int
    language: str
    direction: Direction
    state: State
    notices: dict[str, str]
    number: str
    text: str | None
    countries: list[SourcedCountryOut]
    notes: list[NoteOut] = Field(default=[], description=_NOTES)


class BesideOut(BaseModel):
    """The numbers that stand beside every answer."""

    number: str
    text: str | None
    countries: list[CountryOut]


class CoreOut(BaseModel):
    """A text of the core set."""

    id: str
    kind: str
    text: str
    revision: str = Field(description="a recall names it by `id` without `guidance.`")
    picture: str | None = None


class PictureOut(BaseModel):
    """A picture by its hash; ours are turned round for who reads from right to left, where that matters."""

    path: str
    sha256: str
    size: int
    alternative: str = Field(description="what it shows, for who cannot see it")


class OwnPictureOut(PictureOut):
    """A picture of whoever runs the service: a sign of the country, or what its authority has people recognise."""

    shows: Sort
    topics: list[str] = Field(description="beside which it stands")
    audience: list[Audience] = Field(description="to nobody else: recognition is for readers of 13 and over")


class VariantOut(BaseModel):
    """The same message as it is told to children of one age."""

    audience: Audience
    text: str
    why: str


class MessageOut(BaseModel):
    """One thing to do, why, and for whom."""

    id: str
    revision: str = Field(description="names exactly this text in this language")
    state: State
    rules: list[str]
    audience: list[Audience]
    situation: Situation
    text: str
    supporting: dict[str, str] = Field(description="`why` gives the reason")
    myth: str | None = None
    picture: str | None = None
    variants: list[VariantOut] = Field(default=[], description="for children; only where no audience was asked for")


class TopicOut(BaseModel):
    """One subject with its messages, in the order in which they are to be read."""

    id: str
    revision: str = Field(description="names exactly a sheet with all of its messages")
    title: str
    messages: list[MessageOut]


class RecallOut(BaseModel):
    """A text that was withdrawn: mark it wherever it is held."""

    text: str = Field(description="id of a message or of a topic")
    revisions: list[str] = Field(description="`3`: all texts of that revision; `3-1a2b3c4d`: exactly one")
    languages: list[str] = Field(description="none named: all")
    since: str
    reason: RecallReason


class GuidanceOut(BaseModel):
    """Guidance in one language. What is not translated is not there, and `notices` says so: show them all."""

    model_config = _example(
        _HEAD
        | {
            "complete": True,
            "notes": [],
            "caveat": "There may be other dangerous areas that nobody has reported yet.",
            "contacts": {"number": "112", "text": _CALL, "countries": [_COUNTRY]},
            "core": [],
            "pictures": {"stop": _PICTURE},
            "topics": [
                {
                    "id": "found",
                    "revision": "2-0a1b2c3d",
                    "title": "If you see something suspicious",
                    "messages": [_MESSAGE],
                }
            ],
            "recalled": [],
        }
    )

    surefoot: int
    language: str
    direction: Direction
    state: State = Field(description="`draft` until a reviewer has read every text of it")
    complete: bool = Field(description="whether everything there is exists in this language")
    notices: dict[str, str] = Field(description="`draft`, `rest`: to be shown with the texts")
    notes: list[NoteOut] = Field(default=[], description=_NOTES)
    caveat: str | None
    contacts: BesideOut
    core: list[CoreOut] = Field(description="comes along where something is not translated")
    pictures: dict[str, PictureOut]
    own_pictures: list[OwnPictureOut] = Field(
        default=[], description="of the deployment; those for readers of 13 and over only where `audience` names such"
    )
    topics: list[TopicOut]
    recalled: list[RecallOut]
