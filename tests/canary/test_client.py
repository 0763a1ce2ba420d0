"""Canaries through every fault of a network and a provider, in the core client, both colours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth.errors import RobloxError
from rblx_oauth.sandbox import Sandbox, SandboxClock
from rblx_oauth.sandbox.faults import KINDS
from tests.canary.canaries import Canaries
from tests.canary.ears import Ears, pickled_of
from tests.sandbox.app import query_of
from tests.sandbox.faulty import Peer
from tests.support.colours import Colour, colour
from tests.tokens.kit import KEY, KitClock

__all__ = ["colour"]

OPTIONS: dict[str, dict[str, object]] = {
    "f01": {"seconds": 60},
    "f04": {"seconds": 60},
    "f05": {"seconds": 60},
    "f08": {"size": 70_000_000},
    "f09": {"size": 70_000_000},
    "f13": {"retry_after": 99},
}
PATIENCE = {"f04": 0.3, "f05": 0.3}
"""Seconds for each exchange under a fault that takes longer; many for the others."""
MANY = 30.0


class Run:
    """One client from login to logout, watched."""

    def __init__(self, cloud: Sandbox, colour: Colour, clock: KitClock, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder
        self.peer = Peer(cloud, colour, clock)
        self.ears, self.canaries = Ears(), Canaries()
        self.shown: list[object] = []
        self.canaries.add(client_secret=cloud.client_secret, api_key=cloud.api_key, token_key=KEY)

    def walk(self, fault: str | None) -> None:
        """Log in, call, refresh and log out, each under the fault and once without."""
        peer = self.peer
        store = peer.store(f"sqlite:///{self.folder}/{fault}.db")
        for broken in (fault, None):
            app, request = self.begin(PATIENCE.get(broken or "", MANY))
            self.canaries.add(
                state=request.state, nonce=request.nonce, verifier=request.code_verifier
            )
            with self.ears.covered():
                callback = self.cloud.consent(request.url)
            self.canaries.add(code=query_of(callback)["code"])
            if broken:
                self.mislead(app, callback, request)
            token = self.attempt(broken, app.exchange, callback, request)
            if token is None:
                continue
            self.keep_token(token)
            grant_id = peer(app.keep(token, store))
            client = peer(app.client(grant_id=grant_id, store=store))
            keyed = peer.client(timeout=app.timeout)
            self.shown += [app, request, token, client, keyed, store, client.universe(3000001)]
            for ask in (app.userinfo, app.resources, app.introspect):
                self.attempt(broken, ask, token)
            self.attempt(broken, keyed.universe(3000001).get)
            self.attempt(broken, client.universe(3000001).publish_message, "news", "hello")
            grant = app.grant(grant_id, store)
            self.shown.append(grant)
            peer.clock.advance(3600)
            self.keep_token(self.attempt(broken, grant.token))
            self.attempt(broken, grant.end)
            self.attempt(broken, app.revoke, token)
            self.shown.append(peer(store.get_grant(grant_id)))

    def begin(self, patience: float) -> tuple[Any, Any]:
        """An app that knows the provider's metadata and keys, and its first request."""
        app = self.peer.new_app(timeout=patience)
        for _ in range(50):  # a busy machine may take longer than this app has patience
            request = self.attempt(None, app.authorization_request, ["openid", "profile"])
            if request is not None and self.attempt(None, app._provider.keys):
                return app, request
        raise AssertionError("the sandbox does not answer")

    def mislead(self, app: Any, callback: str, request: Any) -> None:
        """Callbacks that are not those of the request; none of them uses up the code."""
        for before, after in (
            ("state=", "state=x"),
            ("state=", "stat="),
            ("code=", "code=x&code="),
            ("code=", "error=access_denied&code="),
            ("code=", "iss=https://elsewhere.example&code="),
            ("code=", "nothing=%ff&code="),
            ("code=", "padding=" + "x" * 20_000 + "&code="),
        ):
            assert (
                self.attempt(None, app.exchange, callback.replace(before, after), request) is None
            )

    def attempt(self, fault: str | None, work: Callable[..., Any], *args: Any) -> Any:
        """Do it under the fault; what is raised is heard, and None is the result."""
        standing = self.cloud.fault(fault, **self.told(fault)) if fault else None
        try:
            return self.peer(work(*args))
        except RobloxError as error:
            self.ears.hear_error(error)
            self.shown.append(error)
            return None
        finally:
            if standing is not None:
                standing.clear()

    def told(self, fault: str) -> dict[str, Any]:
        """How a fault is set up so that nobody has to wait long."""
        times = {} if fault == "f01" else {"times": None}
        return times | OPTIONS.get(fault, {})

    def keep_token(self, token: Any) -> None:
        """Its secrets are looked for."""
        if token is not None:
            self.canaries.add(
                access_token=token.access_token,
                refresh_token=token.refresh_token,
                id_token=token.id_token,
            )

    def found(self) -> set[str]:
        """What was found anywhere."""
        oauth = self.cloud.state.oauth
        self.canaries.add_all("access_token", oauth.access)
        self.canaries.add_all("refresh_token", oauth.refresh)
        self.ears.hear(*self.shown)
        pickled = b"".join(map(pickled_of, self.shown))
        files = b"".join(each.read_bytes() for each in self.folder.iterdir())
        asked = " ".join(each.path for each in self.cloud.requests.after(0))
        return (
            self.canaries.found_in("\n".join(self.ears.lines))
            | self.canaries.found_in(pickled)
            | self.canaries.found_in(files)
            | self.canaries.found_in(asked)
        )


@pytest.mark.parametrize("fault", sorted(KINDS))
def test_c48_no_secret_of_the_client_is_seen_under_any_fault(
    colour: Colour, tmp_path: Path, fault: str
) -> None:
    """In no log at DEBUG, error, traceback, repr, pickle, URL or byte of the store's files."""
    clock = KitClock()
    with Sandbox(clock=SandboxClock(clock.now)) as cloud:
        run = Run(cloud, colour, clock, tmp_path)
        with run.ears:
            run.walk(fault)
        assert run.canaries.names() == {
            "access_token",
            "api_key",
            "client_secret",
            "code",
            "id_token",
            "nonce",
            "refresh_token",
            "state",
            "token_key",
            "verifier",
        }
        assert run.found() == set()
