"""The provider by the book: prompts, ages, redirect URIs, client authentication, who may log in."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import requests
from joserfc import jws

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.files import FileError
from rblx_oauth.sandbox.oauth.records import Client
from rblx_oauth.sandbox.people import User
from tests.sandbox.app import REDIRECT_URI, App, challenge, query_of
from tests.sandbox.person import Person, is_consent, is_login


def get(url: str) -> requests.Response:
    """A GET that follows nothing."""
    return requests.get(url, allow_redirects=False, timeout=10)


def error_of(answer: requests.Response) -> str:
    """The error that an app is sent."""
    assert answer.headers["Location"].startswith(REDIRECT_URI)
    return query_of(answer.headers["Location"])["error"]


def claims_of(token: dict[str, str]) -> dict[str, object]:
    """What an id_token says, unverified."""
    return msgspec.json.decode(jws.extract_compact(token["id_token"].encode()).payload)


PROMPTS = ("login", "consent", "select_account")
COMBINATIONS = [
    " ".join(names) for count in (1, 2, 3) for names in itertools.permutations(PROMPTS, count)
]


@pytest.mark.parametrize("prompt", COMBINATIONS)
def test_prompts_in_any_combination_and_order(app: App, prompt: str) -> None:
    """`login` and `select_account` ask who it is, once; `consent` asks again what is allowed."""
    person = Person(app)
    person.log_in()
    page = person.open(prompt=prompt)
    if prompt != "consent":
        assert is_login(page)
        page = person.choose(page, "1000001")
    if "consent" in prompt:
        assert is_consent(page)
        page = person.allow(page)
    assert "code" in query_of(page.headers["Location"])


@pytest.mark.parametrize("prompt", ["none login", "none consent", "select_account none", "None"])
def test_none_goes_with_nothing_else(app: App, prompt: str) -> None:
    """`none` beside another prompt, and what is no prompt, are refused."""
    person = Person(app)
    person.log_in()
    assert error_of(person.open(prompt=prompt)) == "invalid_request"


def test_another_account_can_be_chosen(app: App) -> None:
    """`select_account` lets another person go on, who is asked for a consent of their own."""
    person = Person(app)
    person.log_in("1000001")
    page = person.choose(person.open(prompt="select_account"), "1000002")
    assert is_consent(page)
    code = query_of(person.allow(page).headers["Location"])["code"]
    assert claims_of(app.exchange(code).json())["sub"] == "1000002"


def test_max_age_asks_who_logged_in_too_long_ago(cloud: Sandbox, app: App) -> None:
    """An old login is asked for again, once; a fresh one is enough; `auth_time` tells."""
    person = Person(app)
    first = query_of(person.log_in().headers["Location"])["code"]
    cloud.clock.advance(50)
    assert "code" in query_of(person.open(max_age="60").headers["Location"])
    cloud.clock.advance(50)
    assert error_of(person.open(max_age="60", prompt="none")) == "login_required"
    page = person.open(max_age="60")
    assert is_login(page)
    again = query_of(person.choose(page, "1000001").headers["Location"])["code"]
    assert app.exchange(first).json()["error"] == "invalid_grant"  # a minute is over
    token = app.exchange(again).json()
    assert claims_of(token)["auth_time"] == pytest.approx(cloud.clock.now(), abs=5)
    assert is_login(person.open(max_age="0"))
    assert is_login(person.open(max_age="0" * 5000))
    cloud.settings.auto_consent = True
    for auto in (None, "allow"):
        assert error_of(get(app.authorization_url(max_age="soon", auto=auto))) == "invalid_request"


def test_time_at_the_consent_page_is_no_old_login(cloud: Sandbox, app: App) -> None:
    """Who reads the consent page for long is not asked to log in again."""
    person = Person(app)
    page = person.choose(person.open(max_age="10", prompt="consent"), "1000001")
    cloud.clock.advance(30)
    assert "code" in query_of(person.allow(page).headers["Location"])


def test_an_authorization_request_may_be_a_form(app: App) -> None:
    """A POST is taken as the GET with the same parameters (OpenID Connect Core 3.1.2.1)."""
    url, _, query = app.authorization_url(state="a state").partition("?")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    person = Person(app)
    answer = person.http.post(url, query, headers=headers, allow_redirects=False, timeout=10)
    assert answer.status_code == 303
    page = person.http.get(app.cloud.api_base + answer.headers["Location"], timeout=10)
    assert is_login(page)
    back = person.allow(person.choose(page, "1000001"))
    assert query_of(back.headers["Location"])["state"] == "a state"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://site.example/r"}, "request_uri_not_supported"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
    ],
)
def test_what_is_not_offered_is_refused_by_name(
    app: App, changes: dict[str, str], error: str
) -> None:
    """Nothing that an app relies on is silently left out."""
    assert error_of(get(app.authorization_url(**changes))) == error


def test_parameters_that_nobody_knows_are_passed_over(app: App) -> None:
    """Unknown and optional ones change nothing (RFC 6749 3.1, OpenID Connect Core 3.1.2.1)."""
    extra = {
        "extra": "foobar",
        "display": "popup",
        "ui_locales": "se",
        "claims_locales": "se",
        "acr_values": "1 2",
        "login_hint": "ada_builds",
        "response_mode": "query",
    }
    answer = Person(app).log_in(**extra)
    assert app.exchange(query_of(answer.headers["Location"])["code"]).status_code == 200


def test_nonce_and_state_are_the_apps_to_leave_out(app: App) -> None:
    """Without them the callback has no state, and the id_token no nonce."""
    found = query_of(Person(app).log_in(state=None, nonce=None).headers["Location"])
    assert set(found) == {"code"}
    assert "nonce" not in claims_of(app.exchange(found["code"]).json())


PORTS = [
    ("http://127.0.0.1:5000/roblox/callback", "any port exact"),
    ("http://127.0.0.1:61234/roblox/callback", "any port"),
    ("http://localhost/roblox/callback", "any port"),
    ("http://127.0.0.1:5000/roblox/callback/", "any"),
    ("http://127.0.0.1:5000/other", "any"),
    ("https://127.0.0.1:5000/roblox/callback", "any"),
    ("http://127.0.0.1:5000/roblox/callback?a=b", "any"),
    ("http://[::1]:5000/roblox/callback", "any"),
    ("https://site.example/roblox/callback", "any port exact"),
    ("https://site.example:443/roblox/callback", ""),
]


@pytest.mark.parametrize("switch", ["any", "port", "exact"])
@pytest.mark.parametrize(("uri", "good"), PORTS)
def test_loopback_redirects_pass_as_the_switch_says(
    cloud: Sandbox, app: App, switch: str, uri: str, good: str
) -> None:
    """All of them, registered ones on any port (RFC 8252 7.3), or registered ones alone."""
    cloud.settings.update({"loopback_redirects": switch})
    answer = get(app.authorization_url(redirect_uri=uri))
    if switch in good.split():
        assert is_login(answer)
    else:
        assert answer.status_code == 400
        assert "not registered" in answer.text
    wrong = get(app.authorization_url(redirect_uri=uri, response_type="token"))
    assert wrong.status_code == (302 if switch in good.split() else 400)


@pytest.mark.parametrize(
    ("uris", "why"),
    [
        (["http://site.example/callback"], "loopback"),
        (["javascript:alert(1)"], "scheme"),
        (["callback"], "scheme"),
        (["https://site.example/" + "a" * 240], "256"),
        ([f"https://site.example/{number}" for number in range(11)], "at most 10"),
    ],
)
def test_apps_are_registered_by_robloxs_rules(tmp_path: Path, uris: list[str], why: str) -> None:
    """A seed file with a redirect URI that Roblox would not take names its line."""
    file = tmp_path / "seed.yaml"
    client = {"client_id": "1", "secret": "s", "name": "Mine", "redirect_uris": uris}
    file.write_bytes(msgspec.yaml.encode({"clients": [client]}))
    with pytest.raises(FileError, match=rf"seed.yaml, line \d+: .*{why}"):
        Sandbox(seed=file)


def test_a_registered_app_may_have_a_scheme_of_its_own(cloud: Sandbox, public_app: App) -> None:
    """A desktop app is sent back to its own scheme, letter by letter."""
    url = public_app.authorization_url(redirect_uri="sandbox-app://callback")
    assert cloud.consent(url).startswith("sandbox-app://callback?code=")
    assert get(url.replace("callback&", "callback2&")).status_code == 400


def token_request(app: App, **changes: str) -> dict[str, str]:
    """The parameters of a good token request, client authentication aside."""
    return {
        "grant_type": "authorization_code",
        "code": app.code(),
        "redirect_uri": REDIRECT_URI,
        "code_verifier": "v" * 64,
    } | changes


def test_one_way_of_authenticating_and_one_app(cloud: Sandbox, app: App) -> None:
    """Header and body may not disagree, and who fails in the header is told its scheme."""
    url, basic = f"{cloud.issuer}v1/token", (cloud.client_id, cloud.client_secret)
    other = requests.post(
        url, token_request(app, client_id=cloud.public_client_id), auth=basic, timeout=10
    )
    assert (other.status_code, other.json()["error"]) == (400, "invalid_request")
    wrong = requests.post(url, token_request(app), auth=(cloud.client_id, "wrong"), timeout=10)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert wrong.headers["WWW-Authenticate"].startswith("Basic")
    for endpoint in ("token/introspect", "token/resources", "token/revoke"):
        body = {"token": "x", "client_id": cloud.client_id, "client_secret": cloud.client_secret}
        both = requests.post(f"{cloud.issuer}v1/{endpoint}", body, auth=basic, timeout=10)
        assert (both.status_code, both.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("who", "what"),
    [
        ("8409742002113081001:wrong", "secret is missing or wrong"),
        ("8409742002113081002:wrong", "has no secret"),
        ("nobody:wrong", "no app"),
        (":", "'client_id'"),
        ("\xff:", "UTF-8"),
    ],
)
def test_who_is_not_authenticated_is_told_why(cloud: Sandbox, who: str, what: str) -> None:
    """401 to the header, with a challenge that has a realm (RFC 7617 2) and the reason."""
    headers = {"Authorization": f"Basic {base64.b64encode(who.encode('latin-1')).decode()}"}
    data = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = requests.post(f"{cloud.issuer}v1/token", data, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert what in answer.json()["error_description"]
    assert answer.headers["WWW-Authenticate"].startswith('Basic realm="')


@pytest.mark.parametrize(
    ("path", "status"), [("v1/token", 405), ("v1/device", 404), (".well-known/webfinger", 404)]
)
def test_what_the_provider_does_not_have_is_told_as_json(
    cloud: Sandbox, path: str, status: int
) -> None:
    """A wrong path or method is refused as everything else is, for a program to read."""
    answer = get(cloud.issuer + path)
    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request")
    assert answer.json()["error_description"]
    assert ("POST" in answer.headers.get("Allow", "")) == (status == 405)


def test_a_public_client_cannot_bring_a_secret(cloud: Sandbox, public_app: App) -> None:
    """A secret for an app that has none, even an empty password, is refused."""
    url = f"{cloud.issuer}v1/token"
    app_id = cloud.public_client_id
    bodies = [({"client_id": app_id, "client_secret": "guess"}, None), ({}, (app_id, ""))]
    for body, auth in bodies:
        answer = requests.post(url, token_request(public_app) | body, auth=auth, timeout=10)
        assert answer.json()["error"] == "invalid_client"


def test_a_code_without_pkce_is_for_those_with_a_secret(cloud: Sandbox, app: App) -> None:
    """Without a challenge a confidential client needs no verifier, and may not send one."""
    url = app.authorization_url(code_challenge=None, code_challenge_method=None)
    code = query_of(cloud.consent(url))["code"]
    assert app.exchange(code).json()["error"] == "invalid_request"
    bare = app.post("token", grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI)
    assert bare.status_code == 200


@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 63 + "!", challenge(), "v" * 65])
def test_verifiers_that_are_not_the_one(app: App, verifier: str) -> None:
    """Too short, too long, of other characters, the challenge itself, another: no token."""
    answer = app.exchange(app.code(), code_verifier=verifier)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_request", "invalid_grant")


def test_a_code_lives_for_a_minute(cloud: Sandbox, app: App) -> None:
    """After 59 seconds it is good; after 61 it is not."""
    code = app.code()
    cloud.clock.advance(59)
    assert app.exchange(code).status_code == 200
    code = app.code()
    cloud.clock.advance(61)
    assert app.exchange(code).json()["error"] == "invalid_grant"


def test_the_audience_of_tokens_may_be_another(cloud: Sandbox, app: App) -> None:
    """`aud` may differ from `client_id` when a token is introspected."""
    cloud.settings.token_audience = "https://apis.roblox.com/"
    found = app.post("token/introspect", token=app.login()["access_token"]).json()
    assert (found["aud"], found["client_id"]) == ("https://apis.roblox.com/", cloud.client_id)


def test_old_keys_are_listed_until_they_are_not(cloud: Sandbox, app: App) -> None:
    """A rotation signs with a new key at once, and drops the old one where told."""

    def listed() -> list[str]:
        keys = get(f"{cloud.issuer}v1/certs").json()["keys"]
        assert not any("d" in key for key in keys)
        return [key["kid"] for key in keys]

    (first,) = listed()
    second = cloud.rotate_keys()
    assert listed() == [second, first]
    header = jws.extract_compact(app.login()["id_token"].encode()).headers()
    assert header["kid"] == second
    assert listed() == [second, first]
    third = cloud.rotate_keys(keep_old=False)
    assert listed() == [third]


@pytest.fixture
def private(cloud: Sandbox) -> Iterator[App]:
    """An app that awaits its review, and eleven people who would like to use it."""
    client = Client(client_id="7", secret="s", name="New", redirect_uris=(), private=True)
    cloud.state.clients[client.client_id] = client
    for number in range(1, 12):
        user = User(id=str(50 + number), name=f"user_{number}")
        cloud.state.users[user.id] = user
    with App(cloud, "7", "s") as app:
        yield app


def test_a_private_app_has_ten_users(cloud: Sandbox, private: App) -> None:
    """The eleventh is refused, the ten come again, and somebody who leaves makes room."""
    for number in range(51, 61):
        private.login(user=number)
    refused = query_of(cloud.consent(private.authorization_url(), user=61))
    assert refused["error"] == "access_denied"
    assert "10" in refused["error_description"]
    private.login(user=51)
    cloud.revoke_grants(52)
    private.login(user=61)


def test_children_cannot_authorize(cloud: Sandbox, app: App) -> None:
    """Somebody under 13 is sent back with a no, before and instead of the consent page."""
    cloud.state.users["9"] = User(id="9", name="kid", under_13=True)
    person = Person(app)
    assert error_of(person.choose(person.open(), "9")) == "access_denied"
    assert error_of(person.open(prompt="none")) == "access_denied"
