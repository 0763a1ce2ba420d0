"""Where `next` may lead: to pages of the site, however it is spelled."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from flask_ext.redirects import safe_path
from tests.flask_ext.site import Browser

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "\x01/page",
    "/\x7f/evil.example",
    "/\x85/evil.example",
    "/\u2028/evil.example",
    "/\u200b/evil.example",
    "https://evil.example",
    "HTTPS:/evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "user@evil.example",
    "//user:secret@evil.example/",
    "/%2Fevil.example",
    "/%2f%2fevil.example",
    "/%5Cevil.example",
    "/%255Cevil.example",
    "/%252F%252Fevil.example",
    "/%09/evil.example",
    "/%0d%0aSet-Cookie:%20a=b",
    "/..//evil.example",
    "/.//evil.example",
    "/page/../../evil",
    "/%2e%2e/evil",
    "/%2e%2e%2fevil",
    "/page//evil.example",
    "page",
    "?query",
    "#fragment",
    "",
    "/" + "a" * 3000,
    "/.. ",
    "/%2e%2e ",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_f37_next_never_leads_to_another_host(target: str) -> None:
    """Every trick of a browser's URL parser is refused."""
    assert safe_path(target) is None


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/page",
        "/page?a=1&b=//x%0A%5C",
        "/page/#part",
        "/a%20b",
        "/a b",
        "/%F0%9F%8E%AE",
        "/user@host",
        "/x:y",
    ],
)
def test_c15_a_page_of_the_site_is_kept_as_it_is(target: str) -> None:
    """Paths with queries, fragments and encoded characters come back unchanged."""
    assert safe_path(target) == target


@pytest.mark.parametrize(
    "target",
    ["/", "/other/page", "/siteX", "/site/../other", "/site%2F..", "/site/.. ", "/site/%2e%2e "],
)
def test_c15_a_mounted_site_sends_nobody_to_its_neighbours(target: str) -> None:
    """Below a prefix, only paths below that prefix are pages of the site."""
    assert safe_path(target, root="/site") is None
    assert safe_path("/site/page?x=1", root="/site") == "/site/page?x=1"
    assert safe_path("/site", root="/site") == "/site"


TRICKY = st.text(
    st.one_of(
        st.sampled_from("/\\.:@?#%2f5cC \t\n\r\x00ehtps"),
        st.characters(),
    ),
    max_size=30,
)


@settings(print_blob=True, suppress_health_check=[HealthCheck.too_slow])
@given(TRICKY)
@example("/\t/evil")
def test_f37_what_is_accepted_stays_on_the_host_for_a_browser(target: str) -> None:
    """Whatever the text: if it is accepted, the WHATWG parser reads a path of this host."""
    accepted = safe_path(target)
    if accepted is None:
        return
    # The URL standard: strip C0 controls and spaces, drop tabs and newlines, "\\" is "/".
    read = re.sub(r"[\t\n\r]", "", accepted.strip("".join(map(chr, range(33)))))
    read = read.replace("\\", "/")
    assert read.startswith("/")
    assert not read.startswith("//")


@pytest.mark.parametrize("target", ["//evil.example", "/%5Cevil.example", "https://evil.example"])
def test_f37_a_login_with_a_foreign_next_ends_on_the_front_page(
    browser: Browser, target: str
) -> None:
    """The redirect after a login goes to the site, whatever `next` said."""
    assert browser.log_in(then=quote(target)).headers["Location"] == "/"
    # ... and so does the one for somebody logged in already.
    answer = browser.get(f"/roblox/login?next={quote(target)}")
    assert answer.headers["Location"] == "/"


def test_c15_next_keeps_its_query(browser: Browser) -> None:
    """A person comes back to the page with the query it had."""
    asked = browser.get("/private?page=2&q=a%26b")
    back = browser.land(
        browser.cloud.consent(browser.get(asked.headers["Location"]).headers["Location"])
    )
    assert back.headers["Location"] == "/private?page=2&q=a%26b"
