"""What phones pull, described; the bytes themselves are made by `geojson`, `deltas` and `signing`."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.guidance.schemas import GuidanceOut
from service.i18n.model import Direction, State


class SignedOut(BaseModel):
    """A JWS in flattened JSON (RFC 7515, 7.2.2), signed by Ed25519; every part is base64url without padding."""

    protected: str = Field(description='{"alg":"Ed25519","kid":…,"typ":"surefoot-index+json"}, or …-keys+json')
    payload: str = Field(description="JSON: the index of packs, or the key set")
    signature: str


class PackOut(BaseModel):
    """A GeoJSON FeatureCollection of dangerous areas, with what a map would misread beside it.

    `departed` names every zone that ever left this pack, with its reason. An empty pack does not mean that there is no
    danger, and `labels` says so.
    """

    type: Literal["FeatureCollection"]
    surefoot: int
    world: str
    cell: str
    version: int
    labels: dict[str, dict[str, str]]
    features: list[dict[str, Any]]
    departed: list[dict[str, Any]]
    coverage: list[dict[str, Any]]
    alerts: list[dict[str, Any]]


class DeltaOut(BaseModel):
    """How to make one version of a pack of another, line by line; the result is checked by the index's hash."""

    surefoot: int
    world: str | None
    cell: str = Field(description="of a bundle of guidance: its language; of lessons: course/language")
    since: int = Field(alias="from")
    until: int = Field(alias="to")
    old_lines: int
    edits: list[list[int]] = Field(description="[keep, drop, add] in the order of the lines")
    lines: list[str]


class BundleOut(GuidanceOut):
    """All guidance of one language, as a phone keeps it; its bytes have the hash that the signed index names."""

    model_config = ConfigDict(json_schema_extra={"examples": []})

    revision: str = Field(description="a hash of all the rest: equal texts have equal bytes")


class LessonsBundleOut(BaseModel):
    """A course in one language, whole with its pictures; its bytes have the hash that the signed index names."""

    surefoot: int
    course: str
    revision: str
    date: str
    language: str
    direction: Direction
    state: State
    kind: str
    order: int
    audience: str
    ages: list[int] | None
    ages_text: str | None
    title: str
    summary: str
    basis: str
    licence: dict[str, str]
    stamp: str
    notices: list[str]
    caveat: str
    number: str
    labels: dict[str, str]
    pictures: dict[str, dict[str, str]]
    lessons: list[dict[str, Any]]


class GenerationOut(BaseModel):
    number: int
    key: str = Field(description="32 bytes as base64url without padding")
    since: str
    until: str | None = Field(description="when alerts stop going to this generation's topics; null for the current")


class TopicsOut(BaseModel):
    """How topics are named. Its bytes have the hash that the signed index of the same world names."""

    surefoot: int
    scheme: int
    world: str
    resolutions: list[int] = Field(description="of the cells that a phone follows, by its place")
    languages: list[str] = Field(description="in each of them every alert is told, if need be in another's words")
    default_language: str = Field(description="for whose wishes are none of these")
    generations: list[GenerationOut] = Field(description="the newest first")
