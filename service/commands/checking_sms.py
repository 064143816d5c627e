"""The part of `surefoot check` about texts: providers, their secrets and prices, budgets, numbers, words."""

from collections.abc import Iterator

from service.commands.finding import Found, Verdict
from service.config import Settings
from service.delivery import providers
from service.delivery.provider_ways import HttpWay
from service.delivery.providers import Provider
from service.kit.errors import Refused
from service.kit.internet import is_loopback
from service.kit.sms import foreign


def look(settings: Settings) -> Iterator[Found]:
    """Look at everything that texts need; nobody is asked, and no secret is shown."""
    if settings.sms_providers is None:
        yield Found("texts", Verdict.NOTE, "SUREFOOT_SMS_PROVIDERS is unset: nobody is reached by text.")
        return
    try:
        known = providers.of(settings)
    except Refused as refused:
        yield from (Found("texts", Verdict.STOP, f"{one.where} {one.detail} {one.remedy}") for one in refused.faults)
        return
    for one in known:
        yield from _provider(one, settings)
    yield from _money(known, settings)
    yield from _numbers(known, settings)
    yield from _words(settings)


def _provider(one: Provider, settings: Settings) -> Iterator[Found]:
    name = f"text provider {one.name}"
    missing = list(_missing(one))
    if missing:
        yield from (Found(name, Verdict.STOP, detail) for detail in missing)
        return
    host, rate = one.way.host, f"{one.per_second:,} segments a second"
    detail = f"{one.protocol.value} to {host} as {one.sender}, {rate}, {one.price} {settings.sms_currency} each"
    yield Found(name, Verdict.OK, detail)
    if not (_is_encrypted(one) or is_loopback(host)):
        yield Found(name, Verdict.NOTE, "Not encrypted: the whole way there must be a network of your own.")
    if isinstance(one.way, HttpWay) and one.report is None:
        yield Found(
            name, Verdict.NOTE, "No [provider.report]: of a lost answer nobody learns, the text goes out twice."
        )


def _missing(one: Provider) -> Iterator[str]:
    """Say what a worker or the API would not find."""
    way = one.way
    kept = way.secrets if isinstance(way, HttpWay) else {"password": way.password}
    for name, secret in kept.items():
        try:
            providers.secret(secret, of=f"{name} of a worker")
        except Refused as refused:
            yield f"{refused.detail} {refused.remedy}"
    for name, callback in (("report", one.report), ("inbound", one.inbound)):
        try:
            if callback is not None:
                providers.shown_secret(callback.callback, of=f"{name}.secret of the API")
        except Refused as refused:
            yield f"{refused.detail} {refused.remedy}"
    if way.ca is not None and not way.ca.is_file():
        yield f"`ca` names no file: {way.ca}."


def _is_encrypted(one: Provider) -> bool:
    way = one.way
    return way.request.url.parts[0][0].startswith("https:") if isinstance(way, HttpWay) else way.tls


def _money(known: tuple[Provider, ...], settings: Settings) -> Iterator[Found]:
    free = [one.name for one in known if providers.dearest([one], countries=settings.sms_countries) == 0]
    if free:
        yield Found("text prices", Verdict.NOTE, f"No budget counts the texts of {', '.join(free)}: the price is 0.")
    for whose, name, amount in (
        ("an alert", "SUREFOOT_SMS_ALERT_BUDGET", settings.sms_alert_budget),
        ("a month", "SUREFOOT_SMS_MONTH_BUDGET", settings.sms_month_budget),
    ):
        set_to = f"{amount:,} {settings.sms_currency}"
        unset = f"{name} is unset: the texts of {whose} may cost anything."
        yield Found(f"text budget of {whose}", Verdict.OK if amount else Verdict.NOTE, set_to if amount else unset)


def _numbers(known: tuple[Provider, ...], settings: Settings) -> Iterator[Found]:
    if settings.sms_countries:
        yield Found("text countries", Verdict.OK, ", ".join(settings.sms_countries))
    else:
        yield Found("text countries", Verdict.STOP, "Set SUREFOOT_SMS_COUNTRIES: no number can be registered without.")
    if settings.number_keyring:
        ids = ", ".join(name for name, _ in settings.number_keyring)
        yield Found("number keys", Verdict.OK, f"{ids}; the first seals")
    else:
        yield Found("number keys", Verdict.STOP, "Set SUREFOOT_NUMBER_KEYS: without them no number can be kept.")
    if not settings.sms_number:
        detail = "Set SUREFOOT_SMS_NUMBER: people could neither ask nor end it by text."
        yield Found("text number", Verdict.STOP, detail)
    elif not any(one.answerable for one in known):
        detail = "No provider is answerable: what people write is acted upon, and never answered."
        yield Found("text number", Verdict.NOTE, detail)
    else:
        yield Found("text number", Verdict.OK, settings.sms_number)


def _words(settings: Settings) -> Iterator[Found]:
    """R22: whoever reads over a shoulder learns nothing of the person from who speaks."""
    strange = foreign(settings.authority_short)
    if not settings.authority_short:
        yield Found("text authority", Verdict.OK, "a neutral form; SUREFOOT_AUTHORITY_SHORT is unset")
    elif strange:
        detail = (
            f"SUREFOOT_AUTHORITY_SHORT has letters outside of GSM-7 ({strange}): texts in it hold 70 signs, not 160."
        )
        yield Found("text authority", Verdict.NOTE, detail)
    else:
        yield Found("text authority", Verdict.OK, settings.authority_short)
