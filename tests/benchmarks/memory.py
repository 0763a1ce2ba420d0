"""How much memory a program holds, and how much it grows."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.loopback import ROOT


def peak() -> float:
    """The most memory that this program ever held, in megabytes.

    Linux tells it of the program itself; what `getrusage` tells includes the
    process that started it, as it was then.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return float(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def grown(module: str, *arguments: str) -> float:
    """The megabytes that a program of this package prints, run in a process of its own."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    return float(subprocess.check_output(command, cwd=ROOT))
