"""Every page at once: readable, operable, on a phone, and quiet in the console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.example_site.accessibility import faults, overflow
from tests.example_site.site import ADA, LANTERN_QUEST, Site, consent, log_in

pytestmark = pytest.mark.browser

DESK: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
ANONYMOUS = ["/", "/nowhere", "/roblox/callback?state=unknown"]
PAGES = [
    "/",
    "/dashboard",
    "/announcements/",
    f"/announcements/{LANTERN_QUEST}",
    f"/announcements/{LANTERN_QUEST}/published",
    "/announcements/3000004",
    "/data/",
    f"/data/{LANTERN_QUEST}",
    f"/data/{LANTERN_QUEST}/entries?store=coins&prefix=player/",
    f"/data/{LANTERN_QUEST}/entry?store=profiles&key=player/{ADA}",
    f"/data/{LANTERN_QUEST}/entry?store=profiles&key=nobody",
    "/decals/",
    "/sessions/",
    "/nowhere",
]


def visits(page: Page, site: Site, picture: Path) -> Iterator[str]:
    """Go through every page there is, each in its most talkative state; yields their names."""
    for path in ANONYMOUS:
        page.goto(site.address + path)
        yield f"anonymous {path}"
    log_in(page, site)
    for path in ("/dashboard", "/announcements/", "/data/", "/decals/"):
        page.goto(site.address + path)
        yield f"before consent {path}"
    page.goto(f"{site.address}/announcements/{LANTERN_QUEST}")
    consent(page, "Lantern Quest", "Tower of Tides", "Moonlight Racing")
    page.goto(f"{site.address}/decals/")
    page.get_by_role("link", name="Continue to Roblox").click()
    consent(page, "Ada")
    for path in PAGES:
        page.goto(site.address + path)
        yield path
    page.goto(f"{site.address}/announcements/{LANTERN_QUEST}")
    page.get_by_label("Topic").fill("")
    page.get_by_role("button", name="Publish").click()
    yield "announcement with errors"
    page.goto(f"{site.address}/decals/")
    page.get_by_role("button", name="Upload").click()
    yield "decal with errors"
    site.cloud.settings.operation_seconds = 60
    page.get_by_label("Picture").set_input_files(picture)
    page.get_by_label("Name").fill("Lantern")
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="Roblox is working on it").wait_for()
    yield "decal in progress"
    page.goto(f"{site.address}/data/{LANTERN_QUEST}/entry?store=profiles&key=player/{ADA}")
    etag = page.locator("input[name=etag]")
    etag.evaluate("node => node.value = 'an older one'")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Someone changed it").wait_for()
    yield "conflict"


def test_every_page_is_accessible_and_fits(site: Site, page: Page, picture: Path) -> None:
    """Landmarks, labels, headings, contrast in light and dark; no sideways scrolling on a phone.

    The page's fixture sees to it that nothing appears in the console either.
    """
    wrong: list[str] = []
    for name in visits(page, site, picture):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            wrong += [f"{name}, {scheme}: {fault}" for fault in faults(page)]
        page.set_viewport_size(PHONE)
        wrong += [f"{name}, phone: {fault}" for fault in faults(page)]
        if wider := overflow(page):
            wrong.append(f"{name}, phone: {wider} pixels wider than the window")
        page.set_viewport_size(DESK)
    assert wrong == []
