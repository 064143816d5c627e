"""The two operators of the demo at their desks: everything they do goes through the API, as their console would."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from service.demo.wire import Answer, Ask, Wire
from service.kit.errors import Kind, Refused

ACCURACY_M = 3.0
"""What the demo states as the accuracy of its zones; the judge counts with it."""

AUTHORITY = "Exercise Authority of the Open Ocean"
_LOOKS, _LOOK_SECONDS = 20, 0.5
_USES = 100
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
        return _granted(await self.ask(method, path, body), f"{method} {path}").body

    async def import_zones(self, file: Path, *, today: date) -> Mapping[str, Any]:
        """Take the file in as exercise data and return the report."""
        query = (
            ("authority", AUTHORITY),
            ("dated", today.isoformat()),
            ("exercise", "true"),
            ("accuracy_m", str(ACCURACY_M)),
            ("wait", "true"),
        )
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/geo+json"}
        asked = Ask("POST", "/v1/zones/imports", await asyncio.to_thread(file.read_bytes), query, headers)
        report: Mapping[str, Any] = _granted(await self.wire.ask(asked), "The import").body
        return report

    async def find_zone(self, external_id: str, bounds: tuple[float, float, float, float]) -> str:
        """Return the service's own id of a zone of the file: the public list tells where, only the record which.

        `bounds` are west, south, east, north, the east beyond 180 degrees where the zone crosses them.
        """
        for _ in range(_LOOKS):
            found = await self._on_the_map(external_id, bounds)
            if found is not None:
                return found
            await asyncio.sleep(_LOOK_SECONDS)
        raise _lost(external_id)

    async def _on_the_map(self, external_id: str, bounds: tuple[float, float, float, float]) -> str | None:
        """Look once; the map follows the record within two seconds."""
        west, south, east, north = bounds
        square = f"{west},{south},{(east + 180) % 360 - 180},{north}"
        after: str | None = ""
        while after is not None:
            page = await self.do("GET", f"/v1/zones?exercise=true&bbox={square}{after}")
            for feature in page["features"]:
                record = await self.do("GET", f"/v1/zones/{feature['id']}/record")
                if record["external_id"] == external_id:
                    return str(feature["id"])
            after = None if page["next"] is None else f"&after={page['next']}"
        return None

    async def issue_tester_codes(self, phones: int) -> Sequence[str]:
        """Return a code for each of so many phones; those who enrol together hold different ones, as groups do."""
        offer = {"uses": _USES, "hours": _CODE_HOURS}
        made = [await self.do("POST", "/v1/tester-codes", offer) for _ in range(-(-phones // _USES))]
        return list(islice(cycle(one["code"] for one in made), phones))

    async def draft(self, wanted: Mapping[str, Any]) -> str:
        """Write a warning and hand it in; return its id."""
        alert: str = (await self.do("POST", "/v1/alerts", dict(wanted)))["id"]
        await self.do("POST", f"/v1/alerts/{alert}/submit")
        return alert


def _granted(answer: Answer, what: str) -> Answer:
    if answer.ok:
        return answer
    said = answer.body if isinstance(answer.body, Mapping) else {}
    detail = f"{what} was refused ({answer.status}): {said.get('detail', answer.body)}"
    raise Refused(Kind.CONFLICT, "demo-refused", detail, remedy=said.get("remedy"))


def _lost(external_id: str) -> Refused:
    detail = f"The zone {external_id} was not taken in, or is not shown to the public."
    return Refused(Kind.CONFLICT, "demo-zone-lost", detail, remedy="Choose another zone with --zone.")
