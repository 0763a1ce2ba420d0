"""Values of data stores in state files: what was sent comes back as it was written."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, cast

import pytest

from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.saved import save_and_load
from tests.sandbox.test_data_stores_v1 import ENTRY, UNIVERSE, VERSIONS, at

WRITTEN = ['{ "a": 1 }', "1.0", "1e2", '{"a":1,"a":2}', '"\\u00e9"', "[1, 2]", "[1,2]", "true"]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_value_is_saved_and_loaded_to_the_letter(app: App, text: str) -> None:
    """Body, checksum and length are those of what was sent, also of an older version."""
    made = app.call("POST", ENTRY, params=at(), data=text).json()
    app.call("POST", ENTRY, params=at(), data="0")
    save_and_load(app.cloud)
    old = {"versionId": made["version"]}
    read = app.call("GET", f"{VERSIONS}/version", params=at() | old)
    assert read.text == text
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    assert read.headers["content-md5"] == base64.b64encode(digest).decode()
    listed = app.call("GET", VERSIONS, params=at(sortOrder="Ascending")).json()["versions"]
    assert listed[0]["contentLength"] == made["contentLength"] == len(text)


@pytest.mark.parametrize("text", ["[1, 2]", "2.0", "no JSON"])
def test_a_value_that_was_edited_in_a_file_is_what_counts(app: App, text: str) -> None:
    """The letters kept beside it are only believed while they say the same."""
    app.call("POST", ENTRY, params=at(), data="[1,  2]")
    content = cast("dict[str, Any]", dump(app.cloud.state))
    (saved,) = content["data_store_revisions"][str(UNIVERSE)]["things"]["entries"]
    assert saved["revisions"][0]["text"] == "[1,  2]"
    saved["revisions"][0] |= {"value": 2, "text": text}
    load(app.cloud.state, content, alone=True)
    assert app.call("GET", ENTRY, params=at()).text == "2"
