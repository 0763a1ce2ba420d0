"""The sandbox's page as a person without a script reads it and fills it in."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import requests

from rblx_oauth.sandbox import Sandbox

SECTIONS = (
    "",
    "requests",
    "messages",
    "data-stores",
    "data-stores/3000001",
    "data-stores/3000001/entries?store=profiles",
    "data-stores/3000001/new?store=profiles",
    "data-stores/3000001/entry?store=profiles&scope=global&key=player%2F1000001",
    "assets",
    "universes",
    "people",
    "grants",
    "state",
    "state/communities",
    "webhooks",
    "faults",
    "clock",
    "settings",
    "saved",
    "reset",
    "operations",
    "operations/publish_universe_message",
)
"""Every kind of page there is, by what follows ``/_sandbox/``."""

_VOID = frozenset({"meta", "link", "input", "img", "br", "wbr", "hr"})


class Parsed(HTMLParser):
    """What a page is made of.

    Attributes:
        tags: Every start tag with its attributes.
        text: All text outside of tags; what is not emphasis ends a line.
        labelled: The names of fields that have a label around them or for them.
        fields: The names of all fields that can be seen.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self._open: list[str] = []
        self._labels: set[str] = set()
        self._ids: dict[str, str] = {}
        self.feed(html)
        self.labelled |= {name for id_, name in self._ids.items() if id_ in self._labels}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag == "label" and given.get("for"):
            self._labels.add(str(given["for"]))
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            name = str(given.get("name"))
            self.fields.add(name)
            self._ids[str(given.get("id"))] = name
            if "label" in self._open:
                self.labelled.add(name)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note the end of an element; all others in it must have ended."""
        assert self._open.pop() == tag, f"</{tag}> ends what is not open"
        if tag not in ("b", "bdi"):
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data

    def count(self, tag: str) -> int:
        """How many such elements there are."""
        return sum(each == tag for each, _ in self.tags)


def read(cloud: Sandbox, section: str) -> Parsed:
    """A section."""
    answer = requests.get(f"{cloud.api_base}/_sandbox/{section}", timeout=30)
    assert answer.status_code == 200, section
    return Parsed(answer.text)


def send(cloud: Sandbox, section: str, form: dict[str, str], **more: Any) -> requests.Response:
    """What comes of a form, after the redirect."""
    return requests.post(f"{cloud.api_base}/_sandbox/{section}", form, timeout=30, **more)


def said(answer: requests.Response) -> str:
    """What the page says of what was done, or of why it was not."""
    parsed = Parsed(answer.text)
    assert any(each.get("role") in ("status", "alert") for _, each in parsed.tags)
    kind = "alert" if answer.status_code >= 400 else "status"
    return answer.text.partition(f'role="{kind}">')[2].partition("</p>")[0]
