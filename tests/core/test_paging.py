"""Walks through listings that would never end."""

from __future__ import annotations

import pytest

from rblx_oauth.catalog import operation
from rblx_oauth.core.paging import MOST_EMPTY, Walk
from rblx_oauth.errors import ProtocolError


def walk() -> Walk:
    """The beginning of one, without a limit."""
    listing = operation("list_data_store_entries")
    return Walk(listing, limit=None, page_size=None, most=None)


def test_empty_pages_without_end_are_an_error() -> None:
    """Each names another, and none holds anything: very many are gone past, not all there are."""
    walked = walk()
    for number in range(MOST_EMPTY):
        assert walked.turn(0, f"page {number}") == 0
    assert walked.wants_more()
    with pytest.raises(ProtocolError, match="list_data_store_entries: 10,000 pages in a row"):
        walked.turn(0, "another")


def test_one_item_makes_up_for_many_empty_pages() -> None:
    """Only those in a row count."""
    walked = walk()
    for number in range(3 * MOST_EMPTY):
        walked.turn(number % MOST_EMPTY == 0, f"page {number}")
    assert walked.wants_more()


def test_a_page_that_follows_itself_is_an_error() -> None:
    """The listing is named, for it may have been walked on the side."""
    walked = walk()
    walked.turn(2, "again")
    with pytest.raises(ProtocolError, match=r"list_data_store_entries: a page .* names itself"):
        walked.turn(2, "again")
