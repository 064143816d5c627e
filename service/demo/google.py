"""What Google knows in the simulated world: tokens given out, devices, what waits for those that are off."""

import asyncio
import base64
import json
import random
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from service.kit.clock import Clock

MOST_PENDING = 100
MOST_TOPICS = 5
# Of the conditions that Google takes only those that ask for any of some topics.
_CONDITION = re.compile(r"'[a-zA-Z0-9-_.~%]+' in topics( \|\| '[a-zA-Z0-9-_.~%]+' in topics)*")
_TOPIC = re.compile(r"'([^']+)' in topics")
LONGEST_LIFE = timedelta(weeks=4)
LONGEST_ASSERTION = 3600
# Google's library names this audience wherever the request itself goes.
_AUDIENCE = "https://oauth2.googleapis.com/token"
_EMAIL = "stub@surefoot-demo.example"


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"


@dataclass(frozen=True)
class Pending:
    """A message that waits for a phone that is off, until it is out of date."""

    message: dict[str, Any]
    until: datetime


@dataclass
class Device:
    """A phone as Google knows it: for Android 100 messages wait and one more drops all, for Apple the latest each."""

    address: str
    platform: Platform = Platform.ANDROID
    online: bool = True
    pending: list[Pending] = field(default_factory=list)
    dropped: bool = False


@dataclass
class Rule:
    """A fault on purpose: a share of the sends, so many times, gets this answer (or none)."""

    status: int = 503
    share: float = 1.0
    times: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    delay: float = 0.0
    reset: bool = False
    address: str | None = None


