"""Users, and pictures of their avatars, which the sandbox draws itself."""

from __future__ import annotations

from io import BytesIO
from struct import unpack
from typing import Any

import pytest
import requests
from PIL import Image

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.drawing import jpeg, png
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

ADA, ZOE = 1000001, 1000002


def shape(picture: bytes) -> tuple[str, int, int]:
    """The format of a picture, its width and its height."""
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        assert picture.endswith(b"IEND\xaeB`\x82")
        return ("png", *unpack(">II", picture[16:24]))
    assert picture.startswith(b"\xff\xd8")
    assert picture.endswith(b"\xff\xd9")
    frame = picture.index(b"\xff\xc0")
    height, width = unpack(">HH", picture[frame + 5 : frame + 9])
    return "jpeg", width, height


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ("png", 420, 420)),
        ({"size": 48, "format": "PNG", "shape": "SQUARE"}, ("png", 48, 48)),
        ({"size": 150, "format": "JPEG"}, ("jpeg", 150, 150)),
        ({"size": 720, "shape": "ROUND"}, ("png", 720, 720)),
    ],
)
def test_a_thumbnail_is_drawn(
    cloud: Sandbox, client: Client, asked: dict[str, Any], found: tuple[str, int, int]
) -> None:
    """It takes its moment; then its address leads to a picture as was asked for."""
    operation = client.user(ADA).headshot(**asked)
    assert operation.status().done is False
    cloud.clock.advance(1)
    address = operation.wait()
    assert address.startswith(f"{cloud.api_base}/_sandbox/")
    picture = requests.get(address, timeout=10)
    kind, *_ = shape(picture.content)
    assert picture.headers["Content-Type"] == f"image/{kind}"
    assert shape(picture.content) == found


def test_an_operation_is_its_user_s(app: App, client: Client) -> None:
    """404 under another user, and for one that there is not."""
    begun = app.call("GET", f"/cloud/v2/users/{ADA}:generateThumbnail").json()
    assert begun["done"] is False
    assert app.call("GET", f"/cloud/v2/{begun['path']}").json() == begun
    other = begun["path"].replace(str(ADA), str(ZOE))
    for path in (other, f"users/{ADA}/operations/none"):
        answer = app.call("GET", f"/cloud/v2/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    with pytest.raises(errors.NotFound):
        client.user(1).headshot()
    with pytest.raises(errors.NotFound):
        client.user(1).get()


@pytest.mark.parametrize("wrong", [{"size": "421"}, {"format": "GIF"}, {"shape": "OVAL"}])
def test_thumbnails_that_are_not_drawn(app: App, wrong: dict[str, str]) -> None:
    """400 for sizes, formats and shapes that Roblox does not have."""
    answer = app.call("GET", f"/cloud/v2/users/{ADA}:generateThumbnail", params=wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")


def test_pictures_are_of_a_sensible_size(cloud: Sandbox) -> None:
    """Whatever else is asked for is not there."""
    base = f"{cloud.api_base}/_sandbox/pictures/users/{ADA}"
    assert requests.get(f"{base}/round-420.png", timeout=10).status_code == 200
    for name in ("round-0.png", "round-100000.png", "oval-420.png", "round-420.gif"):
        assert requests.get(f"{base}/{name}", timeout=10).status_code == 404


def test_operations_survive_a_dump(cloud: Sandbox, client: Client) -> None:
    """Also one that is still being done."""
    operation = client.user(ADA).headshot()
    load(cloud.state, dump(cloud.state), alone=True)
    cloud.clock.advance(1)
    assert operation.wait().endswith("/round-420.png")


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (12, 200, 99)])
def test_what_is_drawn(colour: tuple[int, int, int]) -> None:
    """A disc has nothing in its corners; all that was drawn is of one colour."""
    disc = Image.open(BytesIO(png(60, colour, is_round=True)))
    assert [disc.getpixel(at)[3] for at in ((0, 0), (59, 59), (30, 30), (0, 30))] == [
        0,
        0,
        255,
        255,
    ]
    assert disc.getpixel((30, 30))[:3] == colour
    flat = Image.open(BytesIO(jpeg(60, colour)))
    assert flat.size == (60, 60)
    for at in ((0, 0), (59, 59), (13, 40)):
        assert all(abs(a - b) < 4 for a, b in zip(flat.getpixel(at), colour, strict=True))
