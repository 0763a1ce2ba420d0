"""A real site, a real sandbox and a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cheroot.wsgi import Server
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page

from example_site.app import create_app
from example_site.serve import bound, serving
from rblx_oauth.sandbox import Sandbox
from tests.example_site.site import Site
from tests.support.chromium import chromium


# Package scope: Playwright keeps an event loop in this thread, which the async tests of
# other packages must not find there.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="package")
def servers() -> Iterator[tuple[Server, Sandbox]]:
    """A web server and a sandbox, each on a free port, for all tests."""
    nothing = Flask("nothing")
    with Sandbox() as cloud, bound(0) as server, serving(server, nothing):
        yield server, cloud


@pytest.fixture
def site(servers: tuple[Server, Sandbox], tmp_path: Path) -> Site:
    """A new site, with the sandbox as it was at the beginning."""
    server, cloud = servers
    cloud.reset()
    address = f"http://localhost:{server.bind_addr[1]}"
    settings: dict[str, object] = {
        "ROBLOX_CLIENT_ID": cloud.client_id,
        "ROBLOX_CLIENT_SECRET": cloud.client_secret,
        "ROBLOX_ISSUER": cloud.issuer,
        "ROBLOX_API_BASE": cloud.api_base,
        "ROBLOX_API_KEY": cloud.api_key,
        "ROBLOX_REDIRECT_URI": f"{address}/roblox/callback",
        "SANDBOX_PAGE": f"{cloud.api_base}/_sandbox/",
    }
    app = server.wsgi_app = create_app(settings, instance_path=tmp_path / "instance")
    return Site(address, settings, app, cloud)


@pytest.fixture
def client(site: Site) -> FlaskClient:
    """Somebody's browser, without the browser: nobody is logged in."""
    return site.new_client()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browsers' profiles. Each one must end without an error in a page's console."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(**options: object) -> BrowserContext:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.on(
            "console",
            lambda message: (
                complaints.append(f"{message.page.url if message.page else ''}: {message.text}")
                if message.type in ("error", "warning") and not _expected(message.text)
                else None
            ),
        )
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def _expected(text: str) -> bool:
    # Chromium reports a page's own 4xx and 5xx status, which some tests are about.
    return text.startswith("Failed to load resource: the server responded with a status of")


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page in a new profile."""
    return new_context().new_page()


@pytest.fixture
def plain_page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page in a new profile that runs no scripts."""
    return new_context(java_script_enabled=False).new_page()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small PNG."""
    path = tmp_path / "lantern.png"
    path.write_bytes(PNG)
    return path


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de000000"
    "0c4944415478da63f87fc0010004c10200cdfcb97b0000000049454e44ae426082"
)
