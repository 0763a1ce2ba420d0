"""A browser just clever enough to log in and answer the consent page."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

__all__ = ["PageError", "consent"]

_TIMEOUT = 30.0
_HOPS = 5


class PageError(RuntimeError):
    """The sandbox showed a page that says what is wrong."""


class _Forms(HTMLParser):
    """Reads the forms of a page: where they go, and their fields in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: list[dict[str, str]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = values.get("action", "")
        elif tag in ("input", "button") and "name" in values:
            self.fields.append(values)

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())

    def hidden(self) -> list[tuple[str, str]]:
        """The fields that a person does not see."""
        return [
            (field["name"], field.get("value", ""))
            for field in self.fields
            if field.get("type") == "hidden"
        ]

    def offers(self, name: str) -> list[str]:
        """The values that may be chosen for a field."""
        return [field.get("value", "") for field in self.fields if field["name"] == name]


def consent(
    authorization_url: str,
    *,
    user: str,
    universes: AbstractSet[str] | None,
    groups: AbstractSet[str] | None,
    creator: bool,
    deny: bool,
) -> str:
    """See `rblx_oauth.sandbox.Sandbox.consent`."""
    origin = _origin(authorization_url)
    authorization_url = _asking(authorization_url)
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(authorization_url, timeout=_TIMEOUT, allow_redirects=False)
        for _ in range(_HOPS):
            if answer.is_redirect:
                target = urljoin(answer.url, answer.headers["Location"])
                if _origin(target) != origin or not urlsplit(target).path.startswith("/oauth/"):
                    return target
                answer = session.get(target, timeout=_TIMEOUT, allow_redirects=False)
                continue
            page = _Forms(answer.text)
            if answer.status_code != requests.codes.ok or page.action is None:
                raise PageError(" ".join(filter(None, page.text)))
            data = page.hidden()
            if page.offers("user"):
                data.append(("user", user))
            else:
                data += _choices(page, universes, groups, creator=creator)
                data.append(("decision", "cancel" if deny else "allow"))
            target = urljoin(answer.url, page.action)
            answer = session.post(target, data, timeout=_TIMEOUT, allow_redirects=False)
    raise PageError("the login and consent pages led in a circle")


def _choices(
    page: _Forms,
    universes: AbstractSet[str] | None,
    groups: AbstractSet[str] | None,
    *,
    creator: bool,
) -> list[tuple[str, str]]:
    accounts = [each for each in page.offers("creator") if each.startswith("U") and creator]
    communities = [
        each
        for each in page.offers("creator")
        if each.startswith("G") and (groups is None or each[1:] in groups)
    ]
    places = [each for each in page.offers("universe") if universes is None or each in universes]
    return [("universe", each) for each in places] + [
        ("creator", each) for each in accounts + communities
    ]


def _asking(url: str) -> str:
    """The URL with ``prompt=consent``, unless it has a prompt.

    Without it an earlier consent would answer for the person, and the choices made here would
    silently not count.
    """
    parts = urlsplit(url)
    if "prompt" in dict(parse_qsl(parts.query)):
        return url
    return parts._replace(query=f"{parts.query}&prompt=consent").geturl()


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
