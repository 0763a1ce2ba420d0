"""Stores that cannot be opened."""

from __future__ import annotations

import pytest

from rblx_oauth import aio_stores, stores
from rblx_oauth.errors import ConfigurationError
from tests.tokens.kit import KEY


def refusal(url: str, hint: str) -> None:
    """Opening it fails in both colours, for a reason that names no password."""
    for opener in (stores.open, aio_stores.open):
        with pytest.raises(ConfigurationError, match=hint) as caught:
            opener(url, keys=[KEY])
        assert "hunter" not in str(caught.value)
