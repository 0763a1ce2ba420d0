"""The sections of the page: what each shows, and that it shows it as text, to everybody."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
import requests

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.data import KEPT_AFTER_DELETION
from rblx_oauth.sandbox.shelves import kinds
from tests.sandbox.app import App, entries, entry
from tests.sandbox.page_kit import SECTIONS, Parsed, read

NASTY = "<img src=x onerror=alert(1)><b>\"'&"
UNIVERSE = "/cloud/v2/universes/3000001"


@pytest.fixture
def nasty(cloud: Sandbox, app: App) -> Sandbox:
    """A sandbox in which everything that can be named is named with markup."""
    token = app.login(user="1000002")
    app.login(user="1000001")
    app.refresh(token)
    app.call("POST", f"{UNIVERSE}:publishMessage", json={"topic": NASTY, "message": NASTY})
    app.call("POST", entries(NASTY, NASTY), params={"id": NASTY}, json={"value": NASTY})
    written = {"value": {NASTY: NASTY}, "users": ["users/1"], "attributes": {NASTY: NASTY}}
    app.call("PATCH", entry("player/1000001", store="profiles"), json=written)
    app.call("POST", entries("profiles"), params={"id": NASTY}, json={"value": NASTY})
    app.call("GET", f"/cloud/v2/{NASTY}?{NASTY}")
    seed = {
        "users": [{"id": "1", "name": NASTY, "display_name": NASTY, "about": NASTY}],
        "groups": [{"id": "2", "name": NASTY, "owner": "1", "description": NASTY}],
        "universes": [{"id": "3", "name": NASTY, "description": NASTY, "user": "1"}],
    }
    answer = requests.post(f"{cloud.api_base}/_sandbox/api/load", json=seed, timeout=10)
    assert answer.status_code == 200, answer.text
    creation = {
        "assetType": "Audio",
        "displayName": NASTY,
        "creationContext": {"creator": {"userId": 1000001}},
    }
    form = {"request": (None, json.dumps(creation)), "fileContent": ("a.ogg", b"OggS", "audio/ogg")}
    assert app.call("POST", "/assets/v1/assets", files=form).status_code == 200
    cloud.fault("f10", times=None, location="https://elsewhere.invalid/<b>")
    return cloud


@pytest.mark.parametrize("section", SECTIONS)
def test_what_is_shown_is_text_and_well_formed(nasty: Sandbox, section: str) -> None:
    """No name, message or value becomes markup; every element that begins ends in its place."""
    parsed = read(nasty, section)
    for tag, attributes in parsed.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert attributes.get("src") != "x"
        if tag == "script":
            assert attributes["src"] == "/_sandbox/static/live.js"
    assert parsed.count("style") == 0


def test_markup_arrives_where_it_belongs(nasty: Sandbox) -> None:
    """It is there to be read, so that the test above says something."""
    quoted = {
        "": NASTY,
        "messages": NASTY,
        "data-stores": NASTY,
        "data-stores/3000001": NASTY,
        "data-stores/3000001/entries?store=profiles": NASTY,
        "people": NASTY,
        "universes": NASTY,
        "assets": NASTY,
        "state/assets": NASTY,
        "faults": "https://elsewhere.invalid/<b>",
        "requests": "/cloud/v2/",
        "grants": '<b>"Zoë" & Co</b>',
    }
    for section, text in quoted.items():
        assert text in read(nasty, section).text, section


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_is_built_for_everybody(nasty: Sandbox, section: str) -> None:
    """One main heading, captions on tables, labels on fields, texts or silence for pictures."""
    parsed = read(nasty, section)
    assert [parsed.count(tag) for tag in ("h1", "main", "title")] == [1, 1, 1]
    assert parsed.count("table") == parsed.count("caption") == parsed.count("thead")
    assert all("alt" in each for tag, each in parsed.tags if tag == "img")
    assert all("scope" in each for tag, each in parsed.tags if tag == "th")
    assert parsed.fields <= parsed.labelled
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch(r"h[1-6]", tag)]
    assert set(levels) <= {1, 2, 3}
    currents = [each for tag, each in parsed.tags if tag == "a" and "aria-current" in each]
    assert len(currents) == 1


@pytest.mark.parametrize("section", SECTIONS)
def test_nothing_inline_may_run(cloud: Sandbox, section: str) -> None:
    """The policy lets files of the sandbox's own run, and nothing that stands in a page."""
    answer = requests.get(f"{cloud.api_base}/_sandbox/{section}", timeout=10)
    policy = dict(
        each.strip().split(" ", 1) for each in answer.headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    for name in ("script-src", "style-src", "connect-src", "form-action"):
        assert policy[name] == "'self'"
    assert "unsafe" not in str(policy)
    assert answer.headers["Cache-Control"] == "no-store"


def test_people_who_log_in_meet_no_script(app: App) -> None:
    """Only the page that shows what is inside has one; login and consent may run none at all."""
    answer = app.http.get(app.authorization_url(), timeout=10)
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    "section",
    [
        "data-stores/1",
        "data-stores/3000001/entries?store=none",
        "data-stores/3000001/entry?store=coins&scope=global&key=none",
        "data-stores/1/new",
        "state/none",
        "state/communities?at=none",
        "state/communities?at=communities&at=2000001&at=audit&at=99999",
        "state/communities?at=communities&at=2000001&at=audit&at=" + "9" * 5000,
        "operations/none",
    ],
)
def test_what_is_not_there_is_a_page_that_leads_on(cloud: Sandbox, section: str) -> None:
    """404, with the sections beside it."""
    answer = requests.get(f"{cloud.api_base}/_sandbox/{section}", timeout=10)
    assert answer.status_code == 404
    assert "This is not there" in answer.text
    assert 'href="/_sandbox/requests"' in answer.text


