"""The page in a real browser: live where it can be, usable by everybody, and safe to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App, entries, entry
from tests.sandbox.page_kit import SECTIONS
from tests.support.chromium import chromium

pytestmark = pytest.mark.browser

UNIVERSE = "/cloud/v2/universes/3000001"
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"

# The least contrast of any text with what is behind it (WCAG 2.2, 1.4.3); large text needs less.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = (colour) => Array.from(rgba(colour)).slice(0, 3).reduce((sum, part, place) => {
    const share = part / 255;
    const linear = share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    return sum + linear * [0.2126, 0.7152, 0.0722][place];
  }, 0);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (rgba(colour)[3] === 255) return colour;
    }
    return "white";
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const poor = [];
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const pair = [light(style.color), light(behind(element))].sort();
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) poor.push([walk.currentNode.textContent.trim(), ratio]);
  }
  return poor;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for these tests."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def page(browser: Browser, cloud: Sandbox) -> Iterator[Any]:
    """A page with scripts; a message on its console or a script that fails fails the test."""
    yield from _page(browser, viewport={"width": 1280, "height": 900})


@pytest.fixture(params=["light", "dark", "phone", "no script"])
def any_page(browser: Browser, cloud: Sandbox, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page of each kind, with the same care."""
    width = 390 if request.param in ("phone", "no script") else 1280
    yield from _page(
        browser,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if request.param in ("dark", "no script") else "light",
        java_script_enabled=request.param != "no script",
    )


def _page(browser: Browser, **options: Any) -> Iterator[Any]:
    context = browser.new_context(**options)
    fresh = context.new_page()
    wrong: list[str] = []
    fresh.on("console", lambda message: wrong.append(message.text))
    fresh.on("pageerror", lambda error: wrong.append(str(error)))
    fresh.on("dialog", lambda dialog: wrong.append(dialog.message))
    yield fresh
    assert [each for each in wrong if "400 (BAD REQUEST)" not in each] == []  # forms refused
    context.close()


def show(page: Any, cloud: Sandbox, section: str) -> None:
    """Open a section, and mark the document so that a reload would be noticed."""
    page.goto(f"{cloud.api_base}/_sandbox/{section}")
    page.evaluate("window.stayed = true")


def publish(app: App, text: str) -> None:
    """Publish a message."""
    answer = app.call("POST", f"{UNIVERSE}:publishMessage", json={"topic": "t", "message": text})
    assert answer.status_code == 200


def test_messages_arrive_without_a_reload(cloud: Sandbox, app: App, page: Any) -> None:
    """Newest first, as text, wherever they are shown."""
    for section in ("", "messages"):
        show(page, cloud, section)
        for text in (f"first {section}", f"{MARKUP} {section}"):
            publish(app, text)
            expect(page.get_by_text(text, exact=True)).to_be_visible()
        assert page.evaluate("window.stayed")
    rows = page.get_by_role("table", name="Messages").get_by_role("row")
    expect(rows.nth(1)).to_contain_text(f"{MARKUP} messages")
    assert page.locator("main img").count() == 0


def test_requests_arrive_with_their_reasons_as_they_are_filtered(
    cloud: Sandbox, app: App, page: Any
) -> None:
    """A refusal appears where refusals are shown, and a success does not."""
    show(page, cloud, "requests?status=refused")
    app.call("GET", UNIVERSE)
    app.call("GET", entry("nobody", store="coins"))
    row = page.get_by_role("row").filter(has_text="entries/nobody")
    expect(row).to_contain_text("NOT_FOUND: ")
    expect(row).to_contain_text("API key of user 1000001")
    assert page.get_by_role("row").count() == 2
    assert page.evaluate("window.stayed")


