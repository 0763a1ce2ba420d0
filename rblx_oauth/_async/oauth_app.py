"""`AsyncOAuthApp`: logging in, refreshing and revoking. It drives `rblx_oauth.oauth`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from rblx_oauth._async.closing import AsyncClosing
from rblx_oauth._async.observed import observed
from rblx_oauth._async.provider import NEVER, SAFE, UNSENT, AsyncProvider
from rblx_oauth.core.checks import seconds
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.events import EventHook, refresh_listener
from rblx_oauth.core.message import AsyncTransport, Request, Response
from rblx_oauth.core.redact import Quiet
from rblx_oauth.core.url import API_BASE
from rblx_oauth.errors import ConfigurationError, IdTokenError, ReauthorizationRequired
from rblx_oauth.oauth import authorization, config, endpoints, id_token, jwks, resources
from rblx_oauth.oauth.authorization import AuthorizationRequest
from rblx_oauth.oauth.config import ClientCredentials
from rblx_oauth.oauth.discovery import Metadata
from rblx_oauth.oauth.endpoints import Introspection
from rblx_oauth.oauth.resources import Resources
from rblx_oauth.oauth.scopes import granted_scopes, requested_scopes
from rblx_oauth.oauth.token import Token, check_token
from rblx_oauth.runtime.clock import SYSTEM_CLOCK

if TYPE_CHECKING:
    from rblx_oauth._async.budget import AsyncRateBudget
    from rblx_oauth._async.client import AsyncClient
    from rblx_oauth._async.grant import AsyncGrant
    from rblx_oauth._async.stores.base import AsyncStore


class AsyncOAuthApp(AsyncClosing):
    """An application registered at Roblox (or at a sandbox). Share one among all workers.

    Args:
        client_id: From the app's page on create.roblox.com.
        client_secret: From there too; None for a public client, which has PKCE alone.
        redirect_uri: Where callbacks arrive, as registered.
        issuer: The provider, byte for byte as it calls itself.
        api_base: Where Open Cloud is, for the clients made from this app.
        token_endpoint_auth_method: ``client_secret_post`` (the default with a secret),
            ``client_secret_basic``, or ``none`` (without a secret).
        transport: Carries the requests; one of its own by default.
        clock: The time.
        timeout: Seconds for one request to the provider, its repetitions included.
        allow_unknown_scopes: Let scopes pass that the catalogue does not know.
        on_event: Told of each request, its clients' too; of refreshes if it is a `RefreshHook`.

    Raises:
        ConfigurationError: Any of these cannot work.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str | None = None,
        *,
        redirect_uri: str | None = None,
        issuer: str = config.ISSUER,
        api_base: str = API_BASE,
        token_endpoint_auth_method: str | None = None,
        transport: AsyncTransport | None = None,
        clock: Clock = SYSTEM_CLOCK,
        timeout: float = 10.0,
        allow_unknown_scopes: bool = False,
        on_event: EventHook | None = None,
    ) -> None:
        self._credentials = config.client_credentials(
            client_id, client_secret, token_endpoint_auth_method
        )
        self.client_id = client_id
        self.issuer = config.check_issuer(issuer)
        self.api_base = config.check_api_base(api_base)
        self.redirect_uri = (
            None if redirect_uri is None else config.check_redirect_uri(redirect_uri)
        )
        if not seconds("timeout", timeout) > 0:
            raise ConfigurationError("timeout must be a positive number of seconds")
        self.clock = clock
        self.timeout = timeout
        self._owns_transport = transport is None
        self.transport: AsyncTransport = observed(
            _transport() if transport is None else transport, on_event, clock
        )
        self.on_refresh = refresh_listener(on_event)
        self._allow_unknown_scopes = allow_unknown_scopes
        self._provider = AsyncProvider(
            self.issuer, transport=self.transport, clock=clock, timeout=timeout
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(client_id={self.client_id!r}, issuer={self.issuer!r})"

    async def authorization_request(
        self,
        scopes: str | Iterable[str],
        *,
        prompt: str | None = None,
        redirect_uri: str | None = None,
    ) -> AuthorizationRequest:
        """Begin a login: send the browser to the result's `url`, keep the rest on the server.

        ``openid`` is always asked for: the id_token is what proves who logged in.

        Args:
            scopes: What to ask for, as names or as one string with spaces.
            prompt: ``none``, ``login``, ``consent``, ``select_account``, or several
                of the last three.
            redirect_uri: Instead of the app's own. From configuration, never from
                a request's Host header.

        Raises:
            ConfigurationError: An argument is wrong, or there is no redirect URI.
            DiscoveryError, TransportError, RateLimited, ServerError: The provider's
                metadata is not to be had.
        """
        where = self.redirect_uri if redirect_uri is None else redirect_uri
        if where is None:
            raise ConfigurationError("redirect_uri is missing: give it to the app or to the call")
        config.check_redirect_uri(where)
        asked = requested_scopes(scopes, allow_unknown=self._allow_unknown_scopes)
        authorization.check_prompt(prompt)
        return authorization.authorization_request(
            await self._provider.metadata(),
            client_id=self.client_id,
            redirect_uri=where,
            scopes=asked,
            prompt=prompt,
        )

    async def exchange(self, callback_url: str, request: AuthorizationRequest) -> Token:
        """End a login: check the callback, exchange its code, check the id_token.

        The code is submitted once; it is sent again only if no connection was
        made. The keys are at hand before, so that no outage of theirs wastes it.

        Args:
            callback_url: What the browser asked for, query included.
            request: What `authorization_request` gave for this browser.

        Raises:
            CallbackError: The callback does not answer `request`; nothing was sent.
            AuthorizationDenied: The person or Roblox said no.
            TokenError, InvalidClient, RateLimited: The code was refused.
            IdTokenError: The id_token failed a check; no token is given out.
            TransportError, ProtocolError, ServerError: The outcome is unknown: begin
                a new login, the code may be spent.
        """
        callback_url = Quiet(callback_url)
        callback = authorization.read_callback(callback_url, request, issuer=self.issuer)
        metadata = await self._provider.metadata()
        submission = endpoints.exchange_request(
            metadata,
            self._credentials,
            code=authorization.authorization_code(callback, metadata),
            code_verifier=request.code_verifier,
            redirect_uri=request.redirect_uri,
        )
        await self._provider.keys()
        asked_at = self.clock.now()
        response = await self._provider.send(submission, again=UNSENT)
        answer = endpoints.read_token_answer(
            response, operation=endpoints.EXCHANGE, now=self.clock.now()
        )
        # OpenID Connect Core 3.1.3.3: openid was asked for, so there must be an id_token.
        if answer.id_token is None:
            raise IdTokenError("Roblox sent no id_token, so nobody is logged in", check="missing")
        claims = await self._verified_claims(answer)
        id_token.check_nonce(claims, request)
        return endpoints.token_from(
            answer,
            asked_at=asked_at,
            scopes=granted_scopes(answer.scope, otherwise=request.scopes),
            subject=str(claims["sub"]),
            issuer=self.issuer,
            client_id=self.client_id,
        ).with_claims(id_token.public_claims(claims))

    async def refresh(self, token: Token) -> Token:
        """Trade a token for a new one. Its refresh token is spent by this.

        Where a token is shared, use a grant (`client`, `grant`): of two who
        refresh the same token, one is refused.

        Raises:
            As `submit_refresh` and `validate_refreshed`.
        """
        return await self.validate_refreshed(await self.submit_refresh(token), token)

    async def submit_refresh(self, token: Token) -> Token:
        """Spend the refresh token: one POST, never repeated, nothing validated yet.

        The result carries the claims of `token`; store it before anything
        else, then give both to `validate_refreshed`.

        Raises:
            ConnectFailed, RateLimited: Surely not processed: `token` is as good as before.
            ConnectionLost, DeadlineExceeded, ProtocolError, ServerError: Uncertain.
            TokenError: Refused; code ``invalid_grant`` means that it is spent or revoked.
            InvalidClient: The app's own credentials are wrong.
            ReauthorizationRequired: There is no refresh token.
        """
        self._check_own(token)
        if token.refresh_token is None:
            raise ReauthorizationRequired(
                "this token has no refresh token: log in again", reason="missing"
            )
        metadata = await self._provider.metadata_before(endpoints.REFRESH)
        asked_at = self.clock.now()
        response = await self._provider.send(
            endpoints.refresh_request(metadata, self._credentials, token.refresh_token),
            again=NEVER,
        )
        answer = endpoints.read_token_answer(
            response, operation=endpoints.REFRESH, now=self.clock.now()
        )
        return endpoints.refreshed_token(answer, token, asked_at=asked_at)

    async def validate_refreshed(self, new: Token, old: Token) -> Token:
        """Check the id_token that came with a refresh, if one did.

        Args:
            new: What `submit_refresh` gave.
            old: What was given to it.

        Returns:
            `new`, with the claims of its id_token.

        Raises:
            IdTokenError: It is not about the same person at the same provider.
            DiscoveryError, TransportError, RateLimited, ServerError: The keys to check
                it with are not to be had.
        """
        if new.id_token is None or new.id_token == old.id_token:
            return new
        claims = await self._verified_claims(new)
        earlier = id_token.claims_of(old.id_token)
        id_token.check_same_login(claims, earlier, subject=old.subject)
        return new.with_claims(id_token.public_claims(claims))

    async def revoke(self, token: Token | str) -> None:
        """End the authorization at Roblox; a token that is gone already counts as ended.

        Args:
            token: A `Token`, of which the refresh token is revoked if there is
                one; or a refresh or access token as it is.

        Raises:
            ServerError, RateLimited, TransportError: It may still be live: try again later.
            TokenError, InvalidClient, ProtocolError: Roblox refused.
        """
        response = await self._ask(endpoints.revoke_request, token)
        endpoints.read_revocation(response, now=self.clock.now())

    async def introspect(self, token: Token | str) -> Introspection:
        """What Roblox knows of an access token. Not a revocation check (see `Introspection`).

        Raises:
            TokenError, InvalidClient, RateLimited, ServerError, ProtocolError,
            TransportError: It could not be asked.
        """
        response = await self._ask(endpoints.introspect_request, token)
        return endpoints.read_introspection(response, now=self.clock.now())

    async def userinfo(self, token: Token) -> Mapping[str, object]:
        """The person's claims: ``sub``; with the scope ``profile`` also names and picture.

        Raises:
            IdTokenError: It is about somebody else than `token` is (``check="sub"``).
            Unauthorized, PermissionDenied, RateLimited, ServerError, ProtocolError,
            TransportError: It could not be asked.
        """
        self._check_own(token)
        request = endpoints.userinfo_request(await self._provider.metadata(), token)
        response = await self._provider.send(request, again=SAFE)
        return endpoints.read_userinfo(response, subject=token.subject, now=self.clock.now())

    async def resources(self, token: Token | str) -> Resources:
        """The universes and creators that the person let this token act on.

        Raises:
            TokenError, InvalidClient, RateLimited, ServerError, ProtocolError,
            TransportError: It could not be asked.
        """
        response = await self._ask(endpoints.resources_request, token)
        return resources.read_resources(response, now=self.clock.now())

    async def client(
        self,
        token: Token | None = None,
        *,
        grant_id: str | None = None,
        store: AsyncStore | None = None,
        api_key: str | None = None,
        budget: AsyncRateBudget | None = None,
    ) -> AsyncClient:
        """A client that acts for a person and keeps its token fresh.

        Args:
            token: A token to keep in `store`; or give `grant_id`, for one kept there before.
            grant_id: Names a kept token.
            store: Where it is kept; in this process's memory by default.
            api_key: Used for the operations that take no token.
            budget: Keeps to Roblox's rate limits.

        Raises:
            ConfigurationError: Not exactly one of `token` and `grant_id`, or a
                `grant_id` without its store.
            StoreError: The store failed.
        """
        from rblx_oauth._async.client import AsyncClient
        from rblx_oauth._async.stores.memory import AsyncMemoryStore

        if (token is None) == (grant_id is None):
            raise ConfigurationError("give either a token or a grant_id")
        if token is not None:
            store = AsyncMemoryStore() if store is None else store
            grant_id = await self.keep(token, store)
        if grant_id is None or store is None:
            raise ConfigurationError("a grant_id needs the store that the grant is kept in")
        return AsyncClient(
            token=self.grant(grant_id, store),
            api_key=api_key,
            api_base=self.api_base,
            transport=self.transport,
            budget=budget,
            clock=self.clock,
        )

    async def keep(self, token: Token, store: AsyncStore) -> str:
        """Keep a token in `store`; returns the grant id that names it from now on.

        Raises:
            StoreError: The store failed.
        """
        from rblx_oauth._async.grant import keep

        self._check_own(token)
        return await keep(self, token, store)

    def grant(self, grant_id: str, store: AsyncStore) -> AsyncGrant:
        """The grant that `keep` named: a token that renews itself, shared by all workers."""
        from rblx_oauth._async.grant import AsyncGrant

        return AsyncGrant(self, store, grant_id)

    async def retry_revocations(self, store: AsyncStore, *, limit: int = 1000) -> int:
        """Try the revocations again that Roblox did not confirm at a logout; how many are done.

        `AsyncGrant.end` queues them in the store. Call it now and then, in one
        process or in several. At most `limit` are tried.

        Raises:
            StoreError: The store failed.
            RobloxError: As `revoke`. The one it tried and the rest stay queued.
        """
        from rblx_oauth._async.revocations import retry_revocations

        return await retry_revocations(self, store, limit=limit)

    async def aclose(self) -> None:
        """Let go of connections, unless the transport was given from outside."""
        if self._owns_transport:
            await self.transport.aclose()

    async def _verified_claims(self, issued: id_token.Issued) -> id_token.Claims:
        unverified = id_token.read_header(issued)
        keys = await self._provider.keys(unverified.kid)
        claims = id_token.verify(unverified, jwks.find_key(keys, unverified.kid))
        id_token.check_claims(
            claims, issuer=self.issuer, client_id=self.client_id, now=self.clock.now()
        )
        id_token.check_access_token(claims, issued)
        return claims

    async def _ask(
        self,
        build: Callable[[Metadata, ClientCredentials, Token | str], Request],
        token: Token | str,
    ) -> Response:
        if token == "":
            raise ConfigurationError("token must not be empty")
        if not isinstance(token, str):
            self._check_own(token)
        request = build(await self._provider.metadata(), self._credentials, token)
        return await self._provider.send(request, again=SAFE)

    def _check_own(self, token: Token) -> None:
        check_token(token, issuer=self.issuer, client_id=self.client_id)


def _transport() -> AsyncTransport:
    from rblx_oauth.transport.aiohttp_transport import AiohttpTransport

    return AiohttpTransport()