def test_requests_are_filtered(cloud: Sandbox, app: App) -> None:
    """By operation, status and fault; the address says by what."""
    token = app.login()
    app.call("GET", UNIVERSE, token)
    app.call("GET", entry("none", store="coins"))
    app.call("GET", entry("player/1000001", store="coins"))
    cloud.fault("f15", operation="get_universe")
    app.call("GET", UNIVERSE, token)

    def shown(query: str) -> list[str]:
        page = read(cloud, f"requests?{query}")
        return re.findall(r"(?:GET|POST) (/\S+)", page.text)

    missing, found = entry("none", store="coins"), entry("player/1000001", store="coins")
    assert shown("operation=get_universe") == [UNIVERSE, UNIVERSE]
    assert shown("operation=v1/token") == ["/oauth/v1/token"]
    assert shown("status=404") == [missing]
    assert shown("status=4xx&operation=get_data_store_entry") == [missing]
    assert shown("status=refused") == [UNIVERSE, missing]
    assert shown("fault=f15") == shown("fault=any") == shown("status=5xx") == [UNIVERSE]
    assert shown("status=2xx&operation=get_data_store_entry") == [found]
    assert shown("status=none") == shown("operation=%3Cb%3E") == []


def test_requests_say_who_called(cloud: Sandbox, app: App) -> None:
    """Whose key or token it was, by which app; nothing where the credential was no good."""
    token = app.login(user="1000002")
    app.call("GET", "/cloud/v2/universes/3000004", token)
    app.userinfo(token)
    app.call("GET", UNIVERSE)
    app.call("GET", UNIVERSE, {"access_token": "invented"})
    told = [(each.operation, each.caller) for each in cloud.requests][-5:]
    mine = f"token of user 1000002 for app {app.client_id}"
    assert told == [
        ("v1/token", f"app {app.client_id}"),
        ("get_universe", mine),
        ("v1/userinfo", mine),
        ("get_universe", "API key of user 1000001"),
        ("get_universe", ""),
    ]
    assert "token of user 1000002 for Sandbox Site" in read(cloud, "requests").text


def test_every_operation_that_is_linked_is_explained(cloud: Sandbox, app: App) -> None:
    """Endpoints of the authorization server, and what is not in the catalogue, are no links."""
    token = app.login()
    app.call("GET", UNIVERSE, token)
    app.call("GET", "/v1/universes/3000001/badges")
    links = {str(each.get("href")) for tag, each in read(cloud, "requests").tags if tag == "a"}
    linked = {each for each in links if "/operations/" in each}
    assert "/_sandbox/operations/get_universe" in linked
    for each in linked:
        read(cloud, each.removeprefix("/_sandbox/"))


