"""Logging people in without a browser, and what else a test does with the provider."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from rblx_oauth._decoding import converter, decoder
from rblx_oauth.oauth.token import Token
from rblx_oauth.sandbox.running import Running
from rblx_oauth.sandbox.seed import CONFIDENTIAL_CLIENT

__all__ = ["Logins"]

_SCOPES = ("openid", "profile")


class Logins(Running):
    """A running sandbox, and its people and their grants."""

    def consent(
        self,
        authorization_url: str,
        *,
        user: int | str | None = None,
        universes: Iterable[int | str] | None = None,
        groups: Iterable[int | str] | None = None,
        creator: bool = True,
        deny: bool = False,
    ) -> str:
        """Log in and answer the consent page over HTTP, as a person with a new browser would.

        The page is asked for (``prompt=consent``) even if the person agreed before, unless the URL
        has a prompt of its own, so that what is chosen here is what the app gets.

        Args:
            authorization_url: Where the app sends the person.
            user: Who logs in, by id; the first user unless given.
            universes: The ids to let the app into; all that the page offers unless given.
            groups: The ids of groups to let the app act for; all on offer unless given.
            creator: Whether to let the app act for the account itself.
            deny: Choose Cancel.

        Returns:
            The URL that the person would be sent back to; it is not opened.

        Raises:
            rblx_oauth.sandbox.browser.PageError: The sandbox showed an error page instead.
        """
        # Here, because `requests` takes a tenth of the start-up that a bare server does not need.
        from rblx_oauth.sandbox import browser

        return browser.consent(
            authorization_url,
            user=self._person(user),
            universes=None if universes is None else {str(each) for each in universes},
            groups=None if groups is None else {str(each) for each in groups},
            creator=creator,
            deny=deny,
        )

    def issue_token(
        self,
        user: int | str | None = None,
        client_id: str | None = None,
        scopes: Iterable[str] = _SCOPES,
        *,
        universes: Iterable[int | str] | None = None,
        groups: Iterable[int | str] | None = None,
        creator: bool = True,
    ) -> dict[str, object]:
        """What the token endpoint answers after a login, with no login and no request.

        Args:
            user: Who agrees, by id; the first user unless given.
            client_id: The app; the confidential one unless given.
            scopes: What they agree to. ``profile`` brings ``openid``.
            universes: The ids to let the app into; all that the consent page would offer
                unless given.
            groups: The ids of groups to let the app act for; all on offer unless given.
            creator: Whether to let the app act for the account itself.

        Returns:
            ``access_token``, ``refresh_token``, ``expires_in``, ``scope``, ``token_type`` and,
            with ``openid``, ``id_token``.

        Raises:
            ValueError: There is no such user, app or scope, or something chosen is not on offer.
            RuntimeError: The sandbox was never started.
        """
        if self._app is None:
            raise RuntimeError("start the sandbox first: tokens carry its address")
        # Here, as in `consent`.
        from rblx_oauth.sandbox.oauth.issuing import issue

        with self._app.provider.app_context():
            return issue(
                self._app.server,
                user_id=self._person(user),
                client_id=client_id or CONFIDENTIAL_CLIENT.client_id,
                scopes=scopes,
                universes=universes,
                groups=groups,
                creator=creator,
            )

    def token_for(
        self,
        user: int | str | None = None,
        client_id: str | None = None,
        scopes: Iterable[str] = _SCOPES,
        *,
        universes: Iterable[int | str] | None = None,
        groups: Iterable[int | str] | None = None,
        creator: bool = True,
    ) -> Token:
        """The same as `issue_token`, as this library's `Token`: ``Client(token=...)`` takes it."""
        issued_at = datetime.fromtimestamp(self.state.clock.now(), UTC)
        answer = converter(_Answer)(
            self.issue_token(
                user, client_id, scopes, universes=universes, groups=groups, creator=creator
            )
        )
        return Token(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            id_token=answer.id_token,
            scopes=frozenset(answer.scope.split()),
            issued_at=issued_at,
            expires_at=issued_at + timedelta(seconds=answer.expires_in),
            subject=self._person(user),
            issuer=self.issuer,
            client_id=client_id or CONFIDENTIAL_CLIENT.client_id,
            claims=_claims(answer.id_token) if answer.id_token else {},
        )

    def revoke_grants(self, user: int | str, client_id: str = "") -> int:
        """The person removes the app (or all apps) in their Roblox settings.

        Returns:
            How many grants ended.
        """
        with self.state.lock:
            return self.state.oauth.end_by_person(str(user), client_id)

    def rotate_keys(self, *, keep_old: bool = True) -> str:
        """Sign with a new key from now on, the key before it still listed unless told.

        Returns:
            The new key's id.
        """
        return self.state.keys.rotate(keep_old=keep_old)

    def _person(self, user: int | str | None) -> str:
        return next(iter(self.state.users)) if user is None else str(user)


class _Answer(msgspec.Struct):
    access_token: str
    refresh_token: str
    expires_in: int
    scope: str
    id_token: str | None = None


def _claims(id_token: str) -> dict[str, object]:
    from joserfc import jws

    payload = jws.extract_compact(id_token.encode()).payload
    return decoder(dict[str, object])(payload)
