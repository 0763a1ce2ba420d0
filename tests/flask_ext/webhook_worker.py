"""A worker process of a site: ``python -m tests.flask_ext.webhook_worker MODE``.

It takes one notification from its stdin. Modes: ``handle``, and ``die`` (killed outright in the
middle of it).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from flask import Flask

from flask_ext import RobloxOAuth
from rblx_oauth.webhooks import Notification
from tests.flask_ext.notices import SECRET, URL
from tests.support.clock import ManualClock


def main() -> None:
    """Say when ready, wait for the word, take the notification, tell the status."""
    wish = json.loads(sys.stdin.readline())
    app, roblox = Flask(__name__), RobloxOAuth()
    app.config.update(
        SECRET_KEY="not a secret",
        ROBLOX_CLIENT_ID="1",
        ROBLOX_REDIRECT_URI="http://localhost/roblox/callback",
        ROBLOX_STORE_URL=wish["store"],
        ROBLOX_WEBHOOK_SECRET=SECRET,
    )
    roblox.init_app(app, clock=ManualClock(wish["now"]))

    @roblox.on_webhook("*")
    def handle(notification: Notification) -> None:
        if sys.argv[1] == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        with Path(wish["effects"]).open("a") as effects:
            effects.write(f"{notification.id}\n")

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    headers = {"roblox-signature": wish["signature"]}
    answer = app.test_client().post(URL, data=wish["body"], headers=headers)
    sys.stdout.write(f"{answer.status_code}\n")


if __name__ == "__main__":
    main()
