"""The right to send by FCM: a service account's access token, fetched off the event loop and kept in time."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from firebase_admin import credentials
from google.auth.credentials import TokenState
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import Request

from service.delivery.channels.fcm_answers import Fault, later
from service.delivery.model import TryLater

_TIMEOUT_SECONDS = 10.0
_REST_SECONDS = 5.0


class Access:
    """Holds a token while it is good; however many ask for one, one fetches it.

    google-auth says how good a token is: in its last minutes it still serves while the next one is fetched. A fetch
    that failed is not repeated for 5 s: a thousand waiting messages must not become a thousand questions.
    """

    def __init__(self, account: Mapping[str, Any], *, proxies: bool) -> None:
        """Take the JSON of a service account; anything else raises ValueError."""
        self._credential = credentials.Certificate(dict(account)).get_credential()
        self._transport = Request()
        self._transport.session.trust_env = proxies
        self._request = partial(self._transport, timeout=_TIMEOUT_SECONDS, allow_redirects=False)
        self._fetching: asyncio.Task[TryLater | None] | None = None
        self._trouble: TryLater | None = None
        self._rests_until = 0.0

    async def token(self) -> str | TryLater:
        """Return a token, or why there is none now."""
        state, held = self._credential.token_state, self._credential.token
        if state is TokenState.FRESH:
            return str(held)
        resting = self._trouble is not None and asyncio.get_running_loop().time() < self._rests_until
        fetching = None if resting else self._fetch_once()
        if state is TokenState.STALE:
            return str(held)  # good for minutes yet: nobody waits
        if fetching is not None:
            # Shielded: who gives up waiting must not take the fetch away from the others.
            await asyncio.shield(fetching)
        return self._trouble or self._credential.token or later(Fault.CREDENTIALS)

    def forget(self, token: str) -> bool:
        """Take a token that Google refused as none, and say whether another may be had.

        One that was fetched just now is kept: if Google refuses that, the fault lies in the account, not in the token.
        """
        if self._credential.token != token:
            return True
        if asyncio.get_running_loop().time() < self._rests_until:
            return False
        self._credential.token = None
        return True

    def close(self) -> None:
        self._transport.session.close()

    def _fetch_once(self) -> "asyncio.Task[TryLater | None]":
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> TryLater | None:
        self._trouble = await asyncio.to_thread(self._dial)
        self._rests_until = asyncio.get_running_loop().time() + _REST_SECONDS
        return self._trouble

    def _dial(self) -> TryLater | None:
        try:
            self._credential.refresh(self._request)
        except TransportError as error:
            return later(Fault.CERTIFICATE if "certificate" in repr(error).lower() else Fault.NO_ANSWER)
        except RefreshError as error:
            return later(Fault.NO_ANSWER if error.retryable else Fault.CREDENTIALS)
        except (GoogleAuthError, KeyError, TypeError, ValueError):
            # google-auth does not check the form of what it reads: an odd answer surfaces as one of these.
            return later(Fault.UNKNOWN)
        return None
