"""The two operators of the demo at their desks: everything they do goes through the API, as their console would."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from service.demo.wire import Answer, Ask, Wire
from service.kit.errors import Kind, Refused

ACCURACY_M = 3.0
"""What the demo states as the accuracy of its zones; the judge counts with it."""

_USES = 10_000
_CODE_HOURS = 24
REFUSED_TO_SAME_PERSON = "/problems/same-person"


@dataclass(frozen=True, slots=True)
class Desk:
    """One operator with a key."""

    name: str
    key: str
    wire: Wire

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        return await self.wire.ask(Ask(method, path, body, headers={"Authorization": f"Bearer {self.key}"}))

    async def do(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer's body. Refused when the API refuses."""
        answer = await self.ask(method, path, body)
        if answer.ok:
            return answer.body
        said = answer.body if isinstance(answer.body, Mapping) else {}
        detail = f"{method} {path} was refused ({answer.status}): {said.get('detail', answer.body)}"
        raise Refused(Kind.CONFLICT, "demo-refused", detail, remedy=said.get("remedy"))

    async def issue_tester_codes(self, phones: int) -> Sequence[str]:
        """Return a code for each of so many phones; one code serves up to 10,000."""
        codes: list[str] = []
        while len(codes) < phones:
            made = await self.do("POST", "/v1/tester-codes", {"uses": _USES, "hours": _CODE_HOURS})
            codes += repeat(made["code"], _USES)
        return codes[:phones]

    async def draft(self, wanted: Mapping[str, Any]) -> str:
        """Write a warning and hand it in; return its id."""
        alert: str = (await self.do("POST", "/v1/alerts", dict(wanted)))["id"]
        await self.do("POST", f"/v1/alerts/{alert}/submit")
        return alert
