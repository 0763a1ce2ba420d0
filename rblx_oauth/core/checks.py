"""Checks of arguments that stay here: functions to be called, and how long to wait."""

from __future__ import annotations

from inspect import iscoroutinefunction


def seconds(name: str, value: float) -> float:
    """A number of seconds, perhaps of infinity.

    Raises:
        TypeError: It is not a number (a bool is none).
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    return value


def function(name: str, value: object) -> None:
    """A function that is called here, and not awaited.

    Raises:
        TypeError: It is none.
    """
    if not callable(value):
        raise TypeError(f"{name} must be a function, not {type(value).__name__}")
    if iscoroutinefunction(value):
        raise TypeError(f"{name} must be a plain function: nobody would await it")
