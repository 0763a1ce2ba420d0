"""The site's pages over HTTP: what they promise beyond what a browser shows."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from example_site import create_app
from tests.example_site.conftest import PNG
from tests.example_site.site import (
    ADA,
    LANTERN_QUEST,
    TOWER_OF_TIDES,
    ZOE,
    ZOES_GARDEN,
    Site,
    csrf,
    etag,
)

PUBLISH = f"/announcements/{LANTERN_QUEST}"
ENTRY = f"/data/{LANTERN_QUEST}/entry?store=profiles&key=player/{ADA}"


@pytest.fixture
def ada(site: Site, client: FlaskClient) -> FlaskClient:
    """Ada, who picked Lantern Quest and her own account, and allowed everything."""
    site.log_in(client)
    site.log_in(client, PUBLISH, universes=[str(LANTERN_QUEST)])
    site.ask(client, "asset:read", "asset:write", universes=[str(LANTERN_QUEST)])
    return client


def test_headers_limit_every_page(site: Site, client: FlaskClient) -> None:
    """No inline scripts or styles, no frames, no sniffing, nothing kept by caches."""
    for path in ("/", "/nowhere", "/dashboard", "/roblox/callback"):
        response = client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
        assert "no-store" in response.headers["Cache-Control"]
    assert client.get("/static/site.css").status_code == 200


def test_pages_hold_no_inline_script_or_style(ada: FlaskClient) -> None:
    """What the policy forbids is not there to begin with."""
    for path in ("/", "/dashboard", PUBLISH, ENTRY, "/decals/", "/sessions/", "/nowhere"):
        text = ada.get(path).text
        assert "<style" not in text
        assert "style=" not in text
        assert " onclick" not in text
        assert text.count("<script") == 1


def test_f38_a_foreign_host_is_refused(client: FlaskClient) -> None:
    """A Host header of somebody else's choice gets 400, and no redirect with it in."""
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.text
    assert "Location" not in response.headers


@pytest.mark.parametrize(
    "path",
    [PUBLISH, ENTRY, "/decals/", "/sessions/end-all", "/sessions/x/end"],
)
def test_f40_every_form_needs_its_token(site: Site, ada: FlaskClient, path: str) -> None:
    """Without the CSRF token a POST is refused and does nothing."""
    form = {"topic": "a", "text": "b", "value": "1", "etag": "", "name": "c"}
    response = ada.post(path, data=form)
    assert response.status_code == 400
    assert "This form is no longer good" in response.text
    assert site.cloud.messages == []
    assert ada.get("/sessions/").status_code == 200


@pytest.mark.parametrize("universe", [TOWER_OF_TIDES, ZOES_GARDEN])
def test_universes_that_were_not_picked_stay_shut(
    site: Site, ada: FlaskClient, universe: int
) -> None:
    """Neither announcements nor data reach one, although the API key would open it."""
    token = csrf(ada.get(PUBLISH))
    for method, path in [
        ("GET", f"/announcements/{universe}"),
        ("POST", f"/announcements/{universe}"),
        ("GET", f"/data/{universe}"),
        ("GET", f"/data/{universe}/entries?store=coins"),
        ("GET", f"/data/{universe}/entry?store=coins&key=player/1000001"),
        ("POST", f"/data/{universe}/entry?store=coins&key=player/1000001"),
    ]:
        data = {"csrf_token": token, "topic": "a", "text": "b", "value": "0"}
        response = ada.open(path, method=method, data=data if method == "POST" else None)
        assert response.status_code == 403, path
        assert "You have not shared this with the site" in response.text
    assert site.cloud.messages == []
    assert site.cloud.count(operation="get_data_store_entry") == 0


@pytest.mark.parametrize("path", ["/data/0", "/data/99999999999999999999", "/data/x"])
def test_what_is_no_id_is_not_found(ada: FlaskClient, path: str) -> None:
    """A number that cannot be a universe gets 404."""
    assert ada.get(path).status_code == 404


def test_rate_limits_say_when_to_try_again(site: Site, ada: FlaskClient) -> None:
    """429 with Retry-After, in words with the seconds, and what was typed is still there."""
    form = {"csrf_token": csrf(ada.get(PUBLISH)), "topic": "news", "text": "Typed with care"}
    assert ada.post(PUBLISH, data=form).status_code == 303
    site.use_up("publish_universe_message")
    response = ada.post(PUBLISH, data=form)
    assert response.status_code == 429
    assert "Please try again in" in response.text
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert "Typed with care" in response.text


