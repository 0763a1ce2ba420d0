"""`roblox_allowed`: whether a button is worth showing. Never an error, and false in doubt."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from msgspec.structs import replace

from flask_ext import allowed
from flask_ext.state import NAME
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.stores import MemoryStore
from tests.flask_ext.site import ADA, PUBLISH, Browser, make_app
from tests.support.clock import ManualClock

RESOURCES = "/oauth/v1/token/resources"
ASKS = f"openid profile {PUBLISH}"


def add_page(app: Flask) -> None:
    """A page that shows what an expression comes to, several times."""

    @app.get("/ask/<path:expression>")
    def ask(expression: str) -> str:
        return render_template_string(f"{{{{ {expression} }}}} {{{{ {expression} }}}}")


@pytest.fixture
def asking(app: Flask, browser: Browser) -> Browser:
    """A browser at a site with such a page, logged in with names alone."""
    add_page(app)
    browser.log_in()
    return browser


def shown(browser: Browser, expression: str) -> bool:
    """What a template sees."""
    answer = browser.get(f"/ask/{expression}")
    assert answer.status_code == 200
    assert answer.text in ("True True", "False False")
    return answer.text == "True True"


def test_a_button_needs_its_scopes(asking: Browser) -> None:
    """All of them, or one where that is enough; a step-up makes it appear."""
    assert shown(asking, "roblox_allowed('profile')")
    assert not shown(asking, f"roblox_allowed('profile', '{PUBLISH}')")
    assert shown(asking, f"roblox_allowed('profile', '{PUBLISH}', any=True)")
    assert not shown(asking, f"roblox_allowed('{PUBLISH}', any=True)")
    asking.step_up("/announce")
    assert shown(asking, f"roblox_allowed('profile', '{PUBLISH}')")


def test_a_button_needs_what_was_picked(cloud: Sandbox, clock: ManualClock) -> None:
    """As grant_required does; Roblox is asked once a minute for all the buttons."""
    app = make_app(cloud, clock, ROBLOX_SCOPES=ASKS)
    add_page(app)
    browser = Browser(app, cloud)
    picked, other, *_ = [each["id"] for each in cloud.universes if each["owner"] == f"users/{ADA}"]
    browser.log_in(universes=[picked])
    assert shown(browser, f"roblox_allowed('{PUBLISH}', universe={picked})")
    assert shown(browser, f"roblox_allowed(universe='{picked}')")
    assert not shown(browser, f"roblox_allowed(universe={other})")
    assert not shown(browser, f"roblox_allowed(universe={picked}, user=1)")
    assert cloud.count(RESOURCES) == 1


def test_nobody_may_press_anything(app: Flask, browser: Browser) -> None:
    """Nor may code outside a request."""
    add_page(app)
    assert not shown(browser, "roblox_allowed()")
    assert not shown(browser, "roblox_allowed('profile')")
    with app.app_context():
        assert not allowed("profile")


def test_the_store_is_read_once_for_all_the_buttons(asking: Browser) -> None:
    """Besides the session, which every request reads."""
    store = asking.app.extensions[NAME].here.store
    calls: list[str] = []

    class Counting(MemoryStore):
        def get_grant(self, grant_id: str) -> object:  # type: ignore[override]
            calls.append(grant_id)
            return super().get_grant(grant_id)

    store.__class__ = Counting
    expression = "(roblox_allowed('profile'), roblox_allowed('openid')).count(true) == 2"
    assert shown(asking, expression)
    assert len(calls) == 1


def test_c45_what_cannot_be_known_is_not_allowed(
    asking: Browser, cloud: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a lost grant nor a Roblox that does not answer breaks the page."""
    cloud.stop()
    assert not shown(asking, "roblox_allowed(universe=1)")
    assert shown(asking, "roblox_allowed('profile')")
    worker = asking.app.extensions[NAME].here
    (row,) = worker.store.list_grants()
    lost = replace(row, generation=row.generation + 1, status="lost")
    assert worker.store.swap_grant(lost, expected=row.generation)
    assert not shown(asking, "roblox_allowed('profile')")
    assert asking.who() == "ada_builds"
    assert caplog.text.count("no button is shown") == 2  # once a request


@pytest.mark.parametrize("value", ["'x'", "''", "1.5", "[]"])
def test_an_id_that_is_none_is_not_allowed(asking: Browser, value: str) -> None:
    """A slip in a template is no error page."""
    assert not shown(asking, f"roblox_allowed(universe={value})")


def test_the_extensions_own_name_for_the_person_is_always_there(
    app: Flask, browser: Browser
) -> None:
    """A site, or another extension, may call somebody else `current_user`."""
    app.context_processor(lambda: {"current_user": "somebody"})
    add_page(app)
    browser.log_in()
    assert shown(browser, f"roblox_user.subject == '{ADA}'")
    assert "still logged in as Ada" in browser.step_up("/announce", deny=True).text
