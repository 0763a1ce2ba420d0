"""Everything the sandbox holds, as a file; and back to the beginning."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Blueprint, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox.files import FileError, read_into
from rblx_oauth.sandbox.page.shell import Shell
from rblx_oauth.sandbox.state import State

__all__ = ["add"]

_YAML = (".yaml", ".yml")


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state

    @views.get("/saved")
    def saved() -> str:
        return shell.show("saved", base=shell.base)

    @views.post("/saved")
    def load() -> AnyResponse | tuple[str, int]:
        file = request.files.get("file")
        if file is None or not file.filename:
            refused = "Choose a file first."
            return shell.show("saved", base=shell.base, refused=refused), 400
        try:
            _load(state, file, alone=request.form.get("how") == "alone")
        except FileError as error:
            return shell.show("saved", base=shell.base, refused=str(error)), 400
        return shell.done("The file was loaded.", "saved")

    @views.get("/reset")
    def ask_before_reset() -> str:
        return shell.show("saved", template="reset", title="Reset the sandbox?")

    @views.post("/reset")
    def reset() -> AnyResponse:
        state.reset()
        return shell.done("The sandbox is as it began.", "overview")


def _load(state: State, file: FileStorage, *, alone: bool) -> None:
    """Read an upload as if it had been given on the command line.

    Raises:
        FileError: Something in it is wrong; the line is named.
    """
    is_yaml = (file.filename or "").lower().endswith(_YAML)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("file.yaml" if is_yaml else "file.json")
        file.save(path)
        read_into(state, path, alone=alone)
