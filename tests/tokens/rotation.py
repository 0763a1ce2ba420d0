"""A token endpoint with single-use refresh tokens, and faults to order."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from typing import Literal

from tests.oauth.provider import Provider
from tests.support.server import Answer, Seen, json_reply

Fault = Literal["reset unspent", "reset spent", "503", "429", "garbage", "invalid_client", "none"]


class Rotation:
    """Takes over a provider's token and revocation endpoints.

    Attributes:
        faults: What to do to the next refreshes, one each; then all is well.
        gate: While it is cleared, the first refresh is spent but not answered.
        grace: Take spent refresh tokens too, as some providers do for a while.
        arrived: Set when a refresh has come in.
        submitted: Every refresh token that was submitted, in order.
        revoked: Every token that was revoked, in order.
        revocation_down: Answer revocations with 503.
    """

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.faults: deque[Fault] = deque()
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Event()
        self.submitted: list[str] = []
        self.revoked: list[str] = []
        self.revocation_down = False
        self.grace = False
        self.live = ""
        provider.override["v1/token"] = self._token
        provider.override["v1/token/revoke"] = self._revoke

    def _token(self, seen: Seen) -> Answer:
        if seen.form["grant_type"] == "authorization_code":
            return json_reply(self._issue())
        submitted = seen.form["refresh_token"]
        self.submitted.append(submitted)
        fault = self.faults.popleft() if self.faults else "none"
        if fault == "reset unspent":
            return Answer(reset=True)
        if fault == "503":
            return Answer(503, b"<html>busy</html>")
        if fault == "429":
            return json_reply({"errors": [{"code": 0, "message": "slow"}]}, 429, retry_after="1")
        if fault == "invalid_client":
            return json_reply({"error": "invalid_client"}, 401)
        if submitted != self.live and not self.grace:
            return json_reply({"error": "invalid_grant"}, 400)
        answer = self._issue()
        if not self.arrived.is_set():
            self.arrived.set()
            self.gate.wait(20)
        if fault == "reset spent":
            return Answer(reset=True)
        if fault == "garbage":
            return Answer(200, b"{", {"content-type": "application/json"})
        return json_reply(answer)

    def _issue(self) -> dict[str, object]:
        access, self.live = "at-" + secrets.token_urlsafe(500), "rt-" + secrets.token_urlsafe(800)
        return {
            "access_token": access,
            "refresh_token": self.live,
            "token_type": "Bearer",
            "expires_in": 899,
            "scope": "openid profile",
            "id_token": self.provider.make_id_token(access),
        }

    def _revoke(self, seen: Seen) -> Answer:
        if self.revocation_down:
            return Answer(503)
        self.revoked.append(seen.form["token"])
        return Answer(200)
