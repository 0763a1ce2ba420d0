"""What people of a new sandbox are in, own, follow and pay for, and who is kept out of what."""

from __future__ import annotations

from rblx_oauth.sandbox.behaviour.followings import FollowingShelf
from rblx_oauth.sandbox.behaviour.group_forum import Category, Comment, ForumShelf, Post
from rblx_oauth.sandbox.behaviour.groups_shelf import (
    OWNER,
    PERMISSIONS,
    Community,
    GroupShelf,
    Member,
    Role,
    Settings,
    Shout,
    community_of,
)
from rblx_oauth.sandbox.behaviour.inventory_shelf import (
    Collectible,
    Copy,
    Inventory,
    InventoryShelf,
)
from rblx_oauth.sandbox.behaviour.restrictions_shelf import (
    Change,
    Restriction,
    Restrictions,
    RestrictionShelf,
)
from rblx_oauth.sandbox.behaviour.subscriptions import Subscription, SubscriptionShelf
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.state import State

__all__ = ["seed_people"]

_DAY = 86_400.0
_ADA, _ZOE, _KAI = "1000001", "1000002", "1000003"
_STUDIO, _PALS = "2000001", "2000002"
_LANTERN, _TOWER, _GARDEN = "3000001", "3000002", "3000004"

_MEMBER = ("viewWallPosts", "viewGroupShout", "viewForums", "createPosts", "createComments")
_ROLES = (
    Role(name="Guest", rank=0, permissions=_MEMBER[:3]),
    Role(name="Member", rank=1, permissions=_MEMBER),
    Role(
        name="Builder",
        rank=100,
        description="Works on the group's universes.",
        permissions=(*_MEMBER, "manageGroupUniverses", "viewUniverseAnalytics"),
    ),
    Role(
        name="Moderator",
        rank=200,
        description="Keeps the peace.",
        permissions=(*_MEMBER, "createGroupShout", "acceptRequests", "exileMembers", "lockPosts"),
    ),
    Role(name="Owner", rank=OWNER, permissions=PERMISSIONS),
)


def seed_people(state: State) -> None:
    """Fill a state that has its users, groups and universes."""
    shelves = state.shelves
    shelves.put(GroupShelf(by_group={_STUDIO: _studio(state), _PALS: _pals(state)}))
    for group_id in (_STUDIO, _PALS):
        community_of(state, state.groups[group_id])
    shelves.put(ForumShelf(by_group={_STUDIO: _forum(state)}))
    shelves.put(InventoryShelf(by_user=_inventories()))
    shelves.put(FollowingShelf(by_user={_ADA: {_GARDEN: BUILT}, _KAI: {_LANTERN: BUILT}}))
    shelves.put(SubscriptionShelf(by_universe={_LANTERN: {"EXP-1": _subscriptions()}}))
    shelves.put(RestrictionShelf(by_universe=_restrictions()))


def _roles(state: State) -> dict[str, Role]:
    return {str(state.ids.number("role")): role for role in _ROLES}


def _named(roles: dict[str, Role], name: str) -> list[str]:
    return [role_id for role_id, role in roles.items() if role.name == name]


def _studio(state: State) -> Community:
    roles = _roles(state)
    shouted = BUILT + 9 * _DAY
    community = Community(
        roles=roles,
        members={
            _ADA: Member(roles=_named(roles, "Owner")),
            _ZOE: Member(roles=_named(roles, "Builder"), joined=BUILT + _DAY),
        },
        join_requests={_KAI: BUILT + 10 * _DAY},
        shout=Shout(
            body="The race track opens on Friday!", poster=_ADA, created=shouted, updated=shouted
        ),
    )
    about = {"TargetId": int(_ZOE), "TargetName": "zoe_and_co"}
    community.write_down(_ADA, "AcceptJoinRequest", about, BUILT + _DAY)
    given = {"RoleSetId": int(_named(roles, "Builder")[0]), "RoleSetName": "Builder"}
    community.write_down(_ADA, "AssignRole", about | given, BUILT + 2 * _DAY)
    community.write_down(_ADA, "PostStatus", {"Text": "The race track opens on Friday!"}, shouted)
    return community


