"""Localization tables: found, named, and how universes fill them."""

from __future__ import annotations

from uuid import UUID

import msgspec

from rblx_oauth.sandbox.behaviour.localization_shelf import LocalizationShelf
from rblx_oauth.sandbox.behaviour.localization_tables_limits import LIMITS
from rblx_oauth.sandbox.behaviour.localization_tables_shelf import (
    Autolocalization,
    Table,
    TableShelf,
)
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.people import Universe
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "check_game", "table_of"]


class _Settings(msgspec.Struct, rename="camel"):
    is_autolocalization_enabled: bool | None = None
    is_automatic_entries_setting_enabled: bool | None = None
    is_automatic_entries_deletions_enabled: bool | None = None
    should_use_localization_table: bool | None = None


def check_game(exchange: Exchange) -> None:
    """Refuse a request that names a game which is none.

    Raises:
        Refusal: 400, there is no such game.
    """
    game_id = exchange.request.args.get("gameId")
    if game_id and game_id not in exchange.state.universes:
        raise Refusal.invalid("there is no such game", "14")


def table_of(exchange: Exchange, *, missing: str = "3", denied: str = "2") -> tuple[str, Table]:
    """The table in the path, and its id.

    Args:
        exchange: Who asks for what.
        missing: Roblox's number for a table that is none.
        denied: Roblox's number for one who may not.

    Raises:
        Refusal: 400, there is none; 403, it is not for this caller.
    """
    shelf = exchange.state.shelves.of(TableShelf)
    if "asset_id" in exchange.arguments:
        table_id = shelf.by_asset.get(exchange.arguments["asset_id"], "")
    else:
        try:
            table_id = str(UUID(exchange.arguments["table_id"]))
        except ValueError:
            raise Refusal.invalid("the id of a table is a UUID", "3") from None
    table = shelf.tables.get(table_id)
    if table is None:
        raise Refusal.invalid("there is no such table", missing)
    if not exchange.caller.may_touch_universe(table.universe):
        said = f"this credential was not granted universe {table.universe}"
        raise Refusal.denied(said, denied)
    return table_id, table


def _universe(exchange: Exchange) -> Universe:
    universe = exchange.state.universes.get(exchange.arguments["game_id"])
    if universe is None:
        raise Refusal.invalid("there is no such game", "14")
    if not exchange.caller.may_touch_universe(universe.id):
        raise Refusal.denied(f"this credential was not granted universe {universe.id}", "18")
    return universe


def _create(exchange: Exchange) -> object:
    """Each universe has one table to gather entries in: the first time, it is made."""
    state = exchange.state
    with state.lock:
        universe, shelf = _universe(exchange), state.shelves.of(TableShelf)
        game = shelf.game(universe.id)
        if not game.table:
            game.table = state.ids.uuid("localization_table")
            name = f"{universe.name} Localization Table"
            table = Table(universe=universe.id, name=name, asset=state.ids.asset())
            shelf.put(game.table, table)
        languages = state.shelves.of(LocalizationShelf).game(universe.id)
        return _settings(game) | {
            "autoLocalizationTableId": game.table,
            "sourceLanguage": languages.source,
            "assetId": int(shelf.tables[game.table].asset),
        }


def _settings(game: Autolocalization) -> dict[str, object]:
    return {
        "isAutolocalizationEnabled": game.enabled,
        "isAutomaticEntriesSettingEnabled": game.adds_entries,
        "isAutomaticEntriesDeletionEnabled": game.deletes_entries,
        "shouldUseLocalizationTable": game.uses_table,
    }


def _update_settings(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Settings)
    changes = {
        "enabled": body.is_autolocalization_enabled,
        "adds_entries": body.is_automatic_entries_setting_enabled,
        "deletes_entries": body.is_automatic_entries_deletions_enabled,
        "uses_table": body.should_use_localization_table,
    }
    with exchange.state.lock:
        universe_id, shelf = _universe(exchange).id, exchange.state.shelves.of(TableShelf)
        given = {name: value for name, value in changes.items() if value is not None}
        changed = msgspec.structs.replace(shelf.game(universe_id), **given)
        if changed.adds_entries and not changed.enabled:
            said = "entries are added by themselves only where autolocalization is enabled"
            raise Refusal.invalid(said, "61")
        shelf.games[universe_id] = changed
    return {}


def _metadata(_: Exchange) -> object:
    return {
        "isReactVersionEnabledForAutoLocalizationSettings": True,
        "isTabbedUIEnabledForConfigureLocalizationPage": True,
        "isAutomaticTranslationToggleUIEnabled": True,
        "isAutomaticTranslationQuotaUIEnabled": False,
    }


def _limits(_: Exchange) -> object:
    return {
        "entryOperationLimits": {
            "maxContextLength": LIMITS.context,
            "maxKeyLength": LIMITS.key,
            "maxSourceLength": LIMITS.source,
            "maxExampleLength": LIMITS.example,
            "maxGameLocationPathLength": LIMITS.location,
        },
        "tableOperationLimits": {"maxEntriesPerUpdate": LIMITS.entries},
    }


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        table_id, table = table_of(exchange)
        universe = exchange.state.universes[table.universe]
    return {
        "id": table_id,
        "name": table.name,
        "ownerType": "User" if universe.user else "Group",
        "ownerId": int(universe.user or universe.group),
        "assetId": int(table.asset),
    }


BEHAVIOURS = {
    "create_autolocalization_table": Behaviour(_create),
    "get_autolocalization_metadata": Behaviour(_metadata, made_up=True),
    "get_localization_table": Behaviour(_get),
    "get_localization_table_by_asset": Behaviour(_get),
    "get_localization_table_limits": Behaviour(_limits, made_up=True),
    "update_autolocalization_settings": Behaviour(_update_settings),
}