def test_requests_come_in_pages(cloud: Sandbox, app: App) -> None:
    """The newest hundred, and a way to those before them that new ones do not disturb."""
    for number in range(130):
        app.call("GET", f"/nothing/{number}")
    first = read(cloud, "requests")
    assert re.findall(r"/nothing/(\d+)", first.text) == [str(each) for each in range(129, 29, -1)]
    (older,) = (each["href"] for tag, each in first.tags if "before=" in str(each.get("href")))
    app.call("GET", "/nothing/new")
    second = read(cloud, str(older).removeprefix("/_sandbox/"))
    assert re.findall(r"/nothing/(\w+)", second.text) == [str(each) for each in range(29, -1, -1)]


def test_what_is_new_can_be_asked_for(cloud: Sandbox, app: App) -> None:
    """Requests and messages after so many that were seen."""
    api = f"{cloud.api_base}/_sandbox/api"
    for number in range(4):
        body = {"topic": "t", "message": str(number)}
        app.call("POST", f"{UNIVERSE}:publishMessage", json=body)
        app.call("GET", f"/nothing/{number}")
    for after, count in ((0, 4), (1, 3), (4, 0), (9, 0), (-3, 4)):
        answer = requests.get(f"{api}/messages", {"after": after}, timeout=10).json()
        assert [each["message"] for each in answer] == ["0", "1", "2", "3"][4 - count :]
    answer = requests.get(f"{api}/requests", {"after": 6}, timeout=10).json()
    assert [each["path"] for each in answer] == [f"{UNIVERSE}:publishMessage", "/nothing/3"]


def test_the_pulse_changes_with_what_happens_and_not_by_itself(cloud: Sandbox, app: App) -> None:
    """One mark for everything that the page would show otherwise now."""
    address = f"{cloud.api_base}/_sandbox/api/pulse"

    def mark() -> str:
        return str(requests.get(address, timeout=10).json()["mark"])

    marks = [mark()]
    assert mark() == marks[0]
    for happens in (
        lambda: app.call("GET", UNIVERSE),
        lambda: cloud.fault("f14", operation="get_user"),
        lambda: cloud.clock.advance(60),
        lambda: requests.post(f"{cloud.api_base}/_sandbox/settings", timeout=10),
        lambda: requests.post(f"{cloud.api_base}/_sandbox/clock", {"advance": "60"}, timeout=10),
        cloud.reset,
    ):
        happens()
        marks.append(mark())
    changed = [one != other for one, other in pairwise(marks)]
    # Settings that are not as they should be change nothing.
    assert changed == [True, True, True, False, True, True]


def test_data_stores_are_browsed_to_an_entry(cloud: Sandbox, app: App) -> None:
    """By links alone: universe, store, scope, page by page, entry, revisions."""
    for number in range(60):
        where = entries("many", f"scope {number % 2}")
        app.call("POST", where, params={"id": f"key/{number:02}"}, json={"value": number})
    app.call("DELETE", entry("key/00", store="many", scope="scope 0"))

    def follow(page: Parsed, words: str) -> Parsed:
        (href,) = {str(each["href"]) for tag, each in page.tags if words in str(each.get("href"))}
        return read(cloud, href.removeprefix("/_sandbox/"))

    page = follow(read(cloud, "data-stores"), "/3000001/entries?store=many")
    assert "60 keys in all" in page.text
    assert re.findall(r"key/(\d\d)", page.text) == [
        *(f"{each:02}" for each in range(0, 60, 2)),
        *(f"{each:02}" for each in range(1, 40, 2)),
    ]
    page = follow(page, "after=")
    assert re.findall(r"key/(\d\d)", page.text) == [f"{each:02}" for each in range(41, 60, 2)]
    page = read(cloud, "data-stores/3000001/entries?store=many&scope=scope+1&prefix=key%2F5")
    assert re.findall(r"key/(\d\d)", page.text) == ["51", "53", "55", "57", "59"]
    page = follow(page, "key=key/51")
    assert "scope 1" in page.text
    deleted = "data-stores/3000001/entry?store=many&scope=scope+0&key=key%2F00"
    assert read(cloud, deleted).text.count("deleted") >= 2
    cloud.clock.advance(KEPT_AFTER_DELETION)
    gone = requests.get(f"{cloud.api_base}/_sandbox/{deleted}", timeout=10)
    assert gone.status_code == 404


