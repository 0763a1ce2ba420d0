"""``python -m rblx_oauth.sandbox``: a sandbox until it is told to stop."""

from __future__ import annotations

import argparse
import re
import signal
import socket
import sys

import msgspec

from rblx_oauth.sandbox import Sandbox, Settings
from rblx_oauth.sandbox.files import FileError


def main(arguments: list[str] | None = None) -> int:
    """Run a sandbox until SIGINT or SIGTERM.

    Returns:
        The exit status: 0, 1 where the port is taken or the state cannot be written, 2 where
        a file is wrong.
    """
    options = _parser().parse_args(arguments)
    told = _told_to_stop()
    try:
        cloud = Sandbox(
            options.port,
            settings=Settings(auto_consent=options.auto),
            seed=options.seed,
            state=options.state,
        )
    except FileError as error:
        print(error, file=sys.stderr)
        return 2
    if options.auto:  # whatever the state file says
        cloud.settings.auto_consent = True
    try:
        cloud.start()
    except OSError as error:
        print(f"cannot listen on port {options.port}: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(msgspec.json.encode(cloud.info()).decode(), flush=True)
    else:
        print(_welcome(cloud), flush=True)
    told.recv(1)
    try:
        cloud.stop()
    except OSError as error:
        print(f"cannot write {options.state}: {error}", file=sys.stderr)
        return 1
    return 0


def _told_to_stop() -> socket.socket:
    """What can be read from once SIGINT or SIGTERM came, however long before.

    No lock or queue would do: Python looks at a signal between two of its instructions, so one
    that comes when the next of them is to wait would be seen after the wait.
    """
    told, tell = socket.socketpair()
    tell.setblocking(False)
    signal.set_wakeup_fd(tell.detach())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return told


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rblx_oauth.sandbox",
        description="A local Open Cloud on 127.0.0.1, for development and tests.",
    )
    parser.add_argument(
        "--port", type=_port, default=5001, help="0 takes a free one (default: 5001)"
    )
    parser.add_argument(
        "--json", action="store_true", help="print one line of JSON when ready, for scripts"
    )
    parser.add_argument(
        "--seed", metavar="FILE", help="YAML or JSON to add to what every sandbox holds"
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        help="JSON to begin with if it is there, written at the end",
    )
    parser.add_argument(
        "--auto",
        action="store_true",
        help="answer authorization requests with auto=allow or auto=deny at once, for scripts",
    )
    return parser


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _welcome(cloud: Sandbox) -> str:
    """Where to look, and the settings of a program on this machine, to be pasted into a shell."""
    settings = {
        "ROBLOX_ISSUER": cloud.issuer,
        "ROBLOX_API_BASE": cloud.api_base,
        "ROBLOX_CLIENT_ID": cloud.client_id,
        "ROBLOX_CLIENT_SECRET": cloud.client_secret,
        "ROBLOX_API_KEY": cloud.api_key,
    }
    exports = "\n".join(f"export {name}={value}" for name, value in settings.items())
    return (
        f"The sandbox is up. Look inside: {cloud.api_base}/_sandbox/\n"
        f"For a program here:\n\n{exports}\n\nStop it with Ctrl-C."
    )


if __name__ == "__main__":
    sys.exit(main())
