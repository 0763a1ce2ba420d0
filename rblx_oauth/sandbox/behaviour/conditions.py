"""Conditions on players, as configs and experiments write them: tokens in postfix order."""

from __future__ import annotations

import msgspec

__all__ = ["Criteria", "Rule"]


class _Wire(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """Data as Roblox writes it."""


class Constant(_Wire):
    """A constant, in words."""

    boolean_value: str | None = None
    integer_value: str | None = None
    double_value: str | None = None
    string_value: str | None = None


class Operand(_Wire):
    """What is compared."""

    attribute_reference: str | None = None
    literal_value: Constant | None = None


class Token(_Wire):
    """An operator or an operand."""

    operator: str | None = None
    operand: Operand | None = None


class Rule(_Wire):
    """A condition; one without tokens holds for nobody."""

    tokens: list[Token] | None = None


class Criteria(_Wire):
    """Who may take part in an experiment."""

    rule: Rule | None = None
