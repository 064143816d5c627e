"""What somebody with a number asks of the service by HTTP: at a helper's computer, or by an app that has data."""

from typing import Any
from uuid import UUID

from service.demo.calls import Rejected
from service.demo.phone import Account
from service.demo.wire import Answer, Ask, Wire

_WORDING = "demo-1"
_NO_RECEIPTS = b""


class TextCalls:
    """Everybody comes from a network of his own. `number` is the person's, `mobile` that of the phone."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def register(self, number: int, mobile: str, languages: tuple[str, ...], unit: UUID) -> Account:
        """Register a number for a municipality; a code goes there by text."""
        body = {
            "address": {"kind": "sms", "number": mobile},
            "consent": _consent(languages),
            "languages": list(languages),
            "places": [str(unit)],
            "platform": "sms",
        }
        made = _accepted(
            await self._wire.ask(Ask("POST", "/v1/registrations", body, headers=_from(number))), "register"
        )
        return Account(made["id"], made["secret"], _NO_RECEIPTS)

    async def name(self, number: int, account: Account, mobile: str, languages: tuple[str, ...]) -> None:
        """Name a number beside an app, for when its push brings no receipt."""
        body = {"number": mobile, "consent": _consent(languages)}
        _accepted(await self._own(number, account, "PUT", "/phone", body), "phone")

    async def prove(self, number: int, account: Account, code: str) -> None:
        """Show the code that came by text."""
        _accepted(await self._own(number, account, "POST", "/phone/verify", {"code": code}), "phone/verify")

    async def enrol(self, number: int, account: Account, code: str) -> None:
        _accepted(await self._own(number, account, "POST", "/tester", {"code": code}), "tester")

    async def _own(self, number: int, account: Account, method: str, path: str, body: Any) -> Answer:
        headers = _from(number) | {"Authorization": f"Bearer {account.secret}"}
        return await self._wire.ask(
            Ask(method, f"/v1/registrations/{account.registration}{path}", body, headers=headers)
        )


def _consent(languages: tuple[str, ...]) -> dict[str, str]:
    return {"wording": _WORDING, "language": languages[0]}


def _accepted(answer: Answer, what: str) -> Any:
    if not answer.ok:
        raise Rejected(f"{what}: {answer.status} {answer.body}")
    return answer.body


def _from(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"2001:db8:{number:x}::1"}
