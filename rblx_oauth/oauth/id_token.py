"""id_token validation: OpenID Connect Core 3.1.3.7 and 12.2, RFC 7515, RFC 8725.

In stages, since the key may have to be fetched in between: `read_header`,
`verify`, `check_claims`, and what belongs to a login or to a refresh. Tokens
and nonces come in objects whose repr is silent, because error trackers record
the variables of every frame that an exception passed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from rblx_oauth._decoding import decoder
from rblx_oauth.errors import IdTokenError
from rblx_oauth.oauth.authorization import AuthorizationRequest
from rblx_oauth.oauth.jwks import Jwk

ALGORITHM = "ES256"
LEEWAY = 30.0
"""Seconds that two clocks may differ."""
MAX_AGE = 300.0
"""Seconds since its issue: an id_token arrives right after it was made."""
MAX_LENGTH = 16 * 1024
"""Characters; real ones have about a thousand."""


class Issued(Protocol):
    """What came with one token answer."""

    @property
    def access_token(self) -> str:
        """As it came."""
        ...

    @property
    def id_token(self) -> str | None:
        """As it came."""
        ...


class Claims(dict[str, object]):
    """What an id_token says. The repr names the claims only: the nonce is a secret."""

    def __repr__(self) -> str:
        return f"Claims({', '.join(self)})"


_SUBJECT = re.compile(r"[0-9]{1,255}\Z")

# The algorithm list is what refuses none, HS256 and RS256. Header parameters that name or
# carry a key (jku, jwk, x5u, x5c) are never looked at: the key comes from discovery alone.
_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
_REGISTRY.max_header_length = MAX_LENGTH


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """An id_token of which nothing is known yet but the key id it names."""

    compact: str = field(repr=False)
    kid: str | None = None


def read_header(issued: Issued) -> UnverifiedToken:
    """Look at the header of the id_token alone, before any key.

    Raises:
        IdTokenError: It is not a JWS signed with ES256.
    """
    token = UnverifiedToken(issued.id_token or "")
    if len(token.compact) > MAX_LENGTH:
        raise IdTokenError("the id_token is too long", check="length")
    if token.compact.count(".") != 2:
        raise IdTokenError("this is not a signed token", check="format")
    header = _json_object(token, 0)
    # RFC 8725 3.1: the algorithm is ours to choose, never the token's.
    if header.get("alg") != ALGORITHM:
        raise IdTokenError(f"the id_token is not signed with {ALGORITHM}", check="alg")
    # RFC 8725 3.11: an access token says at+jwt (RFC 9068 2.1), an id_token JWT or nothing.
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise IdTokenError("this is not an id_token but another kind of token", check="typ")
    # RFC 7515 4.1.11: extensions that must be understood, and none are.
    if "crit" in header:
        raise IdTokenError("the id_token demands an extension", check="crit")
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise IdTokenError("the id_token's key id is not a string", check="kid")
    return replace(token, kid=kid)


def verify(token: UnverifiedToken, key: Jwk) -> Claims:
    """The claims, once the signature is found good under `key`.

    Raises:
        IdTokenError: It is not.
    """
    try:
        signed = jws.extract_compact(token.compact.encode(), registry=_REGISTRY)
        good = jws.validate_compact(
            signed, _public_key(key), algorithms=[ALGORITHM], registry=_REGISTRY
        )
    except (JoseError, ValueError, TypeError):
        good = False
    if not good:
        raise IdTokenError("the id_token's signature is not Roblox's", check="signature")
    return _json_object(token, 1)


def check_claims(claims: Claims, *, issuer: str, client_id: str, now: float) -> None:
    """What holds for every id_token (OpenID Connect Core 3.1.3.7).

    Raises:
        IdTokenError: A claim is missing, of the wrong type, or wrong.
    """
    # Rule 2: the very issuer.
    if claims.get("iss") != issuer:
        raise IdTokenError("the id_token comes from another issuer", check="iss")
    # Rule 3: for us, and for nobody beside us.
    audience = claims.get("aud")
    if audience not in (client_id, [client_id]):
        raise IdTokenError("the id_token is meant for another client", check="aud")
    # Rules 4 and 5: whom it was issued to.
    if claims.get("azp", client_id) != client_id:
        raise IdTokenError("the id_token was issued to another client", check="azp")
    # Section 2: sub is a string of at most 255 ASCII characters; Roblox's is the user id, which
    # everything after the login takes as a number.
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.match(subject):
        raise IdTokenError("the id_token does not say who logged in", check="sub")
    # RFC 9068 2.2: scope is a claim of access tokens.
    if "scope" in claims:
        raise IdTokenError("this is an access token, not an id_token", check="typ")
    _check_times(claims, now)


def _check_times(claims: Claims, now: float) -> None:
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    not_before = _time(claims, "nbf") if "nbf" in claims else issued
    clock = "; if logins keep failing, set this machine's clock by NTP"
    # RFC 7519 4.1.4-4.1.6, and rules 9 and 10.
    if expires <= now - LEEWAY:
        raise IdTokenError(f"the id_token has expired{clock}", check="exp")
    if issued > now + LEEWAY:
        raise IdTokenError(f"the id_token was issued in the future{clock}", check="iat")
    if not_before > now + LEEWAY:
        raise IdTokenError(f"the id_token is not valid yet{clock}", check="nbf")
    if issued < now - MAX_AGE - LEEWAY:
        raise IdTokenError(f"the id_token was issued too long ago{clock}", check="iat")


def check_nonce(claims: Claims, request: AuthorizationRequest) -> None:
    """The token answers this very login (OpenID Connect Core 3.1.3.7, rule 11).

    Raises:
        IdTokenError: The nonce is missing or another's.
    """
    if not _same(claims.get("nonce"), request.nonce):
        raise IdTokenError("the id_token belongs to another login", check="nonce")


def check_access_token(claims: Claims, issued: Issued) -> None:
    """The access token is the one issued beside this id_token, when it says so.

    OpenID Connect Core 3.1.3.8: the left half of the hash, in base64url.

    Raises:
        IdTokenError: It is another one, or is offered as the id_token itself.
    """
    if issued.id_token == issued.access_token:
        raise IdTokenError("this is an access token, not an id_token", check="typ")
    if "at_hash" not in claims:
        return
    digest = hashlib.sha256(issued.access_token.encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not _same(claims["at_hash"], expected):
        raise IdTokenError("the id_token was issued with another access token", check="at_hash")


def check_same_login(claims: Claims, earlier: Claims, *, subject: str) -> None:
    """A refreshed id_token speaks of the same login (OpenID Connect Core 12.2).

    Issuer and audience are compared with the configuration by `check_claims`,
    so that they cannot have changed either.

    Raises:
        IdTokenError: It is about somebody or something else.
    """
    if claims.get("sub") != subject:
        raise IdTokenError("the refreshed id_token is about somebody else", check="sub")
    if "nonce" in claims and "nonce" in earlier and claims["nonce"] != earlier["nonce"]:
        raise IdTokenError("the refreshed id_token belongs to another login", check="nonce")


_OF_ITSELF = frozenset({"iat", "nbf", "exp", "jti", "at_hash"})
"""Claims that differ from one id_token of a login to the next."""


def public_claims(claims: Claims) -> Mapping[str, object]:
    """What an application may see and show: everything but the nonce, which was a secret."""
    return {name: value for name, value in claims.items() if name != "nonce"}


def says_the_same(claims: Mapping[str, object], earlier: Mapping[str, object]) -> bool:
    """Whether two id_tokens say the same of a person, whatever each says of itself."""
    names = (claims.keys() | earlier.keys()) - _OF_ITSELF
    return all(claims.get(name) == earlier.get(name) for name in names)


def claims_of(compact: str | None) -> Claims:
    """The claims of an id_token that was validated when it was received; none without one."""
    return Claims() if compact is None else _json_object(UnverifiedToken(compact), 1)


def _time(claims: Claims, name: str) -> float:
    value = claims.get(name)
    # RFC 7519 2: a NumericDate is a JSON number. A bool is an int to Python only.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdTokenError(f"the id_token's {name} is missing or not a number", check=name)
    return value


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(
        given.encode("utf-8", "replace"), expected.encode()
    )


def _public_key(key: Jwk) -> ECKey:
    return ECKey.import_key(cast("dict[str, str | list[str]]", dict(key)))


def _json_object(token: UnverifiedToken, part: int) -> Claims:
    found = _decoded(token.compact.split(".")[part])
    if found is None:
        raise IdTokenError("this is not a signed token", check="format")
    return found


def _decoded(segment: str) -> Claims | None:
    try:
        data = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
        return Claims(decoder(dict[str, object])(data))
    except (ValueError, RecursionError):
        return None
