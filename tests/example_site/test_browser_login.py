"""Logging in and out, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.example_site.site import LANTERN_QUEST, Site, consent, log_in

pytestmark = pytest.mark.browser


def test_a_person_logs_in_and_out(site: Site, page: Page) -> None:
    """From the front page through login and consent to the dashboard, and out again."""
    log_in(page, site)
    expect(page.get_by_text("@ada_builds · user 1000001")).to_be_visible()
    expect(page.get_by_text("See your name, display name and picture")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("status")).to_have_text("You are logged out.")
    site.cloud.reset()  # else Roblox would let Ada in again without a question
    page.goto(f"{site.address}/dashboard")
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()


def test_logging_in_works_without_scripts(site: Site, plain_page: Page) -> None:
    """Login, consent and logout are links and forms."""
    log_in(plain_page, site)
    plain_page.get_by_role("button", name="Log out").click()
    expect(plain_page.get_by_role("status")).to_have_text("You are logged out.")


def test_a_person_logs_in_with_the_keyboard_alone(site: Site, page: Page) -> None:
    """The skip link is first and works; Tab and Enter reach the dashboard."""
    page.goto(site.address)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name="Log in")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(page, "button", "Ada")
    page.keyboard.press("Enter")
    _tab_to(page, "button", "Allow")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()


def _tab_to(page: Page, role: str, name: str) -> None:
    wanted = page.get_by_role(role, name=name)  # type: ignore[arg-type]
    wanted.wait_for()
    for _ in range(20):
        page.keyboard.press("Tab")
        if wanted.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"Tab does not reach the {role} {name!r}")


def test_denied_consent_is_explained_and_can_be_changed(site: Site, page: Page) -> None:
    """Cancel at Roblox leads to a page that says so and offers to ask again."""
    page.goto(site.address)
    page.get_by_role("main").get_by_role("link", name="Log in with Roblox").click()
    page.get_by_role("button", name="Ada").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="You did not give permission")).to_be_visible()
    page.get_by_role("link", name="Ask Roblox again").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()


def test_two_tabs_log_in_at_once(site: Site, new_context: Callable[..., BrowserContext]) -> None:
    """Two logins under way in one browser both end on the dashboard (f31)."""
    context = new_context()
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(site.address)
        page.get_by_role("main").get_by_role("link", name="Log in with Roblox").click()
    first.get_by_role("button", name="Ada").click()
    second.reload()  # the sandbox knows by now who is at this browser
    for page in (second, first):
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()


def test_the_back_button_after_logging_in_does_no_harm(site: Site, page: Page) -> None:
    """Going back to Roblox's page leads to the same callback again, and on (f30)."""
    log_in(page, site)
    page.go_back()
    expect(page.get_by_role("heading", name="Hello, Ada")).to_be_visible()


def test_the_back_button_after_logging_out_shows_nothing(site: Site, page: Page) -> None:
    """Pages of a person do not come out of the browser's memory once they have left."""
    log_in(page, site)
    page.goto(f"{site.address}/sessions/")
    page.get_by_role("button", name="Log out").first.click()
    expect(page.get_by_role("status")).to_have_text("You are logged out.")
    site.cloud.reset()  # else Roblox would let Ada in again without a question
    page.go_back()
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()


def test_another_address_of_this_machine_logs_in_too(site: Site, page: Page) -> None:
    """127.0.0.1 and localhost are two hosts to cookies; the site settles on one of them."""
    page.goto(site.address.replace("localhost", "127.0.0.1"))
    assert page.url == f"{site.address}/"


def test_a_page_asked_for_before_the_login_is_shown_after_it(site: Site, page: Page) -> None:
    """The login ends where the person wanted to go."""
    page.goto(f"{site.address}/sessions/")
    page.get_by_role("button", name="Ada").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="My sessions")).to_be_visible()


def test_step_up_on_a_page(site: Site, page: Page) -> None:
    """Opening a page that needs one more scope asks for it, and comes back to that page."""
    log_in(page, site)
    page.goto(f"{site.address}/announcements/{LANTERN_QUEST}")
    consent(page, "Lantern Quest")
    expect(page.get_by_role("heading", name="Announce")).to_be_visible()
    assert page.url == f"{site.address}/announcements/{LANTERN_QUEST}"


