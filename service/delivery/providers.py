"""Which operators carry our texts, and how each wants them: read from the file that the settings name."""

import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from service.config import Settings
from service.delivery import provider_calls
from service.delivery.provider_calls import Parameters
from service.delivery.provider_file import hearing, http, smpp
from service.delivery.provider_file.tables import Table
from service.delivery.provider_ways import Callback, HttpWay, InboundWay, ReportWay, Secret, Way
from service.delivery.sms import Inbound
from service.kit.errors import Fault, Kind, Refused
from service.kit.hidden import Hidden
from service.kit.internet import is_loopback

_MOST_BYTES = 256 * 1024
_MOST_SECRET = 4096
_SHOWN = re.compile(r"[A-Za-z0-9._~-]{16,512}")
_NAME = r"[a-z][a-z0-9-]{0,31}"
_NAME_REMEDY = "Write small letters, digits and hyphens, at most 32; it stands in addresses, figures and the ledger."
_SENDER = r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,10}|\+?[0-9]{3,15}"
_SENDER_REMEDY = "Write a number, a short code, or at most 11 letters that name no mine, bomb or army."


class Protocol(StrEnum):
    SMPP = "smpp"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class Provider:
    """One operator or gateway. `price` is for a segment, in the currency of the settings; the dearest counts.

    `answerable` says that people can reply to `sender`. `way` holds what its protocol alone needs. One without `weight`
    is a reserve. `per_second` counts segments.
    """

    name: str
    protocol: Protocol
    sender: str
    weight: int
    per_second: int
    price: Decimal
    answerable: bool
    way: Way = field(repr=False)
    price_by_country: Mapping[str, Decimal] = field(default_factory=dict)
    report: ReportWay | None = field(default=None, repr=False)
    inbound: InboundWay | None = field(default=None, repr=False)

    def price_in(self, country: str) -> Decimal:
        """Return what a segment to a country costs, by its ISO 3166 code."""
        return self.price_by_country.get(country, self.price)


def of(settings: Settings) -> tuple[Provider, ...]:
    """Return the providers of a deployment, none if it names no file. Refused as `read` is."""
    if settings.sms_providers is None:
        return ()
    return read(settings.sms_providers, loopback_only=settings.loopback_only)


def read(path: Path, *, loopback_only: bool = False) -> tuple[Provider, ...]:
    """Read the file of providers; nothing secret is opened.

    Refused with every fault that it has, none of which repeats what stands there. With `loopback_only` no provider may
    be anywhere but on this machine.
    """
    faults: list[Fault] = []
    table = Table(_toml(path), where=path.name, faults=faults)
    made: list[Provider] = []
    for inner in table.tables("provider"):
        one = _provider(inner)
        if loopback_only and not is_loopback(one.way.host):
            inner.note(one.protocol.value, "leads away from this machine", "Unset SUREFOOT_LOOPBACK_ONLY, or name ::1.")
        if one.name in {other.name for other in made}:
            inner.note("name", "is another provider's too", "Give each a name of its own.")
        made.append(one)
    if not made:
        table.note("", "names no provider", "Begin one with [[provider]]; docs/sms-providers.toml shows two.")
    table.done()
    if faults:
        raise _refused(path, faults)
    return tuple(made)


def dearest(providers: Sequence[Provider], *, countries: Collection[str] = ()) -> Decimal:
    """Return what a segment costs at most: to those countries, or to any if none are named."""
    return max((price for one in providers for price in _prices(one, countries)), default=Decimal(0))


def read_inbound(provider: Provider, given: Parameters, *, now: datetime) -> Inbound:
    """Read what somebody wrote out of a call of a gateway. Refused if the call does not say it."""
    if provider.inbound is None:
        raise provider_calls.malformed("This provider hands in no texts.")
    return provider_calls.read_inbound(provider.name, provider.inbound, given, now=now)


def secret(kept: Secret, *, of: str = "of a provider") -> Hidden[str]:
    """Open a secret. Refused if it is not there; `of` says whose it is and what for.

    Only a worker opens those of carriers; the API opens those that gateways show when they call, and no other.
    """
    try:
        found = os.environ.get(kept.env, "") if kept.file is None else _first_bytes(kept.file)
    except (OSError, UnicodeDecodeError) as error:
        found, why = "", f"cannot be read ({type(error).__name__})"
    else:
        why = "is empty or unset"
    if not found.strip():
        detail = f"The secret {of} is not there: {kept} {why}."
        raise Refused(Kind.INVALID, "sms-secret-missing", detail, where=str(kept), remedy="Put the secret there.")
    return Hidden(found.strip())


