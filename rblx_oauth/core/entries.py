"""Reading entries of data stores as less than they are."""

from __future__ import annotations

import msgspec

from rblx_oauth.core.codec import Page, page_decoder


class _Key(msgspec.Struct):
    id: str


_read_keys = page_decoder(_Key, "dataStoreEntries")


def key_page(body: bytes) -> Page[str]:
    """A page of entries as their keys: an `Entry` of each would be made to be thrown away."""
    page = _read_keys(body)
    return Page([each.id for each in page.items], page.next_token)
