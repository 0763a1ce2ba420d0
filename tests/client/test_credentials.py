"""Which credential leaves, for whom, and what happens when it is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rblx_oauth import Client, Token, errors
from tests.client.answers import entry, reply
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer

PUBLISH = "universe-messaging-service:publish"


def token(value: str = "access-1", *scopes: str) -> Token:
    """A token with these scopes."""
    now = datetime.now(UTC)
    return Token(
        access_token=value,
        scopes=frozenset(scopes),
        issued_at=now,
        expires_at=now + timedelta(minutes=15),
        subject="1",
        issuer="https://issuer.example/",
        client_id="1",
    )


class Source:
    """A token source of either colour: gives tokens in order, counts renewals."""

    grant_id = "grant-1"

    def __init__(self, colour: Colour, *tokens: Token) -> None:
        self._tokens = list(tokens)
        self._wrap = _later if colour.name == "async" else _now
        self.renewals: list[str] = []

    def token(self) -> Any:
        """The present token."""
        return self._wrap(self._tokens[0])

    def renew(self, rejected: Token) -> Any:
        """The next token, if there is one."""
        self.renewals.append(rejected.access_token)
        if len(self._tokens) > 1:
            self._tokens.pop(0)
        return self._wrap(self._tokens[0])


async def _later(value: Any) -> Any:
    return value


def _now(value: Any) -> Any:
    return value


def publish(client: Any) -> Any:
    """A call that takes a token."""
    return client.universe(1).publish_message("topic", "hello")


def test_token_first_key_where_no_token_is_taken(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """Holding both, the client sends the token where it is accepted, else the key."""
    server.script(reply(), entry())
    client = make_client(token=token("access-1", PUBLISH), api_key="key-1")
    colour(publish(client))
    colour(client.universe(1).data_store("coins").get("k"))
    first, second = server.requests
    assert b"Authorization: Bearer access-1" in first
    assert b"x-api-key" not in first
    assert b"x-api-key: key-1" in second
    assert b"uthorization" not in second


def test_nothing_accepted_is_said_before_sending(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A token for an operation that takes keys only: an error that names both."""
    client = make_client(token=token())
    with pytest.raises(
        errors.CredentialError,
        match="get_data_store_entry takes an API key; this client holds an OAuth token",
    ) as caught:
        colour(client.universe(1).data_store("coins").get("k"))
    assert caught.value.operation == "get_data_store_entry"
    assert server.requests == []


