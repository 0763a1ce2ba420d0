"""A few words for a User-Agent header, so that people recognise their own devices."""

from __future__ import annotations

# The first that occurs wins: browsers name their ancestors too.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
]


def device(user_agent: str) -> str:
    """Such as ``Firefox on Linux``. What the browser says, so a hint and no proof."""
    browser = _first(BROWSERS, user_agent)
    system = _first(SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown device"


def _first(table: list[tuple[str, str]], user_agent: str) -> str:
    return next((name for mark, name in table if mark in user_agent), "")
