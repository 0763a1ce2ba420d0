"""``flask roblox sweep``."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from flask_ext.cli.site import told
from flask_ext.config import DAY
from flask_ext.state import BATCH, current_state
from flask_ext.upkeep import Sweep
from rblx_oauth.oauth.renewal import REFRESH_TOKEN_SECONDS


@click.command("sweep")
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=BATCH,
    show_default=True,
    help="How much to do at a time.",
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Begin nothing more after so long; the next sweep goes on.",
)
@click.option(
    "--dead-after",
    type=click.IntRange(min=1),
    default=int(REFRESH_TOKEN_SECONDS / DAY),
    show_default=True,
    help="Days for which a grant that ended is remembered.",
)
@with_appcontext
def command(batch: int, max_seconds: float | None, dead_after: int) -> None:
    """Delete what has expired, and try again what was put off.

    That is: sessions and logins that are over, grants that ended long ago, and
    revocations that Roblox has not confirmed yet. Run it from cron, on one
    machine or on several.
    """
    with told():
        sweep = Sweep(
            current_state(), batch=batch, max_seconds=max_seconds, dead_after=dead_after * DAY
        )
        try:
            sweep.run()
        finally:
            click.echo(
                f"Deleted {sweep.records} expired records and {sweep.grants} ended grants; "
                f"{sweep.revocations} queued revocations are done."
            )
    if sweep.out_of_time:
        click.echo("Time is up: the next sweep goes on.")
