"""Whatever a site is configured with: it starts, or one error lists what is wrong."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from flask_ext import RobloxOAuth
from flask_ext.config import Settings
from rblx_oauth.errors import ConfigurationError, StoreUnavailable
from tests.flask_ext.test_config import GOOD, app_with
from tests.support.anything import ANYTHING, any_json, any_text

NAMES = [
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    # Every setting that is documented, but for the store: that has a test of its own.
    *sorted(set(re.findall(r"ROBLOX_[A-Z_]+", Settings.__doc__ or "")) - {"ROBLOX_STORE_URL"}),
]
SECRET = "canary"
KEPT_SECRET = {
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "ROBLOX_CLIENT_SECRET",
    "ROBLOX_API_KEY",
    "ROBLOX_TOKEN_KEYS",
    "ROBLOX_WEBHOOK_SECRET",
}

texts = any_text | st.sampled_from(
    ["http://", "https://[::1", "https://a:b@c/roblox/callback", "//x", "https://x:99999999/", "/",
     "1e999", "nan", "-inf", "0", "true", " ", "\x00", "\r\nSet-Cookie: a=b", "openid\x00", "💎"]
)  # fmt: skip
values: st.SearchStrategy[Any] = st.one_of(
    texts,
    st.binary(max_size=40),
    any_json,
    st.lists(texts | st.binary(max_size=40) | st.integers(), max_size=3),
    st.timedeltas(timedelta(-5), timedelta(5)),
    st.sampled_from([object(), Fraction(1, 3), PurePosixPath("x"), {1, "a"}, int, float("nan")]),
)


def start(**changes: Any) -> str:
    """What is said when a site with these settings starts; nothing when it does."""
    try:
        RobloxOAuth(app_with(**changes))
    except (ConfigurationError, StoreUnavailable) as error:
        return f"{error} {error!r} {error.__cause__} {error.__context__}"
    return ""


@ANYTHING
@given(st.dictionaries(st.sampled_from(NAMES), values, min_size=1, max_size=3))
@example({"ROBLOX_SESSION_IDLE": timedelta.max})
@example({"ROBLOX_SESSION_LIFETIME": 10**400})
@example({"SECRET_KEY": "\ud800"})
def test_any_settings_start_or_are_listed(changes: dict[str, Any]) -> None:
    """No other exception comes out, every wrong setting is named, and no secret is repeated."""
    for name, value in changes.items():
        if name in KEPT_SECRET and isinstance(value, str):
            changes[name] = SECRET + value
    said = start(**changes)
    assert not said or any(name in said for name in changes)
    assert SECRET not in said


# A path is no secret, and is told: so the canary is a password only.
paths = texts.filter(lambda text: SECRET not in text)
STORES = st.one_of(
    paths,
    st.tuples(
        st.sampled_from(["sqlite", "memory", "mysql", "nonsense", "SQLITE", ""]),
        st.sampled_from([":", ":/", "://", ":///", ":////"]),
        st.sampled_from(["", "u:canary@", "canary@", ":canary@", "@@"]),
        paths,
    )
    .filter(lambda parts: "///" not in parts[1] or SECRET not in parts[2])
    .map("".join),
)


@ANYTHING
@given(url=STORES)
@example(url="postgresql://u:canary@[::1/db")
@example(url="redis://:canary@127.0.0.1:port/0")
def test_any_store_url_opens_or_is_one_clear_error(
    url: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Malformed, of an unknown kind, with a password: it is never repeated."""
    folder = tmp_path_factory.mktemp("store")
    with monkeypatch.context() as patched:
        patched.chdir(folder)  # where a relative SQLite path would land
        assert SECRET not in start(ROBLOX_STORE_URL=url.replace("////", "///"))


@ANYTHING
@given(
    variables=st.dictionaries(
        st.sampled_from(NAMES[2:]), texts.filter(lambda text: "\x00" not in text)
    )
)
def test_any_environment_starts_or_is_listed(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables of the environment are read as carefully as ``app.config``."""
    with monkeypatch.context() as patched:
        for name, value in variables.items():
            patched.setitem(os.environb, name.encode(), value.encode("utf-8", "surrogatepass"))
        said = start(**dict.fromkeys(GOOD.keys() & variables))
        assert not said or any(name in said for name in variables)
