"""The pytest plugin: the fixture ``roblox_sandbox`` and the marker ``roblox_seed``.

::

    @pytest.mark.roblox_seed("seed.yaml")
    @pytest.mark.roblox_seed(users=[{"id": "5", "name": "mia"}])
    def test_something(roblox_sandbox): ...

pytest imports this at each of its starts, so the sandbox is imported when the fixture is first
used. Each process of pytest-xdist has a sandbox of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rblx_oauth.sandbox import Sandbox

__all__ = ["roblox_sandbox", "roblox_sandbox_options"]

_MARKER = "roblox_seed"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(file_or_dict, **sections): add this to what roblox_sandbox holds: "
        "a seed file beside the test, or sections of one",
    )


@pytest.fixture(scope="session")
def roblox_sandbox_options() -> dict[str, object]:
    """What the sandbox of this session is made with; override it to give `Sandbox` arguments."""
    return {}


@pytest.fixture(scope="session")
def _roblox_sandbox_of_session(roblox_sandbox_options: dict[str, object]) -> Iterator[Sandbox]:
    from rblx_oauth.sandbox import Sandbox

    with Sandbox(**roblox_sandbox_options) as cloud:  # type: ignore[arg-type]  # the user's
        yield cloud


@pytest.fixture
def roblox_sandbox(
    request: pytest.FixtureRequest, _roblox_sandbox_of_session: Sandbox
) -> Iterator[Sandbox]:
    """A running sandbox, as new: one server for the session, with a fresh state for each test."""
    cloud = _roblox_sandbox_of_session
    cloud.reset()
    # What a module or class is marked with comes before what the test itself is.
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        try:
            _seed(cloud, request.path.parent, marker)
        except (TypeError, ValueError) as error:
            pytest.fail(f"{_MARKER}: {error}", pytrace=False)
    yield cloud
    cloud.faults.clear()
    cloud.webhooks.stop()


def _seed(cloud: Sandbox, folder: Path, marker: pytest.Mark) -> None:
    for content in marker.args:
        cloud.load(content if isinstance(content, Mapping) else folder / content)
    if marker.kwargs:
        cloud.load(marker.kwargs)
    if not marker.args and not marker.kwargs:
        raise TypeError("give a file, a dict or sections")
