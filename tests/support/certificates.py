"""Certificates of the tests' own: an authority that only those trust who are told to."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = dt.timedelta(days=1)
_HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
"""What a certificate is for. It is not for ``localhost``, which is the same machine."""


@dataclass(frozen=True)
class Certificate:
    """One with its key, as files in PEM."""

    file: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """For a server in Python."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


class Authority:
    """Signs certificates for 127.0.0.1.

    Args:
        directory: Where the files go.

    Attributes:
        file: Its own certificate, for those who are to trust it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(f"authority {x509.random_serial_number()}")
        self._issued = 0
        self.file = self._write("authority.pem", self._sign(self._name, self._key, ca=True))

    def issue(self) -> Certificate:
        """One more, for a server or a client."""
        self._issued += 1
        key = ec.generate_private_key(ec.SECP256R1())
        kept = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        signed = self._sign(_name("site"), key, ca=False)
        return Certificate(
            self._write(f"certificate{self._issued}.pem", signed),
            self._write(f"key{self._issued}.pem", kept, mode=0o600),
        )

    def _sign(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> bytes:
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
            .add_extension(x509.SubjectAlternativeName([_HERE]), critical=False)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    def _write(self, name: str, content: bytes, mode: int = 0o644) -> Path:
        path = self._directory / name
        path.write_bytes(content)
        path.chmod(mode)
        return path


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
