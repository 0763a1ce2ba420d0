"""The faults of networks and providers, ``f01`` to ``f20``, that a sandbox injects by name."""

from __future__ import annotations

from rblx_oauth.sandbox.faults.standing import Fault, FaultLine, Faults
from rblx_oauth.sandbox.faults.table import KINDS, KindLine, kind_lines

__all__ = ["KINDS", "Fault", "FaultLine", "Faults", "KindLine", "kind_lines"]