def test_missing_scope_is_said_before_sending(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A token that lacks a scope: the missing ones are listed, nothing is sent."""
    client = make_client(token=token("access-1", "openid"))
    with pytest.raises(errors.InsufficientScope) as caught:
        colour(publish(client))
    assert caught.value.missing == (PUBLISH,)
    assert server.requests == []


def test_insufficient_scope_of_roblox(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A bare token's scopes are unknown: it is sent, and Roblox's 403 becomes InsufficientScope."""
    server.script(reply(403, {"code": "INSUFFICIENT_SCOPE", "message": "no"}))
    with pytest.raises(errors.InsufficientScope) as caught:
        colour(publish(make_client(token="access-1")))
    assert caught.value.missing == (PUBLISH,)
    assert b"Bearer access-1" in server.requests[0]


def test_accept_overrides_the_catalogue(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A caller may know better which credential an operation takes by now."""
    server.script(entry())
    client = make_client(
        token=token("access-1", "universe-datastores.objects:read"),
        accept={"get_data_store_entry": "token"},
    )
    colour(client.universe(1).data_store("coins").get("k"))
    assert b"Bearer access-1" in server.requests[0]


@pytest.mark.parametrize(
    ("accept", "says"),
    [
        ({"no_such": "token"}, "no operation"),
        ({"get_user": "cookie"}, '"token" or "api_key"'),
        ("token", "not a str"),
        ([], "not a list"),
    ],
)
def test_wrong_accept_is_a_configuration_error(accept: Any, says: str) -> None:
    """An override that names nothing is refused at once."""
    with pytest.raises(errors.ConfigurationError, match=says):
        Client(api_key="k", accept=accept)


def test_f11_one_renewal_after_401(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A 401 in mid-flight: one renewal, and the same call again with the new token."""
    server.script(reply(401), reply())
    source = Source(colour, token("access-1", PUBLISH), token("access-2", PUBLISH))
    colour(publish(make_client(token=source)))
    assert source.renewals == ["access-1"]
    assert b"Bearer access-2" in server.requests[1]


def test_f12_401_for_ever_stops_after_one_renewal(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A renewed token that is refused too: log in again."""
    server.script(reply(401))
    source = Source(colour, token("a", PUBLISH), token("b", PUBLISH), token("c", PUBLISH))
    with pytest.raises(errors.ReauthorizationRequired) as caught:
        colour(publish(make_client(token=source)))
    assert caught.value.grant_id == "grant-1"
    assert source.renewals == ["a"]
    assert len(server.requests) == 2


@pytest.mark.parametrize("credential", ["fixed", "key"])
def test_401_without_renewal_is_unauthorized(
    colour: Colour, make_client: MakeClient, server: RawServer, credential: str
) -> None:
    """What cannot be renewed is refused as it is, once."""
    server.script(reply(401, {"errors": [{"code": 0, "message": "Invalid API Key"}]}))
    held = {"token": token("a", PUBLISH)} if credential == "fixed" else {"api_key": "k"}
    with pytest.raises(errors.Unauthorized, match="Invalid API Key"):
        colour(publish(make_client(**held)))
    assert len(server.requests) == 1


def test_client_tells_its_token_and_grant(colour: Colour, make_client: MakeClient) -> None:
    """`token()` and `grant_id` come from the source; a key alone has neither."""
    held = token("a")
    client = make_client(token=Source(colour, held))
    assert colour(client.token()) is held
    assert client.grant_id == "grant-1"
    alone = make_client()
    assert alone.grant_id is None
    with pytest.raises(errors.CredentialError):
        colour(alone.token())


@pytest.mark.parametrize("secret", ["", "a b", "a\r\nX-Evil: 1", "clé", "a\x00", "a\n"])
def test_secret_that_no_header_may_carry(secret: str) -> None:
    """A key or token with such characters is refused when the client is made, unquoted."""
    for held in ({"api_key": secret}, {"token": secret}):
        with pytest.raises(errors.ConfigurationError) as caught:
            Client(**held)  # type: ignore[arg-type]
        assert not secret or secret not in str(caught.value)


@pytest.mark.parametrize(
    "base",
    [
        "http://apis.roblox.com",
        "http://127.0.0.1.evil.example",
        "https://user:pw@apis.roblox.com",
        "https://apis.roblox.com/path",
        "https://apis.roblox.com?q",
        "ftp://localhost",
        "apis.roblox.com",
        "https://apis.roblox.com:99999",
        "https://apis.roblox.com:port",
        "https://apis.roblox.com\n",
        "https://apis roblox.com",
        "https://apis.roblox.com\\@evil.example",
        "https://apis.röblox.com",
        "http://[::1",
        "",
        None,
        5,
    ],
)
def test_c32_api_base_is_an_origin_over_tls(base: Any) -> None:
    """Credentials go to one origin, in the clear only on this machine."""
    with pytest.raises(errors.ConfigurationError, match="api_base"):
        Client(api_key="k", api_base=base)


@pytest.mark.parametrize(
    "base", ["http://localhost:1", "http://[::1]:1", "http://LocalHost", "https://x.example/"]
)
def test_api_base_that_is_fine(base: str) -> None:
    """TLS anywhere, plain http to this machine."""
    assert Client(api_key="k", api_base=base).api_base == base.rstrip("/")


def test_no_credential_is_a_configuration_error() -> None:
    """A client without any credential is refused at once."""
    with pytest.raises(errors.ConfigurationError, match="token, an api_key"):
        Client()


@pytest.mark.parametrize("wrong", [5, b"token", {"access_token": "canary"}])
def test_token_of_a_wrong_type_is_a_configuration_error(wrong: Any) -> None:
    """What cannot give a token is refused when the client is made, unquoted."""
    with pytest.raises(errors.ConfigurationError, match="token must be a Token") as caught:
        Client(token=wrong)
    assert "canary" not in str(caught.value)


def test_c48_repr_shows_no_secret() -> None:
    """Neither client nor credentials show what they hold."""
    client = Client(api_key="canary-key", token=token("canary-token"))
    assert "canary" not in f"{client!r}{client._credentials!r}{client._sender!r}{client.user(1)!r}"
