"""Answers as Open Cloud gives them."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl

from tests.support.raw_server import http


def reply(status: int = 200, body: object = None, **headers: str) -> bytes:
    """A JSON answer."""
    return http(
        status,
        json.dumps({} if body is None else body).encode(),
        content_type="application/json",
        **headers,
    )


def entry(key: str = "k", value: object = 1, etag: str = "e1", **more: object) -> bytes:
    """A data store entry."""
    return reply(body={"id": key, "value": value, "etag": etag, "revisionId": "r1", **more})


def page(*keys: str, after: str = "") -> bytes:
    """A page of keys."""
    return reply(
        body={"dataStoreEntries": [{"id": key, "path": f"p/{key}"} for key in keys]}
        | ({"nextPageToken": after} if after else {})
    )


def sent_json(request: bytes) -> object:
    """The JSON body of a request."""
    return json.loads(request.partition(b"\r\n\r\n")[2])


def asked(line: str) -> tuple[str, dict[str, str]]:
    """Of a request line: method and path, and the query, decoded."""
    target, _, query = line.partition("?")
    return target, dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))


def sent_form(request: bytes) -> list[tuple[str, str, bytes]]:
    """The parts of a form in a request: name, media type where it has one, content."""
    form = message_from_bytes(request.partition(b"\r\n")[2])
    return [_part(part) for part in form.get_payload() if isinstance(part, Message)]


def _part(part: Message) -> tuple[str, str, bytes]:
    content = part.get_payload(decode=True)
    name = part.get_param("name", header="content-disposition")
    assert isinstance(content, bytes)
    return str(name), part.get_content_type() if "content-type" in part else "", content
