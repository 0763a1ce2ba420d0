"""The pages in a real browser: usable by mouse and keyboard, light, dark and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App, query_of
from tests.support.chromium import chromium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for these tests."""
    with chromium() as launched:
        yield launched


@pytest.fixture(params=["light", "dark", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page of each kind; a message on its console fails the test."""
    width, height = (390, 800) if request.param == "phone" else (1100, 900)
    context = browser.new_context(
        color_scheme="dark" if request.param == "dark" else "light",
        viewport={"width": width, "height": height},
        java_script_enabled=request.param != "phone",
    )
    fresh = context.new_page()
    said: list[str] = []
    fresh.on("console", lambda message: said.append(message.text))
    yield fresh
    assert said == []
    context.close()


def landing(cloud: Sandbox) -> str:
    """Somewhere on this machine that answers, to be sent back to."""
    return f"{cloud.api_base}/_sandbox/"


def fits(page: Any) -> bool:
    """Whether nothing sticks out sideways."""
    box = page.locator("main").bounding_box()
    return bool(box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"])


def test_logging_in_and_allowing(cloud: Sandbox, app: App, page: Any) -> None:
    """A person picks an account, an experience and themself, and is sent back with a code."""
    page.goto(app.authorization_url(redirect_uri=landing(cloud)))
    assert fits(page)
    page.get_by_role("button", name='<b>"Zoë" & Co</b>').click()
    assert fits(page)
    assert page.get_by_role("heading", name="Sandbox Site asks for access").is_visible()
    page.get_by_label("Zoë's Garden").check()
    page.get_by_label("your account").check()
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{landing(cloud)}?**")
    code = query_of(page.url)["code"]
    token = app.exchange(code, redirect_uri=landing(cloud)).json()
    infos = app.post("token/resources", token=token["access_token"]).json()["resource_infos"]
    assert infos == [
        {
            "owner": {"id": "1000002", "type": "User"},
            "resources": {"universe": {"ids": ["3000004"]}, "creator": {"ids": ["U"]}},
        }
    ]


def test_cancelling_with_the_keyboard(cloud: Sandbox, app: App, page: Any) -> None:
    """Everything can be reached with Tab and pressed with Enter."""
    page.goto(app.authorization_url(scope="openid", redirect_uri=landing(cloud)))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Allow").wait_for()
    for _ in range(3):  # Not you?, Allow, Cancel
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{landing(cloud)}?**")
    assert query_of(page.url)["error"] == "access_denied"


def test_the_avatars_are_shown(app: App, page: Any) -> None:
    """The pictures of the login page load."""
    page.goto(app.authorization_url())
    for picture in page.locator("img").all():
        assert page.request.get(app.cloud.api_base + picture.get_attribute("src")).ok
