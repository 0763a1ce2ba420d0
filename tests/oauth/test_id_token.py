"""Attacks on the id_token, each through a whole login."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.errors import IdTokenError
from tests.oauth.conftest import Colour
from tests.oauth.provider import CLIENT_ID, SUBJECT, Provider, half_hash, new_key, sign


def refused(app: OAuthApp, provider: Provider) -> IdTokenError:
    """Log in and expect the id_token to be refused."""
    request = app.authorization_request([])
    callback = provider.callback(request)
    with pytest.raises(IdTokenError) as caught:
        app.exchange(callback, request)
    return caught.value


def claims(provider: Provider, nonce: str) -> dict[str, Any]:
    """The claims of an id_token with nothing wrong."""
    now = int(provider.clock.now())
    return {
        "iss": provider.issuer,
        "aud": CLIENT_ID,
        "sub": SUBJECT,
        "iat": now,
        "exp": now + 3600,
        "nonce": nonce,
    }


def encoded(value: object) -> str:
    """A segment of a JWS."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_c19_unsigned_token_is_refused(sync_app: OAuthApp, provider: Provider) -> None:
    """Algorithm ``none``, in any case, with or without a signature."""
    for alg in ("none", "None", "NONE"):
        for signature in ("", encoded("x")):
            body = encoded(claims(provider, "any"))
            header = encoded({"alg": alg, "kid": "key-1"})
            provider.id_token = f"{header}.{body}.{signature}"
            assert refused(sync_app, provider).check == "alg"


def test_c19_hs256_with_the_public_key_as_secret_is_refused(
    sync_app: OAuthApp, provider: Provider
) -> None:
    """A MAC under what everybody knows proves nothing."""
    signed = f"{encoded({'alg': 'HS256', 'kid': 'key-1'})}.{encoded(claims(provider, 'any'))}"
    secret = provider.keys[0].as_pem(private=False)
    mac = hmac.digest(secret, signed.encode(), "sha256")
    provider.id_token = f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    assert refused(sync_app, provider).check == "alg"


def test_c19_rs256_is_refused_even_from_a_listed_key(
    sync_app: OAuthApp, provider: Provider
) -> None:
    """An RSA key in the key set, properly used, still is not ES256."""
    key = RSAKey.generate_key(2048, parameters={"kid": "key-1", "use": "sig"})
    provider.keys = [key]  # type: ignore[list-item]
    provider.id_token = sign(claims(provider, "any"), key, alg="RS256")  # type: ignore[arg-type]
    assert refused(sync_app, provider).check == "alg"


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
def test_c19_keys_named_or_carried_by_the_token_are_ignored(
    sync_app: OAuthApp, provider: Provider, name: str
) -> None:
    """A token signed with the attacker's key, which it brings along, is refused."""
    attacker = new_key("key-1")
    provider.signing_key = attacker
    provider.header[name] = {
        "jwk": attacker.as_dict(private=False),
        "jku": f"{provider.server.url}/evil/jwks",
        "x5u": f"{provider.server.url}/evil/cert",
        "x5c": ["MIIB"],
    }[name]
    assert refused(sync_app, provider).check == "signature"
    assert not [seen for seen in provider.server.seen if seen.path.startswith("/evil")]


def test_c19_a_good_token_may_carry_such_headers(sync_app: OAuthApp, provider: Provider) -> None:
    """They are ignored, not obeyed: the listed key still decides."""
    provider.header["jwk"] = new_key().as_dict(private=False)
    provider.header["jku"] = "https://evil.example/jwks"
    request = sync_app.authorization_request([])
    assert sync_app.exchange(provider.callback(request), request).subject == SUBJECT


def test_forged_signature_is_refused(sync_app: OAuthApp, provider: Provider) -> None:
    """The right key id over another key, and claims changed after signing."""
    provider.signing_key = new_key("key-1")
    assert refused(sync_app, provider).check == "signature"
    provider.signing_key = None
    good = sign(claims(provider, "any"), provider.keys[0])
    header, _, signature = good.split(".")
    provider.id_token = f"{header}.{encoded(claims(provider, 'any') | {'sub': '1'})}.{signature}"
    assert refused(sync_app, provider).check == "signature"


@pytest.mark.parametrize(
    ("curve", "parameters", "check"),
    [
        ("P-256", {"use": "enc"}, "kid"),
        ("P-256", {"use": "sig", "alg": "ES384"}, "kid"),
        ("P-256", {"use": "sig", "key_ops": ["sign"]}, "kid"),
        ("P-256", {}, "kid"),
        ("P-384", {"use": "sig"}, "kid"),
        ("P-256", {"use": "sig", "alg": "ES256", "key_ops": ["verify", "sign"]}, None),
    ],
)
def test_c20_key_must_be_p256_for_signatures(
    sync_app: OAuthApp,
    provider: Provider,
    curve: Any,
    parameters: dict[str, Any],
    check: str | None,
) -> None:
    """A key of another curve, use or algorithm counts as not listed."""
    key = ECKey.generate_key(curve, parameters=parameters | {"kid": "odd"})
    provider.keys = [key]
    provider.signing_key = key if curve == "P-256" and not check else new_key("odd")
    if check:
        assert refused(sync_app, provider).check == check
        return
    request = sync_app.authorization_request([])
    assert sync_app.exchange(provider.callback(request), request).subject == SUBJECT


