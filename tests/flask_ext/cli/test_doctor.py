"""``flask roblox doctor``: each weakness is found, told with what to do, and nothing else is."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_ext import RobloxOAuth
from rblx_oauth import Vault, stores
from tests.flask_ext.cli.deployment import Deployment, cloud, deployment
from tests.flask_ext.cli.kit import KEY_A, KEY_B, KEY_C, command, environment, run

__all__ = ["cloud", "deployment"]


def behind(app: Flask, times: int = 1, **hops: int) -> None:
    """Put a site behind so many ProxyFix."""
    for _ in range(times):
        app.wsgi_app = ProxyFix(app.wsgi_app, **hops)  # type: ignore[method-assign]


def test_a_clean_deployment_gives_no_finding(deployment: Deployment) -> None:
    """Status 0, under --strict too, with a line for each thing that was looked at."""
    answer = run(lambda: deployment.app(behind), "doctor", "--strict")
    assert answer.exit_code == 0, answer.output
    assert "0 errors, 0 warnings" in answer.output
    for check in ("cookies", "hosts", "proxy", "clock", "keys", "store", "provider", "client"):
        assert f"ok       {check}" in answer.output


WEAK: dict[str, tuple[dict[str, object], str, str, str]] = {
    "c37 Flask's cookie over http": (
        {"SESSION_COOKIE_SECURE": False},
        "warning",
        "cookies",
        "plain http too",
    ),
    "c37 Flask's cookie for scripts": (
        {"SESSION_COOKIE_HTTPONLY": False},
        "warning",
        "cookies",
        "Scripts can read",
    ),
    "c37 Flask's cookie cross-site": (
        {"SESSION_COOKIE_SAMESITE": None},
        "warning",
        "cookies",
        "Other sites' forms",
    ),
    "c37 Flask's cookie for subdomains": (
        {"SESSION_COOKIE_DOMAIN": "backstage.gg"},
        "warning",
        "cookies",
        "every subdomain",
    ),
    "c37 the login cookie's name": (
        {"ROBLOX_SESSION_COOKIE": "sid"},
        "warning",
        "cookies",
        "__Host-",
    ),
    "c44 any host": ({"TRUSTED_HOSTS": None}, "warning", "hosts", "any host"),
    "c44 another host": (
        {"TRUSTED_HOSTS": ["other.gg"]},
        "error",
        "hosts",
        "does not have backstage.gg",
    ),
    "server name": ({"SERVER_NAME": "other.gg"}, "warning", "hosts", "SERVER_NAME"),
    "debug": ({"DEBUG": True}, "error", "mode", "DEBUG is on"),
    "testing": ({"TESTING": True}, "warning", "mode", "TESTING is on"),
    "scheme": ({"PREFERRED_URL_SCHEME": "http"}, "warning", "mode", "begin with http"),
    "short secret": ({"SECRET_KEY": "x8#Lq-w5$Ztr1B7vNe90"}, "warning", "keys", "has 20 bytes"),
    "known secret": ({"SECRET_KEY": "change-me-please!"}, "error", "keys", "can be guessed"),
    "placeholder": (
        {"SECRET_KEY": "please-change-me-before-you-go-to-production"},
        "error",
        "keys",
        "can be guessed",
    ),
    "uniform secret": ({"SECRET_KEY": "ab" * 32}, "error", "keys", "can be guessed"),
    "weak fallback": (
        {"SECRET_KEY_FALLBACKS": ["dev"]},
        "error",
        "keys",
        "SECRET_KEY_FALLBACKS[0]",
    ),
    "no random key": ({"ROBLOX_TOKEN_KEYS": [KEY_A, b"\1" * 32]}, "error", "keys", "is not random"),
    "many keys": (
        {"ROBLOX_TOKEN_KEYS": [KEY_A, KEY_B, KEY_C, Vault.generate_key()]},
        "warning",
        "keys",
        "3 old keys",
    ),
    "memory": ({"ROBLOX_STORE_URL": "memory://"}, "error", "store", "forgets every login"),
    "no store": (
        {"ROBLOX_STORE_URL": "sqlite:////no/such/place.db"},
        "error",
        "store",
        "run `flask roblox init-store`",
    ),
    "idle": (
        {"ROBLOX_SESSION_IDLE": 9e6, "ROBLOX_SESSION_LIFETIME": 9e5},
        "warning",
        "sessions",
        "never counts",
    ),
    "long": ({"ROBLOX_SESSION_LIFETIME": 9e6}, "warning", "sessions", "over 90 days"),
    "short": ({"ROBLOX_SESSION_IDLE": 15}, "warning", "sessions", "within a minute"),
    "secret": (
        {"ROBLOX_CLIENT_SECRET": "RBX-wrong"},
        "error",
        "client",
        "does not accept ROBLOX_CLIENT_ID",
    ),
    "API key": ({"ROBLOX_API_KEY": "wrong"}, "error", "api_key", "does not accept ROBLOX_API_KEY"),
    "issuer": ({"ROBLOX_CLIENT_ID": "x y"}, "error", "settings", "ROBLOX_CLIENT_ID"),
    "c47 unsigned webhooks": (
        {"ROBLOX_WEBHOOK_ALLOW_UNSIGNED": True},
        "error",
        "webhook",
        "Anybody can send notifications",
    ),
    "c47 a webhook secret that is none": (
        {"ROBLOX_WEBHOOK_SECRET": "false"},
        "error",
        "keys",
        "ROBLOX_WEBHOOK_SECRET can be guessed",
    ),
    "scope": ({"ROBLOX_SCOPES": "universe.write"}, "error", "settings", "unknown scope"),
    "long address": (
        {"ROBLOX_REDIRECT_URI": f"https://backstage.gg/{'a' * 250}/roblox/callback"},
        "error",
        "settings",
        "at most 256",
    ),
    "another path": (
        {"ROBLOX_REDIRECT_URI": "https://backstage.gg/back"},
        "error",
        "settings",
        "must end with",
    ),
}


@pytest.mark.parametrize("name", WEAK)
def test_c37_c44_each_weakness_is_the_only_finding(name: str, deployment: Deployment) -> None:
    """With its level, its check, and something to do."""
    changes, level, check, words = WEAK[name]
    deployment.settings |= changes
    found = deployment.only()
    assert (found.level, found.check) == (level, check)
    assert words in found.message
    assert found.remedy or check in ("settings", "store")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://192.0.2.7/roblox/callback", "by a number"),
        ("https://intranet/roblox/callback", "not a name that browsers elsewhere can find"),
        ("https://site.example.com/roblox/callback", "not a name"),
    ],
)
def test_c44_a_host_that_nobody_outside_finds(
    address: str, words: str, deployment: Deployment
) -> None:
    """The redirect URI must be what the public reaches."""
    host = address.split("/")[2]
    deployment.settings |= {"ROBLOX_REDIRECT_URI": address, "TRUSTED_HOSTS": [host]}
    found = deployment.only()
    assert (found.level, found.check) == ("warning", "redirect_uri")
    assert words in found.message


def test_c37_plain_http_is_for_this_machine_only(deployment: Deployment) -> None:
    """Two warnings: who can come, and what their cookies are."""
    address = "http://localhost:5000/roblox/callback"
    deployment.settings |= {"ROBLOX_REDIRECT_URI": address, "TRUSTED_HOSTS": ["localhost"]}
    assert [each.check for each in deployment.findings()] == ["redirect_uri", "cookies"]


PROXIES: dict[str, tuple[dict[str, int], dict[str, object], str]] = {
    "twice": ({"times": 2}, {}, "more than once"),
    "no scheme": ({"x_proto": 0}, {}, "does not read X-Forwarded-Proto"),
}


@pytest.mark.parametrize("name", PROXIES)
def test_c44_proxies_are_counted(name: str, deployment: Deployment) -> None:
    """Forwarded headers from one proxy too many are an attacker's."""
    hops, changes, words = PROXIES[name]
    deployment.settings |= changes
    found = deployment.only(finish=lambda app: behind(app, **hops))
    assert found.check == "proxy"
    assert words in found.message