def shown_secret(callback: Callback, *, of: str) -> Hidden[str]:
    """Open the secret that a gateway shows when it calls. Refused if it is not there, or too short for one.

    It may have to stand in an address that the gateway fills itself: signs that mean something there are refused too.
    """
    found = secret(callback.secret, of=of)
    if not _SHOWN.fullmatch(found.reveal()):
        detail = f"The secret {of} is too short, or holds signs that an address cannot."
        remedy = "Make one with `openssl rand -hex 24`: at least 16 letters, digits and . _ ~ -"
        raise Refused(Kind.INVALID, "sms-secret-weak", detail, where=str(callback.secret), remedy=remedy)
    return found


def _first_bytes(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(_MOST_SECRET).decode()


def _toml(path: Path) -> dict[str, object]:
    remedy = "Mend the line that the error names, or begin with docs/sms-providers.toml."
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _refused(path, [Fault(path.name, f"It has more than {_MOST_BYTES} bytes.", "Shorten it.")])
        return tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        faults = [Fault(path.name, f"It cannot be read: {error.strerror}.", "Look at SUREFOOT_SMS_PROVIDERS.")]
    except UnicodeDecodeError as error:
        faults = [Fault(path.name, f"Byte {error.start} is not UTF-8.", "Save the file as UTF-8.")]
    except tomllib.TOMLDecodeError as error:
        faults = [Fault(path.name, f"It is no TOML: {_place(error)}.", remedy)]
    raise _refused(path, faults)


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Return what is wrong and where; the words of an error end with the place, and can hold a key before it."""
    words = str(error)
    return words[words.rfind("(") :].strip("()") if "(" in words else "the end is missing"


def _provider(table: Table) -> Provider:
    name = table.text("name", fits=_NAME, remedy=_NAME_REMEDY)
    table.where = f"{table.where} ({name})" if name else table.where
    sender = table.text("sender", fits=_SENDER, remedy=_SENDER_REMEDY)
    protocol = table.word("protocol", Protocol)
    report, inbound = table.table("report"), table.table("inbound")
    told = None if report is None else hearing.report(report)
    made = Provider(
        name=name,
        protocol=protocol,
        sender=sender,
        weight=table.whole("weight", 0, 1_000, 1),
        per_second=table.whole("per_second", 1, 10_000),
        price=table.price("price"),
        price_by_country=_prices_by_country(table),
        answerable=table.flag("answerable", default=False),
        way=_way(table, protocol, sender, told),
        report=told,
        inbound=None if inbound is None else hearing.inbound(inbound),
    )
    _demand_sense(table, made)
    table.done()
    return made


def _way(table: Table, protocol: Protocol, sender: str, told: ReportWay | None) -> Way:
    found = table.need(protocol.value)
    if protocol is Protocol.SMPP:
        return smpp.read(found, sender=sender)
    return http.read(found, report=None if told is None else told.callback.secret)


def _demand_sense(table: Table, provider: Provider) -> None:
    if provider.protocol is Protocol.SMPP and (provider.report or provider.inbound):
        table.note("protocol", "hears by its own session", "Remove [provider.report] and [provider.inbound].")
    if provider.answerable and not provider.sender.removeprefix("+").isdigit():
        table.note("answerable", "cannot be: nobody can reply to letters", "Set it to false, or send from a number.")
    way = provider.way
    if isinstance(way, HttpWay) and way.id is None and provider.report is None:
        table.note("http.id", "is ours, but no report would name it", "Add [provider.report].")


def _prices_by_country(table: Table) -> dict[str, Decimal]:
    inner = table.table("price_by_country")
    if inner is None:
        return {}
    wrong = [name for name in inner.names() if len(name) != 2 or not name.isupper()]  # noqa: PLR2004 - ISO 3166
    for name in wrong:
        inner.note(name, "is no country", "Write its two letters of ISO 3166, as UA.")
    return {name: inner.price(name) for name in inner.names()}


def _prices(provider: Provider, countries: Collection[str]) -> Iterator[Decimal]:
    if countries:
        yield from (provider.price_in(country) for country in countries)
    else:
        yield from (provider.price, *provider.price_by_country.values())


def _refused(path: Path, faults: Sequence[Fault]) -> Refused:
    first = faults[0]
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    detail = f"The file of providers cannot be used: {first.where} {first.detail}{more}"
    return Refused(
        Kind.INVALID, "sms-providers-unreadable", detail, where=str(path), remedy=first.remedy, faults=faults
    )