def test_c20_no_kid_only_with_a_single_candidate(sync_app: OAuthApp, provider: Provider) -> None:
    """One usable key: it is meant. Two: nobody knows which."""
    provider.header["kid"] = None
    encryption = ECKey.generate_key("P-256", parameters={"kid": "e", "use": "enc"})
    provider.keys.append(encryption)
    request = sync_app.authorization_request([])
    assert sync_app.exchange(provider.callback(request), request).subject == SUBJECT
    provider.keys.append(new_key("key-2"))
    provider.clock.advance(3601)
    assert refused(sync_app, provider).check == "kid"


def test_c20_kid_of_another_type_or_shared_by_two_keys_is_refused(
    sync_app: OAuthApp, provider: Provider
) -> None:
    """A key id is a string and names one key."""
    provider.header["kid"] = 1
    body = encoded(claims(provider, "any"))
    provider.id_token = f"{encoded({'alg': 'ES256', 'kid': 1})}.{body}.{encoded('s')}"
    assert refused(sync_app, provider).check == "kid"
    provider.header, provider.id_token = {}, None
    provider.keys.append(new_key("key-1"))
    provider.clock.advance(3601)
    assert refused(sync_app, provider).check == "kid"


@pytest.mark.parametrize(
    ("bent", "check"),
    [
        ({"iss": "https://evil.example/"}, "iss"),
        ({"iss": "{without slash}"}, "iss"),
        ({"iss": None}, "iss"),
        ({"iss": 1}, "iss"),
        ({"aud": "another-client"}, "aud"),
        ({"aud": [CLIENT_ID, "another-client"]}, "aud"),
        ({"aud": []}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": int(CLIENT_ID)}, "aud"),
        ({"azp": "another-client"}, "azp"),
        ({"azp": 1}, "azp"),
    ],
)
def test_c22_issuer_audience_and_authorized_party(
    sync_app: OAuthApp, provider: Provider, bent: dict[str, object], check: str
) -> None:
    """The exact issuer, this client alone, and no foreign azp."""
    if bent.get("iss") == "{without slash}":
        bent = {"iss": provider.issuer.rstrip("/")}
    provider.claims = bent
    assert refused(sync_app, provider).check == check


def test_c22_audience_may_be_a_list_of_one(sync_app: OAuthApp, provider: Provider) -> None:
    """Both spellings of a single audience are good, and azp may name us."""
    provider.claims = {"aud": [CLIENT_ID], "azp": CLIENT_ID}
    request = sync_app.authorization_request([])
    assert sync_app.exchange(provider.callback(request), request).subject == SUBJECT


@pytest.mark.parametrize(
    ("bent", "check"),
    [
        ({"exp": None}, "exp"),
        ({"exp": "9999999999"}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": None}, "iat"),
        ({"iat": "now"}, "iat"),
        ({"iat": []}, "iat"),
        ({"nbf": "now"}, "nbf"),
        ({"nbf": True}, "nbf"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 287113233}, "sub"),
        ({"sub": "1" * 256}, "sub"),
        ({"sub": "é"}, "sub"),
        ({"sub": "builderman"}, "sub"),
        ({"sub": " 1"}, "sub"),
        ({"sub": "-1"}, "sub"),
    ],
)
def test_c23_times_and_subject_are_there_and_of_the_right_type(
    sync_app: OAuthApp, provider: Provider, bent: dict[str, object], check: str
) -> None:
    """A missing or mistyped claim is an error of that claim."""
    provider.claims = bent
    assert refused(sync_app, provider).check == check


@pytest.mark.parametrize(
    ("name", "offset", "check"),
    [
        ("exp", -29, None),
        ("exp", -31, "exp"),
        ("iat", 29, None),
        ("iat", 31, "iat"),
        ("iat", -331, "iat"),
        ("nbf", 29, None),
        ("nbf", 31, "nbf"),
    ],
)
def test_c23_future_and_past_beyond_thirty_seconds_are_refused(
    sync_app: OAuthApp, provider: Provider, name: str, offset: int, check: str | None
) -> None:
    """Clocks may differ by 30 seconds, not by more."""
    provider.claims = {name: int(provider.clock.now()) + offset}
    if check:
        assert refused(sync_app, provider).check == check
        return
    request = sync_app.authorization_request([])
    assert sync_app.exchange(provider.callback(request), request).subject == SUBJECT


@pytest.mark.parametrize("skew", [-600, 600])
def test_f19_clock_off_by_ten_minutes_has_its_own_message(
    sync_app: OAuthApp, provider: Provider, skew: int
) -> None:
    """Ten minutes either way: refused, and the message speaks of the clock."""
    now = int(provider.clock.now())
    provider.claims = {"iat": now + skew, "nbf": now + skew, "exp": now + skew + 3600}
    assert "clock" in str(refused(sync_app, provider))


@pytest.mark.parametrize("skew", [-29, 29])
def test_f19_clock_off_by_thirty_seconds_is_accepted(
    sync_app: OAuthApp, provider: Provider, skew: int
) -> None:
    """Small differences between two machines are everyday life."""
    now = int(provider.clock.now())
    provider.claims = {"iat": now + skew, "nbf": now + skew, "exp": now + skew + 3600}
    request = sync_app.authorization_request([])
    assert sync_app.exchange(provider.callback(request), request).subject == SUBJECT


@pytest.mark.parametrize("nonce", [None, "", "another", 5])
async def test_c24_nonce_must_be_that_of_this_login(
    app: Colour, provider: Provider, nonce: object
) -> None:
    """Missing, empty, foreign or mistyped: no token is given out."""
    request = await app.authorization_request([])
    callback = provider.callback(request)
    provider.claims = {"nonce": nonce}
    with pytest.raises(IdTokenError) as caught:
        await app.exchange(callback, request)
    assert caught.value.check == "nonce"
    assert request.nonce not in str(caught.value)


@pytest.mark.parametrize("value", [half_hash("another"), "", 7])
def test_c25_at_hash_must_fit_the_access_token(
    sync_app: OAuthApp, provider: Provider, value: object
) -> None:
    """An access token swapped for another one is noticed."""
    provider.claims = {"at_hash": value}
    assert refused(sync_app, provider).check == "at_hash"


def test_c25_at_hash_may_be_left_out(sync_app: OAuthApp, provider: Provider) -> None:
    """It is optional in the code flow."""
    provider.claims = {"at_hash": None}
    request = sync_app.authorization_request([])
    assert sync_app.exchange(provider.callback(request), request).subject == SUBJECT


@pytest.mark.parametrize(
    ("header", "extra"), [({"typ": "at+jwt"}, {}), ({"typ": ""}, {}), ({}, {"scope": "openid"})]
)
def test_c26_access_token_offered_as_id_token_is_refused(
    sync_app: OAuthApp, provider: Provider, header: dict[str, object], extra: dict[str, object]
) -> None:
    """Signed by the same key with the same issuer and audience, and yet not an id_token."""
    provider.header, provider.claims = header, extra
    assert refused(sync_app, provider).check == "typ"


def test_c26_the_very_access_token_as_id_token_is_refused(
    sync_app: OAuthApp, provider: Provider
) -> None:
    """One string in both places is one token of one kind."""
    token = sign(claims(provider, "any"), provider.keys[0])
    provider.answer = {"access_token": token, "id_token": token}
    assert refused(sync_app, provider).check == "typ"


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("not a token", "format"),
        ("a.b", "format"),
        ("a.b.c.d.e", "format"),
        ("..", "format"),
        ("\x00.é.\u2028", "format"),
        (f"{encoded([1])}.{encoded({})}.x", "format"),
        (f"{encoded({'alg': 'ES256', 'crit': ['b64'], 'b64': False})}.x.y", "crit"),
        (f"{encoded({'alg': 'ES256', 'kid': 'key-1'})}.{encoded({})}.!!", "signature"),
        (f"{encoded({'alg': 'ES256', 'kid': 'key-1'})}.\u00e9.x", "signature"),
        (f"{encoded({'alg': ['ES256']})}.x.y", "alg"),
        (f"{encoded({'alg': 'ES256', 'typ': 5})}.x.y", "typ"),
        ("a" * 20_000, "length"),
    ],
)
def test_garbage_is_refused_with_a_named_check(
    sync_app: OAuthApp, provider: Provider, text: str, check: str
) -> None:
    """Nothing that is no JWS gets past its header, and nothing else is raised."""
    provider.id_token = text
    assert refused(sync_app, provider).check == check


