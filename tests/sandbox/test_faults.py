"""Which requests a fault strikes, from Python, over HTTP and from the page."""

from __future__ import annotations

import re
import timeit
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, Request, Response
from werkzeug.test import EnvironBuilder

from rblx_oauth.sandbox import Sandbox, State
from rblx_oauth.sandbox.app import Front
from rblx_oauth.sandbox.faults import KINDS, kind_lines
from rblx_oauth.sandbox.faults.standing import ENDPOINTS
from tests.sandbox.app import App

UNIVERSE = "/cloud/v2/universes/3000001"
USER = "/cloud/v2/users/1000001"
PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"

WRONG: list[tuple[str, dict[str, object], str]] = [
    ("f99", {}, "there is no fault 'f99'; there are f01, f02"),
    ("f02", {"proccessed": True}, "unknown field `proccessed` (options: processed)"),
    ("f14", {"retry_after": 1}, "unknown field `retry_after` (options: none)"),
    ("f02", {"processed": "yes"}, "f02: Expected `bool`, got `str` - at `$.processed`"),
    ("f13", {"form": "words"}, "f13: Invalid enum value 'words'"),
    ("f13", {"retry_after": -1}, "f13: Expected `int` >= 0"),
    ("f08", {"size": 1 << 40}, "f08: Expected `int` <="),
    ("f10", {"location": "//evil\r\nx: y"}, "f10: Expected `str` matching"),
    ("f02", {"times": 0}, "f02: Expected `int` >= 1 - at `$.times`"),
    ("f02", {"times": True}, "f02: Expected `int | null`, got `bool`"),
    ("f02", {"share": 0}, "f02: Expected `float` > 0"),
    ("f02", {"share": 1.1}, "f02: Expected `float` <= 1"),
    (
        "f02",
        {"operation": "get_univers"},
        "no operation 'get_univers'; the nearest is get_universe",
    ),
    ("f18", {"operation": "v1/token"}, "f18 happens at v1/certs only"),
    ("f01", {"times": 3}, "f01 lasts for `seconds`"),
    ("f01", {"operation": "get_user"}, "f01 lasts for `seconds`"),
]


def api(cloud: Sandbox, suffix: str = "") -> str:
    """The address of the API of faults."""
    return f"{cloud.api_base}/_sandbox/api/faults{suffix}"


def statuses(app: App, *paths: str) -> list[int]:
    """The statuses of GETs, one after the other."""
    return [app.call("GET", path).status_code for path in paths]


def test_the_twenty_faults_are_there() -> None:
    """f01 to f20, each with a line about what it does, and its options described."""
    assert list(KINDS) == [f"f{number:02}" for number in range(1, 21)]
    for line in kind_lines():
        assert line.summary
        assert all(option["description"] for option in line.options.values())


def test_a_fault_strikes_as_often_as_asked(cloud: Sandbox, app: App) -> None:
    """The next so many requests, then everything works again."""
    fault = cloud.fault("f14", times=2)
    assert statuses(app, UNIVERSE, USER, UNIVERSE, USER) == [429, 429, 200, 200]
    assert (fault.hits, fault.left, len(cloud.faults)) == (2, 0, 0)


def test_most_faults_strike_once_and_some_until_they_are_cleared(cloud: Sandbox, app: App) -> None:
    """As each kind says, unless told."""
    cloud.fault("f15")
    assert statuses(app, UNIVERSE, UNIVERSE) == [502, 200]
    fault = cloud.fault("f15", times=None)
    assert statuses(app, *[UNIVERSE] * 5) == [502] * 5
    fault.clear()
    fault.clear()
    assert statuses(app, UNIVERSE) == [200]
    assert [name for name, kind in KINDS.items() if kind.times is None] == [
        *("f01", "f12", "f17", "f18", "f19")
    ]


def test_a_fault_ends_with_its_block(cloud: Sandbox, app: App) -> None:
    """As a context manager, used up or not."""
    with cloud.fault("f15", times=None) as fault:
        assert statuses(app, UNIVERSE) == [502]
        assert list(cloud.faults) == [fault]
    assert statuses(app, UNIVERSE) == [200]
    with pytest.raises(ZeroDivisionError), cloud.fault("f15"):
        1 / 0  # noqa: B018
    assert statuses(app, UNIVERSE) == [200]


def test_a_fault_strikes_one_operation_or_endpoint(cloud: Sandbox, app: App) -> None:
    """Others pass, and do not count."""
    cloud.fault("f14", operation="get_user")
    cloud.fault("f15", operation="v1/token")
    assert statuses(app, UNIVERSE, "/oauth/v1/certs", USER) == [200, 200, 429]
    assert app.post("token", grant_type="refresh_token").status_code == 502
    assert len(cloud.faults) == 0


