"""Universes: changing them, opening and closing them, texts, speech, messages."""

from __future__ import annotations

import pytest

from rblx_oauth import Client, api, errors, models
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

HOME = "/cloud/v2/universes/3000001"
DEVELOP = "/legacy-develop/v1/universes"


def test_an_update_changes_what_it_names(cloud: Sandbox, client: Client) -> None:
    """The rest stays; what is cleared is gone; the time of the change is told."""
    universe = client.universe(3000001)
    before = universe.get()
    cloud.clock.advance(60)
    link = models.SocialLink(title="Us", uri="https://discord.gg/lantern")
    changed = universe.update(
        discord_social_link=link, vr_enabled=True, private_server_price_robux=100
    )
    assert universe.get() == changed
    assert changed.social_links == {"discord": link}
    assert (changed.vr_enabled, changed.private_server_price_robux) == (True, 100)
    assert (changed.mobile_enabled, changed.display_name) == (True, before.display_name)
    assert before.updated_at is not None
    assert changed.updated_at is not None
    assert changed.updated_at > before.updated_at
    cleared = universe.update(clear=["discord_social_link", "private_server_price_robux"])
    assert (cleared.social_links, cleared.private_server_price_robux) == ({}, None)
    assert cleared.vr_enabled


def test_a_mask_decides_what_of_the_body_counts(app: App) -> None:
    """What is in the body and not in the mask changes nothing; without a mask the body does."""
    body = {"vrEnabled": True, "consoleEnabled": True}
    only = app.call("PATCH", HOME, json=body, params={"updateMask": "vrEnabled"}).json()
    assert (only["vrEnabled"], only["consoleEnabled"]) == (True, False)
    both = app.call("PATCH", HOME, json={"consoleEnabled": True, "vrEnabled": None}).json()
    assert (both["vrEnabled"], both["consoleEnabled"]) == (True, True)


@pytest.mark.parametrize(
    ("mask", "body"),
    [
        ("displayName", {"displayName": "Mine"}),
        ("vr_enabled", {"vrEnabled": True}),
        ("vrEnabled", {}),
        ("", {"vrEnabled": "yes"}),
        ("", {"privateServerPriceRobux": -1}),
        ("", {"privateServerPriceRobux": 2**31}),
        ("", {"discordSocialLink": "https://discord.gg/x"}),
        ("", []),
    ],
)
def test_wrong_updates_are_refused(app: App, mask: str, body: object) -> None:
    """Members that cannot be changed, or not so, are 400; nothing changes."""
    before = app.call("GET", HOME).json()
    answer = app.call("PATCH", HOME, json=body, params={"updateMask": mask})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", HOME).json() == before


def test_a_universe_of_somebody_else_is_not_changed(app: App) -> None:
    """403 for what was not granted, 404 for what is not; a token needs the scope."""
    other = app.call("PATCH", "/cloud/v2/universes/3000004", json={"vrEnabled": True})
    assert (other.status_code, other.json()["code"]) == (403, "PERMISSION_DENIED")
    assert app.call("PATCH", "/cloud/v2/universes/9", json={}).status_code == 404
    without = app.call("PATCH", HOME, app.login(), json={"vrEnabled": True})
    assert (without.status_code, without.json()["code"]) == (403, "INSUFFICIENT_SCOPE")
    token = app.login(scope="openid universe:write", universes=[3000002])
    assert app.call("PATCH", HOME, token, json={"vrEnabled": True}).status_code == 403
    allowed = app.call("PATCH", "/cloud/v2/universes/3000002", token, json={"vrEnabled": True})
    assert allowed.json()["vrEnabled"] is True


def test_closing_sends_everybody_away(client: Client) -> None:
    """A private universe has no server that runs; public again, it is to be seen."""
    universe = client.universe(3000001)
    assert universe.servers.forecast_restart()
    universe.deactivate()
    assert universe.get().visibility == models.Visibility.PRIVATE
    assert universe.servers.forecast_restart() == {}
    ended = list(universe.place(4000001).version(3).servers.list())
    assert [each.status for each in ended] == ["shut_down", "shut_down"]
    assert all(each.shut_down and not each.player_ids for each in ended)
    universe.activate()
    assert universe.get().visibility == models.Visibility.PUBLIC


