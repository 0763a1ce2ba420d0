"""Journals against a plain list, and the CEL of filters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from rblx_oauth.sandbox.cel import read_filter
from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.refusals import Refusal

LINES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers()))


@settings(max_examples=100, deadline=None)
@given(
    LINES,
    LINES,
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "x"]),
    st.integers(1, 5),
    st.booleans(),
)
def test_pages_of_a_journal_are_the_list_that_fits(
    before: list[tuple[str, str, int]],
    later: list[tuple[str, str, int]],
    first: str,
    second: str,
    size: int,
    newest_first: bool,
) -> None:
    """Forwards and back again, whatever was in it and whatever was added."""
    kept = list(before)
    journal = Journal(kept, lambda line: line[:2])
    for line in later:
        journal.add(line)
    wanted = [line for line in before + later if first in ("", line[0]) and second in ("", line[1])]
    wanted = wanted[::-1] if newest_first else wanted

    pages = []
    begin: int | None = None
    while True:
        page = journal.page((first, second), begin, size, newest_first=newest_first)
        pages.append(page)
        begin = page.following
        if begin is None:
            break
    assert [line for page in pages for line in page.found] == wanted
    assert pages[0].preceding is None
    assert kept == before + later
    for earlier, page in pairwise(pages):
        assert len(earlier.found) == size
        back = journal.page((first, second), page.preceding, size, newest_first=newest_first)
        assert back.found == earlier.found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("  ", {}),
        ("a == 'x/1'", {"a": ("x/1",)}),
        ('a=="x/1"', {"a": ("x/1",)}),
        ("a==0123-ab", {"a": ("0123-ab",)}),
        ("a == ''", {"a": ("",)}),
        ("\"a == 'x'\" && \"b == 'y'\"", {"a": ("x",), "b": ("y",)}),
        ("\"a == 'x' && b == 'y'\"", {"a": ("x",), "b": ("y",)}),
        ("b in ['x','y' , \"z\"]", {"b": ("x", "y", "z")}),
    ],
)
def test_filters_that_are_understood(text: str, found: dict[str, tuple[str, ...]]) -> None:
    """With quotes of either kind, or none, or around all of it."""
    assert read_filter(text, {"a": "==", "b": "== in"}) == found


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a == ",
        "== 'x'",
        "a != 'x'",
        "a in ['x']",
        "c == 'x'",
        "a == 'x' && a == 'y'",
        "a == 'x' &&",
        "a == 'x' || b == 'y'",
        "a == 'it's'",
        "b in 'x'",
    ],
)
def test_filters_that_are_not(text: str) -> None:
    """400, which names the fields that there are."""
    with pytest.raises(Refusal, match=r"it knows a \(==\), b \(== in\)") as caught:
        read_filter(text, {"a": "==", "b": "== in"})
    assert caught.value.status == 400
