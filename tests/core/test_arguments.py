"""Arguments: what goes in as what comes out on the wire, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from io import BytesIO
from threading import Thread
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from rblx_oauth.core import arguments, entry_arguments, url
from rblx_oauth.core.message import FilePart, JsonPart, Request
from rblx_oauth.models import ResourceId, Visibility
from tests.support.colours import Colour, colour

__all__ = ["colour"]

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
EAST = timezone(timedelta(hours=3))
FILE = FilePart(lambda: BytesIO(b"x"), 1, "a.png", "image/png")


class Undecided(tzinfo):
    """A time zone that does not say how far it is from UTC."""

    def utcoffset(self, _: datetime | None) -> None:
        """Who knows."""

    dst = tzname = utcoffset


@pytest.mark.parametrize(
    ("check", "given", "written"),
    [
        (arguments.text, "a b", "a b"),
        (arguments.text, Visibility.PUBLIC, "PUBLIC"),
        (arguments.string, "", ""),
        (arguments.header, "a b~!", "a b~!"),
        (arguments.identifier, 2**63 - 1, "9223372036854775807"),
        (arguments.identifier, ResourceId(7), "7"),
        (arguments.integer, -(2**63), "-9223372036854775808"),
        (arguments.boolean, True, "true"),
        (arguments.boolean, False, "false"),
        (arguments.timestamp, NOON, "2026-02-03T12:00:00Z"),
        (arguments.timestamp, NOON.astimezone(EAST), "2026-02-03T12:00:00Z"),
        (arguments.timestamp, NOON.replace(microsecond=50), "2026-02-03T12:00:00.000050Z"),
        (arguments.duration, timedelta(), "0s"),
        (arguments.duration, timedelta(days=2, seconds=1.5), "172801.5s"),
        (arguments.duration, timedelta(microseconds=1), "0.000001s"),
        (arguments.ascii_json, {"a": "ü"}, '{"a":"\\u00fc"}'),
        (arguments.base64, b"\xff\xfe\xfd", "//79"),
        (arguments.user_paths, iter((7, 8)), ["users/7", "users/8"]),
        (arguments.whole, 2**63 - 1, 2**63 - 1),
        (arguments.id_number, ResourceId(7), 7),
        (arguments.flag, False, False),
        (arguments.number, 1.5, 1.5),
        (arguments.number, 2, 2),
        (arguments.json_value, None, msgspec.Raw(b"null")),
        (entry_arguments.entry_value, [1, None], msgspec.Raw(b"[1,null]")),
        (entry_arguments.attributes, {"a": 1}, msgspec.Raw(b'{"a":1}')),
        (arguments.json_object, MappingProxyType({"a": 1}), msgspec.Raw(b'{"a":1}')),
        (arguments.json_part, {"a": 1}, JsonPart(b'{"a":1}')),
        (arguments.file, FILE, FILE),
        (arguments.files, iter([FILE]), (FILE,)),
    ],
)
def test_what_is_right_is_written(check: Callable[..., object], given: Any, written: Any) -> None:
    """Each check turns its type into what Roblox reads."""
    assert check("it", given) == written


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (arguments.text, (5, None, b"x")),
        (arguments.string, (5, None, b"x")),
        (arguments.header, (5, None, b"x")),
        (arguments.identifier, ("5", 5.0, True, None)),
        (arguments.id_number, ("5", 5.0, True, None)),
        (arguments.integer, ("5", 5.0, True, None)),
        (arguments.whole, ("5", 5.0, True, None)),
        (arguments.boolean, ("true", 1, None)),
        (arguments.flag, ("true", 1, None)),
        (arguments.timestamp, ("2026-02-03T12:00:00Z", NOON.date(), 1.5, None)),
        (arguments.duration, ("1.5s", 1.5, None)),
        (arguments.number, ("1", 1j, True, None)),
        (arguments.base64, ("eA==", [1], None)),
        (arguments.user_paths, (7, "users/7", ["7"], [True], None)),
        (arguments.json_value, ({1: 2}, {"a": object()}, NOON, {1}, b"x")),
        (entry_arguments.entry_value, ({1: 2}, [b"x"], NOON)),
        (entry_arguments.attributes, ([], "a", None, {"a": b"x"})),
        (arguments.json_object, ([], "a", None, {1: 2})),
        (arguments.json_part, ([], "a", None)),
        (arguments.ascii_json, (b"x", {1: 2})),
        (arguments.file, ("a.png", b"x", None)),
        (arguments.files, (FILE, ["a.png"], "ab", None)),
    ],
)
def test_what_is_of_another_type_is_a_type_error(
    check: Callable[..., object], wrong: tuple[Any, ...]
) -> None:
    """It names the argument."""
    for value in wrong:
        with pytest.raises(TypeError, match=r"^it"):
            check("it", value)


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (arguments.text, ("", "\ud800")),
        (arguments.string, ("\udfff",)),
        (arguments.header, ("", " a", "a ", "a\r\nb: c", "a\nb", "\0", "ü", "a\x7f", "a\tb")),
        (arguments.identifier, (0, -1, 2**63, 10**5000)),
        (arguments.id_number, (0, -1, 2**63)),
        (arguments.integer, (2**63, -(2**63) - 1, 10**5000)),
        (arguments.whole, (2**63, -(2**63) - 1)),
        (
            arguments.timestamp,
            (
                NOON.replace(tzinfo=None),
                NOON.replace(tzinfo=Undecided()),
                datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
            ),
        ),
        (arguments.duration, (timedelta(microseconds=-1), timedelta.min)),
        (arguments.number, (float("nan"), float("inf"), 2**64)),
        (arguments.user_paths, ([0], [7, -7])),
        (arguments.json_value, (float("nan"), 2**64, "\ud800", {"\ud800": 1})),
        (entry_arguments.entry_value, (None, float("inf"), "x" * (entry_arguments.MAX_VALUE - 1))),
        (entry_arguments.attributes, ({"a": "x" * 300},)),
        (arguments.files, ([],)),
    ],
)
def test_what_is_out_of_range_is_a_value_error(
    check: Callable[..., object], wrong: tuple[Any, ...]
) -> None:
    """It names the argument, and shows nothing of a value that might be large."""
    for value in wrong:
        with pytest.raises(ValueError, match=r"^it") as caught:
            check("it", value)
        assert len(str(caught.value)) < 120


def test_limits_are_inclusive_and_named() -> None:
    """Exactly so many characters or bytes pass; one more is told the limit."""
    assert arguments.text("it", "x" * 50, 50)
    with pytest.raises(ValueError, match="it has 51 characters; the limit is 50"):
        arguments.text("it", "x" * 51, 50)
    assert entry_arguments.entry_value("it", "x" * (entry_arguments.MAX_VALUE - 2))
    with pytest.raises(ValueError, match="takes 4194305 bytes of JSON; the limit is 4194304"):
        entry_arguments.entry_value("it", "x" * (entry_arguments.MAX_VALUE - 1))
    assert entry_arguments.attributes("they", {"a": "ü" * 292})
    with pytest.raises(ValueError, match="they take 301 characters of JSON; the limit is 300"):
        entry_arguments.attributes("they", {"a": "ü" * 293})


def test_errors_say_which_of_several_is_wrong() -> None:
    """Counted from 0, as Python does."""
    with pytest.raises(ValueError, match=r"^ids\[1\] must be a positive"):
        arguments.several("ids", [5, -5], arguments.identifier)
    with pytest.raises(TypeError, match=r"^value\['a'\]\[2\] is a bytes"):
        arguments.json_value("value", {"a": [1, 2, b"x"]})


class Misleading(str):
    """Text that is printed as something else."""

    def __str__(self) -> str:
        return "a\r\nb: c"


def test_what_is_checked_is_what_is_written() -> None:
    """A str of somebody's own cannot pass for one thing and go out as another."""
    for check in (arguments.text, arguments.string, arguments.header):
        written = check("it", Misleading("good"))
        assert (type(written), str(written)) == (str, "good")


