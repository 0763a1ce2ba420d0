"""Faults over HTTP: an API for programs, and what the page's forms send."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth._decoding import decoder, plain
from rblx_oauth.sandbox.faults.standing import Fault, Faults
from rblx_oauth.sandbox.faults.table import kind_lines

__all__ = ["fault_api", "take_form"]


def fault_api(faults: Faults) -> Blueprint:
    """The blueprint of ``/faults``."""
    api = Blueprint("faults", __name__, url_prefix="/faults")

    @api.get("")
    def show() -> AnyResponse:
        return _json({"faults": faults.lines(), "kinds": kind_lines()})

    @api.post("")
    def add() -> AnyResponse:
        try:
            body = decoder(dict[str, object])(request.get_data())
            return _json(_add(faults, body).line())
        except ValueError as error:
            return _json({"error": str(error)}, 400)

    @api.delete("")
    def clear() -> AnyResponse:
        faults.clear()
        return _json({})

    @api.delete("/<int:number>")
    def clear_one(number: int) -> AnyResponse:
        try:
            faults.clear(_numbered(faults, number))
        except ValueError as error:
            return _json({"error": str(error)}, 404)
        return _json({})

    return api


def take_form(faults: Faults, form: Mapping[str, str]) -> None:
    """Do what one of the page's forms asks for: clear one fault (or all of them), or add one.

    Raises:
        ValueError: It asks for what there is not.
    """
    if "clear" in form:
        faults.clear(None if form["clear"] == "all" else _numbered(faults, int(form["clear"])))
        return
    body: dict[str, object] = {"name": form.get("name", "")}
    body |= {name: form[name].strip() for name in ("operation",) if form.get(name)}
    body |= {name: _read(form[name]) for name in ("times", "share", "seed") if form.get(name)}
    if "forever" in form:
        body["times"] = None
    for option in form.get("options", "").split():
        name, _, value = option.partition("=")
        body[name] = _read(value)
    _add(faults, body)


def _add(faults: Faults, body: dict[str, object]) -> Fault:
    name = body.pop("name", "")
    if not isinstance(name, str) or not name:
        raise ValueError('give the "name" of a fault, such as "f02"')
    return faults.add(name, **body)  # type: ignore[arg-type]  # which is checked there


def _numbered(faults: Faults, number: int) -> Fault:
    for fault in faults:
        if fault.id == number:
            return fault
    raise ValueError(f"there is no fault {number} now")


def _read(text: str) -> object:
    """A value that a person typed: JSON where it is that, else text."""
    try:
        return plain(text)
    except msgspec.DecodeError:
        return text


def _json(value: object, status: int = 200) -> AnyResponse:
    return Response(msgspec.json.encode(value), status, mimetype="application/json")
