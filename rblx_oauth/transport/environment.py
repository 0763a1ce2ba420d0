"""What the environment says about the network: proxies and trusted certificates.

The same variables as ``requests`` reads (``HTTPS_PROXY``, ``NO_PROXY``,
``REQUESTS_CA_BUNDLE``, ...), for both colours. ``.netrc`` is never read: a
credential found there would replace the one the caller chose.
"""

from __future__ import annotations

import os
import ssl
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy

from rblx_oauth.errors import ConfigurationError


def proxy_for(origin: str) -> str | None:
    """The proxy that the environment names for an origin such as ``https://host:port``.

    Raises:
        ConfigurationError: It is not an HTTP proxy.
    """
    proxy = select_proxy(origin, get_environ_proxies(origin))
    if not proxy:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if urlsplit(proxy).scheme not in ("http", "https"):
        raise ConfigurationError(
            "the environment names a proxy that is not an HTTP proxy: "
            "set HTTPS_PROXY to an http:// or https:// address, or unset it"
        )
    return proxy


def tls_context(sockets: type[ssl.SSLSocket] = ssl.SSLSocket) -> ssl.SSLContext:
    """A context that verifies certificates and host names.

    It trusts ``REQUESTS_CA_BUNDLE`` or ``CURL_CA_BUNDLE`` where one is set,
    else the bundle that comes with ``requests``.

    Args:
        sockets: The class of its sockets. Those who ask for the same class
            share a context.

    Raises:
        ConfigurationError: The file or directory named there does not exist.
    """
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        bundle = os.environ.get(variable)
        if bundle:
            if not Path(bundle).exists():
                raise ConfigurationError(
                    f"{variable} names {bundle}, which does not exist: "
                    "point it at a file of certificates or unset it"
                )
            break
    else:
        bundle = DEFAULT_CA_BUNDLE_PATH
    return _trusting(bundle, sockets)  # type: ignore[arg-type]  # a class is hashable


@cache
def _trusting(bundle: str, sockets: type[ssl.SSLSocket]) -> ssl.SSLContext:
    # Reading the certificates takes longer than a call does: once for a process.
    # Not shared between the colours: urllib3 changes the context that it is given.
    if Path(bundle).is_dir():
        context = ssl.create_default_context(capath=bundle)
    else:
        context = ssl.create_default_context(cafile=bundle)
    context.sslsocket_class = sockets
    return context
