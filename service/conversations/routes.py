"""The door of gateways, by which people's texts come in over HTTP. Nothing of a call is logged but the route's name."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse

from service.conversations import gateways
from service.conversations.gateways import Gateway, Gateways
from service.conversations.model import Reply
from service.delivery.provider_calls import Call
from service.kit.http import HouseDep, decides_access
from service.kit.limits import limited

router = APIRouter(tags=["conversations"])
_PATH = "/sms/{provider}/inbound"
_OFTEN = "12000/minute"
_TEXT = {"description": "The answer to be sent to whoever wrote; empty for none", "content": {"text/plain": {}}}
_ROUTE: dict[str, Any] = {
    "response_class": PlainTextResponse,
    "responses": {200: _TEXT},
    "dependencies": [Depends(limited("sms-inbound", _OFTEN))],
}


@decides_access
async def _caller(provider: str, request: Request, house: HouseDep) -> Gateway:
    # The body is read only once it is known who calls.
    return house.get(Gateways).caller(provider, Call(request.scope["query_string"], dict(request.headers), b""))


CallerDep = Annotated[Gateway, Depends(_caller)]


@router.post(_PATH, **_ROUTE)
async def receive(gateway: CallerDep, request: Request, house: HouseDep) -> PlainTextResponse:
    """Take in what somebody wrote to us by text, in the form that the file of providers says."""
    call = Call(request.scope["query_string"], dict(request.headers), await request.body())
    return _answer(await gateways.take(house, gateway, call))


@router.get(_PATH, **_ROUTE)
async def receive_by_get(gateway: CallerDep, request: Request, house: HouseDep) -> PlainTextResponse:
    """Take in the same from a gateway that knows GET only: number and text stand in the address, so prefer POST."""
    return await receive(gateway, request, house)


def _answer(reply: Reply | None) -> PlainTextResponse:
    return PlainTextResponse("" if reply is None else reply.text.reveal(), media_type="text/plain; charset=utf-8")
