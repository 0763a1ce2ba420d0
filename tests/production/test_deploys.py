"""What an operator does to a site that is in use: deploys, recycled workers, new keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from rblx_oauth.vault import Vault
from tests.production.cloud import FIRST_USER, Cloud
from tests.production.crowd import Traffic
from tests.production.databases import Database
from tests.production.people import at_once, logged_in
from tests.production.site import SECRET_KEY, TOKEN_KEY, Site

PEOPLE = range(FIRST_USER, FIRST_USER + 4)


def test_a_reload_loses_no_request_and_logs_nobody_out(site: Site) -> None:
    """``kill -HUP`` of every machine under load, while tokens live 5 s: pages, all of them."""
    with site.cloud.living(5), Traffic(logged_in(site, *PEOPLE)) as traffic:
        for machine in site.machines:
            machine.reload()
    assert set(traffic.seen) == {"page"}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_recycled_workers_lose_no_request_and_log_nobody_out(site: Site) -> None:
    """``--max-requests`` with sync workers beside the others, each of which loads the site."""
    with (
        site.joined_by("--max-requests", "10", workers=2) as machine,
        site.cloud.living(5),
        Traffic(logged_in(site, *PEOPLE)) as traffic,
    ):
        machine.wait_for("Autorestarting worker", times=3)
    assert set(traffic.seen) == {"page"}


def test_workers_that_begin_at_once_agree(cloud: Cloud, tmp_path: Path) -> None:
    """With nothing set, four workers make one secret key and one store between them."""
    with Site(cloud, "", tmp_path) as site:
        site.add(SECRET_KEY="", ROBLOX_TOKEN_KEYS="")
        (browser,) = logged_in(site, FIRST_USER)
        assert Counter(at_once([browser.look] * 40)) == {"page": 40}


@pytest.mark.timeout(240)  # six starts of a site, on a machine that may have more to do
@pytest.mark.parametrize("database", ["redis"], indirect=True)
def test_c46_f35_keys_change_under_load_and_nobody_is_logged_out(
    cloud: Cloud, database: Database, tmp_path: Path
) -> None:
    """First every machine learns the new keys, then uses them; then the old ones are forgotten."""
    key, secret = Vault.generate_key(), "another-on-every-machine"
    learn = {"ROBLOX_TOKEN_KEYS": f"{TOKEN_KEY} {key}", "SECRET_KEY_FALLBACKS": secret}
    use = {
        "ROBLOX_TOKEN_KEYS": f"{key} {TOKEN_KEY}",
        "SECRET_KEY": secret,
        "SECRET_KEY_FALLBACKS": SECRET_KEY,
    }
    forget = {"ROBLOX_TOKEN_KEYS": key}
    with Site(cloud, database.url, tmp_path) as site:
        for _ in range(2):
            site.add("--preload", workers=2)
        with site.cloud.living(5), Traffic(logged_in(site, *PEOPLE)) as traffic:
            for step in (learn, use):
                roll(site, step)
            site.machines[0].flask("roblox", "rotate-keys")
            roll(site, forget)
        assert set(traffic.seen) == {"page"}


def roll(site: Site, settings: Mapping[str, str]) -> None:
    """Restart one machine after the other with new settings."""
    for machine in list(site.machines):
        site.restart(machine, **settings)
