"""URLs, JSON, headers, bodies and files: the small parts under every call."""

from __future__ import annotations

import gzip
import json
import time
from email.utils import formatdate
from urllib.parse import unquote

import pytest
from hypothesis import given, strategies as st

from rblx_oauth.core import headers, url
from rblx_oauth.core.body import BodyReader
from rblx_oauth.core.clock import aware
from rblx_oauth.core.codec import decoder, encode_value, page_decoder
from rblx_oauth.core.files import CONTENT_TYPES, FORMATS, asset_file
from rblx_oauth.errors import ProtocolError, ResponseTooLarge
from rblx_oauth.models import Asset, DataStoreInfo, Entry
from rblx_oauth.models.base import ResourceId
from rblx_oauth.oauth.token import Token

text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: st.lists(inner) | st.dictionaries(text, inner),
)


@given(text)
def test_segments_come_back_as_they_were(value: str) -> None:
    """Any text is one segment that nobody takes for something else."""
    encoded = url.segment(value)
    assert unquote(encoded, errors="strict") == value
    assert not set(encoded) & set("/?#:@ ")
    assert encoded not in (".", "..")


def test_query_has_no_plus() -> None:
    """Spaces are %20 and plus signs are encoded: some readers take a plus as it is."""
    assert url.query([("a", "b c+d"), ("e&", "=")]) == "?a=b%20c%2Bd&e%26=%3D"


@given(json_values)
def test_json_values_survive(value: object) -> None:
    """What JSON can say is written so that a reader finds the same."""
    assert json.loads(encode_value(value)) == value


class Ratio(float):
    """A float of somebody's own, as numpy has them."""


class Name(str):
    """A str of somebody's own."""


def test_subclasses_are_written_as_what_they_are() -> None:
    """An id out of a model, or a number of another library, goes into a value as it is."""
    assert encode_value([ResourceId(7), Ratio(1.5), Name("a")]) == b'[7,1.5,"a"]'


def _nested(depth: int) -> list[object]:
    value: list[object] = []
    for _ in range(depth):
        value = [value]
    return value


ITSELF: list[object] = []
ITSELF.append(ITSELF)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (Ratio("nan"), "value is nan"),
        ({"a": [ResourceId(2**64)]}, r"value\['a'\]\[0\] is an integer of more than 64 bits"),
        (_nested(10_000), "value is nested too deeply"),
        (ITSELF, "value is nested too deeply"),
    ],
    ids=["nan", "huge", "deep", "itself"],
)
def test_what_json_cannot_say_is_a_value_error(value: object, says: str) -> None:
    """Subclasses are held to the same limits, and no depth gets past them."""
    with pytest.raises(ValueError, match=says):
        encode_value(value)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"id": 5}', r"\$\.id"),
        (b'{"id": "k", "users": ["users/x"]}', r"\$\.users\[0\]"),
        (b'{"id": "k", "createTime": "yesterday"}', r"\$\.createTime"),
        (b'{"id": "k", "createTime": "2024-05-05T12:00:00"}', r"timezone.*\$\.createTime"),
        (b"[]", "Expected `object`"),
        (b"{}", "missing required field `id`"),
    ],
)
def test_wrong_shapes_name_their_path(body: bytes, where: str) -> None:
    """A model says where an answer differs."""
    with pytest.raises(ValueError, match=where):
        decoder(Entry)(body)


@pytest.mark.parametrize(("digits", "micro"), [("", 0), (".5", 500000), (".123456789", 123457)])
def test_times_have_any_precision(digits: str, micro: int) -> None:
    """RFC 3339 with 0 to 9 fractional digits, aware."""
    body = f'{{"id": "k", "createTime": "2024-05-05T12:34:56{digits}Z"}}'
    created = decoder(Entry)(body.encode()).created_at
    assert created is not None
    assert created.microsecond == micro
    assert created.utcoffset() is not None


def test_ids_are_ints_however_they_travel() -> None:
    """Strings and numbers alike."""
    for wire in (b'{"assetId": 7}', b'{"assetId": "7"}'):
        assert decoder(Asset)(wire).id == 7
    value = decoder(Entry)(b'{"id": "7", "value": "7"}')
    assert (value.id, value.value) == ("7", "7")


def test_pages_end_without_a_token() -> None:
    """A missing, null or empty token ends a listing; missing items are none."""
    read = page_decoder(DataStoreInfo, "dataStores")
    for end in (b"{}", b'{"nextPageToken": ""}', b'{"nextPageToken": null}'):
        assert (list(read(end).items), read(end).next_token) == ([], "")
    assert read(b'{"dataStores": [{"id": "a"}], "nextPageToken": "t"}').items[0].id == "a"