def test_masks_name_what_is_given() -> None:
    """The caller's own paths, else every member that is not None; without one, no mask."""
    members = {"displayName": "a", "description": None, "serverSize": 0}
    assert arguments.mask("update_mask", None, members) == "displayName,serverSize"
    assert arguments.mask("update_mask", "a.b,c", members) == "a.b,c"
    assert arguments.mask("update_mask", None, {"description": None}) is None
    with pytest.raises(ValueError, match=r"^update_mask"):
        arguments.mask("update_mask", "", members)


def test_what_is_left_out_is_not_sent() -> None:
    """None is left out, nothing else is: not zero, not false, not the empty list."""
    pairs = arguments.given(("a", None), ("b", "0"), ("c", ()), ("d", ("1", "2")), ("b", ""))
    assert pairs == (("b", "0"), ("d", "1"), ("d", "2"), ("b", ""))
    body = arguments.json_body({"a": None, "b": 0, "c": False, "d": [], "e": msgspec.Raw(b"null")})
    assert body == b'{"b":0,"c":false,"d":[],"e":null}'
    assert arguments.optional(arguments.text, "it", None) is None
    assert arguments.optional(arguments.text, "it", "abc", 3) == "abc"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
)


@given(json_values)
def test_json_survives_in_headers_and_bodies(value: Any) -> None:
    """In a header it is ASCII on one line; a reader finds the same in both."""
    header = arguments.ascii_json("it", value)
    assert header.isascii()
    assert header.isprintable()
    assert json.loads(header) == value
    body = arguments.json_body({"it": arguments.json_value("it", value)})
    assert json.loads(body) == {"it": value}


