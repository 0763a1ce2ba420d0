"""Experiments as a person plans them, in the client's words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rblx_oauth import Client, models
from rblx_oauth.sandbox import Sandbox

LANTERN = 3000001
HOME = f"/creator-configs-public-api/v1/experimentation/universes/{LANTERN}"
DAY = 86_400
RETENTION = "UNIVERSE_EXPERIMENT_METRIC_DAY_1_RETENTION"


def variant(label: str, *, baseline: bool = False, key: str = "bossHealth", **value: Any) -> Any:
    """One way that a config may be."""
    return models.SingleConfigExperimentVariant(
        variant_meta=models.VariantMeta(label=label, is_baseline=baseline, weight=50),
        config_entry=models.ExperimentConfigEntry(key=key, **value),
    )


def plan(name: str = "Boss", key: str = "bossHealth", **changes: Any) -> dict[str, Any]:
    """A good experiment, as the client takes it."""
    return {
        "name": name,
        "variants": [
            variant("Control", baseline=True, key=key),
            variant("Weak", key=key, entry_value=300),
        ],
        "goal": RETENTION,
        "duration": timedelta(days=14),
        "exposure_percent": 40,
    } | changes


@pytest.fixture
def experiments(client: Client, cloud: Sandbox) -> Any:
    """Those of the first universe; what is begun is done at once, without limits."""
    cloud.settings.rate_limits = False
    cloud.settings.operation_seconds = 0
    return client.universe(LANTERN).experiments


def made(experiments: Any, name: str = "Boss", **changes: Any) -> str:
    """A draft; its id."""
    found: str = experiments.create(**plan(name, **changes)).result().id
    return found
