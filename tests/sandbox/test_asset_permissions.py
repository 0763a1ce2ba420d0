"""Letting others use assets: many at once, each with an error of its own."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.assets import AssetShelf
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load
from tests.sandbox.uploads import FBX, uploaded

__all__ = ["client"]

LANTERN, SIGN, BRIDGE, BELL, PAINTER, GATE = range(6000001, 6000007)
ADA, ZOE, KAI = 1000001, 1000002, 1000003
PALS = 2000002
PATH = "/asset-permissions-api/v1/assets/permissions"


def body(**changes: object) -> dict[str, object]:
    """What lets Zoë use the bridge."""
    return {
        "subjectType": "User",
        "subjectId": str(ZOE),
        "action": "Use",
        "requests": [{"assetId": BRIDGE}],
    } | changes


def test_many_at_once(client: Client) -> None:
    """Those that cannot be granted are named, with why."""
    answer = client.grant_asset_permissions(
        [BRIDGE, BELL, LANTERN, GATE, PAINTER, 7], "Use", user_id=KAI
    )
    assert answer.success_asset_ids == [BRIDGE, BELL, LANTERN]
    assert {each.asset_id: str(each.code) for each in answer.errors or ()} == {
        GATE: "CannotManageAsset",
        PAINTER: "CannotManageAsset",
        7: "AssetNotFound",
    }


def test_who_was_granted_an_asset_may_use_it(cloud: Sandbox, app: App, client: Client) -> None:
    """Not before; and not change it."""
    night = 6000007
    token = app.login(user=str(ZOE), scope="openid asset:read asset:write legacy-asset:manage")
    paths = (f"/assets/v1/assets/{night}", f"/asset-delivery-api/v1/assetId/{night}")
    assert {app.call("GET", path, token).status_code for path in paths} == {403}
    client.asset(night).grant("Use", user_id=ZOE)
    client.asset(night).grant("Use", user_id=ZOE)
    save_and_load(cloud)
    token = app.login(user=str(ZOE), scope="openid asset:read asset:write legacy-asset:manage")
    assert {app.call("GET", path, token).status_code for path in paths} == {200}
    assert app.call("POST", f"{paths[0]}:archive", token).status_code == 403
    granted = cloud.state.shelves.of(AssetShelf).assets[str(night)].permissions
    assert len(granted) == 1


@pytest.mark.parametrize(
    "subject", [{"group_id": PALS}, {"universe_id": 3000001}, {"everyone": True}]
)
def test_groups_universes_and_everybody(app: App, client: Client, subject: Any) -> None:
    """Whoever may act for the subject may use the asset."""
    if "universe_id" in subject:
        token = app.login(user=str(ADA), creator=False, groups=[])
    else:
        token = app.login(user=str(ZOE))
    path = f"/assets/v1/assets/{LANTERN}"
    assert app.call("GET", path, token).status_code == 403
    client.asset(LANTERN).grant("Use", **subject)
    assert app.call("GET", path, token).status_code == 200


def test_who_may_edit_may_change(app: App, client: Client) -> None:
    """Of models only, and users only."""
    token = app.login(user=str(ZOE))
    path = f"/assets/v1/assets/{BRIDGE}"
    assert app.call("POST", f"{path}:archive", token).status_code == 403
    client.asset(BRIDGE).grant("Edit", user_id=ZOE)
    assert app.call("POST", f"{path}:archive", token).status_code == 200
    for asset_id, subject in ((SIGN, {"user_id": ZOE}), (BRIDGE, {"group_id": PALS})):
        with pytest.raises(errors.ApiError, match="AssetTypeNotEnabled"):
            client.asset(asset_id).grant("Edit", **subject)


def test_not_every_type_is_for_everybody(app: App, client: Client) -> None:
    """Sounds and models are not; what is open to all need not be granted; roles are unknown."""
    for asset_id in (BELL, BRIDGE):
        with pytest.raises(errors.ApiError, match="AssetTypeNotEnabled"):
            client.asset(asset_id).grant("Use", everyone=True)
    with pytest.raises(errors.ApiError, match="AssetTypeNotEnabled"):
        client.asset(BRIDGE).grant("Use", role_id=7)
    shared = uploaded(app, context={"assetPrivacy": "openUse"})
    with pytest.raises(errors.ApiError, match="PublicAssetCannotBeGrantedTo"):
        client.asset(int(shared)).grant("Use", user_id=ZOE)


def test_dependencies_are_of_a_version(client: Client) -> None:
    """Which must be one."""
    client.asset(BRIDGE).grant("Use", user_id=ZOE, dependencies=True, version=1)
    with pytest.raises(errors.ApiError, match="InvalidRequest"):
        client.asset(BRIDGE).grant("Use", user_id=ZOE, dependencies=True, version=9)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"subjectType": "Invalid"}, 400, "InvalidRequest"),
        ({"action": "Invalid"}, 400, "InvalidRequest"),
        ({"subjectId": None}, 400, "InvalidRequest"),
        ({"subjectType": "All"}, 400, "InvalidRequest"),
        ({"requests": None}, 400, "InvalidRequest"),
        ({"requests": [{}]}, 400, "InvalidRequest"),
        ({"subjectId": "7"}, 400, "SubjectNotFound"),
        ({"subjectType": "Universe", "subjectId": "3000004"}, 403, "CannotManageSubject"),
    ],
)
def test_what_grants_nothing_is_refused(
    app: App, changes: dict[str, object], status: int, code: str
) -> None:
    """As a whole, in this API's own shape."""
    answer = app.call("PATCH", PATH, json=body(**changes))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_ids_alone_are_taken_too(app: App) -> None:
    """As programs sent them before there were requests."""
    answer = app.call("PATCH", PATH, json=body(requests=None, assetIds=[BRIDGE]))
    assert answer.json() == {"successAssetIds": [BRIDGE], "errors": []}


def test_keys_only(app: App) -> None:
    """A token does not open it."""
    assert app.call("PATCH", PATH, app.login(), json=body()).status_code == 401


def test_shared_content_can_be_updated_by_who_may_edit(app: App, client: Client) -> None:
    """It becomes a version of the asset, which stays its maker's."""
    client.asset(BRIDGE).grant("Edit", user_id=ZOE)
    files = {
        "request": (None, f'{{"assetId": {BRIDGE}}}'),
        "fileContent": ("a.fbx", FBX, "model/fbx"),
    }
    token = app.login(user=str(ZOE))
    answer = app.call("PATCH", f"/assets/v1/assets/{BRIDGE}", token, files=files)
    assert answer.status_code == 200
    app.cloud.clock.advance(1)
    asset = client.asset(BRIDGE).get()
    assert (asset.revision, asset.creator.user_id) == ("3", ADA)
