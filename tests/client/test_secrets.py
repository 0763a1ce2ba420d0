"""Secrets: sealed here, opened by Roblox alone, seen by nobody else."""

from __future__ import annotations

import builtins
import sys
import traceback
from base64 import b64decode, b64encode
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox

from rblx_oauth import errors
from tests.client.answers import reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

HOME = "/cloud/v2/universes/1/secrets"
PRIVATE = PrivateKey.generate()
KEY = {
    "id": "public-key",
    "secret": b64encode(bytes(PRIVATE.public_key)).decode(),
    "key_id": "1200590785272263122",
}
SECRET = {"id": "aws", "domain": "*", "create_time": "2024-01-02T03:04:05Z"}
CANARY = "canary-5f1c"


@pytest.fixture
def secrets(make_client: MakeClient) -> Any:
    """The secrets of universe 1."""
    return make_client().universe(1).secrets


def opened(request: bytes) -> bytes:
    """What a request has sealed, as Roblox opens it."""
    body = sent_json(request)
    assert isinstance(body, dict)
    return SealedBox(PRIVATE).decrypt(b64decode(body["secret"], validate=True))


@pytest.mark.parametrize("value", ["käse 🧀", b"\x00\xff\n"])
def test_create_seals(colour: Colour, secrets: Any, server: RawServer, value: str | bytes) -> None:
    """The universe's key is asked for, and only its owner can open what is sent."""
    server.script(reply(body=KEY), reply(201, SECRET))
    made = colour(secrets.create("aws", value, domain="*.example.com"))
    assert (made.id, made.domain, made.created_at.year) == ("aws", "*", 2024)
    assert server.lines == [f"GET {HOME}/public-key", f"POST {HOME}"]
    body = sent_json(server.requests[1])
    assert isinstance(body, dict)
    assert body | {"secret": ""} == {
        "id": "aws",
        "secret": "",
        "key_id": KEY["key_id"],
        "domain": "*.example.com",
    }
    assert opened(server.requests[1]) == (value.encode() if isinstance(value, str) else value)


def test_many_are_sealed_with_one_key(colour: Colour, secrets: Any, server: RawServer) -> None:
    """A key that was asked for is not asked for again; each box is another."""
    server.script(reply(body=KEY), reply(201, SECRET))
    key = colour(secrets.public_key())
    assert (key.key, key.key_id) == (bytes(PRIVATE.public_key), KEY["key_id"])
    for _ in range(2):
        colour(secrets.create("aws", "same", key=key))
    assert server.lines == [f"GET {HOME}/public-key", f"POST {HOME}", f"POST {HOME}"]
    assert [opened(each) for each in server.requests[1:]] == [b"same"] * 2
    assert server.requests[1] != server.requests[2]


def test_update(colour: Colour, secrets: Any, server: RawServer) -> None:
    """A value, a domain, or both; what is left out stays."""
    server.script(reply(body=KEY), reply(body=SECRET), reply(body=SECRET))
    colour(secrets.update("aws", "new"))
    colour(secrets.update("aws", domain=""))
    assert server.lines == [f"GET {HOME}/public-key", f"PATCH {HOME}/aws", f"PATCH {HOME}/aws"]
    assert opened(server.requests[1]) == b"new"
    assert sent_json(server.requests[1]).keys() == {"secret", "key_id"}  # type: ignore[attr-defined]
    assert sent_json(server.requests[2]) == {"domain": ""}


