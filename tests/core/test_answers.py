"""Error bodies: eight shapes, and what is none of them."""

from __future__ import annotations

import json

import pytest

from rblx_oauth.core.answers import Refusal, read_refusal
from rblx_oauth.core.message import Response

SHAPES = {
    "gateway": (
        {"errors": [{"code": 0, "message": "Invalid API Key"}]},
        Refusal("0", "Invalid API Key"),
    ),
    "v2": (
        {"code": "NOT_FOUND", "message": "no entry", "details": [{"a": 1}]},
        Refusal("NOT_FOUND", "no entry", [{"a": 1}]),
    ),
    "v1": (
        {
            "error": "INVALID_ARGUMENT",
            "message": "Invalid name",
            "errorDetails": [{"errorDetailType": "T", "datastoreErrorCode": "C"}],
        },
        Refusal(
            "INVALID_ARGUMENT",
            "Invalid name",
            [{"errorDetailType": "T", "datastoreErrorCode": "C"}],
        ),
    ),
    "validation": (
        {"errors": {"topic": ["Too long."]}, "title": "Invalid.", "status": 400, "type": "t"},
        Refusal("INVALID_ARGUMENT", "Invalid. (topic)", {"topic": ["Too long."]}),
    ),
    "oauth": (
        {"error": "invalid_token", "error_description": "expired"},
        Refusal("invalid_token", "expired"),
    ),
    "analytics": (
        {"path": None, "done": True, "error": {"code": 2001, "message": "No such metric."}},
        Refusal("2001", "No such metric."),
    ),
    "products": (
        {"errorCode": "InvalidPrice", "errorMessage": "Too low.", "field": "price", "hint": None},
        Refusal("InvalidPrice", "Too low.", {"field": "price"}),
    ),
    "problem": (
        {"type": "t", "title": "Bad Request", "status": 400, "detail": "Unknown field."},
        Refusal("Bad Request", "Unknown field."),
    ),
}


def answer(body: bytes, content_type: str = "application/json") -> Response:
    """An answer of 400."""
    return Response(400, {"content-type": content_type}, body)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_read(shape: str) -> None:
    """Code, message and details come out of each shape."""
    body, expected = SHAPES[shape]
    assert read_refusal(answer(json.dumps(body).encode())) == expected
    problem = answer(json.dumps(body).encode(), "application/problem+json; charset=utf-8")
    assert read_refusal(problem) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad Gateway</html>",
        b"[1]",
        b'"text"',
        b"null",
        b'{"errors": []}',
        b'{"errors": ["x"]}',
        b'{"errors": null}',
        b'{"code": {"a": 1}, "message": [1]}',
        b'{"code": true}',
        b'{"error": {}}',
        b'{"errorCode": {}}',
        b'{"detail": []}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_anything_else_says_nothing(body: bytes) -> None:
    """Whatever a proxy or a bug answers is neither quoted nor a crash."""
    assert read_refusal(answer(body)) == Refusal()
    assert read_refusal(answer(body, "text/html")) == Refusal()


def test_words_are_fit_for_a_log() -> None:
    """Line breaks become spaces, and an endless message ends."""
    said = json.dumps({"code": "X", "message": "a\r\nFAKE LOG LINE\x1b[31m" + "x" * 9999})
    message = read_refusal(answer(said.encode())).message
    assert message.startswith("a  FAKE LOG LINE [31m")
    assert len(message) == 500
