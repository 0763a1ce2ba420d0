"""What a person typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from example_site.errors import Problem


@dataclass
class Form:
    """The values of a form, so that a page can show them again, and what to say about them.

    Attributes:
        values: What was typed, by field name.
        errors: What is wrong, by field name, in the order of the page.
        problem: What went wrong with Roblox, where the form itself was in order.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    problem: Problem | None = None

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def failed(self) -> bool:
        """Whether the page must say that something went wrong."""
        return bool(self.errors or self.problem)

    def require(self, name: str, what: str, limit: int) -> None:
        """Note an error unless the field holds between 1 and `limit` characters."""
        if not self[name].strip():
            self.errors[name] = f"Enter {what}"
        else:
            self.limit(name, what, limit)

    def limit(self, name: str, what: str, limit: int) -> None:
        """Note an error if the field holds more than `limit` characters."""
        excess = len(self[name]) - limit
        if excess > 0:
            self.errors[name] = f"Shorten {what} by {excess:,} character{'s' * (excess > 1)}"


def typed(values: Mapping[str, str], *names: str) -> dict[str, str]:
    """The named fields as typed, with the line ends that a form's encoding doubles made single."""
    return {name: values.get(name, "").replace("\r\n", "\n") for name in names}
