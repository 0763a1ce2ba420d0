"""What the sandbox does for each operation it serves."""

from __future__ import annotations

from rblx_oauth.sandbox.behaviour import (
    assets,
    data_store_care,
    data_store_lists,
    data_stores,
    data_stores_v1,
    data_stores_v1_lists,
    followings,
    group_forum,
    groups,
    groups_legacy,
    groups_members,
    inventory,
    messaging,
    notifications,
    ordered_data_stores,
    places,
    places_history,
    publishing,
    restarts,
    restrictions,
    secrets,
    servers,
    subscriptions,
    team_create,
    universes,
    users,
)
from rblx_oauth.sandbox.exchange import Behaviour

__all__ = ["BEHAVIOURS"]

BEHAVIOURS: dict[str, Behaviour] = {
    **assets.BEHAVIOURS,
    **data_store_care.BEHAVIOURS,
    **data_store_lists.BEHAVIOURS,
    **data_stores.BEHAVIOURS,
    **data_stores_v1.BEHAVIOURS,
    **data_stores_v1_lists.BEHAVIOURS,
    **followings.BEHAVIOURS,
    **group_forum.BEHAVIOURS,
    **groups.BEHAVIOURS,
    **groups_legacy.BEHAVIOURS,
    **groups_members.BEHAVIOURS,
    **inventory.BEHAVIOURS,
    **messaging.BEHAVIOURS,
    **notifications.BEHAVIOURS,
    **ordered_data_stores.BEHAVIOURS,
    **places.BEHAVIOURS,
    **places_history.BEHAVIOURS,
    **publishing.BEHAVIOURS,
    **restarts.BEHAVIOURS,
    **restrictions.BEHAVIOURS,
    **secrets.BEHAVIOURS,
    **servers.BEHAVIOURS,
    **subscriptions.BEHAVIOURS,
    **team_create.BEHAVIOURS,
    **universes.BEHAVIOURS,
    **users.BEHAVIOURS,
}
