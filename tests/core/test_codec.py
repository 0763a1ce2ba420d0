"""JSON in and out: models as they travel."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from rblx_oauth.core.codec import convert, decoder, encode_shape, encode_value, page_decoder
from rblx_oauth.models import (
    Asset,
    DataStoreInfo,
    Duration,
    Entry,
    EventConfig,
    EventMedia,
    GameJoinRestriction,
    Money,
    Operation,
    ResourceId,
    Visibility,
)

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)


def test_models_go_out_as_roblox_names_them() -> None:
    """Wire names, seconds, UTC; what was left out is not sent."""
    restriction = GameJoinRestriction(
        active=True,
        duration=Duration(minutes=1.5),
        start_time=NOON.astimezone(timezone(timedelta(hours=2))),
    )
    assert json.loads(encode_shape(restriction, GameJoinRestriction, what="it")) == {
        "active": True,
        "duration": "90s",
        "startTime": "2026-02-03T12:00:00Z",
    }
    plain = encode_shape({"active": True, "duration": timedelta(1)}, GameJoinRestriction, what="it")
    assert json.loads(plain) == {"active": True, "duration": "86400s"}


def test_money_goes_out_exactly() -> None:
    """In billionths, as Roblox asks; zero is said too."""
    for amount in ("4.35", "0", "-0.000000001"):
        sent = json.loads(encode_shape(Money.of(amount), Money, what="it"))
        quantity = sent.get("quantity", {"significand": 0, "exponent": 0})
        assert Decimal(quantity["significand"]).scaleb(quantity["exponent"]) == Decimal(amount)


@pytest.mark.parametrize(
    ("content", "shape", "says"),
    [
        (5, GameJoinRestriction, r"^it: Expected `object`, got `int`"),
        ({"active": "yes"}, GameJoinRestriction, r"^it: Expected `bool.*\$\.active"),
        ([{"mediaId": "x"}], list[EventMedia], r"^it: Expected `int.*\$\[0\]\.mediaId"),
        ([1, "2"], list[int], r"^it: Expected `int`, got `str` - at `\$\[1\]`"),
        ({"duration": "soon"}, GameJoinRestriction, r"^it: expected a number of seconds"),
        (object(), GameJoinRestriction, r"^it holds a object"),
        ({1: 2}, dict[str, int], r"^it has a key of type int"),
    ],
)
def test_other_shapes_are_type_errors(content: object, shape: Any, says: str) -> None:
    """They say where the first difference is."""
    with pytest.raises(TypeError, match=says):
        encode_shape(content, shape, what="it")


@pytest.mark.parametrize(
    "content",
    [
        GameJoinRestriction(start_time=datetime(2026, 1, 1)),  # noqa: DTZ001 (that is wrong with it)
        GameJoinRestriction(duration=Duration(-1)),
        GameJoinRestriction(private_reason="\ud800"),
        {"active": float("nan")},
    ],
)
def test_what_a_model_cannot_say_is_refused(content: object) -> None:
    """Naive times, negative spans, text that is no Unicode, numbers that are none."""
    with pytest.raises((TypeError, ValueError), match=r"^it"):
        encode_shape(content, GameJoinRestriction, what="it")


def test_nulls_deep_down_count_as_left_out() -> None:
    """Where the model has no None; a value of the caller's own keeps its nulls."""
    body = b'{"id": "k", "value": {"a": null}, "users": null, "etag": null, "attributes": null}'
    entry = decoder(Entry)(body)
    assert (entry.users, entry.etag, entry.attributes) == ([], "", {})
    assert entry.value == {"a": None}
    asset = decoder(Asset)(b'{"assetId": 7, "creationContext": {"creator": {"userId": null}}}')
    assert asset.creator.user_id is None


@pytest.mark.parametrize(
    ("body", "items", "token"),
    [
        (b'[{"id": "a"}]', ["a"], ""),
        (b"[]", [], ""),
        (b'{"data": [{"id": "a"}], "next": "t"}', ["a"], "t"),
        (b'{"data": null, "next": "t", "more": {}}', [], "t"),
        (b'{"next": null}', [], ""),
    ],
)
def test_pages_come_in_every_form(body: bytes, items: list[str], token: str) -> None:
    """An array by itself, or an object that names its items and the next page as it likes."""
    page = page_decoder(DataStoreInfo, "data", "next")(body)
    assert ([each.id for each in page.items], page.next_token) == (items, token)


@pytest.mark.parametrize("body", [b"5", b'"a"', b'{"data": 5}', b'{"data": [5]}', b"null", b""])
def test_what_is_no_page_is_an_error(body: bytes) -> None:
    """Anything else is named as wrong, not taken for an empty page."""
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)):
        page_decoder(DataStoreInfo, "data")(body)


def test_json_that_is_read_already_becomes_a_model() -> None:
    """An operation's response is JSON until somebody says which model it is."""
    operation = decoder(Operation)(
        b'{"path": "x/operations/9", "done": true, "response": {"assetId": "7", "icon": null}}'
    )
    assert operation.id == "9"
    assert convert(operation.response, Asset).id == 7
    with pytest.raises(msgspec.ValidationError):
        convert({"assetId": "seven"}, Asset)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_word_of_an_enum_survives(word: str) -> None:
    """One that is not known is kept as it came, and goes out as it came."""
    kept = msgspec.json.decode(msgspec.json.encode(word), type=Visibility)
    assert kept == word
    assert isinstance(kept, Visibility)
    assert json.loads(encode_value(kept)) == word


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=10**6)))
def test_spans_come_back(span: timedelta) -> None:
    """Written and read again, to the microsecond."""
    written = encode_shape({"duration": span}, GameJoinRestriction, what="it")
    assert decoder(GameJoinRestriction)(written).duration == span


@given(st.datetimes(timezones=st.timezones(), allow_imaginary=False))
def test_moments_come_back(moment: datetime) -> None:
    """From any time zone, to the microsecond; or refused where UTC has no such year."""
    try:
        written = encode_shape({"recurrenceEndTime": moment}, EventConfig, what="it")
    except ValueError:
        assert moment.year in (1, 9999)
        return
    assert decoder(EventConfig)(written).recurrence_end_time == moment.astimezone(UTC)


@given(st.integers(0, 2**63 - 1))
def test_ids_are_read_from_paths_texts_and_numbers(number: int) -> None:
    """All three say the same."""
    for wire in (number, str(number), f"users/{number}"):
        assert convert(wire, ResourceId) == number
