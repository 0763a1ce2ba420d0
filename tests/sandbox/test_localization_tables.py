"""Localization tables: filled, read, counted, and what they said before."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from rblx_oauth import Client, api, models
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.localization_tables_shelf import Entry, Identifier, TableShelf
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN, TOWER, GARDEN = 3000001, 3000002, 3000004
HOME = "/legacy-localization-tables/v1"


@pytest.fixture(autouse=True)
def _no_limits(cloud: Sandbox) -> None:
    cloud.settings.rate_limits = False


@pytest.fixture
def table(client: Client) -> str:
    """The id of the tower's table, which is empty."""
    made = client.send(api.localization_tables.create_autolocalization_table(game_id=TOWER))
    return made.auto_localization_table_id


def call(client: Client, name: str, /, **arguments: Any) -> Any:
    """What an operation of the family answers."""
    return client.send(getattr(api.localization_tables, name)(**arguments))


def entries(client: Client, table: str, **more: Any) -> dict[str, dict[str, str]]:
    """The translations of entries, by key."""
    found = list(
        client.walk(api.localization_tables.list_localization_table_entries(table_id=table, **more))
    )
    return {
        each.identifier.key: {one.locale: one.translation_text for one in each.translations}
        for each in found
    }


def patch(app: App, table: str, *patches: Any, **more: Any) -> Any:
    """Change entries."""
    path = f"{HOME}/localization-table/tables/{table}"
    answer = app.call("PATCH", path, json={"entries": patches} | more)
    assert answer.status_code == 200
    return answer.json()


def entry(key: str, **texts: str) -> dict[str, Any]:
    """An entry with its texts by locale."""
    return {
        "identifier": {"key": key, "context": "Menu", "source": key.title()},
        "translations": [
            {"locale": locale.replace("_", "-"), "translationText": text}
            for locale, text in texts.items()
        ],
    }


def refused(answer: requests.Response) -> tuple[int, int]:
    """Status and number of a refusal."""
    (error,) = answer.json()["errors"]
    return answer.status_code, error["code"]


def test_a_new_sandbox_has_a_table(client: Client) -> None:
    """The first universe's, by its id and by that of its asset."""
    made = call(client, "create_autolocalization_table", game_id=LANTERN)
    assert (made.is_autolocalization_enabled, made.source_language) == (True, "en")
    found = call(client, "get_localization_table", table_id=made.auto_localization_table_id)
    assert (found.owner_type, found.owner_id, found.asset_id) == ("User", 1000001, 5100001)
    assert call(client, "get_localization_table_by_asset", asset_id=5100001) == found
    assert entries(client, made.auto_localization_table_id)["menu.play"] == {"de-de": "Spielen"}


def test_each_universe_has_one(cloud: Sandbox, client: Client, table: str) -> None:
    """It is made once."""
    save_and_load(cloud)
    again = call(client, "create_autolocalization_table", game_id=TOWER)
    assert again.auto_localization_table_id == table
    of_group = call(client, "create_autolocalization_table", game_id=3000003)
    found = call(client, "get_localization_table", table_id=of_group.auto_localization_table_id)
    assert (found.owner_type, found.owner_id) == ("Group", 2000001)


