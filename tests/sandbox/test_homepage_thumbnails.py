"""Home page thumbnails: several files at once, who sees which, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load
from tests.sandbox.uploads import PICTURE, RED, bmp, jpeg, webp

__all__ = ["client"]

LANTERN_QUEST, TOWER, GARDEN = 3000001, 3000002, 3000004
HOME = f"/thumbnail-personalization-api/v1/universes/{TOWER}"
FILES = [PICTURE, jpeg(16, RED), bmp(4, 4), webp(9, 5)]


@pytest.fixture
def thumbnails(client: Client) -> Any:
    """Those of the tower, which begins with none."""
    return client.universe(TOWER).thumbnails


@pytest.fixture
def made(cloud: Sandbox, thumbnails: Any) -> list[str]:
    """The ids of four that are there."""
    upload = thumbnails.upload(FILES)
    cloud.clock.advance(1)
    return [each.id for each in upload.result()]


def post(app: App, path: str, body: object) -> int:
    """The status of an answer."""
    return app.call("POST", f"{HOME}/{path}", json=body).status_code


def test_a_new_sandbox_shows_something(client: Client) -> None:
    """Two thumbnails of the first universe, and a personalization of both."""
    thumbnails = client.universe(LANTERN_QUEST).thumbnails
    found = list(thumbnails.list())
    assert [each.personalized_config_status for each in found] == ["Active"] * 2
    (shown,) = thumbnails.personalizations()
    assert [each.id for each in shown.thumbnails] == [each.id for each in found]
    assert client.asset(found[0].asset_id or 0).get().type == "Image"


def test_files_become_thumbnails(cloud: Sandbox, client: Client, thumbnails: Any) -> None:
    """When the clock says so; each is an image asset, too."""
    upload = thumbnails.upload(FILES)
    status = upload.status()
    assert (status.upload_status, status.finished) == (1, False)
    assert {str(each.moderation_status) for each in status.thumbnails.values()} == {"Reviewing"}
    assert upload.result() is None
    assert list(thumbnails.list()) == []
    cloud.clock.advance(1)
    made = upload.result()
    assert upload.status().upload_status == 2
    assert {str(each.moderation_status) for each in made} == {"Approved"}
    listed = list(thumbnails.list())
    assert [each.id for each in listed] == [each.id for each in made]
    assert {str(each.personalized_config_status) for each in listed} == {"Inactive"}
    asset = client.asset(made[3].asset_id).get()
    assert (asset.type, asset.creator.user_id) == ("Image", 1000001)


def test_a_listing_is_turned(client: Client, cloud: Sandbox, thumbnails: Any) -> None:
    """By a cursor that stays good when what it names is gone."""
    for _ in range(3):
        thumbnails.upload(FILES)
    cloud.clock.advance(1)
    found = [each.id for each in thumbnails.list(page_size=5)]
    assert len(found) == len(set(found)) == 12
    walk = thumbnails.list(page_size=5)
    first = [next(walk).id for _ in range(5)]
    thumbnails.delete(first)
    assert [each.id for each in walk] == found[5:]


def test_moderation_rejects_by_the_word(cloud: Sandbox, app: App, thumbnails: Any) -> None:
    """A file whose name has it becomes no thumbnail; the others do."""
    files = [
        ("files", ("good.png", PICTURE, "image/png")),
        ("files", ("rejected.png", PICTURE, "image/png")),
    ]
    answer = app.call("POST", f"{HOME}/thumbnails/uploads", files=files)
    operations = answer.json()["fileToOperationIdDict"]
    assert set(operations) == {"good.png", "rejected.png"}
    cloud.clock.advance(1)
    upload = thumbnails.upload_operation(operations.values())
    with pytest.raises(errors.ModerationRejected):
        upload.result()
    assert len(list(thumbnails.list())) == 1


@pytest.mark.parametrize(
    "files",
    [
        [],
        [PICTURE] * 6,
        [PICTURE[:-9]],
        [b"GIF89a" + bytes(50)],
        [PICTURE + bytes(3 * 1024 * 1024)],
    ],
)
def test_wrong_files_are_refused(app: App, thumbnails: Any, files: list[bytes]) -> None:
    """None, too many, broken, of another format, over 3 MiB: 400, and nothing is kept."""
    form = [("files", (f"{at}.png", data, "image/png")) for at, data in enumerate(files)]
    form.append(("other", ("a", b"b", "text/plain")))
    answer = app.call("POST", f"{HOME}/thumbnails/uploads", files=form)
    assert (answer.status_code, answer.json()) == (400, {})
    app.cloud.clock.advance(1)
    assert list(thumbnails.list()) == []


def test_an_upload_that_nobody_began(app: App, made: list[str]) -> None:
    """400; one of another universe is none of this one's."""
    path = f"{HOME}/thumbnails/uploads/status"
    assert app.call("GET", path, params={"operationIds": "none"}).status_code == 400
    assert app.call("GET", path).status_code == 400
    assert made