def test_an_entry_shows_its_revisions_in_pages(cloud: Sandbox, app: App) -> None:
    """Twenty at a time, newest first."""
    for number in range(25):
        app.call("PATCH", entry("a"), json={"value": f"v{number}"}, params={"allowMissing": "true"})
    section = "data-stores/3000001/entry?store=things&scope=global&key=a"
    page = read(cloud, section)
    assert re.findall(r'"v(\d+)"', page.text)[1:] == [str(each) for each in range(24, 4, -1)]
    (older,) = (each["href"] for tag, each in page.tags if "&after=" in str(each.get("href")))
    page = read(cloud, str(older).removeprefix("/_sandbox/"))
    assert re.findall(r'"v(\d+)"', page.text)[1:] == [str(each) for each in range(4, -1, -1)]


def test_every_part_of_the_state_can_be_looked_at(cloud: Sandbox) -> None:
    """Each family's shelf is listed, and those that hold something are shown."""
    listed = read(cloud, "state")
    for kind in kinds():
        assert kind.section.replace("_", " ").capitalize() in listed.text
        assert read(cloud, f"state/{kind.section}").count("h1") == 1
    assert "The race track" in read(cloud, "state/communities").text


def test_a_large_part_is_shown_a_piece_at_a_time(cloud: Sandbox) -> None:
    """A hundred at once, with a way to the rest and into each."""
    taken = {str(number): float(number) for number in range(1, 1001)}
    body = {"data_store_snapshots": {"taken": taken}}
    answer = requests.post(f"{cloud.api_base}/_sandbox/api/load", json=body, timeout=10)
    assert answer.status_code == 200, answer.text
    whole = read(cloud, "state/data_store_snapshots")
    assert "All 1,000" in whole.text
    first = read(cloud, "state/data_store_snapshots?at=taken")
    assert "1 to 100 of 1,000" in first.text
    last = read(cloud, "state/data_store_snapshots?at=taken&from=900")
    assert "901 to 1000 of 1,000" in last.text
    assert "1000.0" in read(cloud, "state/data_store_snapshots?at=taken&at=1000").text


def test_operations_are_found_and_explained(cloud: Sandbox) -> None:
    """By words of their names, paths and scopes; with what to type to try one."""
    page = read(cloud, "operations?q=universe-messaging-service:publish")
    assert "publish_universe_message" in page.text
    assert "get_universe" not in page.text
    assert "No operation has that" in read(cloud, "operations?q=%3Cb%3Enone").text
    page = read(cloud, "operations/publish_universe_message")
    for shown in ("universe-messaging-service:publish", "at most 1024", '{"topic":"…"', "state"):
        assert shown in page.text
    assert "made up" in read(cloud, "operations/translate_text").text


def test_the_overview_says_how_to_point_a_program_at_it(cloud: Sandbox) -> None:
    """The five settings, as what `--json` prints has them."""
    text = read(cloud, "").text
    for name, value in (
        ("ISSUER", cloud.issuer),
        ("API_BASE", cloud.api_base),
        ("CLIENT_ID", cloud.client_id),
        ("CLIENT_SECRET", cloud.client_secret),
        ("API_KEY", cloud.api_key),
    ):
        assert f"export ROBLOX_{name}={value}" in text


def test_pictures_of_assets_are_there(cloud: Sandbox, app: App) -> None:
    """Each asset with its picture, which the sandbox serves; a rejected upload with the reason."""
    for name in ("Sea", "A rejected sea"):
        creation = {
            "assetType": "Audio",
            "displayName": name,
            "creationContext": {"creator": {"userId": 1000001}},
        }
        sound = ("a.ogg", b"OggS", "audio/ogg")
        form = {"request": (None, json.dumps(creation)), "fileContent": sound}
        app.call("POST", "/assets/v1/assets", files=form)
    assert "Being processed" in read(cloud, "assets").text
    cloud.clock.advance(2)
    page = read(cloud, "assets")
    assert "rejected by moderation" in page.text
    pictures = [str(each["src"]) for tag, each in page.tags if tag == "img"]
    assert pictures
    for picture in pictures:
        answer = requests.get(cloud.api_base + picture, timeout=10)
        assert answer.headers["Content-Type"].startswith("image/")
