"""Fetching what was uploaded: addresses that are good for a while, and where the bytes are."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox, contents
from rblx_oauth.sandbox.assets import AssetShelf
from rblx_oauth.sandbox.contents import Contents, ContentShelf
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load
from tests.sandbox.uploads import MODEL, PICTURE, RED, bmp, jpeg, tga, uploaded

__all__ = ["client"]

LANTERN, BRIDGE, BELL, PAINTER, GATE = 6000001, 6000003, 6000004, 6000005, 6000006
PATH = "/asset-delivery-api/v1/assetId"


def fetch(url: str) -> requests.Response:
    """What is there, without a credential."""
    return requests.get(url, timeout=10)


def model(megabytes: int) -> bytes:
    """A file that does not begin as anything else."""
    return bytes(range(256)) * 4096 * megabytes


def test_content_is_fetched_without_a_credential(app: App, client: Client) -> None:
    """The bytes and type that were uploaded; with what Roblox says of the asset."""
    asset_id = int(uploaded(app))
    found = client.asset(asset_id).location()
    assert found.location.startswith(f"{app.cloud.api_base}/_sandbox/content/")
    assert (found.asset_type_id, found.is_archived) == (13, False)
    assert found.request_id != client.asset(asset_id).location().request_id
    answer = fetch(found.location)
    assert (answer.content, answer.headers["Content-Type"]) == (PICTURE, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    part = requests.get(found.location, headers={"Range": "bytes=1-3"}, timeout=10)
    assert (part.status_code, part.content) == (206, b"PNG")


def test_an_address_is_good_for_an_hour(cloud: Sandbox, client: Client) -> None:
    """By the sandbox's clock; then 403. One that was made up is a 404."""
    url = client.asset(LANTERN).location().location
    cloud.clock.advance(3599)
    assert fetch(url).status_code == 200
    cloud.clock.advance(1)
    assert fetch(url).status_code == 403
    ticket = url.rpartition("/")[2]
    for wrong in ("a", ticket[:-2], "x" + ticket, ticket.replace(".", ".x")):
        assert fetch(f"{cloud.api_base}/_sandbox/content/{wrong}").status_code == 404


def test_an_address_opens_one_sandbox(client: Client) -> None:
    """Another takes it for made up, though it holds the same."""
    path = client.asset(LANTERN).location().location.partition("/_sandbox")[2]
    with Sandbox() as other:
        assert fetch(f"{other.api_base}/_sandbox{path}").status_code == 404


def test_versions_have_their_own_content(app: App, client: Client) -> None:
    """The newest is given unless a version is named."""
    bridge = client.asset(BRIDGE)
    first, second, newest = (
        fetch(bridge.location(version=number).location).content for number in (1, 2, None)
    )
    assert first != second == newest
    with pytest.raises(errors.NotFound):
        bridge.location(version=3)
    assert app.call("GET", f"{PATH}/{BRIDGE}/version/-").status_code == 404


def test_only_what_one_may_use(app: App, client: Client) -> None:
    """Others' assets are out of reach, unless the store has them; legacy errors."""
    assert client.asset(PAINTER).location().asset_type_id == 38
    refused = app.call("GET", f"{PATH}/{GATE}")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, 0)
    missing = app.call("GET", f"{PATH}/1")
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (404, 0)
    assert app.call("GET", f"{PATH}/{LANTERN}", app.login()).status_code == 403


def test_an_expected_type_must_be_right(app: App) -> None:
    """In the header or the query."""
    path = f"{PATH}/{LANTERN}"
    assert app.call("GET", path, headers={"AssetType": "Image"}).status_code == 200
    assert app.call("GET", path, headers={"AssetType": "Model"}).status_code == 409
    assert app.call("GET", path, params={"expectedAssetType": "Audio"}).status_code == 409


def test_the_client_downloads(app: App, client: Client, tmp_path: Path) -> None:
    """Small and large, to a path."""
    for megabytes in (1, 5):
        content = model(megabytes)
        file = ("big.fbx", content, "model/fbx")
        asset_id = int(uploaded(app, assetType="Model", file=file))
        target = tmp_path / f"{megabytes}.fbx"
        assert client.asset(asset_id).download(target) == len(content)
        assert target.read_bytes() == content


def test_large_content_goes_with_the_sandbox(cloud: Sandbox, app: App, client: Client) -> None:
    """It is not saved: what is loaded knows of it, and delivers it no more."""
    file = ("big.fbx", model(5), "model/fbx")
    asset = client.asset(int(uploaded(app, assetType="Model", file=file)))
    url = asset.location().location
    save_and_load(cloud)
    assert asset.get().type == "Model"
    with pytest.raises(errors.NotFound, match="no more"):
        asset.location()
    assert fetch(url).status_code == 404


