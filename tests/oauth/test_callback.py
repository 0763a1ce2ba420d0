"""Whether a callback is the answer to our request."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from hypothesis import example, given, note, settings, strategies as st

from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.errors import AuthorizationDenied, CallbackError, DiscoveryError
from rblx_oauth.oauth.authorization import (
    AuthorizationRequest,
    authorization_code,
    read_callback,
)
from rblx_oauth.oauth.discovery import Metadata
from tests.oauth.conftest import Colour, make_app
from tests.oauth.provider import Provider

ISSUER = "https://apis.roblox.com/oauth/"
METADATA = Metadata(ISSUER, f"{ISSUER}v1/authorize", f"{ISSUER}v1/token", f"{ISSUER}v1/certs")
REQUEST = AuthorizationRequest(
    url=f"{ISSUER}v1/authorize?...",
    state="the-state",
    nonce="the-nonce",
    code_verifier="v" * 43,
    scopes=("openid",),
    redirect_uri="https://my.site/callback",
    issuer=ISSUER,
)


def code_of(url: str, metadata: Metadata = METADATA) -> str:
    """The code of a callback, all checks passed."""
    return authorization_code(read_callback(url, REQUEST, issuer=ISSUER), metadata)


@pytest.mark.parametrize("changes", [{"state": None}, {"state": ""}, {"state": "another"}])
async def test_c09_missing_or_foreign_state_makes_no_token_call(
    app: Colour, provider: Provider, changes: dict[str, str | None]
) -> None:
    """A callback without our state is refused, and the provider hears nothing of it."""
    request = await app.authorization_request([])
    before = len(provider.server.seen)
    with pytest.raises(CallbackError, match="state"):
        await app.exchange(provider.callback(request, **changes), request)
    assert len(provider.server.seen) == before


async def test_c09_state_of_another_login_makes_no_token_call(
    app: Colour, provider: Provider
) -> None:
    """Two logins of one application cannot be crossed."""
    mine, theirs = [await app.authorization_request([]) for _ in range(2)]
    with pytest.raises(CallbackError, match="state"):
        await app.exchange(provider.callback(theirs), mine)
    assert provider.calls("v1/token") == []


def test_state_is_judged_before_anything_else() -> None:
    """A callback with a foreign state never gets as far as its error or its iss."""
    with pytest.raises(CallbackError, match="state") as caught:
        code_of("/callback?state=other&error=access_denied&iss=https%3A%2F%2Fevil.example")
    assert not isinstance(caught.value, AuthorizationDenied)


async def test_c05_same_redirect_uri_at_the_exchange_whatever_the_host_seen(
    app: Colour, provider: Provider
) -> None:
    """The exchange repeats the URI of the request; the callback's own host plays no part."""
    request = await app.authorization_request([], redirect_uri="https://my.site/callback")
    query = provider.callback(request).partition("?")[2]
    await app.exchange(f"http://evil.example:8080/elsewhere?{query}", request)
    assert provider.calls("v1/token")[0].form["redirect_uri"] == "https://my.site/callback"


@pytest.mark.parametrize("iss", ["https://evil.example/", ISSUER.rstrip("/"), ISSUER.upper(), ""])
def test_c11_iss_must_match_exactly(iss: str) -> None:
    """A callback of another issuer is refused, even if only a slash differs."""
    with pytest.raises(CallbackError, match="another issuer"):
        code_of(f"/callback?code=c&state=the-state&iss={quote_plus(iss)}")


def test_c11_iss_is_checked_on_errors_too() -> None:
    """An error of another issuer is no answer of ours."""
    with pytest.raises(CallbackError, match="another issuer") as caught:
        code_of("/callback?error=access_denied&state=the-state&iss=https%3A%2F%2Fevil.example")
    assert not isinstance(caught.value, AuthorizationDenied)


def test_c11_iss_may_be_absent_only_if_not_advertised() -> None:
    """A provider that promises iss must send it."""
    promising = Metadata(
        ISSUER, ISSUER, ISSUER, ISSUER, authorization_response_iss_parameter_supported=True
    )
    assert code_of("/callback?code=c&state=the-state") == "c"
    with pytest.raises(CallbackError, match="does not say who"):
        code_of("/callback?code=c&state=the-state", promising)
    assert code_of(f"/callback?code=c&state=the-state&iss={quote_plus(ISSUER)}", promising) == "c"