def test_entries_are_written_and_read(cloud: Sandbox, client: Client, app: App, table: str) -> None:
    """A new one is added, another one changed; translations come and go by locale."""
    done = patch(app, table, entry("play", es_es="Jugar", de_de="Spielen"), entry("quit"))
    assert [each["identifier"]["key"] for each in done["modifiedEntriesAndTranslations"]] == [
        "play",
        "quit",
    ]
    assert entries(client, table) == {
        "play": {"es-es": "Jugar", "de-de": "Spielen"},
        "quit": {},
    }
    change = entry("play", es_es="¡Juega!")
    change["translations"].append({"locale": "de-de", "delete": True})
    change["metadata"] = {"example": "Play now", "gameLocations": [{"path": "Menu.Play"}]}
    patch(app, table, change, name="Tower texts")
    save_and_load(cloud)
    assert entries(client, table)["play"] == {"es-es": "¡Juega!"}
    (first, _) = client.walk(
        api.localization_tables.list_localization_table_entries(table_id=table)
    )
    assert (first.identifier.context, first.identifier.source) == ("Menu", "Play")
    assert (first.metadata.example, first.metadata.game_locations[0].path) == (
        "Play now",
        "Menu.Play",
    )
    assert first.translations[0].translator.id == 1000001
    assert call(client, "get_localization_table", table_id=table).name == "Tower texts"
    patch(app, table, {"identifier": change["identifier"], "delete": True})
    assert list(entries(client, table)) == ["quit"]
    patch(app, table, entry("play"))
    assert list(entries(client, table)) == ["quit", "play"]


def test_what_cannot_be_is_told(app: App, client: Client, table: str) -> None:
    """Entry by entry, beside those that could."""
    done = patch(
        app,
        table,
        {"identifier": {"context": "only"}},
        entry("x" * 1001),
        entry("play", tlh="Quj"),
        entry("good"),
    )
    failed = done["failedEntriesAndTranslations"]
    assert [each["error"]["errorCode"] for each in failed] == [38, 35, 37]
    assert list(entries(client, table)) == ["good"]
    path = f"{HOME}/localization-table/tables/{table}"
    many = {"entries": [entry(f"key{number}") for number in range(101)]}
    assert refused(app.call("PATCH", path, json=many)) == (400, 10)
    limits = call(client, "get_localization_table_limits")
    assert limits.table_operation_limits.max_entries_per_update == 100
    assert limits.entry_operation_limits.max_key_length == 1000


def test_pages_and_formats(app: App, client: Client, table: str) -> None:
    """A hundred entries a page; those of each format apart."""
    for part in range(3):
        patch(app, table, *(entry(f"key{part * 90 + number}") for number in range(90)))
    icu = entry("icu")
    icu["identifier"]["entryFormat"] = "Icu"
    patch(app, table, icu)
    assert list(entries(client, table)) == [f"key{number}" for number in range(270)]
    path = f"{HOME}/localization-table/tables/{table}/entries"
    page = app.call("GET", path).json()
    assert len(page["data"]) == 100
    query = {"cursor": page["nextPageCursor"], "entryFormat": "Icu"}
    assert app.call("GET", path, params=query).status_code == 400
    assert list(entries(client, table, entry_format="Icu")) == ["icu"]
    count = "get_localization_table_entry_count"
    assert call(client, count, table_id=table).entry_count == 270
    assert call(client, count, table_id=table, entry_format="Icu").entry_count == 1


def test_history(cloud: Sandbox, client: Client, app: App, table: str) -> None:
    """What a translation was before, in pages; entries that are none are told."""
    for number in range(4):
        patch(app, table, entry("play", es_es=f"No. {number}"))
    save_and_load(cloud)
    identifier = entry("play")["identifier"]

    def ask(**more: Any) -> Any:
        path = f"{HOME}/localization-table/tables/{table}/entries/translation-history"
        body = {
            "locale": "es-es",
            "entries": [
                {"identifier": identifier, "count": 3} | more,
                {"identifier": {"key": "nothing"}, "count": 1},
            ],
        }
        return app.call("POST", path, json=body)

    answer = ask().json()
    (found,) = answer["entries"]
    assert [each["translationText"] for each in found["history"]] == ["No. 3", "No. 2", "No. 1"]
    (rest,) = ask(cursor=found["nextCursor"]).json()["entries"]
    assert ([each["translationText"] for each in rest["history"]], rest["nextCursor"]) == (
        ["No. 0"],
        "",
    )
    (oldest,) = ask(sortOrder="Asc", count=1).json()["entries"]
    assert oldest["history"][0]["translationText"] == "No. 0"
    assert [each["error"]["errorCode"] for each in answer["failedEntries"]] == [38]
    assert refused(ask(count=0)) == (400, 39)
    assert refused(ask(cursor="x")) == (400, 45)
    query = models.LocalizationHistoryQuery(
        identifier=models.LocalizationEntryIdentifier(**identifier)
    )
    found = call(
        client,
        "get_localization_table_translation_history",
        table_id=table,
        locale="es-es",
        entries=[query],
    )
    assert len(found.entries[0].history) == 4
    path = f"{HOME}/localization-table/tables/{table}/entries/translation-history"
    for body, expected in (
        ({"locale": "es-es", "entries": []}, (400, 16)),
        ({"locale": "tlh", "entries": [{}]}, (400, 37)),
    ):
        assert refused(app.call("POST", path, json=body)) == expected


