"""The pytest plugin, in sessions of its own: fixture, marker, xdist, and its price at the start."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGIN = "rblx_oauth.sandbox.pytest_plugin"

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions begin in a folder of their own, and quicker without everybody else's plugins."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """A session with the plugin."""
    return pytester.runpytest_subprocess("-p", PLUGIN, "--strict-markers", *arguments)


def test_each_test_finds_a_fresh_state_on_the_same_server(pytester: pytest.Pytester) -> None:
    """One address for the session; entries, messages, settings, time and faults are as new."""
    pytester.makepyfile(
        """
        import pytest, requests
        seen = set()

        @pytest.mark.parametrize("turn", range(3))
        def test_turn(roblox_sandbox, turn):
            seen.add(roblox_sandbox.issuer)
            assert len(seen) == 1
            assert roblox_sandbox.count() == 0 and not roblox_sandbox.messages
            assert roblox_sandbox.settings.token_seconds == 899
            assert roblox_sandbox.clock.offset == 0
            assert not list(roblox_sandbox.faults) and not roblox_sandbox.webhooks.hooks
            headers = {"x-api-key": roblox_sandbox.api_key}
            base = f"{roblox_sandbox.api_base}/cloud/v2/universes/3000001"
            entries = f"{base}/data-stores/coins/entries"
            assert requests.get(f"{entries}/mine", headers=headers).status_code == 404
            requests.post(f"{entries}?id=mine", headers=headers, json={"value": 1})
            assert requests.get(f"{entries}/mine", headers=headers).status_code == 200
            message = {"topic": "a", "message": "b"}
            requests.post(f"{base}:publishMessage", headers=headers, json=message)
            assert len(roblox_sandbox.messages) == 1
            roblox_sandbox.settings.token_seconds = 5
            roblox_sandbox.clock.advance(100)
            roblox_sandbox.fault("f12")
            roblox_sandbox.webhooks.add("http://127.0.0.1:9/")
        """
    )
    run(pytester).assert_outcomes(passed=3)


def test_the_marker_seeds(pytester: pytest.Pytester) -> None:
    """Files beside the test, dicts and sections, from the module's marker to the test's own."""
    (pytester.path / "seed.yaml").write_text("users:\n  - id: 5\n    name: mia\n")
    (pytester.path / "seed.json").write_text('{"users": [{"id": "6", "name": "noa"}]}')
    pytester.makepyfile(
        """
        import pytest
        pytestmark = pytest.mark.roblox_seed("seed.yaml")

        def names(cloud):
            return {user["id"]: user["name"] for user in cloud.users if user["id"] < 100}

        def test_module(roblox_sandbox):
            assert names(roblox_sandbox) == {5: "mia"}

        @pytest.mark.roblox_seed("seed.json", {"users": [{"id": 7, "name": "liv"}]})
        @pytest.mark.roblox_seed(users=[{"id": 5, "name": "eva"}], settings={"rate_limits": False})
        def test_function(roblox_sandbox):
            assert names(roblox_sandbox) == {5: "eva", 6: "noa", 7: "liv"}
            assert roblox_sandbox.settings.rate_limits is False

        class TestClass:
            pytestmark = pytest.mark.roblox_seed(
                data_stores={3000001: {"pets": {"global": {"player/5": "owl"}}}}
            )

            def test_method(self, roblox_sandbox):
                assert "pets" in roblox_sandbox.state.data.of("3000001")

        def test_module_again(roblox_sandbox):
            assert names(roblox_sandbox) == {5: "mia"}
            assert "pets" not in roblox_sandbox.state.data.of("3000001")
        """
    )
    run(pytester).assert_outcomes(passed=4)


def test_a_wrong_seed_is_one_clear_failure(pytester: pytest.Pytester) -> None:
    """What is wrong, with the file's line, and no traceback."""
    (pytester.path / "seed.yaml").write_text("users:\n  - id: 5\n    nam: mia\n")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.roblox_seed("seed.yaml")
        def test_file(roblox_sandbox): ...

        @pytest.mark.roblox_seed("missing.yaml")
        def test_missing(roblox_sandbox): ...

        @pytest.mark.roblox_seed(people=[])
        def test_section(roblox_sandbox): ...

        @pytest.mark.roblox_seed
        def test_nothing(roblox_sandbox): ...

        def test_others_go_on(roblox_sandbox): ...
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=4, passed=1)
    result.stdout.fnmatch_lines_random(
        [
            "roblox_seed: seed.yaml, line *",
            "roblox_seed: missing.yaml: cannot be read*",
            "roblox_seed: Unknown section `people`*",
            "roblox_seed: give a file, a dict or sections",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_it_works_under_xdist(pytester: pytest.Pytester) -> None:
    """Each process has a sandbox of its own, at an address of its own."""
    pytester.makepyfile(
        """
        import os, pathlib, pytest

        @pytest.mark.parametrize("turn", range(6))
        def test_turn(roblox_sandbox, turn):
            with pathlib.Path("seen.txt").open("a") as seen:
                seen.write(f"{os.environ['PYTEST_XDIST_WORKER']} {roblox_sandbox.port}\\n")
            assert roblox_sandbox.issue_token(user=1000001)
        """
    )
    run(pytester, "-p", "xdist", "-n", "2", "--dist", "load").assert_outcomes(passed=6)
    seen = {tuple(line.split()) for line in (pytester.path / "seen.txt").read_text().splitlines()}
    assert len(seen) == len({worker for worker, _ in seen}) == len({port for _, port in seen}) == 2


def test_the_sandbox_can_be_given_arguments(pytester: pytest.Pytester) -> None:
    """Overriding `roblox_sandbox_options` says how the session's sandbox is made."""
    pytester.makeconftest(
        """
        import pytest
        from rblx_oauth.sandbox import Settings

        @pytest.fixture(scope="session")
        def roblox_sandbox_options():
            return {"app_name": "Mine", "settings": Settings(auto_consent=True)}
        """
    )
    pytester.makepyfile(
        """
        def test_options(roblox_sandbox):
            assert roblox_sandbox.settings.auto_consent
            assert roblox_sandbox.state.clients[roblox_sandbox.client_id].name == "Mine"
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_pytest_finds_it_by_its_entry_point(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is installed with the distribution loads it, also where it is asked for besides."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    info = pytester.mkdir("site") / "rblx_oauth_installed-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: rblx-oauth-installed\nVersion: 1\n"
    )
    points = "".join(f"{k} = {v}\n" for k, v in project["entry-points"]["pytest11"].items())
    (info / "entry_points.txt").write_text(f"[pytest11]\n{points}")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{info.parent}")
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    pytester.makepyfile("def test_it(roblox_sandbox): assert roblox_sandbox.users")
    pytester.runpytest_subprocess("--strict-markers").assert_outcomes(passed=1)
    assert "@pytest.mark.roblox_seed" in run(pytester, "--markers").stdout.str()


def test_who_does_not_use_it_does_not_pay_for_it() -> None:
    """At pytest's start neither Flask nor anything else that is heavy is imported."""
    code = f"""
import sys, pytest
before = set(sys.modules)
import {PLUGIN}
heavy = {{"flask", "werkzeug", "cheroot", "authlib", "requests", "msgspec", "cryptography"}}
assert not heavy & (set(sys.modules) - before), heavy & set(sys.modules)
assert len(set(sys.modules) - before) < 10, set(sys.modules) - before
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_without_the_extras_only_those_who_use_it_notice(pytester: pytest.Pytester) -> None:
    """Without Flask pytest starts as ever, and the fixture says what to install."""
    pytester.makeconftest("import sys; sys.modules['flask'] = None")
    pytester.makepyfile(
        """
        def test_other(): ...
        def test_sandbox(roblox_sandbox): ...
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(['*pip install "rblx-oauth?sandbox?"*'])
