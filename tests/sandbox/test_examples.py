"""Answers made from types, for what has no behaviour."""

from __future__ import annotations

import msgspec
import pytest

from rblx_oauth.catalog import operations
from rblx_oauth.core import polling
from rblx_oauth.core.codec import decoder
from rblx_oauth.core.experiments import outcome
from rblx_oauth.models import AssetOperation, ExperimentOperationStatus
from rblx_oauth.sandbox.examples import example


@pytest.mark.parametrize(
    ("name", "kind", "read"),
    [
        ("get_asset_operation", AssetOperation, polling.outcome),
        ("get_experiment_operation", ExperimentOperationStatus, outcome),
    ],
)
def test_what_is_waited_for_is_over(name: str, kind: type, read: object) -> None:
    """An operation is done, and well: nobody who waits for its end waits for ever."""
    made = example(operations()[name], {"operation_id": "op-1"})
    assert callable(read)
    assert read(decoder(kind)(msgspec.json.encode(made))) is not None
