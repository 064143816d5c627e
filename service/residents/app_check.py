"""An outside protocol: Firebase App Check, by which an app shows that it is the real one on a real phone."""

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit

import jwt
import structlog
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import RequestError

from service.config import Settings
from service.kit.errors import Kind, Refused
from service.kit.internet import is_loopback

_log = structlog.get_logger()
HEADER = "X-Firebase-AppCheck"
_ISSUER = "https://firebaseappcheck.googleapis.com/"
_LONGEST_TOKEN = 4096
_MOST_BYTES = 256 * 1024
_TIMEOUT = timedelta(seconds=5)
_FRESH = timedelta(hours=6)  # Google asks to look again after so long
_KEPT = timedelta(hours=24)  # a key that could not be looked up again is believed for no longer than so
_REST = timedelta(seconds=60)  # however many unknown keys strangers name, Google is asked no more often
_LEEWAY = timedelta(seconds=30)
_OK = 200
_Keys = Mapping[str, jwt.PyJWK]


@dataclass(frozen=True, slots=True)
class Known:
    """Google's keys, and when they were fetched."""

    keys: _Keys
    at: datetime


class AppCheck:
    """Says whether a call comes from an app of ours; asks nothing of anybody where no project is named.

    Tokens are checked against the keys that Google publishes, so the API needs no key of a provider. After
    https://firebase.google.com/docs/app-check/custom-resource-backend: RS256, issuer and audience by project.
    """

    def __init__(self, projects: Collection[str], apps: Collection[str], url: str, client: Client) -> None:
        self._projects = frozenset(projects)
        self._apps = frozenset(apps)
        self._url = url
        self._client = client
        self._known: Known | None = None
        self._asked_at: datetime | None = None
        self._asking = asyncio.Lock()

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Refused where keys could be changed on their way to us."""
        url = settings.app_check_keys
        here = is_loopback(urlsplit(url).hostname or "")
        if not url.startswith("https://") and not (here and settings.loopback_only):
            detail = "Without TLS anybody on the way could vouch for any app."
            raise Refused(Kind.FORBIDDEN, "app-check-not-encrypted", detail, where=url, remedy="Use an https address.")
        made = ClientBuilder().timeout(_TIMEOUT).follow_redirects(enable=False)
        client = (made.no_proxy() if here else made).build()
        return cls(settings.app_check_projects, settings.app_check_apps, url, client)

    async def demand(self, token: str | None, *, now: datetime) -> None:
        """Pass if an app of ours made the call. Refused otherwise, and where Google's keys are not at hand."""
        if not self._projects:
            return
        if not token or len(token) > _LONGEST_TOKEN:
            raise _refused("app-check-missing", f"This needs a token of Firebase App Check in {HEADER}.")
        kid = _kid_of(token)
        key = await self._key(kid, now=now)
        if key is None or not self._vouched(token, key, now=now):
            raise _refused("app-check-refused", "The token of Firebase App Check is not one of this service's apps.")

    def _vouched(self, token: str, key: jwt.PyJWK, *, now: datetime) -> bool:
        try:
            # The times are looked at below, by the house's clock.
            options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
            said = jwt.decode(token, key, algorithms=["RS256"], options=options)
        except jwt.InvalidTokenError:
            return False
        project = str(said.get("iss", "")).removeprefix(_ISSUER)
        audience = said.get("aud")
        audience = audience if isinstance(audience, list) else [audience]
        return (
            said.get("iss") == f"{_ISSUER}{project}"
            and project in self._projects
            and f"projects/{project}" in audience
            and (not self._apps or said.get("sub") in self._apps)
            and _in_time(said, now=now)
        )

    async def _key(self, kid: str, *, now: datetime) -> jwt.PyJWK | None:
        """Return a key of Google's; None if it has none of that id. Refused when that cannot be found out now."""
        async with self._asking:
            if self._stale(kid, now=now) and not self._resting(now=now):
                self._asked_at = now
                await self._fetch(now=now)
            known = self._known
        if known is None or now - known.at > _KEPT:
            detail = "It cannot be checked now whether the call comes from an app of this service."
            remedy = "Try again later; what is registered already goes on."
            raise Refused(Kind.UNAVAILABLE, "app-check-keys-away", detail, remedy=remedy, after=60)
        return known.keys.get(kid)

    def _stale(self, kid: str, *, now: datetime) -> bool:
        return self._known is None or kid not in self._known.keys or now - self._known.at > _FRESH

    def _resting(self, *, now: datetime) -> bool:
        return self._asked_at is not None and timedelta(0) <= now - self._asked_at < _REST

    async def _fetch(self, *, now: datetime) -> None:
        try:
            async with self._client.get(self._url).build_streamed() as response:
                body = b"" if response.status != _OK else await _short(response.body_reader)
            self._known = Known(_read(body), now)
        except (RequestError, ValueError, jwt.PyJWKSetError, jwt.PyJWKError) as error:
            _log.warning("app_check.keys_away", error=type(error).__name__, kept=self._known is not None)

    async def close(self) -> None:
        await self._client.close()


async def _short(reader: Any) -> bytes:
    body = b""
    while chunk := await reader.read_chunk():
        body += bytes(chunk)
        if len(body) > _MOST_BYTES:
            raise ValueError("the answer is too long")
    return body


def _read(body: bytes) -> _Keys:
    """Return the keys for RS256 by their ids. Raises ValueError or PyJWT's errors for anything else."""
    said = json.loads(body)
    if not isinstance(said, dict):
        raise ValueError("no object")  # noqa: TRY004 - one error for every answer that is no set of keys
    found = jwt.PyJWKSet.from_dict(said)
    return {str(one.key_id): one for one in found.keys if one.key_type == "RSA" and one.key_id}


def _kid_of(token: str) -> str:
    try:
        head = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        head = {}
    kid = head.get("kid")
    if head.get("alg") != "RS256" or not isinstance(kid, str):
        raise _refused("app-check-refused", "The token of Firebase App Check cannot be read.")
    return kid


def _in_time(said: Mapping[str, Any], *, now: datetime) -> bool:
    until, since = said.get("exp"), said.get("iat", 0)
    moment, leeway = now.timestamp(), _LEEWAY.total_seconds()
    if not isinstance(until, int | float) or not isinstance(since, int | float):
        return False
    return since - leeway <= moment < until + leeway


def _refused(name: str, detail: str) -> Refused:
    remedy = "Get a token from the App Check library of the app and send it along."
    return Refused(Kind.FORBIDDEN, name, detail, where=HEADER, remedy=remedy)
