"""Certificates for servers of the tests, and the authorities that vouch for them."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Made:
    key: ec.EllipticCurvePrivateKey
    file: Path
    key_file: Path


def a_certificate(
    folder: Path, name: str, *, by: Made | None = None, host: str | None = None, until: timedelta = DAY
) -> Made:
    """Make a certificate for 127.0.0.1, or for a host; without `by` it is an authority that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, issuer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (name, "authority"))
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    here = x509.SubjectAlternativeName([address if host is None else x509.DNSName(host)])
    now = datetime.now(UTC)
    number = x509.random_serial_number()
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), number, now - 2 * DAY, now + until)
    made = made.add_extension(here, critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    signed = made.sign(by.key if by else key, SHA256())
    file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return Made(key, file, key_file)