def _pals(state: State) -> Community:
    roles = _roles(state)
    return Community(
        roles=roles,
        members={
            _ZOE: Member(roles=_named(roles, "Owner")),
            _ADA: Member(roles=_named(roles, "Member"), joined=BUILT + _DAY),
            _KAI: Member(roles=_named(roles, "Moderator"), joined=BUILT + 2 * _DAY),
        },
        settings=Settings(is_approval_required=False),
    )


def _forum(state: State) -> dict[str, Category]:
    def id_() -> str:
        return state.ids.uuid("forum")

    first = id_()
    racing = {
        first: Comment(author=_ZOE, text="I go through the second bend without braking."),
        id_(): Comment(
            author=_ADA,
            text="Only on the inside!",
            replies_to="",
            reactions={"heart": 2},
            created=BUILT + 2 * _DAY,
            updated=BUILT + 2 * _DAY,
        ),
    }
    answer = list(racing)[1]
    racing[id_()] = Comment(author=_ZOE, text="On the inside, yes.", replies_to=answer)
    welcome = {id_(): Comment(author=_ADA, text="Say hello, and where you are from.")}
    return {
        id_(): Category(
            name="Racing",
            creator=_ADA,
            posts={
                id_(): Post(title="Welcome", author=_ADA, comments=welcome, pinned=True),
                id_(): Post(title="Best line on the crater rim?", author=_ZOE, comments=racing),
            },
        ),
        id_(): Category(name="Old news", creator=_ADA, archived=BUILT + 5 * _DAY, archiver=_ADA),
    }


def _inventories() -> dict[str, Inventory]:
    crown = Collectible(
        item="6b2f0d1c-52a6-4f0f-9f52-6b1f0f4f3a10",
        instance="0d0a5a4e-0c52-4a52-8f6b-41d1c1a5c001",
        serial=42,
    )
    return {
        _ADA: Inventory(
            assets={"5000001": {"60000000001": Copy(type="HAT")}},
            badges={"8000001": BUILT + _DAY},
        ),
        _ZOE: Inventory(visible=False, assets={"5000002": {"60000000002": Copy(type="GEAR")}}),
        _KAI: Inventory(
            assets={
                "5000001": {"60000000003": Copy(type="HAT")},
                "5000003": {"60000000004": Copy(type="CLASSIC_TSHIRT")},
                "5000004": {"60000000005": Copy(type="FACE_ACCESSORY", collectible=crown)},
                "4000004": {"60000000006": Copy(type="PURCHASED_PLACE")},
            },
            badges={"8000001": BUILT + 3 * _DAY},
            game_passes={"8000001": BUILT + 4 * _DAY},
            private_servers={"175156": BUILT + 5 * _DAY},
        ),
    }


def _subscriptions() -> dict[str, Subscription]:
    return {
        _ADA: Subscription(state="SUBSCRIBED_WILL_NOT_RENEW", provider="ROBUX"),
        _ZOE: Subscription(state="EXPIRED", reason="LAPSED", platform="MOBILE", provider="APPLE"),
        _KAI: Subscription(),
    }


def _restrictions() -> dict[str, Restrictions]:
    lantern, tower = Restrictions(), Restrictions()
    banned = Restriction(
        active=True,
        started=BUILT + _DAY,
        seconds=int(2 * _DAY),
        display_reason="Be kind to others.",
        updated=BUILT + _DAY,
    )
    freed = Restriction(active=False, updated=BUILT + 2 * _DAY)
    caught = BUILT + 3 * _DAY
    forever = Restriction(
        active=True, started=caught, private_reason="Cheated twice.", updated=caught
    )
    lantern.put(Change(user=_KAI, moderator=_ADA, restriction=banned))
    lantern.put(Change(user=_KAI, moderator=_ADA, restriction=freed))
    tower.put(Change(user=_KAI, moderator=_ADA, restriction=forever))
    return {_LANTERN: lantern, _TOWER: tower}