def test_f01_what_was_typed_outlives_an_outage(site: Site, ada: FlaskClient) -> None:
    """Roblox away: 503, in words, with the form as typed; afterwards it goes through."""
    form = {"csrf_token": csrf(ada.get(PUBLISH)), "topic": "news", "text": "Typed with care"}
    site.cloud.stop()
    try:
        response = ada.post(PUBLISH, data=form)
        dashboard = ada.get("/dashboard")
    finally:
        site.cloud.start()
    assert response.status_code == 503
    assert "Roblox did not answer" in response.text
    assert "Typed with care" in response.text
    assert dashboard.status_code == 200
    assert f"Universe {LANTERN_QUEST}" in dashboard.text
    assert ada.post(PUBLISH, data=form).status_code == 303
    assert [message.message for message in site.cloud.messages] == ["Typed with care"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{", "This is not JSON"),
        ("NaN", "This is not JSON"),
        ("[" * 100_000, "This is not JSON"),
        ("null", "Roblox cannot store this"),
        ("9" * 40, "Roblox cannot store this"),
        ('"\\ud800"', "Roblox cannot store this"),
        (f'"{"a" * 4_194_304}"', "Roblox"),
    ],
    ids=["syntax", "NaN", "deep", "null", "integer", "surrogate", "large"],
)
def test_a_value_that_cannot_be_stored_is_explained(
    ada: FlaskClient, value: str, words: str
) -> None:
    """No error of ours: a message at the field, and the value as typed."""
    page = ada.get(ENTRY)
    form = {"csrf_token": csrf(page), "etag": etag(page), "value": value}
    response = ada.post(ENTRY, data=form)
    assert response.status_code in (400, 422)
    assert words in response.text
    assert escape(value) in response.text


def test_an_experience_that_the_key_does_not_open_is_explained(
    site: Site, client: FlaskClient
) -> None:
    """Zoë picked her garden, but the site's API key is Ada's: the page blames the key."""
    site.log_in(client, user=ZOE)
    site.log_in(client, f"/announcements/{ZOES_GARDEN}", user=ZOE)
    response = client.get(f"/data/{ZOES_GARDEN}")
    assert response.status_code == 403
    assert "has no key to this experience" in response.text


def test_a_missing_entry_is_a_kind_page(ada: FlaskClient) -> None:
    """404 with words about the entry."""
    response = ada.get(f"/data/{LANTERN_QUEST}/entry?store=profiles&key=nobody")
    assert response.status_code == 404
    assert "Roblox does not find it" in response.text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "", "Choose a picture"),
        (b"GIF89a", "picture.png", "PNG or JPEG"),
        (PNG, "picture.png", "Enter a name"),
        (PNG + bytes(20 * 1024 * 1024), "picture.png", "Choose a smaller picture"),
    ],
)
def test_a_wrong_upload_is_explained(
    site: Site, ada: FlaskClient, content: bytes, name: str, words: str
) -> None:
    """What cannot be a decal does not travel; the name typed is kept."""
    typed = "" if words == "Enter a name" else "My <decal>"
    response = ada.post(
        "/decals/",
        data={
            "csrf_token": csrf(ada.get("/decals/")),
            "name": typed,
            "description": "kept & escaped",
            "picture": (io.BytesIO(content), name),
        },
    )
    assert response.status_code == 422
    assert words in response.text
    assert "kept &amp; escaped" in response.text
    assert site.cloud.count(operation="create_asset") == 0


def test_f39_a_name_full_of_markup_is_only_text(site: Site, client: FlaskClient) -> None:
    """A display name with tags in it is shown as it is."""
    site.log_in(client, user=ZOE)
    response = client.get("/dashboard")
    assert "&lt;b&gt;&#34;Zoë&#34; &amp; Co&lt;/b&gt;" in response.text
    assert "<b>" not in response.text


def test_the_status_of_an_upload_is_json_for_its_owner_only(site: Site, ada: FlaskClient) -> None:
    """The page's script gets JSON; nobody else's account can look."""
    response = ada.post(
        "/decals/",
        data={
            "csrf_token": csrf(ada.get("/decals/")),
            "name": "Lantern",
            "description": "",
            "picture": (io.BytesIO(PNG), "lantern.png"),
        },
    )
    assert response.status_code == 303
    status = ada.get(response.location + ".json").get_json()
    assert status["over"] in (True, False)
    stranger = site.new_client()
    answer = stranger.get(response.location + ".json", headers={"Accept": "application/json"})
    assert answer.status_code == 401


def test_the_site_says_so_where_it_has_no_api_key(site: Site, tmp_path: Path) -> None:
    """Player data without ROBLOX_API_KEY is a page that names the setting."""
    settings = {**site.settings, "ROBLOX_API_KEY": None}
    bare = Site(site.address, settings, create_app(settings, instance_path=tmp_path), site.cloud)
    client = bare.new_client()
    bare.log_in(client)
    bare.ask(client, "universe:read")
    response = client.get(f"/data/{LANTERN_QUEST}")
    assert response.status_code == 503
    assert "ROBLOX_API_KEY" in response.text