def test_other_sections_are_live_too(cloud: Sandbox, app: App, page: Any) -> None:
    """Entries, grants and faults change before one's eyes."""
    show(page, cloud, "data-stores/3000001/entries?store=coins")
    app.call("POST", entries("coins"), params={"id": "a new key"}, json={"value": 1})
    expect(page.get_by_role("link", name="a new key")).to_be_visible()
    show(page, cloud, "grants")
    app.login(user="1000003")
    expect(page.get_by_role("heading", name="Kai")).to_be_visible()
    show(page, cloud, "faults")
    fault = cloud.fault("f14", operation="get_user")
    expect(page.get_by_text("0 struck, 1 left")).to_be_visible()
    fault.clear()
    expect(page.get_by_text("Everything works as it should.")).to_be_visible()
    assert page.evaluate("window.stayed")


def test_what_ends_a_moment_later_is_shown_too(cloud: Sandbox, app: App, page: Any) -> None:
    """An upload is processed for a second; nothing else happens, and it is seen to be done."""
    show(page, cloud, "assets")
    creation = {"assetType": "Audio", "displayName": "Sea of a test"}
    creation["creationContext"] = {"creator": {"userId": 1000001}}  # type: ignore[assignment]
    form = {"request": (None, json.dumps(creation)), "fileContent": ("a.ogg", b"OggS", "audio/ogg")}
    app.call("POST", "/assets/v1/assets", files=form)
    card = page.get_by_role("listitem").filter(has_text="Sea of a test")
    expect(card).to_contain_text("Approved")
    picture = card.locator("img")
    assert picture.evaluate("each => each.decode().then(() => each.naturalWidth)") > 0


def test_what_was_opened_stays_open(cloud: Sandbox, page: Any) -> None:
    """Where rows have something to unfold, new rows do not fold it."""
    cloud.state.webhooks.add("http://127.0.0.1:9/")
    cloud.state.webhooks.send("SampleNotification", {"first": 1})
    show(page, cloud, "webhooks")
    page.locator("summary").click()
    cloud.state.webhooks.send("SampleNotification", {"second": 2})
    expect(page.locator("summary")).to_have_count(2)
    expect(page.get_by_text('"first":1')).to_be_visible()
    expect(page.get_by_text('"second":2')).to_be_hidden()


def test_what_is_being_read_stays(cloud: Sandbox, app: App, page: Any) -> None:
    """Nothing changes under the keyboard's focus or a selection; it is told, and comes later."""
    publish(app, "first")
    show(page, cloud, "requests")
    link = page.get_by_role("link", name="publish_universe_message")
    page.get_by_label("Fault").focus()
    while page.evaluate("document.activeElement.textContent") != "publish_universe_message":
        page.keyboard.press("Tab")
    publish(app, "second")
    expect(page.get_by_text("More to see")).to_be_visible()
    assert link.count() == 1
    page.get_by_label("Fault").focus()
    expect(link).to_have_count(2)
    page.get_by_text("POST").first.dblclick()
    publish(app, "third")
    expect(page.get_by_text("More to see")).to_be_visible()
    assert link.count() == 2
    page.evaluate("getSelection().removeAllRanges()")
    expect(link).to_have_count(3)


def test_it_can_be_paused(cloud: Sandbox, app: App, page: Any) -> None:
    """While it is, nothing moves, not even the clock (WCAG 2.2, 2.2.2)."""
    page.clock.install()
    show(page, cloud, "messages")
    page.get_by_role("button", name="Pause").click()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    publish(app, "hello")
    page.clock.run_for(10_000)
    assert asked == []
    assert page.get_by_text("hello", exact=True).count() == 0
    page.get_by_role("button", name="Go on").click()
    page.clock.run_for(2000)
    expect(page.get_by_text("hello", exact=True)).to_be_visible()