@pytest.mark.parametrize(
    "query",
    [
        "code=c&code=d&state=the-state",
        "code=c&code=c&state=the-state",
        "code=c&state=the-state&state=the-state",
        "code=c&state=the-state&state=other",
        f"code=c&state=the-state&iss={quote_plus(ISSUER)}&iss=x",
        "error=access_denied&error=access_denied&state=the-state",
        "code=c&error=access_denied&state=the-state",
        "code=c&error=&state=the-state",
        "code=&state=the-state",
        "state=the-state",
        "",
    ],
)
def test_c12_repeated_or_contradictory_parameters_are_refused(query: str) -> None:
    """One code, one state, and a code or an error, never both."""
    with pytest.raises(CallbackError) as caught:
        code_of(f"https://my.site/callback?{query}")
    assert not isinstance(caught.value, AuthorizationDenied)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("access_denied", "access_denied"),
        ("login_required", "login_required"),
        ("server_error", "server_error"),
        ("call_0800_for_help", "invalid_error"),
        ("<script>alert(1)</script>", "invalid_error"),
        ("", "invalid_error"),
    ],
)
def test_c13_error_description_is_never_repeated(error: str, code: str) -> None:
    """The error says what is known of the code; nothing a link could carry gets through."""
    with pytest.raises(AuthorizationDenied) as caught:
        code_of(
            f"/callback?error={quote_plus(error)}&state=the-state"
            "&error_description=canary+text&error_uri=https%3A%2F%2Fcanary.example"
        )
    assert caught.value.code == code
    assert "canary" not in str(caught.value)
    assert "script" not in str(caught.value)
    assert "0800" not in str(caught.value)


def test_unknown_parameters_and_fragments_are_ignored() -> None:
    """What a provider may add later does no harm (RFC 6749 4.1.2)."""
    assert code_of("/cb?x=1&x=2&code=c&session_state=s&state=the-state#code=evil") == "c"
    assert code_of("/cb?code=a%2Fb%2Bc&state=the-state") == "a/b+c"


async def test_request_of_another_issuer_is_refused(app: Colour, provider: Provider) -> None:
    """A login begun with one provider cannot be completed with another."""
    request = await app.authorization_request([])
    other = make_app(provider, issuer="http://127.0.0.1:9/oauth/")
    with pytest.raises(CallbackError, match="another issuer"):
        other.exchange(provider.callback(request), request)


def test_callback_is_refused_before_a_provider_without_metadata_is_asked(
    sync_app: OAuthApp, provider: Provider
) -> None:
    """A good state goes on to discovery; a bad one does not."""
    provider.metadata["issuer"] = "https://evil.example/"
    request = AuthorizationRequest(
        "u", "s", "n", "v" * 43, ("openid",), "https://my.site/cb", provider.issuer
    )
    with pytest.raises(CallbackError):
        sync_app.exchange("/cb?code=c&state=t", request)
    assert provider.server.seen == []
    with pytest.raises(DiscoveryError):
        sync_app.exchange("/cb?code=c&state=s", request)


PARTS = st.sampled_from(
    [
        "code",
        "state",
        "iss",
        "error",
        "=",
        "&",
        "the-state",
        "%",
        "%ff",
        "%00",
        ";",
        "?",
        "#",
        ISSUER,
    ]
)
QUERIES = st.one_of(
    st.lists(st.one_of(PARTS, st.text(max_size=8)), max_size=20).map("".join),
    st.text(alphabet=st.characters(), max_size=100),
).flatmap(lambda text: st.sampled_from([text, f"state=the-state&{text}"]))


@settings(max_examples=500, derandomize=True, database=None)
@given(QUERIES)
@example("state=the-state&code=" + "x" * 20_000)
@example("state=the-state&" + "a=1&" * 60)
@example("state=\ud800&code=c")
@example("state=the-state&code=%ff")
@example("state=the-state&code=\ud800")
def test_any_query_gives_a_code_or_a_callback_error(query: str) -> None:
    """Whatever arrives, nothing but a code or a CallbackError comes out."""
    note(f"query {query!r} (fixed seed)")
    try:
        code = code_of(f"https://my.site/callback?{query}")
    except CallbackError:
        return
    assert code.encode()  # it can be sent
    assert "the-state" in query
