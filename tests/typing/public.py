"""What type checkers see of the public names. Checked, never run: ``mypy tests/typing``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import assert_type

from flask_ext import RobloxOAuth, current_user
from rblx_oauth import (
    AsyncClient,
    AsyncOAuthApp,
    AuthorizationRequest,
    Call,
    Client,
    Clock,
    EventHook,
    OAuthApp,
    Page,
    RefreshEvent,
    RefreshHook,
    RequestEvent,
    ResponseEvent,
    Token,
    TokenSource,
    aio_resources,
    aio_stores,
    api,
    files,
    models,
    resources,
    stores,
    webhooks,
)


def logging_in(app: OAuthApp, callback_url: str) -> None:
    """A login gives a token with aware times and verified claims."""
    request = app.authorization_request(["profile"])
    assert_type(request, AuthorizationRequest)
    token = app.exchange(callback_url, request)
    assert_type(token, Token)
    assert_type(token.expires_at, datetime)
    assert_type(token.claims, Mapping[str, object])
    assert_type(app.client(token, store=stores.open("memory://")), Client)


async def logging_in_async(app: AsyncOAuthApp, callback_url: str) -> None:
    """The same names, awaited."""
    token = await app.exchange(callback_url, await app.authorization_request(["profile"]))
    assert_type(token, Token)
    assert_type(await app.client(token, store=aio_stores.open("memory://")), AsyncClient)


def calling(client: Client) -> None:
    """Every call gives the model of its answer."""
    assert_type(api.users.get_user(user_id=1), Call[models.User])
    assert_type(client.send(api.users.get_user(user_id=1)), models.User)
    store = client.universe(1).data_store("coins")
    entry = store.get("key")
    assert_type(entry, models.Entry)
    assert_type(entry.users[0] + 1, int)
    assert_type(store.keys(prefix="player/"), Iterator[str])
    assert_type(
        client.user(1).assets.create("hat.png", type="Decal", name="Hat").wait(), models.Asset
    )


async def calling_async(client: AsyncClient) -> None:
    """The same names, awaited, with async iteration."""
    store = client.universe(1).data_store("coins")
    assert_type(await store.get("key"), models.Entry)
    assert_type(store.keys(prefix="player/"), AsyncIterator[str])


def resources_by_name(client: Client) -> None:
    """What the client gives can be named, and has its own models."""
    universe = client.universe(1)
    assert_type(universe, resources.Universe)
    assert_type(universe.data_store("a"), resources.DataStore)
    assert_type(universe.ordered_data_store("a").top(3), Iterator[models.OrderedDataStoreEntry])
    assert_type(universe.queue("a"), resources.MemoryStoreQueue)
    assert_type(universe.sorted_map("a").get("k"), models.MemoryStoreSortedMapItem)
    assert_type(universe.flush_memory_store().wait(), bool)
    assert_type(universe.restrictions.list(), Iterator[models.UserRestriction])
    assert_type(universe.secrets, resources.Secrets)
    assert_type(universe.servers, resources.Servers)
    assert_type(universe.game_passes.list(), Iterator[models.GamePass])
    assert_type(universe.developer_products.get(1), models.DeveloperProduct)
    assert_type(universe.badges.get(1), models.Badge)
    assert_type(universe.events.list(), Iterator[models.Event])
    assert_type(universe.experiments.start("1"), resources.ExperimentOperation)
    assert_type(universe.experiments.start("1").wait(), models.Experiment)
    assert_type(universe.thumbnails.upload([b""]).wait(), Sequence[models.UploadedThumbnail])
    assert_type(universe.analytics, resources.Analytics)
    assert_type(universe.config().edit(lambda entries: entries), str)
    place = universe.place(2)
    assert_type(place, resources.Place)
    assert_type(place.restrictions, resources.UserRestrictions)
    assert_type(place.instance().read(), models.Instance)
    task = place.run_luau("return 1", timeout=timedelta(minutes=1))
    assert_type(task, resources.LuauTask)
    assert_type(task.wait(), list[object])
    assert_type(task.logs(), Iterator[str])
    assert_type(task.logs(structured=True), Iterator[models.LuauLogMessage])
    group = client.group(1)
    assert_type(group.members(), Iterator[models.GroupMembership])
    assert_type(group.forum_category("a").post("b"), resources.ForumPost)
    assert_type(client.user(1).headshot().wait(), str)
    assert_type(client.asset(1).download("a"), int)
    assert_type(client.creator_store.product("Model", 1), resources.CreatorStoreProduct)
    assert_type(client.asset_operation("1").result(), models.Asset | None)
    assert_type(client.walk(api.groups.list_group_roles(group_id=7)), Iterator[models.GroupRole])
    for batch in universe.queue("a").consume():
        assert_type(batch, resources.QueueBatch)
        with batch as items:
            assert_type(items, Sequence[models.MemoryStoreQueueItem])


def one_more(value: int | None) -> int:
    """For an entry that holds a number."""
    return (value or 0) + 1


async def resources_by_name_async(client: AsyncClient) -> None:
    """The same names, awaited."""
    universe = client.universe(1)
    assert_type(universe, aio_resources.AsyncUniverse)
    store = universe.data_store("a")
    assert_type(store, aio_resources.AsyncDataStore)
    assert_type(await store.page(), Page[models.Entry])
    assert_type(await store.get_many(["a"]), dict[str, models.Entry | None])
    assert_type(await store.update("a", lambda value: value + 5), models.Entry)
    assert_type(await store.update("a", one_more), models.Entry)
    assert_type(
        universe.ordered_data_store("a").top(3), AsyncIterator[models.OrderedDataStoreEntry]
    )
    assert_type(universe.secrets, aio_resources.AsyncSecrets)
    assert_type(universe.restrictions.list(), AsyncIterator[models.UserRestriction])
    assert_type(await universe.badges.get(1), models.Badge)
    assert_type(await (await universe.experiments.start("1")).wait(), models.Experiment)
    task = await universe.place(2).run_luau("return 1")
    assert_type(task, aio_resources.AsyncLuauTask)
    assert_type(await task.wait(), list[object])
    assert_type(task.follow_logs(structured=True), AsyncIterator[models.LuauLogMessage])
    assert_type(await client.group(1).member(2), models.GroupMembership | None)
    assert_type(await (await client.user(1).headshot()).wait(), str)
    assert_type(
        client.walk(api.groups.list_group_roles(group_id=7)), AsyncIterator[models.GroupRole]
    )
    async for batch in universe.queue("a").consume():
        async with batch as items:
            assert_type(items, Sequence[models.MemoryStoreQueueItem])


def around(source: TokenSource, clock: Clock, hook: EventHook, file: files.Source) -> None:
    """What a client is made with can be named too, and so can what it is told."""

    def watch(event: RequestEvent | ResponseEvent) -> None:
        if isinstance(event, ResponseEvent):
            assert_type(event.request, RequestEvent)

    class Counter:
        def __call__(self, event: RequestEvent | ResponseEvent) -> None: ...

        def on_refresh(self, event: RefreshEvent) -> None:
            assert_type(event.waited, float)

    counter = Counter()
    hooks: tuple[EventHook, RefreshHook] = counter, counter
    OAuthApp("1", on_event=hooks[0])
    client = Client(token=source, clock=clock, on_event=hook)
    Client(api_key="key", on_event=watch).user(1).assets.create(file, type="Decal", name="Hat")
    assert_type(client.token(), Token)
    assert_type(files.image_file(b""), files.FilePart)
    notification = webhooks.Webhooks("secret").verify(b"", None)
    assert_type(notification.erasure, webhooks.ErasureRequest | None)


def in_flask(roblox: RobloxOAuth) -> None:
    """The extension hands out the same client."""
    assert_type(roblox.client_for(1), Client)
    assert_type(roblox.api_client, Client)
    assert_type(current_user.client, Client)
    assert_type(current_user.scopes, frozenset[str])

    @roblox.on_webhook("RightToErasureRequest")
    def forget(notification: webhooks.Notification) -> int:
        return 1

    @roblox.on_webhook("*")
    async def note(notification: webhooks.Notification) -> None: ...

    assert_type(forget(webhooks.Webhooks("secret").verify(b"", None)), int)
