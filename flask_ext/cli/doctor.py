"""``flask roblox doctor``."""

from __future__ import annotations

import traceback
from collections import Counter

import click
import msgspec

from flask_ext.cli.checks import examine
from flask_ext.cli.checks.finding import Finding
from flask_ext.cli.checks.site import Site
from flask_ext.cli.site import configured_site
from flask_ext.config import read
from flask_ext.state import NAME

COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--offline", is_flag=True, help="Ask Roblox nothing.")
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
def command(as_json: bool, offline: bool, strict: bool) -> None:
    """Say what is wrong or weak in the configuration, and what to do about it.

    It works where the site itself does not start. Nothing is changed, and no
    secret is printed. The status is 1 if there are errors, else 0.
    """
    findings = _findings(offline=offline)
    counts = Counter(each.level for each in findings)
    if as_json:
        document = {
            "errors": counts["error"],
            "warnings": counts["warning"],
            "findings": findings,
        }
        click.echo(msgspec.json.format(msgspec.json.encode(document)))
    else:
        for each in findings:
            level = click.style(f"{each.level:8}", fg=COLOURS[each.level])
            click.echo(f"{level} {each.check:13} {each.message} {each.remedy}".rstrip())
        click.echo(", ".join(_counted(counts[level], level) for level in ("error", "warning")))
    if counts["error"] or (strict and counts["warning"]):
        raise click.exceptions.Exit(1)


def _counted(count: int, level: str) -> str:
    return f"{count} {level}" if count == 1 else f"{count} {level}s"


def _findings(*, offline: bool) -> list[Finding]:
    try:
        app = configured_site()
    except click.ClickException:
        raise  # no app was named, or found
    except Exception as failure:  # noqa: BLE001 (whatever a site's own code raises)
        return [_does_not_load(failure)]
    settings, problems = read(app)
    site = Site(app, app.extensions.get(NAME), settings, problems)
    return list(examine(site, offline=offline))


def _does_not_load(failure: Exception) -> Finding:
    """Where the site fails. Its own words stay untold: they may hold a secret."""
    place = traceback.extract_tb(failure.__traceback__)[-1]
    message = f"The site does not load: {type(failure).__name__} in {place.filename}:{place.lineno}"
    return Finding("error", message, "Run flask routes to see all of it.", check="site")
