"""A local stub of Firebase Cloud Messaging, HTTP v1: checks what it gets, answers as Google does, fails on demand."""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP2Settings
from granian.server.embed import Server

from service.demo.bodies import Bodies, Judge
from service.demo.google import MOST_TOPICS, Google, Platform, Rule, topics_of, write_account
from service.kit.clock import Clock
from service.kit.processes import die_with_parent

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LIMIT, TOPIC_LIMIT = 4096, 2048
TARGETS = ("fid", "token", "topic", "condition")
_KNOWN = {*TARGETS, "data", "notification", "android", "apns", "webpush", "fcm_options", "fcmOptions", "name"}
_MOST_STREAMS = 100
"""Requests at a time on one connection, as servers commonly allow."""


@dataclass(frozen=True)
class Tls:
    """PEM files."""

    certificate: Path
    key: Path


class Stub:
    """The HTTP side. `check` judges each body against Google's schema; None takes its own look only."""

    def __init__(self, google: Google, *, delay: float = 0.0, check: Judge | None = None) -> None:
        self.google = google
        self._delay = delay
        self._bodies = Bodies(lambda said: complaint(said) or (check(said) if check else None))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _read(receive)
        if body is None:
            return
        path: str = scope["path"]
        if path == "/_stub/stream":
            await self._stream(send)
        elif path.startswith("/_stub/"):
            await _json(send, 200, self._control(path.removeprefix("/_stub/"), scope, body))
        elif path == "/token":
            await self._token(send, body)
        elif path.startswith("/v1/projects/") and path.endswith("/messages:send"):
            await self._message(scope, send, body)
        else:
            await _json(send, 404, {"error": {"code": 404, "status": "NOT_FOUND", "message": "no such path"}})

    async def _token(self, send: Send, body: bytes) -> None:
        asked = parse_qs(body.decode())
        token = self.google.give_token(asked.get("assertion", [""])[0])
        if token is None:
            await _json(send, 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        else:
            self.google.tokens_given += 1
            await _json(send, 200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"})

    async def _message(self, scope: Scope, send: Send, body: bytes) -> None:
        google = self.google
        google.versions[scope["http_version"]] += 1
        if _bearer(scope) not in google.tokens:
            google.answers[401] += 1
            await _json(send, 401, error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."))
            return
        message, fault = self._bodies.read(body)
        if fault is not None:
            google.complaints.append(fault)
            google.answers[400] += 1
            await _json(send, 400, error(400, "INVALID_ARGUMENT", fault, code="INVALID_ARGUMENT", field="message"))
            return
        target = next(target for target in TARGETS if target in message)
        await self._answer(send, target, message)

    async def _answer(self, send: Send, target: str, message: dict[str, Any]) -> None:
        address: str = message[target]
        google, rule = self.google, self.google.fault_for(address)
        await asyncio.sleep(max(self._delay, rule.delay if rule else 0.0))
        if rule is not None and rule.status != 200:  # noqa: PLR2004 - HTTP's own number
            google.answers[rule.status] += 1
            await _fail(send, rule)
            return
        if google.only_known and target in {"fid", "token"} and address not in google.devices:
            google.answers[404] += 1
            gone = error(404, "NOT_FOUND", "Requested entity was not found.", code="UNREGISTERED")
            await _json(send, 404, gone)
            return
        if target == "condition":
            google.spread(address, message)
        else:
            google.accept(address, message)
        google.answers[200] += 1
        if rule is not None:
            await _fail(send, rule)  # taken, but the answer is broken
            return
        await _json(send, 200, {"name": f"projects/stub/messages/{len(google.log)}"})

    async def _stream(self, send: Send) -> None:
        """Send each event as a line until the listener goes."""
        events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.google.listeners.append(events)
        headers = [(b"content-type", b"application/x-ndjson")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            await _line(send, {"event": "listening"})
            while True:
                await _line(send, await events.get())
        finally:
            self.google.listeners.remove(events)

    def _control(self, what: str, scope: Scope, body: bytes) -> Any:
        """Answer a test: what was sent to whom, which devices there are, which faults come next."""
        google = self.google
        asked = parse_qs(scope["query_string"].decode())
        match (scope["method"], what):
            case ("GET", "messages"):
                return google.messages(asked.get("address"))
            case ("GET", "sent"):
                return google.sent(asked["alert"][0])
            case ("GET", "counts"):
                return {
                    "answers": google.answers,
                    "complaints": google.complaints,
                    "accepted": len(google.log),
                    "tokens": google.tokens_given,
                    "versions": google.versions,
                }
            case ("POST", "devices"):
                self._know(json.loads(body))
            case ("POST", "subscriptions"):
                google.subscribe(json.loads(body))
            case ("POST", "faults"):
                google.rules = [Rule(**one) for one in json.loads(body)]
            case ("POST", "revoke"):
                google.tokens.clear()
        return {"done": True}

    def _know(self, devices: Sequence[Mapping[str, Any]]) -> None:
        for one in devices:
            kind, waiting = Platform(one["platform"]), one.get("waiting", 0)
            self.google.switch(one["address"], online=one["online"], platform=kind, waiting=waiting)
        self.google.only_known = True


def complaint(said: Any) -> str | None:
    """Say what is wrong with a body after the reference of projects.messages: form, one target, size."""
    message = said.get("message") if isinstance(said, dict) else None
    if not isinstance(message, dict):
        return "message: must be an object"
    unknown = message.keys() - _KNOWN
    if unknown:
        return f"message: unknown field {min(unknown)}"
    targets = [target for target in TARGETS if target in message]
    if len(targets) != 1:
        return "message: exactly one of fid, token, topic and condition"
    if targets == ["condition"] and not 1 <= len(topics_of(message["condition"])) <= MOST_TOPICS:
        return f"message.condition: one to {MOST_TOPICS} of 'name' in topics, joined by ||"
    data = message.get("data", {})
    if not all(isinstance(value, str) for value in data.values()):
        return "message.data: values must be strings"
    return _too_large(message, targets[0])


def _too_large(message: Mapping[str, Any], target: str) -> str | None:
    size = sum(len(key.encode()) + len(value.encode()) for key, value in message.get("data", {}).items())
    apple = json.dumps(message.get("apns", {}).get("payload", {}), ensure_ascii=False, separators=(",", ":"))
    limit = LIMIT if target in {"fid", "token"} else TOPIC_LIMIT
    if size + len(apple.encode()) > limit:
        return f"message: {size + len(apple.encode())} bytes are more than {limit}"
    return None


def error(status: int, name: str, words: str, *, code: str | None = None, field: str | None = None) -> dict[str, Any]:
    """Return an error as Google writes it."""
    details: list[dict[str, Any]] = []
    if code:
        details.append({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code})
    if field:
        violations = [{"field": field, "description": words}]
        details.append({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations})
    return {"error": {"code": status, "message": words, "status": name, "details": details}}


async def _fail(send: Send, rule: Rule) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in rule.headers.items()]
    if rule.reset:
        await send({"type": "http.response.start", "status": rule.status, "headers": [(b"content-length", b"999")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionResetError("on purpose")
    body = rule.body if rule.body is not None else json.dumps(error(rule.status, "UNAVAILABLE", "on purpose"))
    await send({"type": "http.response.start", "status": rule.status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})


async def _json(send: Send, status: int, said: Any) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})


async def _line(send: Send, event: Mapping[str, Any]) -> None:
    await send({"type": "http.response.body", "body": json.dumps(event).encode() + b"\n", "more_body": True})


async def _read(receive: Receive) -> bytes | None:
    """Return the whole body; None where the caller went in the middle of it, as one does that is killed."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _bearer(scope: Scope) -> str:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return headers.get(b"authorization", b"").decode().removeprefix("Bearer ")


async def serve(app: Stub, *, port: int, tls: Tls | None = None) -> None:
    """Serve until cancelled, HTTP/2 and HTTP/1.1 on one port; without TLS unless a certificate is given."""
    server = Server(
        app,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.auto,
        websockets=False,
        http2_settings=HTTP2Settings(max_concurrent_streams=_MOST_STREAMS),
        ssl_cert=tls.certificate if tls else None,
        ssl_key=tls.key if tls else None,
    )
    await server.serve()


def main(check: Judge | None = None) -> None:
    """Run the stub as a process of its own; `check` adds a judge of every body, as the tests do."""
    parser = argparse.ArgumentParser(description="A local stub of Firebase Cloud Messaging.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--account", type=Path, required=True, help="where to write the service account's file")
    parser.add_argument("--project", default="demo")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--clock", type=Clock.parse, default=Clock(), help="START@REAL_SECONDSxSPEED")
    parser.add_argument("--tls", type=Path, nargs=2, metavar=("CERTIFICATE", "KEY"), help="PEM files; none: no TLS")
    asked = parser.parse_args()
    die_with_parent()
    google = Google(clock=asked.clock)
    endpoint = f"{'https' if asked.tls else 'http'}://127.0.0.1:{asked.port}"
    write_account(google, asked.account, endpoint=endpoint, project=asked.project)
    stub = Stub(google, delay=asked.delay, check=check)
    asyncio.run(serve(stub, port=asked.port, tls=Tls(*asked.tls) if asked.tls else None))


if __name__ == "__main__":
    main()
