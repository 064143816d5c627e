"""The benches' stub of FCM that also keeps who was sent what and when, and lets chosen addresses wait."""

import array
import json
import time
from dataclasses import dataclass

import httpx

from tests.bench import fcm_stub
from tests.bench.fcm_stub import Answer, RunningStub, Stub

_ALERT, _ADDRESS = b'"alert":"', b'"fid":"'
_UUID, _DIGITS = 36, 22  # tests/bench/registrations.py makes its addresses of digits
_WISH: Answer = (429, [("content-type", "application/json"), ("retry-after", "60")], b"{}")


class Ledger(Stub):
    """Keeps one line a message: the moment, the address's number."""

    def __init__(self, delay: float) -> None:
        super().__init__(delay)
        self._lines: dict[str, tuple[array.array[float], array.array[int]]] = {}
        self._waits: set[int] = set()

    def answer(self, body: bytes) -> Answer:
        alert, address = body.find(_ALERT) + len(_ALERT), body.find(_ADDRESS) + len(_ADDRESS)
        digits = body[address : address + _DIGITS]
        if not digits.isdigit():
            return super().answer(body)  # of the channel alone
        named, who = body[alert : alert + _UUID].decode(), int(digits)
        at, whom = self._lines.setdefault(named, (array.array("d"), array.array("q")))
        at.append(time.time())
        whom.append(who)
        if who in self._waits:
            self._waits.remove(who)
            return _WISH
        return super().answer(body)

    def told(self, path: str, body: bytes) -> bytes:
        """Answer the bench: `/log/ALERT` in numbers, `/look/ALERT` in three words; `/wait` takes addresses."""
        what, _, alert = path.strip("/").partition("/")
        at, whom = self._lines.get(alert, (array.array("d"), array.array("q")))
        match what:
            case "log":
                return at.tobytes() + whom.tobytes()
            case "look":
                return json.dumps([len(at), at[0], at[-1]] if at else [0, 0, 0]).encode()
            case "wait":
                self._waits = set(json.loads(body))
        return super().told(path, body)


@dataclass(frozen=True)
class Look:
    """How many messages of an alert came, and when the first and the last did."""

    count: int
    first: float
    last: float


def look(stub: RunningStub, alert: str) -> Look:
    return Look(*httpx.get(f"{stub.url}/look/{alert}", verify=str(stub.authority)).json())


def log(stub: RunningStub, alert: str) -> list[tuple[float, int]]:
    """Return moment and number of every message of an alert, in order."""
    said = httpx.get(f"{stub.url}/log/{alert}", verify=str(stub.authority), timeout=60).content
    at, whom = array.array("d"), array.array("q")
    at.frombytes(said[: len(said) // 2])
    whom.frombytes(said[len(said) // 2 :])
    return list(zip(at, whom, strict=True))


def let_wait(stub: RunningStub, numbers: list[int]) -> None:
    """Answer the next message to each of these with a wish for 60 s."""
    httpx.post(f"{stub.url}/wait", verify=str(stub.authority), json=numbers, timeout=60)


if __name__ == "__main__":
    fcm_stub.main(Ledger)
