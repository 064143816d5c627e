"""Gateways of the tests: the worked file of providers, led to servers on this machine."""

from datetime import timedelta
from pathlib import Path

from service.delivery import providers
from service.delivery.channels.sms_gateway import GatewayCarrier
from service.delivery.providers import Provider
from service.delivery.sms import Answer, Sms
from service.kit.clock import Clock
from service.kit.hidden import Hidden

WORKED = Path(__file__).parents[1] / "docs" / "sms-providers.toml"
SECRETS = {
    "SMS_OPERATOR_PASSWORD": "operators-password",
    "SMS_KANNEL_PASSWORD": "kannels-password",
    "SMS_KANNEL_REPORT": "secret-of-kannels-reports",
    "SMS_KANNEL_INBOUND": "secret-of-kannels-texts",
    "SMS_GATEWAY_KEY": "the-gateways-key",
    "SMS_GATEWAY_REPORT": "secret-of-the-gateways-reports",
}
NUMBER = "+380501234567"
CYRILLIC = "23.09.2026/17 Небезпечно: Ізюм. Туди йти не можна."
SMPP = """
[[provider]]
name = "operator"
protocol = "smpp"
sender = "INFO"
per_second = 10
price = "0.03"
[provider.smpp]
host = "127.0.0.1"
port = 2775
system_id = "us"
password = {env = "PASSWORD"}
"""
HTTP = """
[[provider]]
name = "gateway"
protocol = "http"
sender = "1234"
per_second = 10
price = 0.03
[provider.http]
url = "https://gateway.example/send"
form = {to = "{to}", text = "{text}"}
id = {json = "id"}
answers = [{status = [200], means = "taken"}]
"""
REPORT = """
[provider.report]
secret = {env = "REPORT"}
shown = {query = "key"}
reads = "query"
id = "id"
state = "state"
states = {ok = "delivered"}
"""


FORM = """
form = {to = "{to}", text = "{text}", from = "{sender}"}
id = {json = "id"}
timeout_s = 1
answers = [
    {status = [200], json = "ok", equals = ["true"], means = "taken"},
    {json = "code", equals = ["dead"], means = "number-dead"},
    {body = "STOP (list)", equals = ["list"], means = "opted-out"},
    {json = "codes.0.n", equals = ["7"], means = "refused"},
    {json = "code", equals = ["slow"], means = "not-now"},
    {json = "code", equals = ["money"], means = "ours"},
    {status = [500], json = "code", equals = ["maybe"], means = "unanswered"},
]
"""
GATEWAY = """
[[provider]]
name = "{name}"
protocol = "http"
sender = "INFO"
per_second = 10
price = "0.03"
[provider.http]
url = "{url}"
{http}
"""


def worked(folder: Path, url: str) -> dict[str, Provider]:
    """Return the providers of the worked file, both gateways of which are at `url`."""
    text = WORKED.read_text()
    for address in ("http://127.0.0.1:13013", "https://api.gateway.example"):
        assert address in text
        text = text.replace(address, url)
    file = folder / "sms-providers.toml"
    file.write_text(text)
    return {one.name: one for one in providers.read(file)}


def a_gateway(folder: Path, url: str, http: str, *, name: str = "some") -> Provider:
    """Return a gateway that wants what `http` says."""
    file = folder / f"{name}.toml"
    file.write_text(GATEWAY.format(name=name, url=url, http=http))
    (made,) = providers.read(file)
    return made


def carrier_of(provider: Provider) -> GatewayCarrier:
    return GatewayCarrier.open(provider, clock=Clock())


def a_text(text: str = CYRILLIC, *, to: str = NUMBER, urgent: bool = True) -> Sms:
    return Sms(Hidden(to), Hidden(text), timedelta(minutes=90), urgent=urgent)


async def submitted(carrier: GatewayCarrier, sms: Sms | None = None) -> Answer:
    try:
        return await carrier.submit(sms or a_text())
    finally:
        await carrier.close()