def test_a_sandbox_that_goes_away_and_comes_back(browser: Browser, app: App) -> None:
    """It is told, and the page goes on by itself."""
    cloud = app.cloud
    context = browser.new_context()
    page = context.new_page()
    show(page, cloud, "messages")
    cloud.stop()
    expect(page.get_by_text("No answer")).to_be_visible()
    cloud.start()
    publish(app, "back again")
    expect(page.get_by_text("back again")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    assert page.evaluate("window.stayed")
    context.close()


def test_an_entry_is_edited(cloud: Sandbox, app: App, page: Any) -> None:
    """From the overview by links; what was saved is what Open Cloud gives."""
    show(page, cloud, "")
    page.get_by_role("link", name="Data stores", exact=True).click()
    page.get_by_role("link", name="profiles").first.click()
    page.get_by_role("link", name="player/1000001").click()
    expect(page.get_by_label("Value, in JSON")).to_have_value(
        '{\n  "level": 4,\n  "pet": "owl",\n  "badges": [\n    1\n  ]\n}'
    )
    page.get_by_label("Value, in JSON").fill('{"level": 5}')
    page.get_by_label("Users, by id").fill("1000003")
    page.get_by_role("button", name="Save as a new revision").click()
    expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()
    found = app.call("GET", entry("player/1000001", store="profiles")).json()
    assert (found["value"], found["users"]) == ({"level": 5}, ["users/1000003"])
    page.reload()
    assert page.get_by_text("was saved").count() == 0
    page.get_by_label("Value, in JSON").fill("level: 6")
    page.get_by_role("button", name="Save as a new revision").click()
    expect(page.get_by_role("alert")).to_contain_text("must be JSON")
    expect(page.get_by_label("Value, in JSON")).to_have_value("level: 6")
    page.get_by_role("link", name="Show what it is now").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="player/1000001")).to_contain_text("deleted")
    assert app.call("GET", entry("player/1000001", store="profiles")).status_code == 404


def test_an_entry_is_added(cloud: Sandbox, app: App, page: Any) -> None:
    """With a key that has to be written differently in an address."""
    show(page, cloud, "data-stores/3000001")
    page.get_by_role("link", name="Add an entry").click()
    for label, text in (("Data store", "pets"), ("Key", "a/b#c?d e%2F"), ("Value", '"owl"')):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Add the entry").click()
    expect(page.get_by_role("heading", name="a/b#c?d e%2F")).to_be_visible()
    assert app.call("GET", entry("a/b#c?d e%2F", store="pets")).json()["value"] == "owl"


def test_the_clock_is_advanced(cloud: Sandbox, app: App, page: Any) -> None:
    """A button, and a token is old."""
    token = app.login()
    show(page, cloud, "clock")
    page.get_by_role("button", name="15 minutes on").click()
    expect(page.get_by_text("15 min ahead of the machine's")).to_be_visible()
    assert app.userinfo(token).status_code == 401
    page.get_by_label("Set to, in UTC").fill("2031-02-03T04:05:06")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator(".big")).to_contain_text("2031-02-03 04:05")
    page.get_by_role("button", name="Back to the machine's time").click()
    expect(page.get_by_text("the machine's own time")).to_be_visible()


def test_a_fault_is_added_and_strikes(cloud: Sandbox, app: App, page: Any) -> None:
    """Chosen from the list; what it struck is counted live, and it can be cleared."""
    show(page, cloud, "faults")
    page.get_by_role("combobox", name="Fault", exact=True).select_option("f15")
    page.get_by_label("Operation or endpoint").fill("get_universe")
    page.get_by_label("Times").fill("2")
    page.get_by_role("button", name="Inject").click()
    expect(page.get_by_text("0 struck, 2 left")).to_be_visible()
    assert app.call("GET", UNIVERSE).status_code == 502
    expect(page.get_by_text("1 struck, 1 left")).to_be_visible()
    page.get_by_role("button", name="Clear f15").click()
    expect(page.get_by_text("Everything works as it should.")).to_be_visible()
    assert app.call("GET", UNIVERSE).status_code == 200


