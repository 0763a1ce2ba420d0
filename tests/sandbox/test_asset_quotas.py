"""Quotas: how many assets may be uploaded, or put into the store, in a period."""

from __future__ import annotations

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.api import assets as api
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load
from tests.sandbox.uploads import upload, wav

__all__ = ["client"]

ADA, KAI = 1000001, 1000003
PATH = f"/cloud/v2/users/{ADA}/asset-quotas"
SOUND = ("bell.wav", wav(1), "audio/wav")
FILM = ("film.mp4", b"\0" * 20, "video/mp4")


def sound(app: App, token: dict[str, object] | None = None, user: int = ADA) -> requests.Response:
    """Upload one."""
    return upload(app, token, assetType="Audio", file=SOUND, creator={"userId": user})


def usage(client: Client, asset_type: str = "AUDIO", kind: str = "RATE_LIMIT_UPLOAD") -> int:
    """What the first user has used up."""
    wanted = f"quotaType == {kind} && assetType == {asset_type}"
    (quota,) = client.send(api.list_asset_quotas(user_id=ADA, filter=wanted)).items
    return quota.usage or 0


def test_quotas_are_listed(app: App, client: Client) -> None:
    """In pages; what each is of, how much it is, how much is used, and when it begins anew."""
    found = client.send(api.list_asset_quotas(user_id=ADA)).items
    assert len(found) == 9
    audio = next(
        each
        for each in found
        if (each.quota_type, each.asset_type) == ("RATE_LIMIT_UPLOAD", "AUDIO")
    )
    assert (audio.usage, audio.capacity, audio.period) == (0, 100, "MONTH")
    assert audio.path == f"users/{ADA}/asset-quotas/rate-limit-upload-audio"
    assert audio.usage_reset_time is not None
    left = audio.usage_reset_time.timestamp() - app.cloud.clock.now()
    assert 0 < left <= 30 * 86_400
    first = app.call("GET", PATH, params={"maxPageSize": "8"}).json()
    rest = {"maxPageSize": "8", "pageToken": first["nextPageToken"]}
    second = app.call("GET", PATH, params=rest).json()
    assert (len(first["assetQuotas"]), len(second["assetQuotas"])) == (8, 1)
    assert "nextPageToken" not in second


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ("quotaType == RateLimitUpload && assetType == Audio", 1),
        ("quotaType == RATE_LIMIT_UPLOAD", 2),
        ("assetType == 'AUDIO'", 2),
        ("assetType == MESH", 0),
    ],
)
def test_quotas_are_filtered(app: App, wanted: str, count: int) -> None:
    """By type, in the words of Roblox's example and in those of the answer."""
    found = app.call("GET", PATH, params={"filter": wanted}).json()["assetQuotas"]
    assert len(found) == count


@pytest.mark.parametrize("wanted", ["usage == 5", "assetType", "assetType in ['AUDIO']"])
def test_other_filters_are_refused(app: App, wanted: str) -> None:
    """400 names what there is."""
    answer = app.call("GET", PATH, params={"filter": wanted})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")


def test_ones_own_quotas_only(app: App) -> None:
    """Another user's are out of reach."""
    answer = app.call("GET", f"/cloud/v2/users/{KAI}/asset-quotas")
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    answer = app.call("GET", PATH, app.login(scope="openid"))
    assert answer.json()["code"] == "INSUFFICIENT_SCOPE"


def test_uploads_count_until_the_quota_is_used_up(cloud: Sandbox, app: App, client: Client) -> None:
    """Then 429, with the time to wait; in the next period there is as much again."""
    token = app.login(user=str(KAI))
    for _ in range(10):
        assert sound(app, token, KAI).status_code == 200
    refused = sound(app, token, KAI)
    assert (refused.status_code, refused.json()["error"]) == (429, "RESOURCE_EXHAUSTED")
    wait = int(refused.headers["Retry-After"])
    assert 0 < wait <= 30 * 86_400
    assert upload(app, token, creator={"userId": KAI}).status_code == 200
    assert sound(app).status_code == 200
    assert usage(client) == 1
    cloud.clock.advance(wait)
    fresh = app.login(user=str(KAI))
    assert sound(app, fresh, KAI).status_code == 200
    assert usage(client) == 0


def test_who_uploads_for_a_group_uses_their_own_quota(app: App, client: Client) -> None:
    """A wrong upload uses none."""
    answer = upload(app, assetType="Audio", file=SOUND, creator={"groupId": 2000001})
    assert answer.status_code == 200
    assert usage(client) == 1
    assert upload(app, assetType="Audio", file=("a.png", b"x", "image/png")).status_code == 400
    assert usage(client) == 1


def test_films_need_a_document(app: App) -> None:
    """Who has shown none may upload none."""
    film = {"assetType": "Video", "file": FILM}
    assert upload(app, **film).status_code == 200
    token = app.login(user=str(KAI))
    answer = upload(app, token, creator={"userId": KAI}, **film)
    assert answer.status_code == 429


def test_quotas_are_switched(cloud: Sandbox, app: App, client: Client) -> None:
    """To a number of one's own, or off; what is used is told all the same."""
    cloud.settings.asset_quotas = 1
    assert [sound(app).status_code for _ in range(2)] == [200, 429]
    cloud.settings.asset_quotas = "none"
    assert sound(app).status_code == 200
    assert usage(client) == 2
    with pytest.raises(ValueError, match="asset_quotas"):
        cloud.settings.update({"asset_quotas": -1})


def test_the_client_is_told_when_to_come_back(cloud: Sandbox, client: Client) -> None:
    """RateLimited at once, and not after tries that cannot help."""
    cloud.settings.asset_quotas = 0
    with pytest.raises(errors.RateLimited) as caught:
        client.user(ADA).assets.create(wav(1), type="Audio", name="Bell", filename="a.wav")
    assert (caught.value.retry_after or 0) > 60
    assert cloud.count(operation="create_asset") == 1


def test_what_is_used_is_saved(cloud: Sandbox, app: App, client: Client) -> None:
    """A sandbox that is loaded counts on."""
    sound(app)
    save_and_load(cloud)
    assert usage(client) == 1
