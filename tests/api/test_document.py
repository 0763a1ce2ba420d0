"""The requests of every operation, held against Roblox's OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.formparser import FormDataParser

from rblx_oauth import AsyncClient, Client, errors
from rblx_oauth.catalog import Operation, operations
from rblx_oauth.core.message import Request
from tests.api import examples
from tests.api.document import alone, document, facts, needs_document, told
from tests.support.colours import Colour, colour
from tests.support.server import Answer, ScriptedServer, Seen
from tools.document import overlay

__all__ = ["colour"]

pytestmark = needs_document

_READ_BACK = {
    "$.gameJoinRestriction.startTime: Tried to write read-only",
    "$.gameJoinRestriction.inherited: Tried to write read-only",
}
APART = {
    # A restriction or a translation that was read may be sent back whole.
    "update_user_restriction": _READ_BACK,
    "update_place_user_restriction": _READ_BACK,
    "update_localization_table": {
        "$.entries[0].translations[0].changeAgent.OptionalIdCase: Tried to write read-only"
    },
    # Words are changed without a file.
    "update_asset": {"$: 'fileContent' is a required property"},
    # Fixed when it was made, and yet required of those who change something else.
    "update_place": {"$: 'templatePlace' is a required property"},
    "update_universe": {"$: 'templateRootPlace' is a required property"},
    # The value is JSON, and is not written into a string.
    "set_entry_v1": {"$: {'a': [1, None]} is not of type 'string'"},
    # A cursor, which the document takes for a time.
    "list_entry_versions_v1": {f"$: '{examples.TEXT}' is not a 'date-time'"},
    # Its default is none of its words; nothing of the kind is sent.
    "get_localization_table_entry_count": {
        "$: 1 is not of type 'string'",
        "$: 1 is not one of ['Invalid', 'Legacy', 'Icu']",
    },
    # In a form everything is text. The validator knows only where the document says "style".
    "create_badge": {
        "$.expectedCost: '3' is not of type 'integer'",
        "$.isActive: 'true' is not of type 'boolean'",
        "$.paymentSourceType: '1' is not of type 'integer'",
        "$.paymentSourceType: '1' is not one of [1, 2]",
    },
}
"""What is held against requests without reason, by operation."""

ALWAYS = {
    ("header", name)
    for name in (
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-api-key",
    )
}
"""Headers that every request may have."""


class Redirected:
    """A transport of either colour that sends to a server what is meant for Roblox."""

    def __init__(self, transport: Any, server: str) -> None:
        self._transport = transport
        self._server = server
        self.origin = ""

    def send(self, request: Request, *, timeout: float) -> Any:
        """As the transport it stands before."""
        address = urlsplit(request.url)
        self.origin = f"{address.scheme}://{address.netloc}"
        redirected = request.url.replace(self.origin, self._server, 1)
        return self._transport.send(replace(request, url=redirected), timeout=timeout)


class Arrived:
    """A request as it arrived, as the validator wants it."""

    def __init__(self, seen: Seen, origin: str) -> None:
        address = urlsplit(seen.target)
        query = parse_qsl(address.query, keep_blank_values=True, strict_parsing=bool(address.query))
        self.host_url = origin
        self.path = address.path
        self.method = seen.method.lower()
        self.body = seen.body or None
        self.content_type = seen.headers.get("content-type", "")
        self.parameters = RequestParameters(ImmutableMultiDict(query), Headers(seen.headers))


def form(body: bytes, **options: str) -> ImmutableMultiDict[str, str | bytes]:
    """The parts of a form: fields as text, files as bytes."""
    media = "multipart/form-data"
    parsed = FormDataParser().parse(BytesIO(body), media, len(body), options)
    _, fields, files = parsed
    read = [(name, file.read()) for name, file in files.items(multi=True)]
    return ImmutableMultiDict([*fields.items(multi=True), *read])


CONFIG = Config(
    spec_validator_cls=None,
    additional_properties_default_policy="forbid",
    extra_media_type_deserializers={"multipart/form-data": form},
)


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    """Refuses everything, and remembers it."""
    with ScriptedServer(lambda _: Answer(400)) as made:
        yield made


@pytest.mark.parametrize("operation", operations().values(), ids=operations())
def test_requests_are_as_roblox_documents_them(
    operation: Operation, colour: Colour, server: ScriptedServer
) -> None:
    """With what it needs only, and with all it may be given: on the wire, nothing is amiss."""
    transport: Any = Redirected(colour.transport(), server.url)
    kind = Client if colour.name == "sync" else AsyncClient
    client = kind(api_key="key", transport=transport)
    validator = OpenAPI.from_dict(alone(operation), config=CONFIG)
    found: set[str] = set()
    for everything in (False, True):
        given = examples.arguments(operation, everything=everything)
        with pytest.raises(errors.BadRequest):
            colour(client.send(examples.function(operation)(**given)))
        arrived = Arrived(server.seen[-1], transport.origin)
        for error in validator.iter_request_errors(arrived):
            found.update(told(error))
        found.update(_unheard_of(operation, arrived))
    found.update(_left_out(operation))
    assert found == APART.get(operation.name, set())


def test_nothing_is_set_apart_but_operations() -> None:
    """What the table above names is there."""
    assert APART.keys() <= operations().keys()


def _unheard_of(operation: Operation, arrived: Arrived) -> Iterator[str]:
    """What the document does not know: the validator does not look for it."""
    known = {(each["in"], each["name"].lower()) for each in facts(operation).get("parameters", ())}
    sent = {("query", name.lower()) for name in arrived.parameters.query}
    sent |= {("header", name.lower()) for name in dict(arrived.parameters.header)} - ALWAYS
    yield from (f"{place} {name}: not in the document" for place, name in sent - known)


def _left_out(operation: Operation) -> Iterator[str]:
    """What the document knows and the operation has no parameter for."""
    dropped = overlay("corrections").get(operation.name, {}).get("drop", [])
    ours = {each.wire for each in operation.parameters}
    known = {each["name"] for each in facts(operation).get("parameters", ())}
    for name, member in document().properties(document().body(facts(operation))[1]).items():
        member = document().resolve(member)[1]
        if not (member.get("readOnly") or member.get("x-immutable") or name == "path"):
            known.add(name)
    yield from (f"{name}: has no parameter" for name in known - ours - set(dropped))
