"""What phones pull, described; the bytes themselves are made by `geojson`, `deltas` and `signing`."""

from typing import Any, Literal

from pydantic import BaseModel, Field


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
    world: str
    cell: str
    since: int = Field(alias="from")
    until: int = Field(alias="to")
    old_lines: int
    edits: list[list[int]] = Field(description="[keep, drop, add] in the order of the lines")
    lines: list[str]