class Google:
    """Everything that the stub remembers."""

    def __init__(self, *, clock: Clock | None = None, seed: int = 0) -> None:
        self._clock = clock or Clock()
        self._wall = Clock()
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.tokens: set[str] = set()
        self.tokens_given = 0
        self.devices: dict[str, Device] = {}
        self.followers: dict[str, set[str]] = {}
        self.only_known = False
        self.rules: list[Rule] = []
        self.log: list[dict[str, Any]] = []
        self.answers: Counter[int] = Counter()
        self.versions: Counter[str] = Counter()
        self.complaints: list[str] = []
        self.listeners: list[asyncio.Queue[dict[str, Any]]] = []
        self._chance = random.Random(seed)  # noqa: S311 - a simulated world, the same for the same seed

    def account(self, token_uri: str, project: str) -> dict[str, str]:
        """Return the service account's JSON; its key is this stub's own."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": project,
            "private_key_id": "stub",
            "private_key": pem.decode(),
            "client_email": _EMAIL,
            "client_id": "1",
            "token_uri": token_uri,
        }

    def give_token(self, assertion: str) -> str | None:
        """Return an access token for a signed assertion (RFC 7523); None if it is not good."""
        claims = self._claims(assertion)
        now = self._wall.now().timestamp()  # google-auth dates its assertions by the wall's clock
        if claims is None or claims.get("iss") != _EMAIL or claims.get("aud") != _AUDIENCE:
            return None
        if not now - 60 <= claims["iat"] <= now + 60 or claims["exp"] - claims["iat"] > LONGEST_ASSERTION:
            return None
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        self.tokens_given += 1
        return token

    def _claims(self, assertion: str) -> dict[str, Any] | None:
        try:
            signed, _, signature = assertion.rpartition(".")
            self.key.public_key().verify(_bytes(signature), signed.encode(), padding.PKCS1v15(), SHA256())
            claims: dict[str, Any] = json.loads(_bytes(signed.split(".")[1]))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is not good
            return None
        return claims

    def fault_for(self, address: str) -> Rule | None:
        """Return the fault that this send meets, if any; a rule's times run down."""
        for rule in self.rules:
            if rule.times == 0 or (rule.address is not None and rule.address != address):
                continue
            if self._chance.random() < rule.share:
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None

    def accept(self, address: str, message: dict[str, Any]) -> None:
        """Take one message: carry it at once to a phone that is on, keep it for one that is off."""
        self._note(address, message)
        self._carry(address, message)

    def spread(self, condition: str, message: dict[str, Any]) -> None:
        """Take one message to topics: every phone that follows any of them gets it once."""
        self._note(condition, message)
        followers = set().union(*(self.followers.get(topic, ()) for topic in topics_of(condition)))
        for address in sorted(followers):
            self._carry(address, message)

    def subscribe(self, phones: Iterable[Mapping[str, Any]]) -> None:
        """Let phones follow exactly these topics each, as Google's library does on a phone."""
        for phone in phones:
            for followers in self.followers.values():
                followers.discard(phone["address"])
            for topic in phone["topics"]:
                self.followers.setdefault(topic, set()).add(phone["address"])

    def messages(self, wanted: Sequence[str] | None) -> list[dict[str, Any]]:
        """Return what was accepted, in order, for some addresses or for all."""
        return [one for one in self.log if wanted is None or one["address"] in wanted]

    def sent(self, alert: str) -> Counter[str]:
        """Count how often each address was sent an alert; a condition is nobody's address."""
        return Counter(
            one["address"]
            for one in self.log
            if one["message"].get("data", {}).get("alert") == alert and "condition" not in one["message"]
        )

    def _note(self, address: str, message: dict[str, Any]) -> None:
        self.log.append({"address": address, "message": message, "at": self._clock.now().timestamp()})

    def _carry(self, address: str, message: dict[str, Any]) -> None:
        now = self._clock.now()
        device = self.devices.get(address)
        if device is None or device.online:
            self._tell({"event": "message", "address": address, "message": message})
            return
        device.pending = [one for one in device.pending if one.until > now]
        kept = Pending(message, _until(message, device.platform, now=now))
        if device.platform is Platform.IOS:
            collapse = _collapse_id(message)
            device.pending = [
                one for one in device.pending if collapse is None or _collapse_id(one.message) != collapse
            ]
            device.pending.append(kept)
        elif device.dropped or len(device.pending) >= MOST_PENDING:
            # Android's own habit: past 100 all are gone, and the app is told so when it is back.
            device.pending, device.dropped = [], True
        else:
            device.pending.append(kept)

    def switch(self, address: str, *, online: bool, platform: Platform | None = None, waiting: int = 0) -> None:
        """Turn a device on or off; what waited for it arrives when it is back, but for what is out of date by then.

        `waiting` messages of other senders come to wait for a device that is off.
        """
        device = self.devices.setdefault(address, Device(address))
        device.platform = platform or device.platform
        device.online = online
        now = self._clock.now()
        if not online:
            device.pending += [Pending({"data": {"kind": "other"}}, now + LONGEST_LIFE)] * waiting
            return
        if device.dropped:
            self._tell({"event": "deleted", "address": address})
        for one in device.pending:
            if one.until > now:
                self._tell({"event": "message", "address": address, "message": one.message})
        device.pending, device.dropped = [], False

    def _tell(self, event: dict[str, Any]) -> None:
        for listener in self.listeners:
            listener.put_nowait(event)


def topics_of(condition: str) -> list[str]:
    """Return the topics of which a condition asks for any; none if it is of another form."""
    return _TOPIC.findall(condition) if _CONDITION.fullmatch(condition) else []


def _until(message: Mapping[str, Any], platform: Platform, *, now: datetime) -> datetime:
    """Return when Google or Apple gives a message up: by `android.ttl` or `apns-expiration`, else after four weeks."""
    if platform is Platform.IOS:
        ends = message.get("apns", {}).get("headers", {}).get("apns-expiration")
        return now + LONGEST_LIFE if ends is None else datetime.fromtimestamp(int(ends), UTC)
    ttl = message.get("android", {}).get("ttl")
    return now + (LONGEST_LIFE if ttl is None else timedelta(seconds=float(ttl.removesuffix("s"))))


def _collapse_id(message: Mapping[str, Any]) -> str | None:
    found: str | None = message.get("apns", {}).get("headers", {}).get("apns-collapse-id")
    return found


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def write_account(google: Google, path: Path, *, endpoint: str, project: str) -> None:
    """Write the service account's file for a worker that sends to the stub at this address."""
    path.write_text(json.dumps(google.account(f"{endpoint}/token", project)))
    path.chmod(0o600)
