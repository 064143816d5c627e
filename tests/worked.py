"""Gateways of the tests: the worked file of providers, led to servers on this machine."""

from pathlib import Path

from service.delivery import providers
from service.delivery.channels.sms_gateway import GatewayCarrier
from service.delivery.providers import Provider
from service.kit.clock import Clock

WORKED = Path(__file__).parents[1] / "docs" / "sms-providers.toml"
SECRETS = {
    "SMS_OPERATOR_PASSWORD": "operators-password",
    "SMS_KANNEL_PASSWORD": "kannels-password",
    "SMS_KANNEL_REPORT": "secret-of-kannels-reports",
    "SMS_KANNEL_INBOUND": "secret-of-kannels-texts",
    "SMS_GATEWAY_KEY": "the-gateways-key",
    "SMS_GATEWAY_REPORT": "secret-of-the-gateways-reports",
}
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
