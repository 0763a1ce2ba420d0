"""The authorization request, and whether a callback is the answer to it.

RFC 6749 4.1.1-4.1.2, RFC 7636 (PKCE), RFC 9207 (iss), OpenID Connect Core 3.1.2.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import NoReturn, Self
from urllib.parse import parse_qsl

import msgspec
from authlib.oauth2 import rfc7636  # the package first: see endpoints
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri

from rblx_oauth._decoding import decoder
from rblx_oauth.core.redact import Quiet
from rblx_oauth.errors import AuthorizationDenied, CallbackError, ConfigurationError
from rblx_oauth.oauth.answers import UNKNOWN_ERROR
from rblx_oauth.oauth.discovery import Metadata

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
MAX_CALLBACK = 16 * 1024
"""Characters of a callback URL; real ones stay far below."""

_ONCE = ("state", "iss", "code", "error")

# RFC 6749 4.1.2.1 and OpenID Connect Core 3.1.2.6, with what to do about each.
_DENIALS = {
    "access_denied": "the person, or Roblox, said no",
    "login_required": "the person is not logged in at Roblox: ask again without prompt=none",
    "consent_required": "the person has not consented yet: ask again without prompt=none",
    "interaction_required": "the person must answer a page: ask again without prompt=none",
    "account_selection_required": "the person must choose an account: ask without prompt=none",
    "invalid_request": "check redirect_uri and the parameters of the request",
    "invalid_scope": "your app on create.roblox.com does not have one of the scopes",
    "unauthorized_client": "check the app on create.roblox.com",
    "unsupported_response_type": "check the app on create.roblox.com",
    "server_error": "Roblox failed: try again later",
    "temporarily_unavailable": "Roblox is busy: try again later",
}


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One login under way. Keep it on the server, bound to the browser, until the callback.

    Attributes:
        url: Where to send the browser.
        state: Ties the callback to this request (RFC 6749 10.12).
        nonce: Ties the id_token to this request (OpenID Connect Core 3.1.2.1).
        code_verifier: Ties the code to this request (RFC 7636 4.1); never in a URL.
        scopes: What is asked for, ``openid`` first.
        redirect_uri: Where the callback comes; sent again at the exchange.
        issuer: Who is asked.
    """

    url: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    scopes: tuple[str, ...]
    redirect_uri: str
    issuer: str

    def to_json(self) -> bytes:
        """Everything, secrets included: for the server's own store, never for a cookie."""
        return msgspec.json.encode({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """The reverse of `to_json`.

        Raises:
            ValueError: `data` is not what `to_json` wrote.
        """
        return decoder(cls)(data)

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: job queues and caches keep pickles in the clear."""
        raise TypeError("an AuthorizationRequest cannot be pickled: store to_json() instead")


def authorization_request(
    metadata: Metadata,
    *,
    client_id: str,
    redirect_uri: str,
    scopes: tuple[str, ...],
    prompt: str | None = None,
) -> AuthorizationRequest:
    """A new request with state, nonce and verifier of its own. The arguments are checked ones."""
    # RFC 9700 4.7.1, 2.1.1 and RFC 7636 7.1: each new per request, 256 bits from the system.
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    url = prepare_grant_uri(
        metadata.authorization_endpoint,
        client_id,
        "code",
        redirect_uri=redirect_uri,
        scope=list(scopes),
        state=state,
        nonce=nonce,
        code_challenge=rfc7636.create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        prompt=prompt,
    )
    return AuthorizationRequest(
        url=url,
        state=state,
        nonce=nonce,
        code_verifier=verifier,
        scopes=scopes,
        redirect_uri=redirect_uri,
        issuer=metadata.issuer,
    )


def check_prompt(prompt: str | None) -> None:
    """Check a prompt before it is put into a request.

    Raises:
        ConfigurationError: It is not one that Roblox knows.
    """
    if prompt is None:
        return
    words = prompt.split(" ")
    if not set(words) <= PROMPTS:
        raise ConfigurationError(f"prompt must be made of {', '.join(sorted(PROMPTS))}")
    # OpenID Connect Core 3.1.2.1: none excludes every other value.
    if "none" in words and len(words) > 1:
        raise ConfigurationError("prompt 'none' cannot be combined with another")


@dataclass(frozen=True, slots=True)
class Callback:
    """The parameters of a callback whose state is ours; nothing else is judged yet."""

    iss: str | None = field(repr=False)
    code: str | None = field(repr=False)
    error: str | None = field(repr=False)


def read_callback(callback_url: str, request: AuthorizationRequest, *, issuer: str) -> Callback:
    """Read a callback and make sure that it answers `request`.

    Only the query counts: behind a proxy, host and scheme seen here may differ
    from those of the redirect URI.

    Raises:
        CallbackError: It is malformed, or belongs to another request.
    """
    values = _single_values(callback_url)
    # RFC 6749 10.12: first of all, and in constant time.
    state = values.get("state", [])
    if len(state) != 1 or not _same(state[0], request.state):
        raise CallbackError("the callback's state is not that of this login: start the login again")
    # RFC 9700 4.4: a request made for one provider is not completed with another.
    if request.issuer != issuer:
        raise CallbackError("this login was begun with another issuer: start the login again")
    # RFC 6749 3.1: no parameter may come twice.
    if any(len(found) > 1 for found in values.values()):
        raise CallbackError("the callback repeats a parameter: start the login again")
    single = {name: found[0] for name, found in values.items()}
    return Callback(single.get("iss"), single.get("code"), single.get("error"))


def authorization_code(callback: Callback, metadata: Metadata) -> str:
    """The code of a callback that `read_callback` accepted.

    Raises:
        AuthorizationDenied: The provider answered with an error.
        CallbackError: The answer is not the provider's, or not well-formed.
    """
    # RFC 9207 2.4: exactly the issuer, for errors too; absent only if never promised.
    if callback.iss is None:
        if metadata.authorization_response_iss_parameter_supported:
            raise CallbackError("the callback does not say who sent it: start the login again")
    elif callback.iss != metadata.issuer:
        raise CallbackError("the callback comes from another issuer: start the login again")
    # RFC 6749 4.1.2 and 4.1.2.1: a code or an error, never both.
    if callback.code is not None and callback.error is not None:
        raise CallbackError("the callback holds both a code and an error: start the login again")
    if callback.error is not None:
        raise _denied(callback.error)
    if not callback.code:
        raise CallbackError("the callback holds no code: start the login again")
    return callback.code


def _denied(error: str) -> AuthorizationDenied:
    # The rest of the answer (error_description, error_uri) can be written by anyone who
    # makes a link, so it is not even read.
    hint = _DENIALS.get(error)
    if hint is None:
        return AuthorizationDenied("the login was refused", code=UNKNOWN_ERROR)
    return AuthorizationDenied(f"the login was refused: {error} ({hint})", code=error)


def _single_values(url: str) -> dict[str, list[str]]:
    query = Quiet(url.partition("?")[2].partition("#")[0])
    if len(url) > MAX_CALLBACK:
        raise CallbackError("the callback URL is too long")
    try:
        url.encode()  # half a surrogate pair cannot be sent on
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError:
        raise CallbackError("the callback's query cannot be read") from None
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in _ONCE:
            values.setdefault(name, []).append(Quiet(value))
    return values


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
