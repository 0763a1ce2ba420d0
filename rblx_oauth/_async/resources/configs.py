"""Configs: values that a universe's servers read, drafted and published."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from itertools import count

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.universe_part import AsyncUniversePart
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import configs as api
from rblx_oauth.core.arguments import text
from rblx_oauth.core.checks import function
from rblx_oauth.core.retry import pause
from rblx_oauth.errors import ApiError, BadRequest, Conflict, NotFound

KEY_LENGTH = 250

EDIT_TRIES = 10
"""How often `AsyncConfig.edit` tries when others keep changing the draft."""


class AsyncConfig(AsyncUniversePart):
    """One repository of a universe's configs.

    Changes gather in a draft until it is published. A draft's hash names its
    state: given back, it makes sure that nobody changed the draft in between.

    Attributes:
        universe_id: The universe.
        repository: Its name, e.g. ``InExperienceConfig``.
    """

    def __init__(
        self, sender: AsyncSender, universe_id: int, repository: models.ConfigRepository | str
    ) -> None:
        super().__init__(sender, universe_id)
        self.repository: str = str(text("repository", repository))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.universe_id}, {self.repository!r})"

    async def values(self) -> models.ConfigRepositoryValues:
        """What is published: each key's value, and nothing about it.

        Raises:
            NotFound: Nothing was ever published.
        """
        return await self._sender.send(
            api.get_config_values(universe_id=self.universe_id, repository=self.repository)
        )

    async def full(self) -> models.ConfigRepositoryFull:
        """What is published, with descriptions, times and variants.

        Raises:
            NotFound: Nothing was ever published.
        """
        return await self._sender.send(
            api.get_config(universe_id=self.universe_id, repository=self.repository)
        )

    async def draft(self) -> models.ConfigRepositoryDraft:
        """What is changed and not published yet. A value of None stands for a key that will go."""
        return await self._sender.send(
            api.get_config_draft(universe_id=self.universe_id, repository=self.repository)
        )

    async def update_draft(
        self,
        entries: Mapping[str, object],
        *,
        conditional_rules: models.ConditionalRules | None = None,
        draft_hash: str | None = None,
    ) -> str:
        """Change some keys in the draft; others stay as they are.

        Args:
            entries: JSON values by key, which has at most 250 characters. None
                removes a key; its published value discards a change.
            conditional_rules: Rules to add or change.
            draft_hash: Only if the draft is still as this hash says.

        Returns:
            The draft's new hash.

        Raises:
            BadRequest, Conflict: The hash is not that of the draft, or Roblox does
                not accept a value.
            ValueError, TypeError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: It may have been changed.
        """
        found = await self._sender.send(
            api.update_config_draft(
                universe_id=self.universe_id,
                repository=self.repository,
                entries=_checked(entries),
                conditional_rules=conditional_rules,
                draft_hash=draft_hash,
            )
        )
        return found.draft_hash or ""

    async def overwrite_draft(
        self,
        entries: Mapping[str, object],
        *,
        conditional_rules: models.ConditionalRules | None = None,
        draft_hash: str | None = None,
    ) -> str:
        """Put a whole draft in place of the present one.

        **Published keys and rules that are left out here will be gone** once the
        draft is published. Arguments and errors as for `update_draft`.
        """
        found = await self._sender.send(
            api.overwrite_config_draft(
                universe_id=self.universe_id,
                repository=self.repository,
                entries=_checked(entries),
                conditional_rules=conditional_rules,
                draft_hash=draft_hash,
            )
        )
        return found.draft_hash or ""

    async def delete_draft(self, *, draft_hash: str | None = None) -> str:
        """Drop every change that is not published.

        Args:
            draft_hash: Only if the draft is still as this hash says.

        Returns:
            The hash of the empty draft.

        Raises:
            BadRequest, Conflict: The hash is not that of the draft.
            AmbiguousOutcome: It may have been dropped.
        """
        found = await self._sender.send(
            api.delete_config_draft(
                universe_id=self.universe_id, repository=self.repository, draft_hash=draft_hash
            )
        )
        return found.draft_hash or ""

    async def edit(self, change: Callable[[Mapping[str, object]], Mapping[str, object]]) -> str:
        """Read, change, write the draft; and again if somebody else wrote in between.

        Args:
            change: Gives the entries to change (None removes one) for those that
                publishing the draft as it stands would leave. It may be called
                several times.

        Returns:
            The draft's new hash, for `publish`.

        Raises:
            BadRequest, Conflict: Roblox does not accept a value; or others changed the
                draft at every one of ten tries.
            AmbiguousOutcome: It may have been changed.
        """
        function("change", change)
        refused: ApiError | None = None
        seen: str | None = None
        for attempt in count(1):
            # The draft first: if it is published before the values are read, its hash is void.
            draft = await self._draft_or_none()
            if refused is not None and draft.draft_hash == seen:
                raise refused  # nobody was faster: it is the change that Roblox refuses
            seen = draft.draft_hash
            entries = change(await self._as_drafted(draft))
            try:
                return await self.update_draft(entries, draft_hash=seen)
            except (BadRequest, Conflict) as error:
                if attempt == EDIT_TRIES:
                    raise
                refused = error
            await self._sender.clock.async_sleep(pause(refused, attempt, self._sender.random))
        raise AssertionError("the last attempt returns or raises")

    async def _draft_or_none(self) -> models.ConfigRepositoryDraft:
        try:
            return await self.draft()
        except NotFound:
            return models.ConfigRepositoryDraft()

    async def _as_drafted(self, draft: models.ConfigRepositoryDraft) -> Mapping[str, object]:
        """The entries that publishing a draft would leave."""
        try:
            published = (await self.values()).entries or {}
        except NotFound:
            published = {}
        drafted = {key: entry.value for key, entry in (draft.entries or {}).items()}
        return {key: value for key, value in {**published, **drafted}.items() if value is not None}

    async def publish(
        self,
        draft_hash: str,
        *,
        message: str | None = None,
        strategy: models.DeploymentStrategy | str | None = None,
    ) -> models.PublishedConfig:
        """Make the draft what servers read. Never sent twice.

        Args:
            draft_hash: What drafting gave: a draft that was changed since is not published.
            message: What was changed, for the history.
            strategy: ``Immediate``, or ``GradualRollout`` over a quarter of an hour.

        Returns:
            The version that it became.

        Raises:
            BadRequest, Conflict: The draft is another one by now.
            AmbiguousOutcome: It may have been published.
        """
        return await self._sender.send(
            api.publish_config_draft(
                universe_id=self.universe_id,
                repository=self.repository,
                draft_hash=text("draft_hash", draft_hash),
                message=message,
                deployment_strategy=strategy,
            )
        )

    def revisions(
        self,
        *,
        search: str | None = None,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.ConfigRevision]:
        """What was published before, with who did it and what changed.

        Args:
            search: Only those that this is found in.
            start_time: Only those from then on, with a time zone.
            end_time: Only those until then, with a time zone.
            limit: At most so many.
            page_size: Fetched at a time.
        """
        call = api.list_config_revisions(
            universe_id=self.universe_id,
            repository=self.repository,
            search_key=search,
            start_time=start_time,
            end_time=end_time,
        )
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    async def restore(self, revision_id: str) -> str:
        """Draft the way back to a revision, in place of the present draft. `publish` goes there.

        Args:
            revision_id: `ConfigRevision.revision_id`.

        Returns:
            The draft's new hash.

        Raises:
            NotFound: There is no such revision.
            AmbiguousOutcome: It may have been drafted.
        """
        found = await self._sender.send(
            api.restore_config_revision(
                universe_id=self.universe_id,
                repository=self.repository,
                revision_id=revision_id,
            )
        )
        return found.draft_hash or ""


def _checked(entries: Mapping[str, object]) -> Mapping[str, object]:
    if not isinstance(entries, Mapping):
        raise TypeError(f"entries must be a mapping, not {type(entries).__name__}")
    for key in entries:
        text("a key of entries", key, KEY_LENGTH)
    return entries
