"""The part of a provider that a gateway asked by HTTP needs: what is sent, and what its answers mean."""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from service.delivery.provider_file import templates
from service.delivery.provider_file.tables import Table
from service.delivery.provider_file.templates import HOLES, IN_CALLBACK, IN_HEADERS, IN_URL, OF_SECRETS, Holes
from service.delivery.provider_ways import HttpWay, Meaning, Method, Requested, Rule, Secret, Spot, Template
from service.kit.internet import is_loopback

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_NOT_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_URL = re.compile(r"https?://[^/?#@{}\s]+(/[^?#\s]*)?")
_STATUSES = range(100, 600)
_OUR_ID = "ours"


def read(table: Table, *, report: Secret | None) -> HttpWay:
    """Read `[provider.http]`; the secret of its reports may be filled in as `{secret.report}`."""
    secrets = {} if report is None else {"report": report}
    secrets |= _secrets(table.table("secrets"))
    request = _request(table, secrets)
    made = HttpWay(
        request=request,
        secrets=secrets,
        rules=_rules(table),
        id=_id(table),
        codings=_pair(table, "codings", ("gsm7", "ucs2")),
        priorities=_pair(table, "priorities", ("normal", "urgent")),
        plus=table.flag("plus", default=True),
        at_once=table.whole("at_once", 1, 200, 20),
        timeout_s=table.whole("timeout_s", 1, 60, 10),
        ca=table.path("ca"),
    )
    plain = table.flag("plain_http", default=False)
    table.done()
    _demand_tls(table, request.url, plain=plain)
    _demand_use(table, made)
    used = _used(request)
    return replace(made, secrets={name: one for name, one in secrets.items() if f"{OF_SECRETS}{name}" in used})


def _secrets(table: Table | None) -> dict[str, Secret]:
    if table is None:
        return {}
    for name in table.names():
        if not _NAME.fullmatch(name) or name == "report":
            table.note(name, "is no name for a secret here", "Write small letters; `report` is that of the reports.")
    return {name: table.secret(name) for name in table.names()}


def _request(table: Table, secrets: Mapping[str, Secret]) -> Requested:
    everywhere = Holes(HOLES, secrets)
    made = Requested(
        method=table.word("method", Method, Method.POST),
        url=templates.template(table, "url", Holes(IN_URL, secrets)),
        query=templates.templates(table, "query", everywhere) or {},
        headers=_headers(table, Holes(IN_HEADERS, secrets)),
        form=templates.templates(table, "form", everywhere),
        json=templates.tree(table, "json", everywhere),
        body=templates.template(table, "body", everywhere) if table.has("body") else None,
        callback=templates.template(table, "callback", Holes(IN_CALLBACK, secrets)) if table.has("callback") else None,
    )
    bodies = sum(one is not None for one in (made.form, made.json, made.body))
    if bodies > (made.method is Method.POST):
        table.note("method", "has a body too many", "GET has none, POST at most one of form, json and body.")
    return made


def _headers(table: Table, holes: Holes) -> dict[str, Template]:
    found = {name.lower(): one for name, one in (templates.templates(table, "headers", holes) or {}).items()}
    for name in found:
        if not _HEADER.fullmatch(name) or name in _NOT_OURS:
            table.note(f"headers.{name}", "is no header that can be set", "Remove it.")
    return found


def _rules(table: Table) -> tuple[Rule, ...]:
    made = tuple(_rule(one) for one in table.tables("answers"))
    if all(one.means is not Meaning.TAKEN for one in made):
        table.note("answers", "has none that means taken", 'Add [[provider.http.answers]] with means = "taken".')
    return made


def _rule(table: Table) -> Rule:
    statuses = table.words("status", int)
    if any(one not in _STATUSES for one in statuses):
        table.note("status", "is no status of HTTP", "Write a list of numbers from 100 to 599.")
    equals = frozenset(table.words("equals"))
    spot = _spot(table)
    if equals and spot is None:
        table.note("equals", "has nothing to be compared with", "Say with json or body where the word stands.")
    if not statuses and spot is None:
        table.note("", "would fit every answer", "Name a status, or what stands in the body.")
    made = Rule(table.word("means", Meaning), frozenset(statuses), spot, equals)
    table.done()
    return made


def _id(table: Table) -> Spot | None:
    """Read where the answer names the text: a table, or the word `ours`."""
    if table.is_text("id"):
        table.text("id", fits=_OUR_ID, remedy='Write id = "ours", or say with json or body where it stands.')
        return None
    found = table.need("id")
    spot = _spot(found)
    if spot is None:
        found.note("", "names no place", "Say with json or body where the id stands in the answer.")
    found.done()
    return spot


def _spot(table: Table) -> Spot | None:
    """Read where something stands in an answer: `json` is a path with points, `body` a pattern, or both in turn."""
    path = table.text("json", "", fits=r"[^.\s]+(\.[^.\s]+)*|", remedy="Write a path, as messages.0.id.")
    pattern = table.pattern("body")
    return Spot(path, pattern) if path or pattern else None


def _pair(table: Table, key: str, names: tuple[str, str]) -> tuple[str, str]:
    inner = table.table(key)
    if inner is None:
        return names if key == "codings" else ("0", "1")
    made = inner.text(names[0]), inner.text(names[1])
    inner.done()
    return made


def _demand_tls(table: Table, url: Template, *, plain: bool) -> None:
    """Refuse an address whose host could be changed by what fills a hole, or to which everybody could listen."""
    begins = url.parts[0][0] if url.parts else ""
    if not _URL.fullmatch("".join(literal for literal, _ in url.parts)) or (
        url.holes and not re.match(r"https?://[^/]+/", begins)
    ):
        table.note("url", "is no address", "Write https://host/path; parameters stand in [provider.http.query].")
    elif begins.startswith("http:") and not (plain or is_loopback(urlsplit(begins).hostname or "")):
        remedy = "Use https, or set plain_http = true if the whole way there is your own network."
        table.note("url", "is not encrypted", remedy)


def _demand_use(table: Table, way: HttpWay) -> None:
    """Refuse a request that would say too little, or a setting that nothing comes of."""
    used = _used(way.request)
    for hole in ("to", "text"):
        if hole not in used:
            table.note("", f"never says {{{hole}}}", "Put the hole where the gateway expects it.")
    if way.id is None and "id" not in used:
        table.note("id", "is ours, but the gateway is never told it", "Put {id} into the request or the callback.")
    if (way.request.callback is not None) is not ("callback" in _direct(way.request)):
        table.note("callback", "and the hole {callback} need each other", "Write both or neither.")
    for name in way.secrets:
        if name != "report" and f"{OF_SECRETS}{name}" not in used:
            table.note(f"secrets.{name}", "is not used", f"Put {{secret.{name}}} into the request, or remove it.")


def _direct(request: Requested) -> frozenset[str]:
    places = (request.url, request.query, request.headers, request.form, request.json, request.body)
    return frozenset().union(*(templates.holes_of(one) for one in places))


def _used(request: Requested) -> frozenset[str]:
    return _direct(request) | templates.holes_of(request.callback)
