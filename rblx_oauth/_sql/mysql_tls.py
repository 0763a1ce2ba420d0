"""TLS to MySQL, from the options of a store URL: named as PyMySQL does, and the same for aiomysql.

The drivers by themselves differ. aiomysql knows no files; PyMySQL takes ``ssl_disabled=false`` for
true and forgets ``ssl_ca`` beside ``ssl_verify_identity``, as SQLAlchemy hands them over.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from rblx_oauth.errors import ConfigurationError

OPTIONS = frozenset(
    {
        "ssl_ca",
        "ssl_cert",
        "ssl_disabled",
        "ssl_key",
        "ssl_key_password",
        "ssl_verify_cert",
        "ssl_verify_identity",
    }
)
_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class Tls:
    """How a connection is encrypted.

    Attributes:
        context: What encrypts it; None: nothing does.
        required: A server without TLS is refused before it is told the user's name.
    """

    context: ssl.SSLContext | None
    required: bool


def read(query: Mapping[str, object]) -> Tls:
    """What a URL asks for. Without a word about TLS, a server that offers it gets it unchecked.

    Raises:
        ConfigurationError: A file cannot be used, or a value is neither true nor false.
    """
    given = {name: str(value) for name, value in query.items() if name in OPTIONS}
    if _truth(given, "ssl_disabled", default=False):
        return Tls(None, required=False)
    given.pop("ssl_disabled", None)
    return Tls(_context(given) if given else _unchecked(), required=bool(given))


def _context(given: Mapping[str, str]) -> ssl.SSLContext:
    """One that checks the server's certificate and name, unless told not to."""
    identity = _truth(given, "ssl_verify_identity", default=None)
    checked = _truth(given, "ssl_verify_cert", default=True) or bool(identity)
    if not checked:
        context = _unchecked()
    else:
        try:
            context = ssl.create_default_context(cafile=given.get("ssl_ca"))
        except OSError as error:
            raise _unusable("ssl_ca", error) from None
        # What MySQL makes for itself is not strictly as RFC 5280 wants it.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.check_hostname = identity is not False
    if "ssl_cert" in given or "ssl_key" in given:
        password = given.get("ssl_key_password", "")  # never asked for at a terminal
        try:
            context.load_cert_chain(given["ssl_cert"], given.get("ssl_key"), password)
        except (OSError, KeyError) as error:
            raise _unusable("ssl_cert, ssl_key, ssl_key_password", error) from None
    return context


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _truth(given: Mapping[str, str], name: str, *, default: bool | None) -> bool | None:
    if name not in given:
        return default
    try:
        return _WORDS[given[name].lower()]
    except KeyError:
        raise ConfigurationError(f"{name} in the store URL must be true or false.") from None


def _unusable(names: str, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"The token store has an option in its URL whose value cannot be used "
        f"({type(error).__name__}), of these: {names}."
    )
