"""What people do on the site once they are logged in, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from rblx_oauth import Client
from tests.example_site.site import ADA, LANTERN_QUEST, Site, consent, log_in

pytestmark = pytest.mark.browser


def site_key(site: Site) -> Client:
    """The site's API key in somebody else's hands: the game, say."""
    return Client(api_key=site.cloud.api_key, api_base=site.cloud.api_base)


def see_experiences(page: Page, site: Site) -> None:
    """Be Ada, who let the site see Lantern Quest."""
    site.arrive(page, "universe:read", universes=[str(LANTERN_QUEST)])


def write_announcements(page: Page, site: Site) -> None:
    """Be Ada, who let the site publish to Lantern Quest."""
    site.arrive(page, "universe-messaging-service:publish", universes=[str(LANTERN_QUEST)])


# --- announcements


@pytest.mark.parametrize("scripts", ["page", "plain_page"])
def test_an_announcement_arrives(site: Site, scripts: str, request: pytest.FixtureRequest) -> None:
    """Permission, experience, text, publish: the message is at Roblox, the page confirms it."""
    page: Page = request.getfixturevalue(scripts)
    log_in(page, site)
    page.get_by_role("link", name="Announce", exact=True).click()
    expect(page.get_by_text("Publish messages to the experiences you pick")).to_be_visible()
    page.get_by_role("link", name="Continue to Roblox").click()
    consent(page, "Lantern Quest", "Tower of Tides")
    page.get_by_role("link", name="Tower of Tides").click()
    page.get_by_role("navigation", name="Experience").get_by_text("Lantern Quest").click()
    page.get_by_label("Topic").fill("events")
    page.get_by_label("Text").fill("The lanterns are lit 🏮")
    page.get_by_role("button", name="Publish to Lantern Quest").click()
    expect(page.get_by_role("heading", name="Announcement published")).to_be_visible()
    expect(page.get_by_text('SubscribeAsync("events"')).to_be_visible()
    (message,) = site.cloud.messages
    assert (int(message.universe_id), message.topic) == (LANTERN_QUEST, "events")
    assert message.message == "The lanterns are lit 🏮"
    page.reload()
    assert len(site.cloud.messages) == 1
    page.get_by_role("link", name="Write another").click()
    expect(page.get_by_label("Topic")).to_have_value("events")
    expect(page.get_by_label("Text")).to_have_value("")


def test_the_counter_and_the_server_agree(site: Site, page: Page) -> None:
    """Both count characters; what is too long comes back as typed, with the error at its field."""
    write_announcements(page, site)
    page.goto(f"{site.address}/announcements/{LANTERN_QUEST}")
    page.get_by_label("Text").fill("🏮" * 1024)
    expect(page.get_by_text("1,024 of 1,024")).to_be_visible()
    page.get_by_label("Text").fill("🏮" * 1026)
    page.get_by_role("button", name="Publish").click()
    text = page.get_by_label("Text")
    expect(text).to_have_accessible_description(
        "Up to 1,024 characters. Shorten a text by 2 characters"
    )
    expect(text).to_have_value("🏮" * 1026)
    assert page.title().startswith("Error: ")
    expect(page.get_by_role("alert")).to_be_focused()
    assert site.cloud.messages == []


# --- player data


@pytest.mark.parametrize("scripts", ["page", "plain_page"])
def test_an_entry_is_found_and_corrected(
    site: Site, scripts: str, request: pytest.FixtureRequest
) -> None:
    """Store, prefix, page, entry, edit: the new value is at Roblox."""
    page: Page = request.getfixturevalue(scripts)
    see_experiences(page, site)
    page.goto(f"{site.address}/dashboard")
    page.get_by_role("link", name="Player data", exact=True).click()
    page.get_by_role("link", name="coins").click()
    page.get_by_label("Keys that begin with").fill("player/10000")
    page.get_by_role("button", name="Find").click()
    expect(
        page.get_by_role("main").get_by_role("listitem").filter(has_text="player/")
    ).to_have_count(25)
    page.get_by_role("link", name="Next page").click()
    page.get_by_role("link", name="player/1000042").click()
    expect(page.get_by_label("Value")).to_have_value("1050")
    page.get_by_label("Value").fill("1100")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_label("Value")).to_have_value("1100")
    store = site_key(site).universe(LANTERN_QUEST).data_store("coins")
    assert store.get("player/1000042").value == 1100


@pytest.mark.parametrize(
    ("choice", "scripts"), [("Keep this one", "plain_page"), ("Replace with mine", "page")]
)
def test_a_conflict_shows_both_values_and_lets_one_choose(
    site: Site, choice: str, scripts: str, request: pytest.FixtureRequest
) -> None:
    """Nothing is overwritten unseen: the person sees both and decides."""
    page: Page = request.getfixturevalue(scripts)
    store = site_key(site).universe(LANTERN_QUEST).data_store("profiles")
    see_experiences(page, site)
    page.goto(f"{site.address}/data/{LANTERN_QUEST}/entry?store=profiles&key=player/{ADA}")
    page.get_by_label("Value").fill('{"level": 5}')
    store.set(f"player/{ADA}", {"level": 9}, users=[int(ADA)])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Someone changed it meanwhile")).to_be_visible()
    expect(page.get_by_role("region", name="What is there now")).to_contain_text('"level": 9')
    expect(page.get_by_role("region", name="Yours")).to_contain_text('"level": 5')
    assert store.get(f"player/{ADA}").value == {"level": 9}
    page.get_by_text(choice).click()
    page.get_by_label("Value").wait_for()
    entry = store.get(f"player/{ADA}")
    assert entry.value == {"level": 9 if choice == "Keep this one" else 5}
    assert entry.users == [int(ADA)]


def test_what_is_no_json_is_stopped_at_the_field(site: Site, page: Page) -> None:
    """The error names the place, stands at the field, and is gone once the value is right."""
    see_experiences(page, site)
    page.goto(f"{site.address}/data/{LANTERN_QUEST}/entry?store=profiles&key=player/{ADA}")
    value = page.get_by_label("Value")
    value.fill('{"level": }')
    page.get_by_role("button", name="Save").click()
    expect(value).to_be_focused()
    expect(page.get_by_text("This is not JSON")).to_be_visible()
    value.fill('{"level": 3}')
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")


def test_odd_keys_open(site: Site, page: Page) -> None:
    """Keys with signs that mean something in addresses are found, read and written."""
    see_experiences(page, site)
    for key in ("a/b#c?d e%2F", "player/😀", "mail@example", "1 + 1 = 2"):
        page.goto(f"{site.address}/data/{LANTERN_QUEST}/entries?store=profiles")
        page.get_by_role("link", name=key, exact=True).click()
        expect(page.get_by_role("heading", name=key, exact=True)).to_be_visible()
        page.get_by_label("Value").fill("true")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_have_text("Saved.")


# --- decals


def test_an_upload_is_followed_to_its_end(site: Site, page: Page, picture: Path) -> None:
    """The page tells by itself when Roblox is done, without being loaded again."""
    site.cloud.settings.operation_seconds = 20
    log_in(page, site)
    page.get_by_role("link", name="Decals").click()
    page.get_by_role("link", name="Continue to Roblox").click()
    consent(page, "Ada")
    page.get_by_label("Picture").set_input_files(picture)
    expect(page.get_by_role("img", name="The picture you chose")).to_be_visible()
    page.get_by_label("Name").fill("Lantern")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Roblox is working on it")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Processing")).to_be_visible()
    expect(page.get_by_role("link", name="Check again")).to_be_hidden()
    page.evaluate("window.sameDocument = true")
    site.cloud.clock.advance(21)
    expect(page.get_by_role("heading", name="Your decal is ready")).to_be_visible()
    expect(page.get_by_text("rbxassetid://")).to_be_visible()
    assert page.evaluate("window.sameDocument")
    assert page.title().startswith("Your decal is ready")


def test_a_picture_chosen_before_the_script_is_there_is_shown(
    site: Site, page: Page, picture: Path
) -> None:
    """On a slow connection the page is there first."""
    scripts: list[Route] = []
    page.route("**/site.js*", lambda route: scripts.append(route))
    site.arrive(page, "asset:read", "asset:write")
    with page.expect_request("**/site.js*"):
        page.goto(f"{site.address}/decals/", wait_until="commit")
    page.get_by_label("Picture").set_input_files(picture)
    chosen = page.get_by_role("img", name="The picture you chose")
    expect(chosen).to_have_count(0)
    for each in scripts:
        each.continue_()
    expect(chosen).to_be_visible()


def test_an_upload_works_without_scripts(site: Site, plain_page: Page, picture: Path) -> None:
    """A link checks again, until it is done."""
    page = plain_page
    site.cloud.settings.operation_seconds = 20
    site.arrive(page, "asset:read", "asset:write")
    page.goto(f"{site.address}/decals/")
    page.get_by_label("Picture").set_input_files(picture)
    page.get_by_label("Name").fill("Lantern")
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("link", name="Check again").click()
    expect(page.get_by_role("heading", name="Roblox is working on it")).to_be_visible()
    site.cloud.clock.advance(21)
    page.get_by_role("link", name="Check again").click()
    expect(page.get_by_role("heading", name="Your decal is ready")).to_be_visible()


def test_moderation_refusing_is_said_clearly(site: Site, page: Page, picture: Path) -> None:
    """The page says that it was moderation, and that sending it again will not help."""
    site.cloud.settings.operation_seconds = 0.2
    site.arrive(page, "asset:read", "asset:write")
    page.goto(f"{site.address}/decals/")
    page.get_by_label("Picture").set_input_files(picture)
    page.get_by_label("Name").fill("to be rejected")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name="Moderation refused it")).to_be_visible()
    expect(page.get_by_text("Sending the same picture again will not help")).to_be_visible()
    page.get_by_role("link", name="Upload another picture").click()
    expect(page.get_by_label("Picture")).to_be_visible()


@pytest.mark.parametrize("scripts", ["page", "plain_page"])
def test_a_file_that_is_too_large_is_refused_clearly(
    site: Site, scripts: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """With scripts it never travels; without them the answer is a page, not a broken connection."""
    page: Page = request.getfixturevalue(scripts)
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(22 * 1024 * 1024)
    site.arrive(page, "asset:read", "asset:write")
    page.goto(f"{site.address}/decals/")
    page.get_by_label("Picture").set_input_files(large)
    page.get_by_label("Name").fill("Large")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("too large")).to_be_visible()
    assert site.cloud.count(operation="create_asset") == 0
