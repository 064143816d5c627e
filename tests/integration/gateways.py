"""Gateways that bring texts by HTTP: one answered in the response, one apart, one that nobody can answer."""

from pathlib import Path

SECRETS = {"GATEWAY_SEND": "send-me-1234567890", "GATEWAY_INBOUND": "let-me-in-1234567890"}
KEY = SECRETS["GATEWAY_INBOUND"]

_PROVIDER = """
[[provider]]
name = "{name}"
protocol = "http"
sender = "{sender}"
answerable = {answerable}
weight = 1
per_second = 30
price = "0.031"

[provider.http]
method = "POST"
url = "http://127.0.0.1:{port}/send"
at_once = 20
timeout_s = 5
id = {{json = "id"}}

[provider.http.secrets]
password = {{env = "GATEWAY_SEND"}}

[provider.http.headers]
authorization = "Bearer {{secret.password}}"

[provider.http.form]
to = "{{to}}"
text = "{{text}}"

[[provider.http.answers]]
status = [200, 202]
means = "taken"

[provider.inbound]
secret = {{env = "GATEWAY_INBOUND"}}
shown = {{{shown}}}
reads = "{reads}"
sender = "from"
to = "to"
text = "text"
id = "id"
udh = "udh"
reply = "{reply}"
{more}
"""


def write(folder: Path, *, port: int = 9) -> Path:
    """Write the file of providers."""
    by_header, by_query = 'header = "x-key"', 'query = "key"'
    kinds = (
        ("direct", "4455", "true", by_query, "query", "response", ""),
        ("apart", "4455", "true", by_header, "form", "separate", ""),
        ("deaf", "INFO", "false", by_header, "json", "separate", 'each = "messages"'),
    )
    names = ("name", "sender", "answerable", "shown", "reads", "reply", "more")
    path = folder / "providers.toml"
    path.write_text("".join(_PROVIDER.format(port=port, **dict(zip(names, kind, strict=True))) for kind in kinds))
    return path
