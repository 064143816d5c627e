"""The outside world of tests: Google's stub with the official schema as its judge, in a process of its own."""

import contextlib
import json
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from service.demo import fcm
from service.kit.processes import free_port

SCHEMA = Path(__file__).parent / "data" / "fcm" / "fcm.v1.SendMessageRequest.schema.json"
PROJECT = "tests"


@dataclass(frozen=True)
class StubOfGoogle:
    """A running stub and what a test may ask of it."""

    url: str
    account: Path
    authority: Path | None = None

    def messages(self, *addresses: str) -> list[dict[str, Any]]:
        """What was accepted, in order: address, message, at."""
        found: list[dict[str, Any]] = self._ask("messages", params=[("address", one) for one in addresses])
        return found

    def alerts(self) -> list[dict[str, Any]]:
        """Only the warnings among them, to phones that registered."""
        return [one for one in self._warnings() if "condition" not in one["message"]]

    def letters(self) -> list[dict[str, Any]]:
        """Only the warnings to topics."""
        return [one for one in self._warnings() if "condition" in one["message"]]

    def _warnings(self) -> list[dict[str, Any]]:
        return [one for one in self.messages() if one["message"]["data"].get("kind") == "alert"]

    def sent(self, alert: str) -> Counter[str]:
        """How often each address was sent this alert."""
        return Counter(self._ask("sent", params=[("alert", alert)]))

    def code_for(self, address: str) -> str:
        """The verification code that was pushed to an address."""
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up:
            for one in self.messages(address):
                if one["message"]["data"].get("kind") == "verify":
                    code: str = one["message"]["data"]["code"]
                    return code
            time.sleep(0.1)
        raise TimeoutError("no code was pushed")

    def counts(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask("counts")
        return answer

    def fail(self, *rules: dict[str, Any]) -> None:
        """Let sends fail by these rules (service/demo/google.py: Rule); none ends the faults."""
        self._tell("faults", list(rules))

    def know(self, *devices: dict[str, Any]) -> None:
        """Know only these devices: {address, platform, online}."""
        self._tell("devices", list(devices))

    def follow(self, **topics: Sequence[str]) -> None:
        """Let phones, by their addresses, follow exactly these topics."""
        self._tell("subscriptions", [{"address": address, "topics": names} for address, names in topics.items()])

    def revoke_tokens(self) -> None:
        self._tell("revoke", [])

    def _ask(self, what: str, params: Sequence[tuple[str, str]] = ()) -> Any:
        return httpx.get(f"{self.url}/_stub/{what}", params=list(params), verify=self._trust).json()

    def _tell(self, what: str, said: Sequence[Mapping[str, Any]]) -> None:
        httpx.post(f"{self.url}/_stub/{what}", json=list(said), verify=self._trust)

    @property
    def _trust(self) -> ssl.SSLContext | bool:
        return ssl.create_default_context(cafile=self.authority) if self.authority else True


@contextlib.contextmanager
def stub_of_google(
    folder: Path,
    *,
    delay: float = 0.0,
    clock: str | None = None,
    tls: tuple[Path, Path] | None = None,
    authority: Path | None = None,
) -> Iterator[StubOfGoogle]:
    """Run the stub until the end of the block; every body must have matched the schema by then.

    `clock` is what kit/clock.py parses; `tls` names the PEM files of a certificate and its key, `authority`
    that of who vouches for it.
    """
    port, account = free_port(), folder / "account.json"
    command = [sys.executable, "-m", "tests.fakes", "--port", str(port), "--account", str(account)]
    command += ["--project", PROJECT, "--delay", str(delay)]
    command += ["--clock", clock] if clock else []
    command += ["--tls", *map(str, tls)] if tls else []
    process = subprocess.Popen(command, cwd=Path(__file__).parents[1])
    url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    stub = StubOfGoogle(url, account, authority)
    try:
        _await(stub, process)
        yield stub
        complaints = stub.counts()["complaints"]
        assert not complaints, f"bodies that Google would refuse: {complaints[:3]}"
    finally:
        process.terminate()
        process.wait(10)


def _await(stub: StubOfGoogle, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 20
    while True:
        with contextlib.suppress(httpx.TransportError):
            stub.counts()
            return
        assert process.poll() is None, "the stub ended"
        assert time.monotonic() < give_up, "the stub does not answer"
        time.sleep(0.05)


def by_schema(said: Any) -> str | None:
    """What Google's schema has against a body."""
    fault = next(_VALIDATOR.iter_errors(said), None)
    return None if fault is None else f"{fault.json_path}: {fault.message}"


_VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text()))

if __name__ == "__main__":
    fcm.main(check=by_schema)
