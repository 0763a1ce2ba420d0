"""The files that a page of the documentation shows: code blocks that are named above."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"<!-- file: (\S+) -->\n```python\n(.*?)```", re.DOTALL)


def write_shown(page: str, folder: Path) -> Path:
    """Write every file that `page` shows into `folder`; returns the folder."""
    for name, code in BLOCK.findall((ROOT / page).read_text()):
        (folder / name).write_text(code)
    return folder