def test_a_personalization(cloud: Sandbox, thumbnails: Any, made: list[str]) -> None:
    """One is shown at a time; those before it are kept, and can be shown again."""
    first = thumbnails.create_personalization(made[:2])
    second = thumbnails.create_personalization(made[1:])
    save_and_load(cloud)
    (shown,) = thumbnails.personalizations()
    assert (shown.id, [each.id for each in shown.thumbnails]) == (second, made[1:])
    assert (shown.status, shown.served_at) == ("Active", None)
    (before,) = thumbnails.personalizations(status="Inactive")
    assert before.id == first
    assert [str(each.personalized_config_status) for each in thumbnails.list()] == [
        "Inactive",
        *["Active"] * 3,
    ]
    assert thumbnails.update_personalization(first, made[:1]) == first
    (shown,) = thumbnails.personalizations()
    assert (shown.id, [each.id for each in shown.thumbnails]) == (first, made[:1])


def test_deleted_thumbnails_leave_their_personalizations(
    cloud: Sandbox, thumbnails: Any, made: list[str]
) -> None:
    """One that has none left ends; what is not there is told as such."""
    name = thumbnails.create_personalization(made[:2])
    assert thumbnails.delete([made[0], "none"]) == {made[0]: True, "none": False}
    (shown,) = thumbnails.personalizations()
    assert [each.id for each in shown.thumbnails] == [made[1]]
    assert thumbnails.delete([made[0], made[1]]) == {made[0]: False, made[1]: True}
    assert list(thumbnails.personalizations()) == []
    assert [each.id for each in thumbnails.personalizations(status="Inactive")] == [name]
    assert [each.id for each in thumbnails.list()] == made[2:]


def test_an_upload_whose_thumbnail_was_deleted(cloud: Sandbox, thumbnails: Any) -> None:
    """It is over, and has become nothing."""
    upload = thumbnails.upload([PICTURE])
    cloud.clock.advance(1)
    (made,) = upload.result()
    thumbnails.delete([made.id])
    with pytest.raises(errors.OperationFailed):
        upload.result()


def test_personalizations_of_what_there_is(app: App, made: list[str]) -> None:
    """From one to five thumbnails of this universe."""
    for wrong in ([], ["none"], made * 2 + ["none"], "x"):
        assert post(app, "personalization/create", {"homepageThumbnailIds": wrong}) == 400
    known = {"homepageThumbnailIds": made}
    assert post(app, "personalization/update", known | {"id": "none"}) == 400
    assert post(app, "personalization/create", known) == 200


def test_others_universes_are_out_of_reach(app: App, client: Client) -> None:
    """403 for another's universe, and for a token without the scope."""
    with pytest.raises(errors.PermissionDenied):
        list(client.universe(GARDEN).thumbnails.list())
    answer = app.call("GET", f"{HOME}/thumbnails", app.login())
    assert answer.status_code == 403
    assert "universe.thumbnail:read" in answer.json()["errors"][0]["message"]
    token = app.login(scope="openid universe.thumbnail:read universe.thumbnail:write")
    assert app.call("GET", f"{HOME}/thumbnails", token).status_code == 200
