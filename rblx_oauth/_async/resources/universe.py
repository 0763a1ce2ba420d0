"""Universes: the way to their parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from rblx_oauth import models
from rblx_oauth._async.resources.universe_storage import AsyncUniverseStorage
from rblx_oauth.core import people
from rblx_oauth.core.arguments import identifier

if TYPE_CHECKING:
    from rblx_oauth._async.resources.analytics import AsyncAnalytics
    from rblx_oauth._async.resources.badges import AsyncBadges
    from rblx_oauth._async.resources.configs import AsyncConfig
    from rblx_oauth._async.resources.events import AsyncEvents
    from rblx_oauth._async.resources.experiments import AsyncExperiments
    from rblx_oauth._async.resources.homepage_thumbnails import AsyncHomepageThumbnails
    from rblx_oauth._async.resources.place import AsyncPlace
    from rblx_oauth._async.resources.products import AsyncDeveloperProducts, AsyncGamePasses
    from rblx_oauth._async.resources.restrictions import AsyncUserRestrictions
    from rblx_oauth._async.resources.secrets import AsyncSecrets
    from rblx_oauth._async.resources.servers import AsyncServers


class AsyncUniverse(AsyncUniverseStorage):
    """A universe, by its id. Each of its parts is imported when it is first used.

    Attributes:
        id: Its id.
    """

    @property
    def restrictions(self) -> AsyncUserRestrictions:
        """Who may not join any of its places."""
        from rblx_oauth._async.resources.restrictions import AsyncUserRestrictions

        return AsyncUserRestrictions(self._sender, self.id)

    @property
    def servers(self) -> AsyncServers:
        """Its game servers."""
        from rblx_oauth._async.resources.servers import AsyncServers

        return AsyncServers(self._sender, self.id)

    @property
    def secrets(self) -> AsyncSecrets:
        """Its secrets."""
        from rblx_oauth._async.resources.secrets import AsyncSecrets

        return AsyncSecrets(self._sender, self.id)

    @property
    def game_passes(self) -> AsyncGamePasses:
        """What it sells once to each player."""
        from rblx_oauth._async.resources.products import AsyncGamePasses

        return AsyncGamePasses(self._sender, self.id)

    @property
    def developer_products(self) -> AsyncDeveloperProducts:
        """What it sells again and again."""
        from rblx_oauth._async.resources.products import AsyncDeveloperProducts

        return AsyncDeveloperProducts(self._sender, self.id)

    @property
    def badges(self) -> AsyncBadges:
        """What players earn in it."""
        from rblx_oauth._async.resources.badges import AsyncBadges

        return AsyncBadges(self._sender, self.id)

    @property
    def events(self) -> AsyncEvents:
        """What it announces."""
        from rblx_oauth._async.resources.events import AsyncEvents

        return AsyncEvents(self._sender, self.id)

    @property
    def experiments(self) -> AsyncExperiments:
        """What it tries on a part of its players."""
        from rblx_oauth._async.resources.experiments import AsyncExperiments

        return AsyncExperiments(self._sender, self.id)

    @property
    def thumbnails(self) -> AsyncHomepageThumbnails:
        """Its pictures on the home page."""
        from rblx_oauth._async.resources.homepage_thumbnails import AsyncHomepageThumbnails

        return AsyncHomepageThumbnails(self._sender, self.id)

    @property
    def analytics(self) -> AsyncAnalytics:
        """Its numbers."""
        from rblx_oauth._async.resources.analytics import AsyncAnalytics

        return AsyncAnalytics(self._sender, self.id)

    def place(self, place_id: int) -> AsyncPlace:
        """A place of the universe. Nothing is sent."""
        from rblx_oauth._async.resources.place import AsyncPlace

        return AsyncPlace(self._sender, self.id, place_id)

    def config(
        self,
        repository: models.ConfigRepository | str = "InExperienceConfig",
    ) -> AsyncConfig:
        """A repository of the universe's configs. Nothing is sent."""
        from rblx_oauth._async.resources.configs import AsyncConfig

        return AsyncConfig(self._sender, self.id, repository)

    async def social_links(self) -> dict[str, models.SocialLink]:
        """The links that it shows, by network: ``{"discord": SocialLink(...)}``.

        `update` changes them.
        """
        return (await self.get()).social_links

    async def notify(
        self,
        user_id: int,
        message_id: str,
        parameters: Mapping[str, str | int] | None = None,
        *,
        launch_data: str | None = None,
        category: str | None = None,
    ) -> models.UserNotification:
        """Send a user a notification, made from a template of the universe.

        Never sent twice: one that may have gone out is `AmbiguousOutcome`.

        Args:
            user_id: To whom.
            message_id: The template's id, from the Creator Dashboard.
            parameters: What goes into its gaps, by name.
            launch_data: What the universe is told when the user joins from it; at
                most 200 bytes.
            category: What analytics count it under.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            InsufficientScope: The token lacks ``user.user-notification:write``.
            AmbiguousOutcome: It may have been sent.
        """
        from rblx_oauth.api import notifications
        from rblx_oauth.core import notification

        return await self._sender.send(
            notifications.create_user_notification(
                user_id=user_id,
                source=models.NotificationSource(universe=f"universes/{self.id}"),
                payload=notification.payload(message_id, parameters, launch_data, category),
            )
        )

    async def subscription(
        self, product_id: str, user_id: int, *, view: Literal["BASIC", "FULL"] = "FULL"
    ) -> models.Subscription:
        """A user's subscription to a product of the universe.

        Args:
            product_id: The product, e.g. ``EXP-1234567890``.
            user_id: The subscriber.
            view: ``BASIC`` is all that is needed to know whether it is active.

        Raises:
            NotFound: There is none.
        """
        from rblx_oauth.api import subscriptions

        return await self._sender.send(
            subscriptions.get_subscription(
                universe_id=self.id,
                subscription_product_id=product_id,
                subscription_id=identifier("user_id", user_id),
                view=people.one_of("view", view, ("BASIC", "FULL")),
            )
        )