def test_c47_webhook_handlers_that_nothing_reaches(deployment: Deployment) -> None:
    """A handler without the secret is a handler without a route."""

    def site() -> Flask:
        roblox = RobloxOAuth()
        roblox.on_webhook("RightToErasureRequest")(print)
        app = Flask(__name__)
        app.config.update(deployment.settings)
        roblox.init_app(app)
        return app

    answer = run(site, "doctor", "--offline")
    assert answer.exit_code == 1
    assert "error    webhook       There are handlers for webhooks, but no route" in answer.output
    deployment.settings["ROBLOX_WEBHOOK_SECRET"] = secrets.token_hex()
    assert run(site, "doctor", "--offline").exit_code == 0


def test_c44_a_forwarded_host_needs_trusted_hosts(deployment: Deployment) -> None:
    """It is believed for any name otherwise."""
    deployment.settings["TRUSTED_HOSTS"] = None
    found = deployment.findings(finish=lambda app: behind(app, x_host=1))
    assert [each.check for each in found] == ["hosts", "proxy"]
    assert found[1].level == "error"


def test_c44_a_proxy_on_a_site_that_has_none(deployment: Deployment) -> None:
    """On one's own machine, whoever asks could forward whatever they like."""
    address = "http://localhost:5000/roblox/callback"
    deployment.settings |= {"ROBLOX_REDIRECT_URI": address, "TRUSTED_HOSTS": ["localhost"]}
    found = deployment.findings("--offline", finish=behind)
    assert [each.check for each in found] == ["redirect_uri", "proxy", "cookies"]


