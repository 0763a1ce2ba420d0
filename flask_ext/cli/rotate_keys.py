"""``flask roblox rotate-keys``."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import click
from flask.cli import with_appcontext

from flask_ext.cli.site import told
from flask_ext.config import DAY, Settings
from flask_ext.state import BATCH, current_state
from rblx_oauth.stores import KeyRotation


@click.command("rotate-keys")
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=BATCH,
    show_default=True,
    help="How many rows to read at a time.",
)
@with_appcontext
def command(batch: int) -> None:
    """Encrypt everything in the store anew, under the newest key.

    Run it when every worker has the new key in front of the old ones. It may
    run beside the site, and may be stopped at any point: running it again
    finishes the work. The status is 1 while old keys are still needed.
    """
    with told():
        state = current_state()
        rotation = KeyRotation(state.here.store, batch=batch, clock=state.clock)
        try:
            rotation.run()
        finally:
            click.echo(
                f"Resealed {rotation.resealed} rows; under the newest key already: "
                f"{rotation.newest}; changed by the site meanwhile: {rotation.moved_on}."
            )
    for obstacle in _obstacles(rotation):
        click.echo(obstacle, err=True)
    if not rotation.complete:
        click.echo("Keep the old keys, and run this again.", err=True)
        raise click.exceptions.Exit(1)
    click.echo(_verdict(state.settings))


def _obstacles(rotation: KeyRotation) -> Iterator[str]:
    """Why the old keys are still needed."""
    for name, count in sorted(rotation.unknown.items()):
        yield (
            f"{count} rows cannot be opened: they are under key {name}, which is not here. "
            "Put that key back behind the newest."
        )
    if rotation.damaged:
        yield (
            f"{rotation.damaged} rows cannot be opened although their key is here: they were "
            "changed, or do not belong where they are. They were left as they are."
        )
    if not rotation.settled:
        yield (
            "Something is still written under an old key: restart every worker with the new keys."
        )


def _verdict(settings: Settings) -> str:
    if len(settings.token_keys) == 1:
        return "There is one key, and it opens everything."
    if not settings.token_keys_are_derived:
        return "The newest key opens everything: the old ones can be taken out now."
    days = ceil(settings.session_idle / DAY)
    return (
        "The newest key opens everything in the store. Keep SECRET_KEY_FALLBACKS for "
        f"{days} days after SECRET_KEY changed: browsers get a cookie under the new key when "
        "they come by, and who does not come by in that time is logged out anyway."
    )
