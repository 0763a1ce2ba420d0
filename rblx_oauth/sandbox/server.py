"""A running sandbox: the application on a web server of its own, and handles for Python."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from flask import Flask
from msgspec import UNSET, UnsetType

from rblx_oauth.sandbox import summary
from rblx_oauth.sandbox.app import create_app
from rblx_oauth.sandbox.behaviour.secrets import SecretShelf
from rblx_oauth.sandbox.clock import SandboxClock
from rblx_oauth.sandbox.faults import Fault, Faults
from rblx_oauth.sandbox.faults.web import WebServer
from rblx_oauth.sandbox.files import read_into, write_from
from rblx_oauth.sandbox.guard import LOOPBACK
from rblx_oauth.sandbox.luau import Luau
from rblx_oauth.sandbox.messages import Message
from rblx_oauth.sandbox.recorder import Record, Recorder
from rblx_oauth.sandbox.seed import CONFIDENTIAL_CLIENT, DEVELOPER_KEY, PUBLIC_CLIENT
from rblx_oauth.sandbox.seed import seed as fill_with_defaults
from rblx_oauth.sandbox.settings import Settings
from rblx_oauth.sandbox.state import State

__all__ = ["Sandbox"]

_THREADS = 16
_BACKLOG = 128
_KEPT_ALIVE = 512
_IDLE_SECONDS = 75
_TICK_SECONDS = 0.05  # also how long stopping takes


class Sandbox:
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
        self.state = State(partial(_fill, seed, app_name), clock=clock, settings=settings)
        self._state_file = None if state is None else Path(state)
        if self._state_file is not None and self._state_file.exists():
            read_into(self.state, self._state_file, alone=True)
        self._wanted_port = port
        self._app: Flask | None = None
        self._web: WebServer | None = None
        self._thread: threading.Thread | None = None

    # --- running

    def start(self) -> Self:
        """Begin to answer, in threads of its own.

        Raises:
            OSError: The port is taken.
            RuntimeError: It is running already.
        """
        if self._web is not None:
            raise RuntimeError("the sandbox is running already")
        web = WebServer(
            (LOOPBACK, self._wanted_port),
            None,
            numthreads=_THREADS,
            request_queue_size=_BACKLOG,
            timeout=_IDLE_SECONDS,
            shutdown_timeout=1,
        )
        web.keep_alive_conn_limit = _KEPT_ALIVE
        web.expiration_interval = _TICK_SECONDS
        bound: Future[None] = Future()
        # The server's own threads are children of this one and, like it, do not keep a program
        # alive that forgets to stop the sandbox.
        thread = threading.Thread(
            target=self._serve, args=(web, bound), name="sandbox", daemon=True
        )
        thread.start()
        bound.result()
        self._web, self._thread = web, thread
        self.state.faults.door = web
        return self

    def _serve(self, web: WebServer, bound: Future[None]) -> None:
        try:
            web.prepare()
            if os.name == "posix":
                # So that a restart need not wait for connections of the last run to be forgotten.
                web.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._wanted_port = web.bind_addr[1]
            self._app = self._app or create_app(self.state, self.api_base)
            web.wsgi_app = self._app
        except Exception as error:  # noqa: BLE001  # raised again in the thread that called start
            bound.set_exception(error)
            return
        bound.set_result(None)
        web.serve()

    def stop(self) -> None:
        """Answer no more and free the port. Stopping twice does nothing."""
        if self._web is not None and self._thread is not None:
            self.state.faults.interrupt()
            self._web.stop()
            self._thread.join()
            if self._state_file is not None:
                write_from(self.state, self._state_file)
        self._web = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port.

        Raises:
            RuntimeError: It was to be a free one and the sandbox has not been started yet.
        """
        if not self._wanted_port:
            raise RuntimeError("the sandbox takes a free port when it starts; start it first")
        return self._wanted_port

    @property
    def api_base(self) -> str:
        """Where Open Cloud's paths begin, without a trailing slash."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def issuer(self) -> str:
        """The issuer, with its trailing slash."""
        return f"{self.api_base}/oauth/"

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

    def rotate_keys(self, *, keep_old: bool = True) -> str:
        """Sign with a new key from now on, the key before it still listed unless told.

        Returns:
            The new key's id.
        """
        return self.state.keys.rotate(keep_old=keep_old)

    def reset(self) -> None:
        """Back to the seeded state; tokens given out before are unknown afterwards."""
        self.state.reset()

    def revoke_grants(self, user: int | str, client_id: str = "") -> int:
        """The person removes the app (or all apps) in their Roblox settings.

        Returns:
            How many grants ended.
        """
        with self.state.lock:
            return self.state.oauth.end_by_person(str(user), client_id)

    def consent(
        self,
        authorization_url: str,
        *,
        user: int | str | None = None,
        universes: Iterable[int | str] | None = None,
        groups: Iterable[int | str] | None = None,
        creator: bool = True,
        deny: bool = False,
    ) -> str:
        """Log in and answer the consent page over HTTP, as a person with a new browser would.

        The page is asked for (``prompt=consent``) even if the person agreed before, unless the URL
        has a prompt of its own, so that what is chosen here is what the app gets.

        Args:
            authorization_url: Where the app sends the person.
            user: Who logs in, by id; the first user unless given.
            universes: The ids to let the app into; all that the page offers unless given.
            groups: The ids of groups to let the app act for; all on offer unless given.
            creator: Whether to let the app act for the account itself.
            deny: Choose Cancel.

        Returns:
            The URL that the person would be sent back to; it is not opened.

        Raises:
            rblx_oauth.sandbox.browser.PageError: The sandbox showed an error page instead.
        """
        # Here, because `requests` takes a tenth of the start-up that a bare server does not need.
        from rblx_oauth.sandbox import browser

        return browser.consent(
            authorization_url,
            user=str(user or self.users[0]["id"]),
            universes=None if universes is None else {str(each) for each in universes},
            groups=None if groups is None else {str(each) for each in groups},
            creator=creator,
            deny=deny,
        )


def _fill(seed: str | os.PathLike[str] | None, app_name: str, state: State) -> None:
    """What a sandbox begins with."""
    fill_with_defaults(state, app_name=app_name)
    if seed is not None:
        read_into(state, seed)
