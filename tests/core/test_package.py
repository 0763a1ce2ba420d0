"""The package as a whole: its names, its weight, its generated parts."""

from __future__ import annotations

import inspect
import pickle
import re
import subprocess
import sys
from types import ModuleType
from typing import TypeVar

import pytest

import rblx_oauth
from rblx_oauth import aio_resources, api, errors, models, resources
from rblx_oauth.catalog import operations
from rblx_oauth.core.call import Call
from rblx_oauth.models import State
from tests.benchmarks.loopback import ROOT
from tools.document import models_in


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_public_name_is_there() -> None:
    """Each name of `__all__` can be had, and an unknown one is an AttributeError."""
    for name in rblx_oauth.__all__:
        assert getattr(rblx_oauth, name) is not None
    assert set(dir(rblx_oauth)) == set(rblx_oauth.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        rblx_oauth.no_such_name  # noqa: B018


def test_importing_is_light() -> None:
    """`import rblx_oauth`, and the sync client, bring in no extra."""
    heavy = "{'aiohttp', 'sqlalchemy', 'flask', 'redis', 'limits'}"
    show = f"import sys; print(sorted({heavy} & set(sys.modules)))"
    assert python(f"import rblx_oauth; {show}") == "[]"
    use = "import rblx_oauth as r; r.Client(api_key='k', budget=r.RateBudget()); "
    use += "r.OAuthApp, r.stores, r.api, r.Token"
    assert python(f"{use}; {show}") == "[]"


ALL_AT_ONCE = """
import sys, threading
from importlib import import_module
from pathlib import Path
import rblx_oauth
from rblx_oauth import models

sys.setswitchinterval(1e-6)
here = Path(rblx_oauth.__path__[0])
names = [("rblx_oauth", name) for name in rblx_oauth.__all__]
names += [("rblx_oauth.models", name) for name in dir(models)]
for package in ("api", "oauth", "_sync.resources", "_async.resources", "_sync.stores"):
    for module in here.joinpath(*package.split(".")).glob("[!_]*.py"):
        names.append((f"rblx_oauth.{package}.{module.stem}", "__name__"))
start = threading.Barrier(len(names))

def touch(module, name):
    start.wait()
    try:
        getattr(import_module(module), name)
    except BaseException as error:
        print(module, name, repr(error))

threads = [threading.Thread(target=touch, args=each) for each in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(names) > 300)
"""


@pytest.mark.parametrize("_again", range(3))
def test_threads_that_touch_every_name_for_the_first_time_get_it(_again: int) -> None:
    """Modules are imported where they are first used, and no two wait for each other."""
    assert python(ALL_AT_ONCE) == "True"


@pytest.mark.parametrize(
    ("package", "missing", "extra"),
    [
        ("flask_ext", "flask", "flask"),
        ("example_site", "flask", "demo"),
        ("rblx_oauth.cli", "click", "cli"),
        ("rblx_oauth.otel", "opentelemetry", "otel"),
    ],
)
def test_what_needs_an_extra_names_it(package: str, missing: str, extra: str) -> None:
    """Whoever has not installed it is told how to."""
    told = python(
        f"""
import sys
sys.modules[{missing!r}] = None
try:
    import {package}
except ImportError as error:
    print(error)
"""
    )
    assert f'pip install "rblx-oauth[{extra}]"' in told


def test_a_client_imports_what_it_is_used_for() -> None:
    """No resource and no model before there is a use for it, and no event loop for threads."""
    parts = "rblx_oauth._sync.resources.", "rblx_oauth.api.", "rblx_oauth.models."
    show = f"import sys; print(sorted(n for n in sys.modules if n.startswith({parts})))"
    assert python(f"from rblx_oauth import Client; Client(api_key='k'); {show}") == str(
        ["rblx_oauth._sync.resources.base", "rblx_oauth.models.base", "rblx_oauth.models.generated"]
    )
    use = "from rblx_oauth import Client; Client(api_key='k').universe(1).data_store('a')"
    found = python(f"{use}; {show}; print('asyncio' in sys.modules)")
    assert "rblx_oauth._sync.resources.data_store'" in found
    assert not any(name in found for name in ("luau", "experiments", "badges", "memory", "True"))


@pytest.mark.parametrize("door", [resources, aio_resources], ids=lambda each: each.__name__)
def test_what_a_resource_gives_can_be_named(door: ModuleType) -> None:
    """Whatever resource a public method or property gives, the door of its colour has its name."""
    named = [getattr(door, name) for name in door.__all__]
    package = named[0].__module__.rpartition(".")[0]
    ours = {
        name
        for module in [each for each in sys.modules if each.startswith(f"{package}.")]
        for name, value in vars(sys.modules[module]).items()
        if str(getattr(value, "__module__", "")).startswith(f"{package}.")
        and not isinstance(value, TypeVar)
    }
    client = rblx_oauth.Client if door is resources else rblx_oauth.AsyncClient
    for kind in [client, *(each for each in named if inspect.isclass(each))]:
        for name, member in inspect.getmembers(kind):
            function = member.fget if isinstance(member, property) else member
            if not name.startswith("_") and inspect.isfunction(function):
                gives = set(re.findall(r"(?<![.\w])\w+", function.__annotations__["return"]))
                assert gives & ours <= set(door.__all__), f"{kind.__name__}.{name}"
    assert set(door.__all__) < ours


def test_missing_extra_is_named() -> None:
    """Without aiohttp, the async client says what to install."""
    code = (
        "import sys; sys.modules['aiohttp'] = None\n"
        "import rblx_oauth\n"
        "try: rblx_oauth.AsyncClient(api_key='k')\n"
        "except ImportError as error: print(error)"
    )
    assert python(code) == 'the async client needs aiohttp: pip install "rblx-oauth[async]"'


@pytest.mark.parametrize("name", operations())
def test_every_operation_has_a_typed_function(name: str) -> None:
    """Keyword-only, annotated, documented, and it gives a `Call`."""
    operation = operations()[name]
    function = getattr(getattr(api, operation.family), name)
    signature = inspect.signature(function)
    keyword = inspect.Parameter.KEYWORD_ONLY
    assert all(each.kind is keyword for each in signature.parameters.values())
    assert set(signature.parameters) == {each.name for each in operation.parameters}
    assert signature.return_annotation.startswith("Call[")
    assert operation.docs in function.__doc__
    for said in (operation.result, operation.items, *(each.type for each in operation.parameters)):
        assert all(hasattr(models, model) for model in models_in(said))


def test_there_are_264_operations() -> None:
    """As many as Roblox documents, each under a name of its own."""
    assert len(operations()) == 264


def test_open_enums_keep_new_words() -> None:
    """A word that Roblox adds tomorrow survives, compares and prints as itself."""
    new = State("HIBERNATING")
    assert new == "HIBERNATING"
    assert f"{new}" == "HIBERNATING"
    assert State("ACTIVE") is State.ACTIVE
    assert "HIBERNATING" not in State.__members__


def test_call_is_frozen() -> None:
    """A call cannot be changed after its arguments were checked."""
    call = api.users.get_user(user_id=5)
    assert isinstance(call, Call)
    with pytest.raises(AttributeError):
        call.path = ("6",)  # type: ignore[misc]


def test_errors_travel_between_processes() -> None:
    """A job queue can pickle what a call raised."""
    error = errors.RateLimited(retry_after=3.0, operation="get_user")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (again.retry_after, again.operation, str(again)) == (3.0, "get_user", str(error))
    exhausted = errors.BudgetExhausted(retry_after=3.0, operation="get_user")
    again = pickle.loads(pickle.dumps(exhausted))  # noqa: S301
    assert (again.retry_after, again.status, str(again)) == (3.0, 429, str(exhausted))
