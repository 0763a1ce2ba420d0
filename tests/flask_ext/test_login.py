"""From the log-in button to the log-out button."""

from __future__ import annotations

from tests.flask_ext.site import ADA, Browser


def test_a_person_logs_in_and_out(browser: Browser) -> None:
    """Login, callback and logout lead where they should, and the site knows who it is."""
    assert browser.who() == "nobody"
    answer = browser.log_in(then="/private")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/private")
    assert browser.get("/private").text == f"private page of {ADA}"
    assert browser.who() == "ada_builds"
    assert browser.log_out().status_code == 200
    assert browser.who() == "nobody"
