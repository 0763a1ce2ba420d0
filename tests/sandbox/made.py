"""JSON of types, with every member filled: what a section of a state file might hold."""

from __future__ import annotations

import builtins
import random
from base64 import b64encode
from typing import Any

from msgspec import inspect

_HINTS: dict[str, object] = {
    "exposure_percent": 50,
    "redirect_uris": ["https://site.example/callback"],
    "time_zone": "Europe/Paris",
    "universe_goal_metric": "UNIVERSE_EXPERIMENT_METRIC_AVERAGE_SESSION_TIME",
    "url": "http://127.0.0.1:9/hook",
}
"""What a type does not tell, by member."""
_WORDS = ("1000001", "3000001", "ada", "Zoë & Co", "a/b#c?d e%2F", "😀")


class Maker:
    """Makes JSON that msgspec would accept for a type; the same every time.

    Args:
        seed: Chooses the values.
    """

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)

    def value(self, kind: Any) -> Any:
        """The JSON of a type."""
        return self._of(inspect.type_info(kind))

    def _of(self, kind: inspect.Type) -> Any:
        match kind:
            case inspect.StructType():
                return {
                    each.encode_name: _HINTS.get(each.name) or self._of(each.type)
                    for each in kind.fields
                }
            case inspect.UnionType():
                given = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
                return self._of(self._chance.choice(given))
            case inspect.LiteralType():
                return self._chance.choice(kind.values)
            case inspect.Metadata():
                return self._of(kind.type)
            case inspect.DictType():
                return {self._of(kind.key_type): self._of(kind.value_type) for _ in range(2)}
            case inspect.ListType() | inspect.VarTupleType() | inspect.FrozenSetType():
                return [self._of(kind.item_type) for _ in range(2)]
            case inspect.TupleType():
                return list(map(self._of, kind.item_types))
            case _:
                return self._plain(kind)

    def _plain(self, kind: inspect.Type) -> Any:
        match kind:
            case inspect.StrType(pattern=str()):  # an id
                return str(self._chance.randrange(1, 2**53))
            case inspect.StrType():
                return self._chance.choice(_WORDS)
            case inspect.IntType():
                lowest = 1 if kind.ge is None else kind.ge
                return lowest + self._chance.randrange(min(1000, (kind.le or 1000) - lowest) + 1)
            case inspect.FloatType():
                return self._chance.randrange(1, 8000) / 8
            case inspect.BoolType():
                return self._chance.choice((True, False))
            case inspect.BytesType():
                return b64encode(self._chance.randbytes(9)).decode()
            case inspect.AnyType() | inspect.RawType() | inspect.CustomType(cls=builtins.object):
                return {"a": [1, None, "ü"]}
        raise AssertionError(f"no value of {kind}")
