"""A worker process of a site: ``python -m tests.tokens.worker MODE`` with its settings on stdin.

Modes: ``storm`` (many threads ask for the token at once), ``die-before`` and
``die-after`` (killed outright before the refresh is sent, or after the answer
and before it is stored).
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import threading

from rblx_oauth import stores
from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.oauth.token import Token


class DiesBefore(OAuthApp):
    """Killed with the lease held and the intent written, before anything is sent."""

    def submit_refresh(self, token: Token) -> Token:
        """Never returns."""
        os.kill(os.getpid(), signal.SIGKILL)
        return token


class DiesAfter(OAuthApp):
    """Killed with Roblox's answer in hand."""

    def submit_refresh(self, token: Token) -> Token:
        """Never returns."""
        super().submit_refresh(token)
        os.kill(os.getpid(), signal.SIGKILL)
        return token


APPS = {"storm": OAuthApp, "die-before": DiesBefore, "die-after": DiesAfter}


def main() -> None:
    """Say when ready, wait for the word, ask for the token, tell what came."""
    settings = json.loads(sys.stdin.readline())
    app = APPS[sys.argv[1]](
        settings["client_id"],
        settings["client_secret"],
        issuer=settings["issuer"],
        api_base=settings["api_base"],
    )
    store = stores.open(settings["url"], keys=[settings["key"]])
    seen: list[str] = []
    start = threading.Barrier(settings["threads"] + 1)

    def ask() -> None:
        grant = app.grant(settings["grant_id"], store)
        start.wait()
        try:
            token = grant.token()
            seen.append(hashlib.sha256(token.access_token.encode()).hexdigest())
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            seen.append(repr(error))

    threads = [threading.Thread(target=ask) for _ in range(settings["threads"])]
    for thread in threads:
        thread.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    start.wait()
    for thread in threads:
        thread.join()
    sys.stdout.write(json.dumps(seen) + "\n")


if __name__ == "__main__":
    main()
