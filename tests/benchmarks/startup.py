"""What importing costs, each time in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

from tests.benchmarks.loopback import ROOT
from tests.benchmarks.rounds import Effort, alternate
from tests.benchmarks.table import Line

EXTRAS = ("aiohttp", "sqlalchemy", "redis", "flask")
"""What only an extra brings, and an import of the core must not load."""


def imports(effort: Effort) -> Iterator[Line]:
    """`import rblx_oauth` beside `import requests`, and what it loads."""
    took = alternate(
        effort.starts,
        {
            name: _milliseconds(statement)
            for name, statement in (
                ("ours", "import rblx_oauth"),
                ("client", "from rblx_oauth import Client"),
                ("family", "import rblx_oauth.api.data_stores"),
                ("requests", "import requests"),
            )
        }
        | {"catalogue": _milliseconds("catalog.operations()", "from rblx_oauth import catalog")},
    )
    beside = f"import requests: {took['requests']:.1f} ms"
    yield Line("import rblx_oauth", took["ours"], took["requests"] + 40, "ms", beside)
    for name, key in (
        ("from rblx_oauth import Client", "client"),
        ("import rblx_oauth.api.data_stores", "family"),
        ("read the catalogue of 264 operations", "catalogue"),
    ):
        yield Line(name, took[key], None, "ms", "told, not held")
    loaded = _print(f"import rblx_oauth, sys; print(*sys.modules.keys() & set({EXTRAS!r}))").split()
    name = "extras loaded by import rblx_oauth"
    yield Line(name, len(loaded), 0, "", " ".join(sorted(loaded)) or "no " + ", ".join(EXTRAS))


def _milliseconds(statement: str, before: str = "") -> Callable[[], float]:
    code = f"import time; {before}\nt = time.perf_counter(); {statement}"
    code += "; print(time.perf_counter() - t)"
    return lambda: float(_print(code)) * 1000


def _print(code: str) -> str:
    return subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
