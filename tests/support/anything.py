"""What may arrive from outside: anything. Strategies and settings for hypothesis.

A failure prints the example and a line that reproduces it; ``--hypothesis-seed``
repeats a whole run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings, strategies as st

ANYTHING = settings(
    max_examples=100,
    deadline=None,
    database=None,
    print_blob=True,
    # Fixtures are made once for all examples: what an example leaves behind is part of the test.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

any_text = st.text(st.characters(), max_size=60)
"""Half surrogate pairs and control characters too."""

any_json: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def changed(good: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A good object of which some members are missing, or are anything else."""
    names = st.sets(st.sampled_from(sorted(good)), max_size=3)
    return st.tuples(names, st.dictionaries(st.sampled_from(sorted(good)), any_json)).map(
        lambda change: {k: v for k, v in good.items() if k not in change[0]} | change[1]
    )


def bodies(*good: Mapping[str, Any]) -> st.SearchStrategy[bytes]:
    """Bodies that are nearly one of those, any JSON, deep nesting, or any bytes."""
    near = st.one_of([changed(each) for each in good])
    written = (near | any_json).map(lambda value: json.dumps(value).encode())
    deep = st.integers(1, 3000).map(lambda depth: b"[" * depth + b"]" * depth)
    cut = st.tuples(written, st.integers(0, 40)).map(lambda pair: pair[0][: -pair[1] or None])
    return written | cut | deep | st.binary(max_size=80)