def test_a_token_is_revoked(cloud: Sandbox, app: App, page: Any) -> None:
    """The person removes the app; the token stops working and the page says why."""
    token = app.login(user="1000002")
    show(page, cloud, "grants")
    assert page.get_by_text(token["access_token"][-6:]).is_visible()
    assert token["access_token"] not in page.content()
    page.get_by_role("button", name="Remove the app").click()
    expect(page.get_by_text("revoked by the person")).to_be_visible()
    assert app.userinfo(token).status_code == 401


def test_a_setting_is_switched_and_everything_reset(cloud: Sandbox, app: App, page: Any) -> None:
    """The reset asks first."""
    show(page, cloud, "settings")
    page.get_by_label("rate_limits").uncheck()
    page.get_by_label("token_seconds").fill("60")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The settings were saved.")).to_be_visible()
    assert (cloud.settings.rate_limits, cloud.settings.token_seconds) == (False, 60)
    show(page, cloud, "saved")
    page.get_by_role("link", name="Reset…").click()
    page.get_by_role("link", name="Keep it").click()
    assert cloud.settings.token_seconds == 60
    page.get_by_role("link", name="Reset…").click()
    page.get_by_role("button", name="Reset everything").click()
    expect(page.get_by_text("The sandbox is as it began.")).to_be_visible()
    assert cloud.settings.token_seconds == 899


def test_a_state_goes_through_a_file(cloud: Sandbox, app: App, page: Any) -> None:
    """Downloaded here and loaded again, everything is as it was."""
    token = app.login()
    show(page, cloud, "saved")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the state").click()
    assert download.value.suggested_filename == "sandbox-state.json"
    cloud.reset()
    page.get_by_label("A file that was saved here").set_input_files(download.value.path())
    page.get_by_label("goes, and the file takes its place").check()
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_text("The file was loaded.")).to_be_visible()
    assert app.userinfo(token).status_code == 200


def test_what_is_to_be_typed_can_be_copied(cloud: Sandbox, page: Any) -> None:
    """The settings, as a shell takes them."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show(page, cloud, "")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[1] == f"export ROBLOX_API_BASE={cloud.api_base}"
    assert len(copied.splitlines()) == 5


def test_every_section_fits_and_can_be_read(cloud: Sandbox, app: App, any_page: Any) -> None:
    """In light and dark and on a phone: no sideways scroll, enough contrast, markup as text."""
    app.login(user="1000002")
    publish(app, MARKUP)
    app.call("POST", entries(MARKUP[:40]), params={"id": MARKUP[:40]}, json={"value": MARKUP})
    app.call("GET", f"/{'x' * 300}")
    cloud.fault("f14", operation="get_user")
    for section in SECTIONS:
        show(any_page, cloud, section)
        width = any_page.evaluate("document.documentElement.scrollWidth")
        assert width <= any_page.viewport_size["width"], section
        assert any_page.evaluate(CONTRAST) == [], section
        pictures = any_page.locator("main img").all()
        assert all("/_sandbox/" in str(each.get_attribute("src")) for each in pictures)


def test_the_keyboard_gets_everywhere(cloud: Sandbox, page: Any) -> None:
    """The first stop skips what comes before the content; every stop can be seen."""
    show(page, cloud, "faults")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("each => each === document.activeElement")
    assert skip.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    for _ in range(10):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"


def test_without_a_script_it_is_reloaded(cloud: Sandbox, app: App, browser: Browser) -> None:
    """A link does it, and all forms work."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{cloud.api_base}/_sandbox/messages")
    publish(app, "hello there")
    assert page.get_by_text("hello there").count() == 0
    page.get_by_role("link", name="Reload").click()
    assert page.get_by_text("hello there").is_visible()
    page.goto(f"{cloud.api_base}/_sandbox/clock")
    page.get_by_role("button", name="1 hour on").click()
    assert page.get_by_text("1 h ahead of the machine's").is_visible()
    context.close()
