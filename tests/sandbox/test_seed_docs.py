"""The seed file of docs/sandbox.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

from rblx_oauth import Client
from rblx_oauth.sandbox import Sandbox

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sandbox.md"


def test_the_seed_file_of_the_docs_works(tmp_path: Path) -> None:
    """Its people own what it says, its key opens it, its entries and settings are there."""
    example = re.search(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert example
    file = tmp_path / "world.yaml"
    file.write_text(example[1])
    with Sandbox(seed=file) as cloud:
        with Client(api_key="key-of-mia", api_base=cloud.api_base) as client:
            universe = client.universe(77)
            assert universe.get().display_name == "Harbour"
            coins = universe.data_store("coins")
            assert coins.get("player/2").value == {"gold": 5, "level": 2}
            assert coins.get("player/1").value == 250
        assert cloud.settings.token_seconds == 60
        cloud.reset()
        assert {"id": 42, "name": "mia", "display_name": "Mia"} in cloud.users


def test_values_of_entries_stay_as_they_are(tmp_path: Path) -> None:
    """An id inside somebody's value is a number if it was written as one."""
    file = tmp_path / "world.yaml"
    file.write_text("data_stores: {3000001: {a: {global: {k: {id: 5, owner: 7}}}}}")
    with (
        Sandbox(seed=file) as cloud,
        Client(api_key=cloud.api_key, api_base=cloud.api_base) as client,
    ):
        entry = client.universe(3000001).data_store("a").get("k")
        assert entry.value == {"id": 5, "owner": 7}