@pytest.mark.parametrize(
    ("universe", "status", "code"), [("9", 400, 1), ("3000004", 403, 3), ("3000009", 400, 2)]
)
def test_what_cannot_be_opened(
    cloud: Sandbox, app: App, universe: str, status: int, code: int
) -> None:
    """The develop API says by number what is wrong: no universe, not yours, no root place."""
    rootless = type(cloud.state.universes["3000001"])(id="3000009", name="x", user="1000001")
    cloud.state.universes["3000009"] = rootless
    answer = app.call("POST", f"{DEVELOP}/{universe}/activate")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_permissions(cloud: Sandbox, client: Client) -> None:
    """Of one and of many: unknown universes are left out, others' are not manageable."""
    own = client.universe(3000001).permissions()
    assert (own.can_manage, own.can_cloud_edit) == (True, True)
    assert client.universe(3000004).permissions().can_manage is False
    with pytest.raises(errors.BadRequest):
        client.universe(99).permissions()
    found = client.universe_permissions([3000001, 99, 3000004])
    assert [(each.universe_id, each.can_manage) for each in found] == [
        (3000001, True),
        (3000004, False),
    ]
    cloud.settings.rate_limits = False
    with pytest.raises(errors.BadRequest, match="100"):
        client.universe_permissions(range(1, 102))


def test_texts_are_translated_and_say_that_they_are_not(client: Client) -> None:
    """The same text, with the language before it; unknown languages are 400."""
    universe = client.universe(3000001)
    found = universe.translate_text("hello", ["fr-fr", "ja-jp", "en-us"])
    assert found.source_language_code == "en-us"
    assert found.translations == {
        "fr-fr": "[fr-fr] hello",
        "ja-jp": "[ja-jp] hello",
        "en-us": "hello",
    }
    with pytest.raises(errors.BadRequest, match="languages are"):
        universe.translate_text("hello", ["tlh"])


def test_speech_becomes_an_asset(cloud: Sandbox, client: Client) -> None:
    """Begun at the universe, over when the clock says so; the quota of the month goes down."""
    universe = client.universe(3000001)
    cloud.settings.operation_seconds = 10
    first = universe.generate_speech("Hello there", voice=2, pitch=1.5)
    assert first.result() is None
    cloud.clock.advance(10)
    made, again = first.result(), first.result()
    assert made is not None
    assert made == again
    asset = client.asset(made.id).get()
    assert (asset.display_name, asset.type) == ("Hello there", "Audio")
    cloud.settings.operation_seconds = 0
    second = universe.generate_speech("Hello again").wait()
    assert second.id != made.id
    assert made.remaining_quota is not None
    assert second.remaining_quota == made.remaining_quota - 1


def test_the_quota_of_speech_is_of_a_month(cloud: Sandbox, client: Client, app: App) -> None:
    """Used up it is 429, until the next month."""
    universe = client.universe(3000001)
    cloud.settings.rate_limits, cloud.settings.operation_seconds = False, 0
    for _ in range(100):
        left = universe.generate_speech("Hi").wait().remaining_quota
    assert left == 0
    spent = app.call("POST", f"{HOME}:generateSpeechAsset", json={"text": "Hi"})
    assert (spent.status_code, spent.json()["code"]) == (429, "RESOURCE_EXHAUSTED")
    cloud.clock.advance(32 * 86_400)
    assert universe.generate_speech("Hi").wait().remaining_quota == 99


def test_both_versions_publish_to_one_list(cloud: Sandbox, client: Client, app: App) -> None:
    """Topics and messages arrive as they were sent, odd ones too."""
    client.universe(3000001).publish_message("news", "one")
    client.send(api.universes.publish_message_v1(universe_id=3000001, topic="a/b é", message="two"))
    found = [(each.universe_id, each.topic, each.message) for each in cloud.messages]
    assert found == [("3000001", "news", "one"), ("3000001", "a/b é", "two")]
    path = "/messaging-service/v1/universes/3000001/topics"
    for topic, body in (("a" * 81, {"message": "x"}), ("a", {"message": "é" * 1025}), ("a", {})):
        assert app.call("POST", f"{path}/{topic}", json=body).status_code == 400
    sent = app.call("POST", f"{path}/a", json={"message": "three"})
    assert (sent.status_code, sent.content) == (200, b"")
    assert "Content-Type" not in sent.headers
    assert len(cloud.messages) == 3


def test_a_universe_survives_a_snapshot(app: App) -> None:
    """Settings, visibility and times are saved and loaded."""
    app.call("PATCH", HOME, json={"vrEnabled": True, "privateServerPriceRobux": 5})
    app.call("POST", f"{DEVELOP}/3000001/deactivate")
    before = app.call("GET", HOME).json()
    saved = app.call("GET", "/_sandbox/api/snapshot").json()
    app.call("POST", "/_sandbox/api/reset")
    assert app.call("GET", HOME).json()["vrEnabled"] is False
    assert app.call("POST", "/_sandbox/api/load", json=saved).status_code == 200
    assert app.call("GET", HOME).json() == before