def test_settings(cloud: Sandbox, client: Client, app: App) -> None:
    """Entries are added by themselves only where that is switched on."""

    def change(**switches: bool) -> None:
        call(client, "update_autolocalization_settings", game_id=TOWER, **switches)

    path = f"{HOME}/autolocalization/games/{TOWER}/settings"
    alone = {"isAutomaticEntriesSettingEnabled": True}
    assert refused(app.call("PATCH", path, json=alone)) == (400, 61)
    change(is_autolocalization_enabled=True, is_automatic_entries_setting_enabled=True)
    change(is_automatic_entries_deletions_enabled=True, should_use_localization_table=True)
    save_and_load(cloud)
    found = call(client, "create_autolocalization_table", game_id=TOWER)
    assert found.is_autolocalization_enabled
    assert found.is_automatic_entries_setting_enabled
    assert found.is_automatic_entries_deletion_enabled
    assert found.should_use_localization_table
    metadata = call(client, "get_autolocalization_metadata")
    assert metadata.is_automatic_translation_toggle_ui_enabled


def test_who_may(app: App, client: Client, table: str) -> None:
    """Those who were let into the universe; a table that is none has its number."""
    path = f"{HOME}/localization-table/tables"
    token = app.login(scope="openid legacy-universe:manage", universes=[str(LANTERN)])
    for more in ("", "/entries", "/entry-count"):
        assert refused(app.call("GET", f"{path}/{table}{more}", token)) == (403, 2)
    assert refused(app.call("PATCH", f"{path}/{table}", token, json={})) == (403, 6)
    missing = "00000000-0000-4000-8000-000000000000"
    assert refused(app.call("GET", f"{path}/{missing}")) == (400, 3)
    assert refused(app.call("PATCH", f"{path}/{missing}", json={})) == (400, 4)
    assert refused(app.call("GET", f"{path}/table")) == (400, 3)
    assert refused(app.call("GET", f"{path}/5")) == (400, 3)
    game = {"gameId": 5}
    assert refused(app.call("GET", f"{path}/{table}/entries", params=game)) == (400, 14)
    create = f"{HOME}/autolocalization/games/{{}}/autolocalizationtable"
    assert refused(app.call("POST", create.format(GARDEN))) == (403, 18)
    assert refused(app.call("POST", create.format(5))) == (400, 14)
    poor = app.login(scope="openid")
    assert refused(app.call("GET", f"{path}/{table}", poor)) == (403, 0)


def test_a_large_table(cloud: Sandbox, app: App, table: str) -> None:
    """A hundred thousand entries slow nothing down."""
    kept = cloud.state.shelves.of(TableShelf).tables[table]
    for number in range(100_000):
        kept.put(Entry(identifier=Identifier(key=f"key{number}")))
    path = f"{HOME}/localization-table/tables/{table}/entries"
    assert app.call("GET", path).elapsed.total_seconds() < 2
    patch_path = f"{HOME}/localization-table/tables/{table}"
    answer = app.call("PATCH", patch_path, json={"entries": [entry("last", es_es="x")]})
    assert answer.elapsed.total_seconds() < 2