def test_a_fault_for_all_strikes_unknown_paths_and_pages_too(cloud: Sandbox, app: App) -> None:
    """Everything but the sandbox's own page and API, through which it can be cleared."""
    with cloud.fault("f15", times=None):
        paths = ("/nowhere", "/cloud/v2/universes/%FF", "/oauth/nowhere", "/oauth/v1/authorize")
        assert statuses(app, *paths) == [502] * 4
        own = ("/_sandbox/", "/_sandbox/api/state", "/_sandbox/static/sandbox.css")
        assert statuses(app, *own) == [200] * 3


def test_the_endpoints_that_can_be_named_are_those_that_exist() -> None:
    """Each rule of the authorization server, and no other."""
    front = Front(State(lambda _: None), "http://127.0.0.1:1")
    rules = {rule.rule for rule in front.provider.url_map.iter_rules()}
    assert set(ENDPOINTS) == {
        rule.removeprefix("/oauth/") for rule in rules if rule.startswith("/oauth/")
    }


def test_the_first_fault_that_fits_strikes_alone(cloud: Sandbox, app: App) -> None:
    """In the order in which they were added, one for each request."""
    cloud.fault("f14", operation="get_user")
    cloud.fault("f15", times=2)
    assert statuses(app, USER, USER, UNIVERSE, USER) == [429, 502, 502, 200]


def test_a_share_of_requests_is_chosen_by_its_seed(cloud: Sandbox, app: App) -> None:
    """The same seed strikes the same ones, and about as many as asked."""
    found = []
    for seed in (0, 0, 7):
        with cloud.fault("f15", times=None, share=0.3, seed=seed) as fault:
            found.append(statuses(app, *["/oauth/v1/certs"] * 60))
            assert 6 <= fault.hits <= 30
    assert found[0] == found[1] != found[2]
    with cloud.fault("f15", times=3, share=0.5):
        assert statuses(app, *["/oauth/v1/certs"] * 60).count(502) == 3


@pytest.mark.parametrize(("name", "given", "said"), WRONG)
def test_what_there_is_not_is_refused(
    cloud: Sandbox, name: str, given: dict[str, Any], said: str
) -> None:
    """Unknown faults, operations and options, from Python and over HTTP; nothing is injected."""
    with pytest.raises(ValueError, match=re.escape(said)):
        cloud.fault(name, **given)
    answer = requests.post(api(cloud), json={"name": name} | given, timeout=10)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert len(cloud.faults) == 0


def test_faults_over_http(cloud: Sandbox, app: App) -> None:
    """Added, listed with what is left of each, cleared one by one or all at once."""
    body = {"name": "f13", "times": 2, "operation": "get_universe", "retry_after": 9}
    added = requests.post(api(cloud), json=body, timeout=10).json()
    requests.post(api(cloud), json={"name": "f15", "times": None, "share": 0.5}, timeout=10)
    answer = app.call("GET", UNIVERSE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "9")
    listed = requests.get(api(cloud), timeout=10).json()
    assert [each["name"] for each in listed["kinds"]] == list(KINDS)
    first, second = listed["faults"]
    assert first == {
        "id": added["id"],
        "name": "f13",
        "summary": "429 with Retry-After",
        "operation": "get_universe",
        "share": 1.0,
        "seed": 0,
        "left": 1,
        "hits": 1,
        "options": {"retry_after": 9, "form": "seconds"},
    }
    assert (second["left"], second["share"]) == (None, 0.5)
    one = api(cloud, f"/{added['id']}")
    assert requests.delete(one, timeout=10).status_code == 200
    assert requests.delete(one, timeout=10).status_code == 404
    assert [fault.id for fault in cloud.faults] == [second["id"]]
    assert requests.delete(api(cloud), timeout=10).status_code == 200
    assert len(cloud.faults) == 0


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"name": 2}', '{"name": ""}', "null", ""])
def test_a_malformed_request_is_a_400(cloud: Sandbox, body: str) -> None:
    """With a word about what is wrong."""
    answer = requests.post(api(cloud), data=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize("path", ["/_sandbox/faults", "/_sandbox/api/faults"])
def test_pages_of_other_sites_cannot_inject(cloud: Sandbox, path: str) -> None:
    """A browser's request from another origin is refused."""
    headers = {"Origin": "https://evil.example"}
    answer = requests.post(cloud.api_base + path, {"name": "f02"}, headers=headers, timeout=10)
    assert answer.status_code == 403
    assert len(cloud.faults) == 0


def test_the_pages_forms(cloud: Sandbox) -> None:
    """A person injects with what they typed, sees it listed, and clears it."""
    form = {
        "name": "f13",
        "operation": " get_universe ",
        "times": "3",
        "share": "0.5",
        "seed": "7",
        "options": "retry_after=5 form=date",
    }
    address = f"{cloud.api_base}/_sandbox/faults"
    page = requests.post(address, form, timeout=10)
    assert page.history[0].status_code == 303
    assert page.url.startswith(address)
    assert "0 struck, 3 left" in page.text
    line = cloud.faults.lines()[0]
    assert (line.operation, line.share, line.seed) == ("get_universe", 0.5, 7)
    assert line.options == {"retry_after": 5, "form": "date"}
    empty = dict.fromkeys(form, "") | {"name": "f02", "forever": "on"}
    assert "until cleared" in requests.post(address, empty, timeout=10).text
    assert [each.left for each in cloud.faults] == [3, None]
    requests.post(address, {"clear": str(line.id)}, timeout=10)
    assert [each.kind.name for each in cloud.faults] == ["f02"]
    requests.post(address, {"clear": "all"}, timeout=10)
    assert len(cloud.faults) == 0


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "f02", "operation": "<b>"}, "no operation &#39;&lt;b&gt;&#39;"),
        ({"name": "f02", "options": "<i>=1"}, "unknown field `&lt;i&gt;`"),
        ({"name": "f02", "times": "many"}, "got `str` - at `$.times`"),
        ({}, "give the"),
        ({"clear": "99"}, "no fault 99 now"),
        ({"clear": "<u>"}, "&lt;u&gt;"),
    ],
)
def test_the_page_says_what_is_wrong(cloud: Sandbox, form: dict[str, str], said: str) -> None:
    """400, the page again with a word about it, in which markup is only text."""
    page = requests.post(f"{cloud.api_base}/_sandbox/faults", form, timeout=10)
    assert page.status_code == 400
    (alert,) = re.findall(r'role="alert">(.*?)</p>', page.text)
    assert said in alert