def test_a_sandbox_that_is_reset_forgets_contents(cloud: Sandbox, app: App) -> None:
    """Those that were uploaded; what it began with is there again."""
    uploaded(app)
    cloud.reset()
    kept = cloud.state.shelves.of(ContentShelf)
    assert hashlib.sha256(PICTURE).hexdigest() not in kept.kept
    assert 0 < kept.size == sum(map(len, kept.kept.values())) < 100_000


# --- where the bytes are


@pytest.fixture
def shelf() -> ContentShelf:
    """Nothing is on it."""
    return ContentShelf()


def place(kept: Contents, shelf: ContentShelf, data: bytes) -> str:
    """Where content is that was just taken in."""
    sha256, size = kept.keep(io.BytesIO(data))
    assert (sha256, size) == (hashlib.sha256(data).hexdigest(), len(data))
    found = kept.find(sha256)
    assert (found.read_bytes() if isinstance(found, Path) else found and found.read()) == data
    return "folder" if isinstance(found, Path) else "memory"


def test_small_content_is_in_memory_up_to_a_sum(
    shelf: ContentShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each once; what is large, or too much, is in the folder."""
    monkeypatch.setattr(contents, "MOST_IN_MEMORY", 5 * contents.LARGEST_IN_MEMORY)
    kept = Contents(lambda: shelf)
    most = contents.LARGEST_IN_MEMORY
    places = [place(kept, shelf, bytes([number]) * most) for number in range(7)]
    assert places == ["memory"] * 5 + ["folder"] * 2
    assert place(kept, shelf, b"\0" * most) == "memory"
    assert shelf.size == 5 * most
    assert place(kept, shelf, b"x" * (most + 1)) == "folder"
    assert kept.find("0" * 64) is None


def test_the_folder_is_the_users_own_and_goes(shelf: ContentShelf) -> None:
    """At a reset, and at the latest with what holds it."""
    kept = Contents(lambda: shelf)
    found = kept.find(kept.keep(io.BytesIO(model(3)))[0])
    assert isinstance(found, Path)
    assert found.parent.stat().st_mode & 0o077 == 0
    kept.clear()
    assert not found.parent.exists()
    found = kept.find(kept.keep(io.BytesIO(model(3)))[0])
    assert isinstance(found, Path)
    del kept
    assert not found.parent.exists()


def test_the_folder_does_not_outlive_the_program() -> None:
    """Though nobody stopped the sandbox."""
    code = (
        "import io; from rblx_oauth.sandbox import Sandbox; contents = Sandbox().state.contents;"
        "print(contents.find(contents.keep(io.BytesIO(bytes(3_000_000)))[0]).parent)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    folder = Path(answer.stdout.strip())
    assert folder.name.startswith("rblx-sandbox-")
    assert not folder.exists()


# --- pictures for the page


@pytest.mark.parametrize("picture", [PICTURE, jpeg(16, RED), bmp(4, 4)])
def test_a_picture_is_shown_as_it_is(app: App, picture: bytes) -> None:
    """To the sandbox's own page, without a credential."""
    asset_id = uploaded(app, file=("hat.png", picture, "image/png"))
    answer = fetch(f"{app.cloud.api_base}/_sandbox/assets/{asset_id}/picture")
    assert answer.content == picture
    assert answer.headers["Content-Type"].startswith("image/")


def test_other_assets_have_a_picture_drawn(app: App) -> None:
    """Whatever a browser cannot show; what is not there has none."""
    targa = uploaded(app, file=("hat.tga", tga(4, 4), "image/tga"))
    file = ("a.rbxmx", MODEL, "model/x-rbxm")
    other = uploaded(app, assetType="Model", file=file)
    for asset_id in (targa, other, str(BELL)):
        answer = fetch(f"{app.cloud.api_base}/_sandbox/assets/{asset_id}/picture")
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert "<script" not in answer.text
    assert fetch(f"{app.cloud.api_base}/_sandbox/assets/7/picture").status_code == 404


def test_the_state_tells_of_assets(app: App) -> None:
    """Newest first, with where each picture is."""
    asset_id = uploaded(app)
    told = fetch(f"{app.cloud.api_base}/_sandbox/api/state").json()["assets"]
    assert (told[0]["id"], told[0]["state"]) == (asset_id, "Approved")
    assert told[0]["picture"] == f"/_sandbox/assets/{asset_id}/picture"
    assert len(told) == len(app.cloud.state.shelves.of(AssetShelf).assets)