@pytest.mark.parametrize(
    ("given_headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": formatdate(1_000_010, usegmt=True)}, 10),
        ({"retry-after": formatdate(999_000, usegmt=True)}, 0),
        ({"x-ratelimit-reset": "12"}, 12),
        ({"retry-after": "soon", "x-ratelimit-reset": "12"}, 12),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "٣"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_both_forms(given_headers: dict[str, str], seconds: float | None) -> None:
    """Seconds or a date; nonsense says nothing; a limit's window only where one was passed."""
    assert headers.retry_after(given_headers, now=1_000_000) == seconds
    given_headers.pop("x-ratelimit-reset", None)
    alone = headers.retry_after(given_headers, now=1_000_000)
    assert (
        headers.retry_after(
            {**given_headers, "x-ratelimit-reset": "5"}, now=1_000_000, limited=False
        )
        == alone
    )


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_dates_of_headers_are_in_utc_wherever_this_runs(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All three forms of a date (RFC 9110 5.6.7), of which one says no zone."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", zone)
        time.tzset()
        for date in (
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ):
            assert headers.retry_after({"retry-after": date}, now=784_111_770) == 7
    time.tzset()


@given(st.binary(max_size=500), st.integers(1, 100), st.booleans())
def test_bodies_are_put_together_from_any_pieces(data: bytes, size: int, packed: bool) -> None:
    """However the pieces fall, plain and gzip bodies come out whole; several members too."""
    wire = gzip.compress(data) + gzip.compress(data) if packed else data
    reader = BodyReader("gzip" if packed else None, source="host")
    for at in range(0, len(wire), size):
        reader.feed(wire[at : at + size])
    assert reader.finish() == (data + data if packed else data)


def test_f09_cap_is_on_decompressed_bytes() -> None:
    """Exactly the cap passes, one byte more does not."""
    for length, passes in ((1000, True), (1001, False)):
        reader = BodyReader("gzip", source="host", cap=1000)
        packed = gzip.compress(b"\0" * length)
        if passes:
            reader.feed(packed)
            assert len(reader.finish()) == 1000
        else:
            with pytest.raises(ResponseTooLarge):
                reader.feed(packed)


def test_f06_cut_gzip_is_noticed() -> None:
    """A compressed body that ends early is an error, even without one byte of it."""
    for cut in (0, 1, -5):
        reader = BodyReader("gzip", source="host")
        if cut:
            reader.feed(gzip.compress(b"x" * 100)[:cut])
        if cut == 0:
            assert reader.finish() == b""
            continue
        with pytest.raises(ProtocolError):
            reader.finish()


@pytest.mark.parametrize("suffix", sorted(CONTENT_TYPES))
def test_every_format_has_its_type(suffix: str) -> None:
    """Each format of Roblox's table is taken for the asset types that list it."""
    kinds = [kind for kind, formats in FORMATS.items() if suffix in formats]
    assert kinds
    for kind in kinds:
        part = asset_file(b"x", asset_type=kind, filename=f"thing{suffix.upper()}")
        assert part.content_type == CONTENT_TYPES[suffix]


@pytest.mark.parametrize(
    ("head", "kind", "content_type"),
    [
        (b"\xff\xd8\xff\xe0", "Decal", "image/jpeg"),
        (b"OggS", "Audio", "audio/ogg"),
        (b"RIFF\0\0\0\0WAVE", "Audio", "audio/wav"),
        (b"<roblox!\x89\xff", "Animation", "model/x-rbxm"),
        (b"glTF\2\0", "Model", "model/gltf-binary"),
        (b"\0\0\0\x20ftypisom", "Video", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "Video", "video/mov"),
        (b"version 4.01\n\x18\0", "Mesh", "model/x-file-mesh-data"),
    ],
)
def test_content_without_a_name_is_known_by_its_head(
    head: bytes, kind: str, content_type: str
) -> None:
    """Formats with a mark of their own need no file name."""
    assert asset_file(head, asset_type=kind).content_type == content_type


@pytest.mark.parametrize("seconds", ["1e300", "-1e300", "NaN", "null"])
def test_a_stored_token_with_an_impossible_time_is_a_value_error(seconds: str) -> None:
    """What `to_json` did not write is refused as such, whatever is wrong with it."""
    made = Token("a", frozenset(), aware(1.0), aware(2.0), "1", "https://i/", "c")
    with pytest.raises(ValueError, match=r"out of range|expires_at|malformed"):
        Token.from_json(
            made.to_json().replace(b'"expires_at":2.0', f'"expires_at":{seconds}'.encode())
        )
