"""Fills a gateway's templates: what fills a hole is encoded for its place and stays one value, whatever it holds."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from service.delivery.provider_file.templates import OF_SECRETS
from service.delivery.provider_ways import HttpWay, Template, Tree
from service.delivery.sms import Sms
from service.kit.hidden import Hidden
from service.kit.sms import Encoding, split

_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_VISIBLE = re.compile(r"[\x20-\x7e]*")
_MINUTE = timedelta(minutes=1)
_FORM, _JSON, _PLAIN = "application/x-www-form-urlencoded", "application/json", "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, repr=False)
class Filled:
    """A request that is ready; it holds a number and a text, so nothing prints it."""

    url: str
    headers: Mapping[str, str]
    body: bytes | None


class Unfillable(Exception):  # noqa: N818 - a value that no request can hold
    """A number that is none, or a secret that no header can hold; `hole` says which."""

    def __init__(self, hole: str) -> None:
        super().__init__(hole)
        self.hole = hole


def values(way: HttpWay, sms: Sms, *, sender: str, our_id: str, secrets: Mapping[str, Hidden[str]]) -> dict[str, str]:
    """Return what fills each hole. Raises Unfillable for what is no number."""
    to, text = sms.to.reveal(), whole(sms.text.reveal())
    if not _NUMBER.fullmatch(to):
        raise Unfillable("to")
    made = {f"{OF_SECRETS}{name}": one.reveal() for name, one in secrets.items()}
    made |= {
        "to": to if way.plus else to.removeprefix("+"),
        "text": text,
        "sender": sender,
        "validity_minutes": str(max(1, -(-sms.validity // _MINUTE))),
        "validity_seconds": str(max(60, int(sms.validity.total_seconds()))),
        "id": our_id,
        "coding": way.codings[split(text).encoding is Encoding.UCS_2],
        "priority": way.priorities[sms.urgent],
    }
    if way.request.callback is not None:
        made["callback"] = _in_url(way.request.callback, made)
    return made


def whole(text: str) -> str:
    """Return a text that every encoding can carry: a half of a surrogate pair is no letter."""
    return text.encode("utf-8", "replace").decode()


def fill(way: HttpWay, held: Mapping[str, str]) -> Filled:
    """Return the request. Raises Unfillable if a header would hold what none can."""
    wanted = way.request
    url = _in_url(wanted.url, held)
    if wanted.query:
        url = f"{url}?{_encoded(wanted.query, held)}"
    headers, body = {}, None
    if wanted.form is not None:
        headers["content-type"], body = _FORM, _encoded(wanted.form, held).encode()
    elif wanted.json is not None:
        headers["content-type"], body = _JSON, json.dumps(_grown(wanted.json, held), ensure_ascii=False).encode()
    elif wanted.body is not None:
        headers["content-type"], body = _PLAIN, _text(wanted.body, held).encode()
    return Filled(url, headers | {name: _in_header(one, held) for name, one in wanted.headers.items()}, body)


def _text(template: Template, held: Mapping[str, str]) -> str:
    return "".join(literal + (held[hole] if hole else "") for literal, hole in template.parts)


def _in_url(template: Template, held: Mapping[str, str]) -> str:
    return "".join(literal + (quote(held[hole], safe="") if hole else "") for literal, hole in template.parts)


def _in_header(template: Template, held: Mapping[str, str]) -> str:
    made = _text(template, held)
    if not _VISIBLE.fullmatch(made):
        raise Unfillable(next((hole for _, hole in template.parts if not _VISIBLE.fullmatch(held.get(hole, ""))), ""))
    return made


def _encoded(pairs: Mapping[str, Template], held: Mapping[str, str]) -> str:
    return urlencode({name: _text(template, held) for name, template in pairs.items()})


def _grown(branch: Tree, held: Mapping[str, str]) -> Any:
    """Return the branch with every hole filled, as values that become JSON."""
    if isinstance(branch, Template):
        made = _text(branch, held)
        return int(made) if branch.number else made
    if isinstance(branch, Mapping):
        return {name: _grown(one, held) for name, one in branch.items()}
    if isinstance(branch, tuple):
        return [_grown(one, held) for one in branch]
    return branch