def test_c44_no_proxy_is_not_judged_but_told(deployment: Deployment) -> None:
    """The server may end TLS itself; whoever reads it knows."""
    assert "There is no ProxyFix" in run(deployment.app, "doctor", "--offline").output


def test_a_site_that_does_not_start_is_examined_all_the_same(deployment: Deployment) -> None:
    """Each wrong setting once, and the rest as usual."""
    deployment.settings |= {"ROBLOX_CLIENT_ID": "", "ROBLOX_TOKEN_KEYS": ["short"]}
    deployment.settings["SESSION_COOKIE_SECURE"] = False
    found = deployment.findings("--offline")
    assert [each.check for each in found] == ["settings", "settings", "cookies", "keys"]


def test_c48_a_site_that_does_not_load_is_told_without_its_words(tmp_path: Path) -> None:
    """They may hold a password; where to look is said."""

    def fails() -> Flask:
        raise KeyError("hunter2")

    answer = run(fails, "doctor")
    assert answer.exit_code == 1
    assert f"KeyError in {__file__}" in answer.output
    assert "hunter2" not in answer.output


def test_an_app_without_the_extension_is_named(tmp_path: Path) -> None:
    """Rather than that its settings are missing."""
    answer = run(Flask(__name__, root_path=str(tmp_path)), "doctor")
    assert answer.exit_code == 1
    assert "has no RobloxOAuth" in answer.output


def test_c48_no_secret_is_printed(deployment: Deployment) -> None:
    """Whatever is wrong: keys, client secret, API key, the store's password."""
    canaries = [secrets.token_hex(20) for _ in range(5)]
    deployment.settings |= {
        "SECRET_KEY": canaries[0][:20],
        "ROBLOX_TOKEN_KEYS": [canaries[1]],
        "ROBLOX_CLIENT_SECRET": canaries[2],
        "ROBLOX_API_KEY": canaries[3],
        "ROBLOX_STORE_URL": f"redis://:{canaries[4]}@127.0.0.1:1/0",
    }
    output = run(deployment.app, "doctor").output
    deployment.settings["ROBLOX_TOKEN_KEYS"] = [KEY_A]
    output += run(deployment.app, "doctor", "--json").output
    assert "error" in output
    for canary in (*canaries, KEY_A, canaries[0][:20]):
        assert canary not in output


def test_warnings_fail_where_strict_asks_for_it(deployment: Deployment) -> None:
    """For continuous integration that wants all of it."""
    deployment.settings["SESSION_COOKIE_SECURE"] = False
    assert run(deployment.app, "doctor", "--offline").exit_code == 0
    assert run(deployment.app, "doctor", "--offline", "--strict").exit_code == 1


def test_the_store_is_neither_made_nor_changed(deployment: Deployment, tmp_path: Path) -> None:
    """Looking leaves nothing behind."""
    run(deployment.app, "doctor", "--offline")
    with stores.open(deployment.url, keys=[KEY_A]) as store:
        assert store.scan_records() == []
    deployment.settings["ROBLOX_STORE_URL"] = f"sqlite:///{tmp_path}/other.db"
    run(deployment.app, "doctor", "--offline")
    assert not (tmp_path / "other.db").exists()


def test_it_runs_as_a_program_for_a_site_that_does_not_start(tmp_path: Path) -> None:
    """One JSON document on standard output, status 1."""
    env = environment(tmp_path, ROBLOX_TOKEN_KEYS="short")
    answer = command(env, "flask", "roblox", "doctor", "--json", "--offline")
    assert answer.returncode == 1
    found = json.loads(answer.stdout)["findings"]
    assert any("ROBLOX_TOKEN_KEYS cannot be used" in each["message"] for each in found)
