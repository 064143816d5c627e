"""The parts of a provider that say how it calls us: with delivery reports, and with what people write."""

from service.delivery.provider_file.tables import Table
from service.delivery.provider_ways import Callback, InboundWay, Reads, Replying, ReportWay
from service.delivery.sms import Arrival

_HEADER = r"[A-Za-z0-9-]{1,64}"
_PARAMETER = r"[^\s]{1,64}"
_PARAMETER_REMEDY = "Write the parameter's name, in JSON its path, as message.id."


def report(table: Table) -> ReportWay:
    """Read `[provider.report]`."""
    made = ReportWay(
        callback=_callback(table),
        id=_needed(table, "id"),
        state=_needed(table, "state"),
        states=table.translation("states", Arrival),
        error=_maybe(table, "error"),
        error_pattern=table.pattern("error_pattern"),
        errors=table.translation("errors", Arrival),
    )
    if Arrival.DELIVERED not in made.states.values():
        table.note("states", "has no word for delivered", 'Write the gateway\'s words, as {"1" = "delivered"}.')
    if made.errors and not made.error:
        table.note("error", "is missing", "Name the parameter in which the words of `errors` stand.")
    table.done()
    return made


def inbound(table: Table) -> InboundWay:
    """Read `[provider.inbound]`."""
    part = table.table("part")
    made = InboundWay(
        callback=_callback(table),
        sender=_needed(table, "sender"),
        text=_needed(table, "text"),
        to=_maybe(table, "to"),
        id=_maybe(table, "id"),
        charset=_maybe(table, "charset"),
        udh=_maybe(table, "udh"),
        reference="" if part is None else _needed(part, "reference"),
        number="" if part is None else _needed(part, "number"),
        of="" if part is None else _needed(part, "of"),
        reply=table.word("reply", Replying, Replying.SEPARATE),
    )
    if part is not None:
        part.done()
    if made.callback.each and made.reply is Replying.RESPONSE:
        table.note("reply", "cannot answer several texts at once", 'Write reply = "separate".')
    table.done()
    return made


def _callback(table: Table) -> Callback:
    secret = table.secret("secret")
    shown = table.need("shown")
    header = shown.text("header", "", fits=f"{_HEADER}|", remedy="Write a header's name.")
    query = shown.text("query", "", fits=f"{_PARAMETER}|", remedy="Write a parameter's name.")
    if bool(header) == bool(query):
        shown.note("", "names no place, or two", 'Write {header = "name"} or {query = "name"}.')
    shown.done()
    reads = table.word("reads", Reads)
    each = _maybe(table, "each")
    if each and reads is not Reads.JSON:
        table.note("each", "has a meaning in JSON only", "Remove it.")
    return Callback(secret, header.lower(), query, reads, each)


def _needed(table: Table, key: str) -> str:
    return table.text(key, fits=_PARAMETER, remedy=_PARAMETER_REMEDY)


def _maybe(table: Table, key: str) -> str:
    return table.text(key, "", fits=f"{_PARAMETER}|", remedy=_PARAMETER_REMEDY)
