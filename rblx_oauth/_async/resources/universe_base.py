"""The universe itself, without its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from rblx_oauth import models
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import universes
from rblx_oauth.catalog import operation
from rblx_oauth.core import polling
from rblx_oauth.core.arguments import flag, identifier, several, text
from rblx_oauth.core.call import Call
from rblx_oauth.core.codec import decoder
from rblx_oauth.core.restarts import some_places, whole_minutes
from rblx_oauth.core.sources import Source

BLEED_OFF = 60
"""Minutes that servers may be left to empty before `restart_servers` ends them."""

CLEARABLE = (
    "facebook_social_link",
    "twitter_social_link",
    "youtube_social_link",
    "twitch_social_link",
    "discord_social_link",
    "roblox_group_social_link",
    "guilded_social_link",
    "private_server_price_robux",
)
"""Members that a universe may be without."""


class AsyncUniverseBase:
    """What a universe is and does as a whole.

    Attributes:
        id: Its id.
    """

    def __init__(self, sender: AsyncSender, universe_id: int) -> None:
        identifier("universe_id", universe_id)
        self._sender = sender
        self.id = universe_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    async def get(self) -> models.Universe:
        """What Roblox knows of it.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(universes.get_universe(universe_id=self.id))

    async def update(
        self,
        *,
        facebook_social_link: models.SocialLink | None = None,
        twitter_social_link: models.SocialLink | None = None,
        youtube_social_link: models.SocialLink | None = None,
        twitch_social_link: models.SocialLink | None = None,
        discord_social_link: models.SocialLink | None = None,
        roblox_group_social_link: models.SocialLink | None = None,
        guilded_social_link: models.SocialLink | None = None,
        voice_chat_enabled: bool | None = None,
        private_server_price_robux: int | None = None,
        desktop_enabled: bool | None = None,
        mobile_enabled: bool | None = None,
        tablet_enabled: bool | None = None,
        console_enabled: bool | None = None,
        vr_enabled: bool | None = None,
        clear: Iterable[str] = (),
    ) -> models.Universe:
        """Change what is given, and nothing else. Its root place names and describes it.

        Another price ends every subscription of a private server; clearing it
        ends the private servers.

        Args:
            facebook_social_link: Title and address; so with the other links.
            twitter_social_link: As above.
            youtube_social_link: As above.
            twitch_social_link: As above.
            discord_social_link: As above.
            roblox_group_social_link: As above.
            guilded_social_link: As above.
            voice_chat_enabled: Whether players may speak; not for servers that run.
            private_server_price_robux: In Robux; 0 makes them free.
            desktop_enabled: Whether it can be played there; so with the others.
            mobile_enabled: As above.
            tablet_enabled: As above.
            console_enabled: As above.
            vr_enabled: As above.
            clear: Names of links, or ``private_server_price_robux``, to be without.

        Raises:
            ValueError, TypeError: An argument is wrong, or nothing is to change.
            AmbiguousOutcome: It may have been changed.
        """
        members: dict[str, object] = {
            "facebook_social_link": facebook_social_link,
            "twitter_social_link": twitter_social_link,
            "youtube_social_link": youtube_social_link,
            "twitch_social_link": twitch_social_link,
            "discord_social_link": discord_social_link,
            "roblox_group_social_link": roblox_group_social_link,
            "guilded_social_link": guilded_social_link,
            "voice_chat_enabled": voice_chat_enabled,
            "private_server_price_robux": private_server_price_robux,
            "desktop_enabled": desktop_enabled,
            "mobile_enabled": mobile_enabled,
            "tablet_enabled": tablet_enabled,
            "console_enabled": console_enabled,
            "vr_enabled": vr_enabled,
        }
        given = [name for name, value in members.items() if value is not None]
        return await self._sender.send(
            universes.update_universe(
                universe_id=self.id,
                update_mask=_mask(given, clear),
                facebook_social_link=facebook_social_link,
                twitter_social_link=twitter_social_link,
                youtube_social_link=youtube_social_link,
                twitch_social_link=twitch_social_link,
                discord_social_link=discord_social_link,
                roblox_group_social_link=roblox_group_social_link,
                guilded_social_link=guilded_social_link,
                voice_chat_enabled=voice_chat_enabled,
                private_server_price_robux=private_server_price_robux,
                desktop_enabled=desktop_enabled,
                mobile_enabled=mobile_enabled,
                tablet_enabled=tablet_enabled,
                console_enabled=console_enabled,
                vr_enabled=vr_enabled,
            )
        )

    async def activate(self) -> None:
        """Make the universe public: players may enter."""
        await self._sender.send(universes.activate_universe(universe_id=self.id))

    async def deactivate(self) -> None:
        """Make the universe private: everybody who plays is sent away at once."""
        await self._sender.send(universes.deactivate_universe(universe_id=self.id))

    async def permissions(self) -> models.UniversePermissions:
        """What the owner of the credential may do with the universe."""
        return await self._sender.send(universes.get_universe_permissions(universe_id=self.id))

    async def publish_message(self, topic: str, message: str) -> None:
        """Send a message to every live server of the universe that subscribed to a topic.

        Never sent twice: a message that may have gone out is `AmbiguousOutcome`.

        Args:
            topic: At most 80 characters.
            message: At most 1,024 characters.

        Raises:
            ValueError: One is empty or too long.
            InsufficientScope: The token lacks ``universe-messaging-service:publish``.
            AmbiguousOutcome: It may have been published.
        """
        await self._sender.send(
            universes.publish_universe_message(universe_id=self.id, topic=topic, message=message)
        )

    async def restart_servers(
        self,
        *,
        place_ids: Iterable[int] | None = None,
        close_all_versions: bool = False,
        bleed_off: timedelta | None = None,
    ) -> None:
        """Restart the servers that run an older version than the newest.

        Args:
            place_ids: Those of these places; of every place by default.
            close_all_versions: Those that run the newest version, too.
            bleed_off: How long they are left to empty first, taking no new
                players: whole minutes, 1 to 60. By default they end at once.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: They may be restarting.
        """
        places = None if place_ids is None else some_places("place_ids", place_ids)
        minutes = None if bleed_off is None else whole_minutes("bleed_off", bleed_off, BLEED_OFF)
        await self._sender.send(
            universes.restart_universe_servers(
                universe_id=self.id,
                place_ids=None if places is None else [int(each) for each in places],
                close_all_versions=flag("close_all_versions", close_all_versions),
                bleed_off_servers=minutes is not None,
                bleed_off_duration_minutes=minutes,
            )
        )

    async def translate_text(
        self, source_text: str, targets: Iterable[str], *, source: str | None = None
    ) -> models.TranslatedText:
        """Have a text translated by Roblox.

        Args:
            source_text: The text.
            targets: Codes of the languages it is wanted in (IETF BCP 47):
                ``["fr-fr", "ja-jp"]``.
            source: The code of the language it is in; detected by default.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            BadRequest: Roblox does not know a language.
        """
        codes = several("targets", targets, text)
        if not codes:
            raise ValueError("targets must name at least one language")
        return await self._sender.send(
            universes.translate_text(
                universe_id=self.id,
                source_text=source_text,
                source_language=source,
                target_languages=codes,
            )
        )

    async def generate_speech(
        self,
        spoken: str,
        *,
        voice: int | None = None,
        pitch: float | None = None,
        speed: float | None = None,
    ) -> AsyncLongRunning[models.Operation, models.SpeechAsset]:
        """Begin to make an audio asset of a text spoken in English. It counts against a quota.

        Args:
            spoken: The text.
            voice: Roblox's number of the voice.
            pitch: How high it is.
            speed: How fast it is.

        Returns:
            The operation. It ends in the id of the asset, which `AsyncClient.asset` takes.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: It may be under way, and count.
        """
        style = models.SpeechStyle(
            voice_id=None if voice is None else identifier("voice", voice),
            pitch=pitch,
            speed=speed,
        )
        from rblx_oauth.api import assets

        begun = await self._sender.send(
            universes.generate_speech_asset(
                universe_id=self.id,
                text=spoken,
                speech_style=None if style == models.SpeechStyle() else style,
            )
        )
        # Roblox keeps such an operation among those of assets, though it ends in less.
        name = polling.name_of(begun, "generate_speech_asset")
        asked = assets.get_asset_operation(operation_id=name)
        poll = Call(asked.operation, decode=decoder(models.Operation), path=asked.path)
        return AsyncLongRunning(
            self._sender,
            name,
            poll,
            polling.outcome_as(models.SpeechAsset),
            ended=begun if begun.done else None,
        )

    async def upload_luau_input(
        self,
        file: Source,
        *,
        size: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> models.LuauBinaryInput:
        """Upload what `AsyncPlace.run_luau` is to give to scripts, any number within 15 minutes.

        Args:
            file: A path; bytes; a binary file, taken from where it stands; or an
                iterable of bytes, which for `AsyncClient` may be an async one. At
                most 100 MiB; it is streamed, never read whole.
            size: Its bytes, for an iterable and a file that cannot seek. Such a file
                can be sent once only.
            progress: Called with (bytes sent, size) as it goes out.

        Raises:
            ValueError, TypeError: The file does not fit; nothing was sent.
            ApiError, ConnectFailed, ConnectionLost, DeadlineExceeded: It may not have arrived.
            AmbiguousOutcome: Roblox may have made room for it, nothing more.
        """
        from rblx_oauth._async.resources.luau import upload_input

        return await upload_input(self._sender, self.id, file, size=size, progress=progress)


def _mask(given: list[str], clear: Iterable[str]) -> str:
    """The members that change, as Roblox names them."""
    cleared = several("clear", clear, text)
    for name in cleared:
        if name not in CLEARABLE:
            raise ValueError(f"clear takes {', '.join(CLEARABLE)}; not {name!r}")
        if name in given:
            raise ValueError(f"{name} is given and to be cleared: which?")
    wire = {each.name: each.wire for each in operation("update_universe").parameters}
    paths = ",".join(wire[name] for name in (*given, *dict.fromkeys(cleared)))
    if not paths:
        raise ValueError("give what is to change: nothing would")
    return paths