def test_list_and_delete(colour: Colour, secrets: Any, server: RawServer) -> None:
    """An empty page with a cursor is not the end; a lost answer to a deletion is no failure."""
    server.script(
        reply(body={"secrets": [], "nextPageCursor": "c1"}),
        reply(body={"secrets": [SECRET], "nextPageCursor": None}),
        reset,
        reply(404),
    )
    assert [each.id for each in colour.list(secrets.list())] == ["aws"]
    assert colour(secrets.delete("aws")) is None
    assert server.lines == [
        f"GET {HOME}?limit=500",
        f"GET {HOME}?cursor=c1&limit=500",
        f"DELETE {HOME}/aws",
        f"DELETE {HOME}/aws",
    ]


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a" * 65, "é", "a\n", "a/b", None])
def test_wrong_name_is_refused_before_sending(
    colour: Colour, secrets: Any, server: RawServer, name: Any
) -> None:
    """ASCII letters, digits and underscores, up to 64, no digit first."""
    for act in (
        lambda: secrets.create(name, "value"),
        lambda: secrets.update(name, "value"),
        lambda: secrets.delete(name),
    ):
        with pytest.raises((ValueError, TypeError), match="name must be"):
            colour(act())
    assert server.requests == []


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "value must not be empty"),
        (b"", "value must not be empty"),
        (5, "value must be a str or bytes, not int"),
        (CANARY + "\ud800", "lone surrogate"),
    ],
)
def test_wrong_value_is_refused_before_sending(
    colour: Colour, secrets: Any, server: RawServer, value: Any, says: str
) -> None:
    """Not even the key is asked for, and the value is in no part of the error."""
    for act in (lambda: secrets.create("aws", value), lambda: secrets.update("aws", value)):
        with pytest.raises((ValueError, TypeError), match=says) as caught:
            colour(act())
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        assert CANARY not in str(caught.value)
    with pytest.raises(ValueError, match="nothing would change"):
        colour(secrets.update("aws"))
    with pytest.raises(TypeError, match="domain must be a str"):
        colour(secrets.create("aws", "x", domain=None))
    assert server.requests == []


@pytest.mark.parametrize(
    "answer",
    [reply(409, {"title": "x", "status": "Conflict"}), reply(503), reset, reply(201, [])],
    ids=["conflict", "doubt", "reset", "nonsense"],
)
def test_value_is_seen_nowhere(
    colour: Colour,
    secrets: Any,
    server: RawServer,
    caplog: pytest.LogCaptureFixture,
    answer: Any,
) -> None:
    """No request, log line, error, cause or repr holds what was sealed."""
    caplog.set_level("DEBUG")
    server.script(reply(body=KEY), answer)
    with pytest.raises(errors.RobloxError) as caught:
        colour(secrets.create("aws", CANARY))
    error: BaseException | None = caught.value
    text = caplog.text + repr(secrets) + "".join(traceback.format_exception(error))
    while error is not None:
        text += f"{error!r}{error}{vars(error)}"
        error = error.__cause__ or error.__context__
    assert CANARY not in text
    assert CANARY.encode() not in b"".join(server.requests)


def test_name_that_is_taken(colour: Colour, secrets: Any, server: RawServer) -> None:
    """There is one of that name already."""
    server.script(reply(body=KEY), reply(409, {"title": "taken"}))
    with pytest.raises(errors.Conflict, match="create_secret"):
        colour(secrets.create("aws", "x"))


def test_key_that_is_none(colour: Colour, secrets: Any, server: RawServer) -> None:
    """Nothing is sealed with a key of another length, and nothing sent."""
    server.script(reply(body=KEY | {"secret": b64encode(b"short").decode()}))
    with pytest.raises(errors.ProtocolError, match="5 bytes, not 32"):
        colour(secrets.create("aws", "x"))
    assert len(server.requests) == 1


def test_without_pynacl(
    colour: Colour, secrets: Any, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named, before anything is sent; what seals nothing works without."""
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "nacl":
            raise ModuleNotFoundError("No module named 'nacl'", name="nacl")
        return real(name, *args, **kwargs)

    for name in [each for each in sys.modules if each.partition(".")[0] == "nacl"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(errors.ConfigurationError, match=r"pip install 'rblx-oauth\[secrets\]'"):
        colour(secrets.create("aws", "x"))
    assert server.requests == []
    server.script(reply(body=SECRET))
    assert colour(secrets.update("aws", domain="*")).id == "aws"