class Quiet(WSGIRequestHandler):
    """Does not log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A WSGI site that says which path, query and header it was asked with."""

    def application(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode()
        pairs = parse_qsl(
            environ["QUERY_STRING"],
            keep_blank_values=True,
        )
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps([path, pairs, environ.get("HTTP_X_TEXT")]).encode()]

    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def transport(colour: Colour) -> Any:
    """The transport of a colour."""
    return colour.transport()


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words, st.lists(st.tuples(words, words), min_size=1, max_size=3))
def test_any_text_arrives(
    colour: Colour, transport: Any, site: str, value: str, pairs: list[tuple[str, str]]
) -> None:
    """Through either transport and a WSGI server: the segment and each pair, as given."""
    target = url.fill("/a/{b}/c", [value]) + url.query(pairs)
    response = colour(transport.send(Request("GET", site + target), timeout=5))
    assert json.loads(response.body) == [f"/a/{value}/c", [list(pair) for pair in pairs], None]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(max_codepoint=0x17F)) | st.text())
def test_headers_carry_any_text_as_it_is_or_not_at_all(
    colour: Colour, transport: Any, site: str, value: str
) -> None:
    """Whatever the text: what is not refused arrives, and nothing beside it."""
    try:
        written = arguments.header("it", value)
    except ValueError:
        return
    request = Request("GET", f"{site}/", {"X-Text": written})
    response = colour(transport.send(request, timeout=5))
    assert json.loads(response.body) == ["/", [], value]


def test_what_goes_with_an_entry_of_the_first_version_is_checked() -> None:
    """Ids of four users at most; attributes that are an object of 300 characters at most."""
    assert entry_arguments.entry_users("users", iter((1, 22))) == "[1,22]"
    assert entry_arguments.entry_attributes("attributes", {"kind": "é"}) == '{"kind":"\\u00e9"}'
    with pytest.raises(ValueError, match="users are 5; an entry has 4 at most"):
        entry_arguments.entry_users("users", range(1, 6))
    with pytest.raises(TypeError, match=r"users\[0\]"):
        entry_arguments.entry_users("users", ["1"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="the limit is 300"):
        entry_arguments.entry_attributes("attributes", {"a": "x" * 300})
