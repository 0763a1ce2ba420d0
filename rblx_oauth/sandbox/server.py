"""A running sandbox: the application on a web server of its own, and handles for Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from msgspec import UNSET, UnsetType

from rblx_oauth.sandbox import summary
from rblx_oauth.sandbox.behaviour.secrets import SecretShelf
from rblx_oauth.sandbox.clock import SandboxClock
from rblx_oauth.sandbox.faults import Fault, Faults
from rblx_oauth.sandbox.files import FileError, put_into, read_into
from rblx_oauth.sandbox.guard import LOOPBACK
from rblx_oauth.sandbox.logins import Logins
from rblx_oauth.sandbox.luau import Luau
from rblx_oauth.sandbox.messages import Message
from rblx_oauth.sandbox.recorder import Record, Recorder
from rblx_oauth.sandbox.seed import (
    CONFIDENTIAL_CLIENT,
    DEVELOPER_KEY,
    PUBLIC_CLIENT,
    seed as fill_with_defaults,
)
from rblx_oauth.sandbox.settings import Settings
from rblx_oauth.sandbox.state import State
from rblx_oauth.sandbox.webhooks import Webhooks

__all__ = ["Sandbox"]


class Sandbox(Logins):
    """A local Open Cloud on a port of 127.0.0.1.

    Use it as a context manager, or call `start` and `stop`. It may be started again after a stop,
    with the same state at the same address, as a provider that was down for a while.

    Args:
        port: The port; 0 takes a free one at the first start.
        host: ``127.0.0.1`` or ``localhost``; a sandbox has no secrets worth the name, so nobody
            else may reach it.
        clock: The clock of tokens, operations and windows; the machine's unless given.
        settings: Switches that differ from the defaults.
        seed: A file (YAML or JSON) whose content is added to what every sandbox holds.
        state: A file that holds everything: read at the start if it is there, written at
            the stop.
        app_name: What the login and consent pages call the confidential app.

    Raises:
        ValueError: `host` is not loopback.
        FileError: `seed` or `state` is not as it should be; the line is named.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = LOOPBACK,
        clock: SandboxClock | None = None,
        settings: Settings | None = None,
        seed: str | os.PathLike[str] | None = None,
        state: str | os.PathLike[str] | None = None,
        app_name: str = CONFIDENTIAL_CLIENT.name,
    ) -> None:
        if host not in (LOOPBACK, "localhost"):
            raise ValueError(
                f"the sandbox listens on {LOOPBACK} only, because anyone who reaches it may do "
                "anything in it; use an SSH tunnel to reach it from elsewhere"
            )
        content = State(partial(_fill, seed, app_name), clock=clock, settings=settings)
        file = None if state is None else Path(state)
        if file is not None:
            _begin_with(content, file)
        super().__init__(content, port, file)

    # --- what is in it

    @property
    def client_id(self) -> str:
        """The seeded confidential client."""
        return CONFIDENTIAL_CLIENT.client_id

    @property
    def client_secret(self) -> str:
        """Its secret."""
        return CONFIDENTIAL_CLIENT.secret

    @property
    def public_client_id(self) -> str:
        """The seeded public client, which has no secret."""
        return PUBLIC_CLIENT.client_id

    @property
    def redirect_uris(self) -> list[str]:
        """The registered redirect URIs; any loopback URI is accepted besides."""
        return list(CONFIDENTIAL_CLIENT.redirect_uris)

    @property
    def api_key(self) -> str:
        """The API key of the first user, good for what that user and their groups own."""
        return DEVELOPER_KEY.secret

    @property
    def users(self) -> list[summary.Person]:
        """The users: id, name and display_name."""
        return summary.users(self.state)

    @property
    def universes(self) -> list[summary.Owned]:
        """The universes: id, name and owner (``users/1`` or ``groups/2``)."""
        return summary.universes(self.state)

    @property
    def groups(self) -> list[summary.Owned]:
        """The groups: id, name and owner."""
        return summary.groups(self.state)

    @property
    def clock(self) -> SandboxClock:
        """The clock, to move forward."""
        return self.state.clock

    @property
    def settings(self) -> Settings:
        """The switches."""
        return self.state.settings

    @property
    def requests(self) -> Recorder:
        """The requests answered so far, oldest first."""
        return self.state.requests

    @property
    def webhooks(self) -> Webhooks:
        """Who is told of events, and what was sent: `Webhooks.add`, `send`, `erase`."""
        return self.state.webhooks

    @property
    def faults(self) -> Faults:
        """The faults that are injected now; `fault` adds one."""
        return self.state.faults

    @property
    def messages(self) -> list[Message]:
        """The messages published so far, oldest first."""
        return list(self.state.messages)

    @property
    def luau(self) -> Luau:
        """What becomes of scripts: `Luau.on` says it."""
        return Luau(self.state)

    def secret(self, universe: int | str, name: str) -> bytes:
        """What a secret of a universe holds, which Open Cloud never tells.

        Raises:
            KeyError: There is no such secret.
        """
        return self.state.shelves.of(SecretShelf).secrets.get(str(universe), {})[name].value

    def info(self) -> dict[str, object]:
        """What ``--json`` prints: where it is and how to get in."""
        return {
            "issuer": self.issuer,
            "api_base": self.api_base,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "public_client_id": self.public_client_id,
            "redirect_uris": self.redirect_uris,
            "api_key": self.api_key,
            "users": self.users,
            "universes": self.universes,
            "groups": self.groups,
        }

    # --- what tests do with it

    def count(
        self,
        path_suffix: str = "",
        *,
        operation: str = "",
        grant_type: str = "",
        status: int | None = None,
        fault: str = "",
    ) -> int:
        """How many recorded requests fit everything given, e.g. ``grant_type="refresh_token"``."""
        found: list[Record] = self.requests.matching(
            path_suffix, operation=operation, grant_type=grant_type, status=status, fault=fault
        )
        return len(found)

    def fault(
        self,
        name: str,
        /,
        *,
        times: int | UnsetType | None = UNSET,
        operation: str = "",
        share: float = 1.0,
        seed: int = 0,
        **options: object,
    ) -> Fault:
        """Inject a fault by its name, until it is used up or cleared.

        ::

            with cloud.fault("f13", times=2, operation="get_universe", retry_after=3):
                ...

        Args:
            name: ``f01`` to ``f20``.
            times: How many requests it strikes; ``None``: until it is cleared. Each fault has a
                default of its own, mostly once.
            operation: The operation (``get_universe``) or OAuth endpoint (``v1/token``) that
                it strikes; every request unless given.
            share: How much of the requests that it could strike: 0.1 is one in ten.
            seed: What the choice of them begins with, so that it can be repeated.
            options: The fault's own; ``docs/sandbox.md`` has a table.

        Returns:
            The fault; as a context manager it is cleared at the end of the block.

        Raises:
            ValueError: There is no such fault, operation or option.
        """
        return self.faults.add(
            name, times=times, operation=operation, share=share, seed=seed, **options
        )

    def load(self, content: str | os.PathLike[str] | Mapping[str, object]) -> None:
        """Add to what is there: a seed file, or the same as a dict; all of it, or nothing.

        Raises:
            FileError: The file is not as it should be; the line is named.
            ValueError: The dict is not; the place in it is named.
        """
        if isinstance(content, Mapping):
            put_into(self.state, content)
        else:
            read_into(self.state, content)

    def reset(self) -> None:
        """Back to the seeded state; tokens given out before are unknown afterwards."""
        self.state.reset()


def _begin_with(content: State, file: Path) -> None:
    """What was saved, if anything was; else make sure that something can be."""
    if file.exists():
        read_into(content, file, alone=True)
    elif not file.parent.is_dir():
        raise FileError(f"{file.name}: cannot be written: there is no folder {file.parent}")


def _fill(seed: str | os.PathLike[str] | None, app_name: str, state: State) -> None:
    """What a sandbox begins with."""
    fill_with_defaults(state, app_name=app_name)
    if seed is not None:
        read_into(state, seed)
