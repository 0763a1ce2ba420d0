"""``python -m example_site``: the site, and a sandbox beside it unless Roblox itself is set up."""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from example_site.app import create_app
from example_site.serve import bound, run
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.sandbox import Sandbox


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM.

    Returns:
        The exit status: 0, or 1 where something keeps the site from starting.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s")
    real = bool(os.environ.get("ROBLOX_CLIENT_ID"))
    with ExitStack() as stack:
        try:
            # With Roblox itself, the port is part of the redirect URI that is registered there.
            server = stack.enter_context(bound(options.port, fallback=not real))
            address = f"http://localhost:{server.bind_addr[1]}"
            settings: dict[str, object] = {"SANDBOX_PAGE": None}
            if not real:
                cloud = _sandbox(options.sandbox_port)
                stack.callback(cloud.stop)
                settings = _settings(cloud, webhook=f"{address}/roblox/webhook")
                # It warns of plain http, which is as it should be on this machine.
                logging.getLogger("flask_ext.config").setLevel(logging.ERROR)
            if not (real and os.environ.get("ROBLOX_REDIRECT_URI")):
                settings["ROBLOX_REDIRECT_URI"] = f"{address}/roblox/callback"
            app = create_app(settings, instance_path=options.instance)
        except (ConfigurationError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
        print(f"Backstage     {address}/")
        print(f"Sandbox       {settings['SANDBOX_PAGE'] or 'none: this is Roblox itself'}")
        print("Ctrl+C stops both." if not real else "Ctrl+C stops it.", flush=True)
        run(server, app)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m example_site",
        description="Backstage, the example site of rblx_oauth, on this machine only. Without "
        "ROBLOX_CLIENT_ID in the environment it starts a local Open Cloud beside it.",
    )
    parser.add_argument("--port", type=int, default=5000, help="of the site (default: 5000)")
    parser.add_argument(
        "--sandbox-port", type=int, default=5001, help="of the sandbox (default: 5001)"
    )
    parser.add_argument("--instance", help="folder for the database and the secret key")
    return parser


def _sandbox(port: int) -> Sandbox:
    try:
        return Sandbox(port, app_name="Backstage").start()
    except OSError:
        return Sandbox(app_name="Backstage").start()  # that port is taken: any free one will do


def _settings(cloud: Sandbox, *, webhook: str) -> dict[str, object]:
    # The site keeps nothing about people but what the extension does, which sees to erasures.
    secret = secrets.token_urlsafe(32)
    cloud.webhooks.add(webhook, secret=secret)
    return {
        "ROBLOX_CLIENT_ID": cloud.client_id,
        "ROBLOX_CLIENT_SECRET": cloud.client_secret,
        "ROBLOX_ISSUER": cloud.issuer,
        "ROBLOX_API_BASE": cloud.api_base,
        "ROBLOX_API_KEY": cloud.api_key,
        "ROBLOX_WEBHOOK_SECRET": secret,
        "ROBLOX_CLOCK": cloud.clock,  # which its page moves
        "SANDBOX_PAGE": f"{cloud.api_base}/_sandbox/",
    }


if __name__ == "__main__":
    sys.exit(main())
