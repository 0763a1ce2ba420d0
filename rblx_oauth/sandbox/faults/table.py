"""The twenty faults, by name."""

from __future__ import annotations

import msgspec

from rblx_oauth._decoding import converter
from rblx_oauth.sandbox.faults import answers, network, provider
from rblx_oauth.sandbox.faults.kind import Kind

__all__ = ["KINDS", "KindLine", "kind_lines", "make_kind"]

KINDS: dict[str, type[Kind]] = {
    kind.name: kind
    for kind in (
        network.Refused,
        network.ResetBeforeAnswer,
        network.ResetInBody,
        network.SlowHead,
        network.SlowBody,
        answers.BrokenJson,
        answers.WrongType,
        answers.HugeBody,
        answers.GzipBomb,
        answers.Redirected,
        provider.GrantRevoked,
        provider.CredentialRefused,
        answers.Limited,
        answers.LimitedSilently,
        answers.BadGateway,
        provider.KeysRotated,
        provider.UnknownKeys,
        provider.KeysDown,
        provider.WrongClock,
        provider.TokenSpent,
    )
}


class KindLine(msgspec.Struct, frozen=True):
    """What there is to know of one kind.

    Attributes:
        name: ``f01`` to ``f20``.
        summary: What it does.
        times: How many requests it strikes unless told; ``None``: until it is cleared.
        by_request: Whether it strikes requests. The one that does not lasts for a time.
        only_at: The OAuth endpoints where alone it happens; empty for everywhere.
        options: JSON Schema of each option, with its default and description.
    """

    name: str
    summary: str
    times: int | None
    by_request: bool
    only_at: list[str]
    options: dict[str, dict[str, object]]


def kind_lines() -> list[KindLine]:
    """Every kind."""
    return [
        KindLine(
            name=name,
            summary=kind.summary,
            times=kind.times,
            by_request=kind.by_request,
            only_at=sorted(kind.only_at),
            options=_options(kind),
        )
        for name, kind in KINDS.items()
    ]


def _options(kind: type[Kind]) -> dict[str, dict[str, object]]:
    schema = msgspec.json.schema(kind)
    options: dict[str, dict[str, object]] = schema["$defs"][kind.__name__]["properties"]
    return options


def make_kind(name: str, options: dict[str, object]) -> Kind:
    """A fault of that name.

    Raises:
        ValueError: There is none, or an option is unknown or wrong.
    """
    kind = KINDS.get(name)
    if kind is None:
        raise ValueError(f"there is no fault {name!r}; there are {', '.join(KINDS)}")
    try:
        return converter(kind)(options)
    except msgspec.ValidationError as error:
        known = ", ".join(kind.__struct_fields__) or "none"
        raise ValueError(f"{name}: {error} (options: {known})") from None
