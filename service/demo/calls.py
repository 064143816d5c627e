"""What the app on a phone asks of the service, as any app would: by its published HTTP."""

import asyncio
import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import h3
import shapely

from service.demo.phone import Account, Phone
from service.demo.refining import read_outline
from service.demo.spots import Place
from service.demo.wire import Answer, Ask, Wire

_LOOK_UP_RESOLUTION = 5
_PAD_DEGREES = 0.1
_NORTHMOST = 85.0
_UNFIT = 422
_TOPICS_TRIES, _TOPICS_SECONDS = 60, 1.0


class Rejected(Exception):  # noqa: N818 - what became of the call
    """The service refused what an app may ask."""


class AppCalls:
    """Every phone comes from a network of its own, as the service's proxy would tell it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        # Phones of one process share what they parsed, not what they fetched.
        self._parsed: dict[tuple[str, Any], shapely.Geometry] = {}

    async def register(self, phone: Phone) -> Account:
        """Register the phone's address, languages and cells; the service pushes a code to the address."""
        owner = phone.owner
        body = {
            "address": {"kind": owner.kind, "value": phone.address},
            "languages": list(owner.languages),
            "cells": owner.cells,
            "platform": owner.platform.value,
        }
        made = (await self._ask(phone, "POST", "/v1/registrations", body=body)).body
        key = base64.urlsafe_b64decode(made["receipt_key"] + "==")
        return Account(made["id"], made["secret"], key)

    async def verify(self, phone: Phone, code: str) -> bool:
        """Echo the code that was pushed to this phone; False if it is another registration's."""
        answer = await self._own(phone, "POST", "/verification", body={"code": code})
        return answer.status != _UNFIT and _accept(answer, "/verification").ok

    async def enrol(self, phone: Phone, code: str) -> None:
        """Join exercises by the code that an operator gave out."""
        _accept(await self._own(phone, "POST", "/tester", body={"code": code}), "/tester")

    async def fetch_pack(self, phone: Phone) -> None:
        """Fetch the public zones around every place of the owner, from a square wide enough to tell little."""
        for square in {_square(place) for place in phone.owner.places}:
            async for feature in self._zones(phone, square):
                self._keep(phone, feature)

    async def _zones(self, phone: Phone, square: str) -> Any:
        query = [("bbox", square), ("exercise", "true")]
        after: str | None = None
        while True:
            page = (
                await self._ask(phone, "GET", "/v1/zones", query=[*query, *([("after", after)] if after else [])])
            ).body
            for feature in page["features"]:
                yield feature
            after = page.get("next")
            if after is None:
                return

    async def fetch_outline(self, phone: Phone, zone: str) -> bool:
        """Fetch one zone that the pack does not hold; False if the service does not know it."""
        answer = await self._wire.ask(Ask("GET", f"/v1/zones/{zone}", headers=_from(phone)))
        if not answer.ok:
            return False
        self._keep(phone, answer.body)
        return True

    def _keep(self, phone: Phone, feature: Mapping[str, Any]) -> None:
        key = (feature["id"], feature["properties"].get("revision"))
        if key not in self._parsed:
            self._parsed[key] = read_outline(feature["geometry"])
        phone.pack[feature["id"]] = self._parsed[key]

    async def told_of_topics(self, phone: Phone) -> Mapping[str, Any]:
        """Fetch how the topics of exercises are named; soon after the first start the service has not signed it yet."""
        for _ in range(_TOPICS_TRIES):
            answer = await self._wire.ask(Ask("GET", "/v1/topics/exercise", headers=_from(phone)))
            if answer.ok:
                return dict(answer.body)
            await asyncio.sleep(_TOPICS_SECONDS)
        raise Rejected("/v1/topics/exercise: not there")

    async def live_alerts(self, phone: Phone) -> Sequence[Mapping[str, Any]]:
        """Fetch what was told about coarse cells around the owner's places; a tester asks for exercises too."""
        found: dict[str, Mapping[str, Any]] = {}
        for exercise in (False, True) if phone.enrolled else (False,):
            query = [("cell", cell) for cell in _coarse(phone)] + ([("exercise", "true")] if exercise else [])
            answer = await self._ask(phone, "GET", "/v1/alerts/live", query=query)
            found |= {one["alert_id"]: one for one in answer.body["alerts"]}
        return list(found.values())

    async def send_receipt(self, phone: Phone, receipt: Mapping[str, Any]) -> None:
        """Tell the service that a warning was shown."""
        await self._ask(phone, "POST", "/v1/receipts", body=dict(receipt))

    async def _own(self, phone: Phone, method: str, path: str, *, body: Any) -> Answer:
        if phone.account is None:
            raise ValueError("the phone is not registered")
        headers = {"Authorization": f"Bearer {phone.account.secret}"}
        path = f"/v1/registrations/{phone.account.registration}{path}"
        return await self._wire.ask(Ask(method, path, body, headers=headers | _from(phone)))

    async def _ask(
        self, phone: Phone, method: str, path: str, *, body: Any = None, query: Sequence[tuple[str, str]] = ()
    ) -> Answer:
        return _accept(await self._wire.ask(Ask(method, path, body, query, _from(phone))), path)


def _accept(answer: Answer, path: str) -> Answer:
    if not answer.ok:
        raise Rejected(f"{path}: {answer.status} {answer.body}")
    return answer


def _from(phone: Phone) -> dict[str, str]:
    """Name a network of documentation addresses (RFC 3849) for each phone."""
    return {"X-Forwarded-For": f"2001:db8:{phone.owner.number:x}::1"}


def _square(place: Place) -> str:
    """Return west, south, east, north of a square on a grid that says no more than some ten kilometres."""
    south = math.floor((place.latitude - _PAD_DEGREES) * 10) / 10
    north = math.ceil((place.latitude + _PAD_DEGREES) * 10) / 10
    pad = _PAD_DEGREES / math.cos(math.radians(min(_NORTHMOST, abs(place.latitude) + 1)))
    west = math.floor((place.longitude - pad) * 10) / 10
    east = math.ceil((place.longitude + pad) * 10) / 10
    # RFC 7946, 5.2: a box over the antimeridian has its west east of its east.
    turned = [(edge + 180) % 360 - 180 for edge in (west, east)]
    return f"{turned[0]:.1f},{south:.1f},{turned[1]:.1f},{north:.1f}"


def _coarse(phone: Phone) -> list[str]:
    return sorted(set(_around(phone.owner.places)))


def _around(places: Sequence[Place]) -> Iterator[str]:
    for place in places:
        yield from h3.grid_disk(h3.latlng_to_cell(place.latitude, place.longitude, _LOOK_UP_RESOLUTION), 1)
