"""The table that is printed: what was measured, and the most it should be."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

from rblx_oauth import __version__
from tests.benchmarks import peer


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes:
        name: What was measured.
        measured: How much it was.
        aim: The most it should be; None where it is only told.
        unit: What of.
        detail: The figures behind it.
    """

    name: str
    measured: float
    aim: float | None
    unit: str
    detail: str = ""

    @property
    def missed(self) -> bool:
        """Whether it is past its aim."""
        return self.aim is not None and self.measured > self.aim

    def __str__(self) -> str:
        aim = "" if self.aim is None else f"(aim {self.aim:.4g})"
        mark = "  <- past its aim" if self.missed else ""
        value = f"{self.measured:8.2f} {self.unit:6}"
        return f"{self.name:41}{value}{aim:12} {self.detail}{mark}".rstrip()


def ratio(name: str, ours: float, theirs: float, aim: float, unit: str, remark: str = "") -> Line:
    """What ours takes as a share of what theirs takes; both in `unit`."""
    detail = f"{ours:.0f} {unit} beside {theirs:.0f} {unit}{remark}"
    return Line(name, ours / theirs, aim, "times", detail)


def show(lines: Iterable[Line]) -> bool:
    """Print lines as they are measured. Returns whether one missed its aim."""
    missed = False
    for line in lines:
        print(line, flush=True)
        missed |= line.missed
    return missed


def heading() -> str:
    """What the figures depend on, and a note where some are left out."""
    libraries = ("requests", "urllib3", "aiohttp", "msgspec")
    versions = ", ".join(
        [f"rblx-oauth {__version__}", *(f"{name} {version(name)}" for name in libraries)]
    )
    beside = peer.installed()
    note = (
        f"beside {peer.NAME} {beside}"
        if beside
        else f"{peer.NAME} is not installed: its lines are left out"
    )
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"{machine}\n{versions}\n{note}\n"
