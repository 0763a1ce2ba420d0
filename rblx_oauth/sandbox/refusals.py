"""Refusals, in the body shapes of Roblox's families of APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

__all__ = ["Family", "Refusal", "error_body", "family_of"]

Family = Literal["v1", "v2"]


class Refusal(Exception):  # an answer on its way, not a fault of the program
    """The request is not served.

    Attributes:
        status: The HTTP status.
        code: Roblox's code, e.g. ``NOT_FOUND``.
        message: Why, for the caller and for the list of recorded requests.
        gateway: Whether Roblox's gateway answers, before the API itself sees the request.
        headers: Headers that go with the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        gateway: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.gateway = gateway
        self.headers = dict(headers or {})

    @classmethod
    def invalid(cls, message: str) -> Refusal:
        """400 INVALID_ARGUMENT."""
        return cls(400, "INVALID_ARGUMENT", message)

    @classmethod
    def not_found(cls, message: str) -> Refusal:
        """404 NOT_FOUND."""
        return cls(404, "NOT_FOUND", message)

    @classmethod
    def denied(cls, message: str) -> Refusal:
        """403 PERMISSION_DENIED."""
        return cls(403, "PERMISSION_DENIED", message)

    @classmethod
    def unauthenticated(cls, message: str, *, challenge: str = "") -> Refusal:
        """401 from the gateway, with a ``WWW-Authenticate`` challenge where one fits (RFC 6750)."""
        headers = {"WWW-Authenticate": challenge} if challenge else {}
        return cls(401, "UNAUTHENTICATED", message, gateway=True, headers=headers)


def family_of(path: str) -> Family:
    """The family of error bodies that an operation's path belongs to."""
    return "v2" if path.startswith("/cloud/v2/") else "v1"


def error_body(refusal: Refusal, family: Family) -> dict[str, object]:
    """The JSON body of a refusal in its family's shape."""
    if refusal.gateway:
        return {"errors": [{"code": 0, "message": refusal.message}]}
    if family == "v2":
        return {"code": refusal.code, "message": refusal.message, "details": []}
    return {"error": refusal.code, "message": refusal.message, "errorDetails": []}