def test_signed_payload_that_is_no_object_is_refused(
    sync_app: OAuthApp, provider: Provider
) -> None:
    """Even the provider's own signature does not make a list into claims."""
    provider.id_token = sign(["sub"], provider.keys[0])
    assert refused(sync_app, provider).check == "format"


async def test_missing_id_token_means_nobody_is_logged_in(app: Colour, provider: Provider) -> None:
    """``openid`` was asked for, so an answer without an id_token is refused."""
    request = await app.authorization_request([])
    callback = provider.callback(request)
    for value in (None, 5, ""):
        provider.answer = {"id_token": value}
        with pytest.raises(Exception, match=r"id_token|JSON"):
            await app.exchange(callback, request)


def test_c29_identity_is_issuer_and_subject(sync_app: OAuthApp, provider: Provider) -> None:
    """Two people of one name are two subjects; the nonce is not kept among the claims."""
    tokens = []
    for subject in ("1", "2"):
        provider.claims = {"sub": subject, "name": "same", "preferred_username": "same"}
        request = sync_app.authorization_request([])
        tokens.append(sync_app.exchange(provider.callback(request), request))
    assert [(token.issuer, token.subject) for token in tokens] == [
        (provider.issuer, "1"),
        (provider.issuer, "2"),
    ]
    assert "nonce" not in tokens[0].claims