def test_step_up_on_a_form(site: Site, page: Page) -> None:
    """A form whose permission is gone is not sent; after consent what was typed is there."""
    log_in(page, site)
    page.goto(f"{site.address}/announcements/{LANTERN_QUEST}")
    consent(page, "Lantern Quest")
    page.get_by_label("Text").fill("We are back at noon")
    _log_in_again_with_less(page, site)
    page.get_by_role("button", name="Publish to Lantern Quest").click()
    expect(page.get_by_role("heading", name="One more permission")).to_be_visible()
    expect(page.get_by_text("was not carried out")).to_be_visible()
    assert site.cloud.messages == []
    page.get_by_role("link", name="Continue to Roblox").click()
    consent(page, "Lantern Quest")
    expect(page.get_by_label("Text")).to_have_value("We are back at noon")
    page.get_by_role("button", name="Publish to Lantern Quest").click()
    expect(page.get_by_role("heading", name="Announcement published")).to_be_visible()
    assert [message.message for message in site.cloud.messages] == ["We are back at noon"]


def _log_in_again_with_less(page: Page, site: Site) -> None:
    """In another tab: log out, take every permission back at Roblox, and log in afresh."""
    other = page.context.new_page()
    other.goto(f"{site.address}/dashboard")
    other.get_by_role("button", name="Log out").click()
    other.get_by_role("status").get_by_text("logged out").wait_for()
    site.cloud.reset()
    log_in(other, site)
    other.close()


def test_log_out_everywhere_ends_the_other_browser(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    """The sessions page lists both browsers; one click ends both."""
    here, there = new_context().new_page(), new_context().new_page()
    log_in(here, site)
    log_in(there, site)
    here.get_by_role("link", name="Sessions").click()
    expect(here.get_by_role("row")).to_have_count(3)
    expect(here.get_by_text("This browser", exact=True)).to_have_count(1)
    here.get_by_role("button", name="Log out everywhere").click()
    expect(here.get_by_role("status")).to_have_text("You are logged out everywhere.")
    there.reload()
    expect(there.get_by_role("heading", name="You have been logged out")).to_be_visible()
    there.get_by_role("main").get_by_role("link", name="Log in with Roblox").click()
    expect(there.get_by_role("heading", name="Choose an account")).to_be_visible()


def test_one_session_is_ended_from_another(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    """The other browser is logged out, this one stays."""
    here, there = new_context().new_page(), new_context().new_page()
    log_in(there, site)
    log_in(here, site)
    here.get_by_role("link", name="Sessions").click()
    other = here.get_by_role("row").filter(has_not_text="This browser").nth(1)
    other.get_by_role("button", name="Log out").click()
    expect(here.get_by_role("status")).to_have_text("That browser is logged out.")
    expect(here.get_by_role("row")).to_have_count(2)
    there.goto(f"{site.address}/sessions/")
    expect(there.get_by_role("heading", name="You have been logged out")).to_be_visible()
    there.get_by_role("main").get_by_role("link", name="Log in with Roblox").click()
    expect(there.get_by_role("heading", name="Choose an account")).to_be_visible()


def test_a_session_ends_cleanly_when_roblox_forgets_it(site: Site, page: Page) -> None:
    """A grant revoked at Roblox leads to a page that asks to log in, not to an error (c42)."""
    log_in(page, site)
    page.get_by_role("link", name="Pick experiences on Roblox").click()
    consent(page, "Lantern Quest")
    page.get_by_role("heading", name="Hello").wait_for()
    site.cloud.reset()  # what a sandbox that starts again does
    page.goto(f"{site.address}/data/{LANTERN_QUEST}")
    expect(page.get_by_role("heading", name="Please log in again")).to_be_visible()
    page.get_by_role("link", name="Log in with Roblox").click()
    page.get_by_role("button", name="Ada").click()
    page.get_by_role("button", name="Allow").wait_for()
