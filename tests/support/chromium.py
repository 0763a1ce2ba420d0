"""The Chromium that browser tests drive."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.programs import absent

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PATIENCE = 30_000
"""Milliseconds for whatever is waited for: the machine may have much else to do."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The one on the PATH. Without it the test is skipped, or fails where ``CI=true``.

    Playwright keeps an event loop in the thread until the block ends, so async
    tests must not run inside it.
    """
    path = shutil.which("chromium")
    if path is None:
        absent("no chromium on PATH: apt-get install chromium libatomic1")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