def test_struck_requests_are_recorded_with_the_fault(cloud: Sandbox, app: App) -> None:
    """In the record, in the count, in the API and on the page; others carry none."""
    cloud.fault("f02", operation="get_user")
    with pytest.raises(requests.ConnectionError):
        app.call("GET", USER)
    app.call("GET", UNIVERSE)
    struck, other = cloud.requests
    assert (struck.fault, struck.operation, struck.status) == ("f02", "get_user", 0)
    assert struck.reason == "fault f02: the connection is reset before any answer"
    assert (other.fault, other.reason) == ("", "")
    assert cloud.count(fault="f02") == cloud.count(operation="get_user") == 1
    assert cloud.count(fault="f03") == 0
    listed = requests.get(f"{cloud.api_base}/_sandbox/api/requests", timeout=10).json()
    assert [each["fault"] for each in listed] == ["f02", ""]
    assert '<span class="tag bad">f02</span>' in requests.get(cloud.api_base, timeout=10).text


def test_a_reset_clears_every_fault(cloud: Sandbox, app: App) -> None:
    """The sandbox is as at the start."""
    cloud.fault("f15", times=None)
    cloud.fault("f14", operation="get_user")
    cloud.reset()
    assert statuses(app, UNIVERSE, USER) == [200, 200]


def test_a_stop_keeps_the_faults_of_requests(cloud: Sandbox, app: App) -> None:
    """A provider that was down for a while is as faulty as before."""
    cloud.fault("f15")
    cloud.stop()
    cloud.start()
    assert statuses(app, UNIVERSE, UNIVERSE) == [502, 200]


def test_without_faults_a_request_pays_nothing() -> None:
    """Less than a hundredth of what the quickest answer takes."""
    faults = State(lambda _: None).faults
    request = Request(EnvironBuilder().get_environ())
    answer = Response()
    with Flask(__name__).app_context():
        both = timeit.Timer(lambda: (faults.strike(request, "get_user"), faults.distort(answer)))
        assert min(both.repeat(5, 1000)) / 1000 < 10e-6


def test_the_documentation_lists_every_fault_and_option() -> None:
    """The table in the documentation is what the code says."""
    page = PAGE.read_text()
    for line in kind_lines():
        assert row(line) in page


def row(line: Any) -> str:
    """One line of the documentation's table."""
    times = line.times or ("until cleared" if line.by_request else "its `seconds`")
    options = "; ".join(
        f"`{name}` ({shown(option['default'])}): {option['description']}"
        for name, option in line.options.items()
    )
    return f"| {line.name} | {line.summary} | {times} | {options} |"


def shown(value: object) -> str:
    """A default as JSON has it, text without quotes."""
    return value if isinstance(value, str) else str(value).lower().removesuffix(".0")
