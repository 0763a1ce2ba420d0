"""What a PATCH changes: the body, and the field mask that says what of it counts."""

from __future__ import annotations

import msgspec
from flask import Request

from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["patch"]


def patch(request: Request, shape: type[msgspec.Struct]) -> dict[str, object]:
    """What a PATCH changes: new values by the members of `shape`, None for what is cleared.

    With an ``updateMask`` that is what it names, whether or not the body has it; without one,
    what the body has.

    Args:
        request: The request.
        shape: Everything that can be changed; each member defaults to ``UNSET``.

    Raises:
        Refusal: 400, the mask names something else, or the body is not of that shape.
    """
    body = json_body(request, shape)
    names = {each.encode_name: each.name for each in msgspec.structs.fields(shape)}
    mask = request.args.get("updateMask")
    if not mask:
        given = {name: getattr(body, name) for name in names.values()}
        return {name: value for name, value in given.items() if value not in (msgspec.UNSET, None)}
    named = [path.strip() for path in mask.split(",")]
    for path in named:
        if path not in names:
            raise Refusal.invalid(f"updateMask takes {', '.join(names)}", "updateMask")
    values = {names[path]: getattr(body, names[path]) for path in named}
    return {name: None if value is msgspec.UNSET else value for name, value in values.items()}
