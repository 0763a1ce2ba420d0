"""Translations of games, badges, passes and products: texts, pictures, languages, history."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from rblx_oauth import Client, api, models
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.localization_shelf import LocalizationShelf
from rblx_oauth.sandbox.drawing import png
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN, GARDEN = 3000001, 3000004
FIRST = 8000001
"""The id of the first badge, the first game pass and the first product."""
HOME = "/legacy-game-internationalization/v1"
ICON = png(16, (200, 60, 60), is_round=False)
KINDS = ("badge", "game_pass", "developer_product")
THINGS = pytest.mark.parametrize("kind", KINDS)
PATHS = {
    "badge": "badges",
    "game_pass": "game-passes",
    "developer_product": "developer-products",
}
NUMBERS = {"badge": 62, "game_pass": 61, "developer_product": 70}
WORDS = {"badge": "Badge", "game_pass": "GamePass", "developer_product": "DeveloperProduct"}


@pytest.fixture(autouse=True)
def _no_limits(cloud: Sandbox) -> None:
    cloud.settings.rate_limits = False


def call(client: Client, name: str, /, **arguments: Any) -> Any:
    """What an operation of the family answers; a listing as a list."""
    found = client.send(getattr(api.localization, name)(**arguments))
    return list(found.items) if hasattr(found, "items") else found


def texts(client: Client, kind: str) -> dict[str, tuple[str, str]]:
    """Names and descriptions of the first of a kind, by language."""
    found = call(client, f"list_{kind}_translations", **{f"{kind}_id": FIRST})
    return {each.language_code: (each.name, each.description) for each in found}


def refused(answer: requests.Response) -> tuple[int, int]:
    """Status and number of a refusal."""
    (error,) = answer.json()["errors"]
    return answer.status_code, error["code"]


@THINGS
def test_texts_are_translated(cloud: Sandbox, client: Client, kind: str) -> None:
    """Together and one by one; what was written is read back beside the source."""
    where = {f"{kind}_id": FIRST, "language_code": "es"}
    source = texts(client, kind)["en"]
    both = call(client, f"update_{kind}_translation", **where, name="Uno", description="Dos")
    assert (both.name, both.description) == ("Uno", "Dos")
    call(client, f"update_{kind}_name_translation", **where, name="Tres")
    call(client, f"update_{kind}_description_translation", **where, description="Cuatro")
    save_and_load(cloud)
    found = texts(client, kind)
    assert (found["en"], found["es"]) == (source, ("Tres", "Cuatro"))
    call(client, f"delete_{kind}_translation", **where)
    assert "es" not in texts(client, kind)


@THINGS
def test_texts_that_cannot_be(app: App, kind: str) -> None:
    """Roblox's number for each; the source is changed elsewhere."""
    path = f"{HOME}/{PATHS[kind]}/{FIRST}/name-description/language-codes"
    good = {"name": "Uno", "description": "Dos"}
    for language, body, expected in (
        ("es", {"name": " "}, (400, 19)),
        ("es", {"name": "x" * 51}, (400, 19)),
        ("es", {"description": "x" * 1001}, (400, 19)),
        ("es", {}, (400, 19)),
        ("es", {"name": "rejected"}, (400, 20)),
        ("xx", good, (400, 22)),
        ("en", good, (400, 26)),
        ("fr", good, (400, 53)),
        ("es", {"name": 5}, (400, 0)),
    ):
        assert refused(app.call("PATCH", f"{path}/{language}", json=body)) == expected
    for language, expected in (("en", (400, 23)), ("xx", (400, 22)), ("fr", (400, 53))):
        assert refused(app.call("DELETE", f"{path}/{language}")) == expected
    for part in ("name", "description"):
        wrong = f"{HOME}/{PATHS[kind]}/5/{part}/language-codes/es"
        assert refused(app.call("PATCH", wrong, json={part: "x"})) == (400, NUMBERS[kind])
    assert refused(app.call("GET", f"{HOME}/{PATHS[kind]}/5/name-description")) == (
        400,
        NUMBERS[kind],
    )


@THINGS
def test_icons_are_translated(cloud: Sandbox, client: Client, app: App, kind: str) -> None:
    """Each is an image that can be looked at."""
    path = f"{HOME}/{PATHS[kind]}/{FIRST}/icons"
    file = {"Files": ("a.png", ICON, "image/png")}
    assert app.call("POST", f"{path}/language-codes/es", files=file).json() == {}
    save_and_load(cloud)
    (icon,) = call(client, f"list_{kind}_icon_translations", **{f"{kind}_id": FIRST})
    assert (icon.language_code, icon.state) == ("es", "Approved")
    picture = requests.get(icon.image_url, timeout=10)
    assert picture.content == ICON
    assert client.asset(icon.image_id).get().type == "Image"
    for sent, expected in (
        ({"x": file["Files"]}, (400, 46)),
        ({"Files": ("a.png", b"GIF89a", "image/png")}, (400, 45)),
    ):
        answer = app.call("POST", f"{path}/language-codes/es", files=sent)
        assert refused(answer) == expected
    for language, expected in (("en", (400, 26)), ("fr", (400, 53)), ("xx", (400, 22))):
        answer = app.call("POST", f"{path}/language-codes/{language}", files=file)
        assert refused(answer) == expected
    assert refused(app.call("GET", path, params={"width": 5000})) == (400, 52)
    assert refused(app.call("DELETE", f"{path}/language-codes/en")) == (400, 23)
    assert app.call("DELETE", f"{path}/language-codes/es").json() == {}
    assert call(client, f"list_{kind}_icon_translations", **{f"{kind}_id": FIRST}) == []


def test_the_icon_itself_comes_first(client: Client, app: App) -> None:
    """In the language that the game is made in."""
    client.universe(LANTERN).badges.update_icon(FIRST, ICON)
    (icon,) = call(client, "list_badge_icon_translations", badge_id=FIRST)
    assert icon.language_code == "en"


def test_icons_of_games(client: Client, app: App) -> None:
    """As those of other things."""
    path = f"{HOME}/game-icon/games/{LANTERN}"
    file = {"Files": ("a.png", ICON, "image/png")}
    assert app.call("POST", f"{path}/language-codes/de", files=file).json() == {}
    (icon,) = call(client, "list_game_icon_translations", game_id=LANTERN)
    assert icon.language_code == "de"
    call(client, "delete_game_icon_translation", game_id=LANTERN, language_code="de")
    assert call(client, "list_game_icon_translations", game_id=LANTERN) == []
    assert refused(app.call("GET", f"{HOME}/game-icon/games/5")) == (400, 14)


def test_thumbnails_of_games(cloud: Sandbox, client: Client, app: App) -> None:
    """Uploaded, described, put in order, deleted: those of each language apart."""
    path = f"{HOME}/game-thumbnails/games/{LANTERN}/language-codes"
    file = {"Files": ("a.png", ICON, "image/png")}
    ids = [
        app.call("POST", f"{path}/es/image", files=file).json()["mediaAssetId"] for _ in range(3)
    ]
    numbers = [int(each) for each in ids]
    where = {"game_id": LANTERN, "language_code": "es"}
    order = "order_game_thumbnail_translations"
    call(client, order, **where, media_asset_ids=[numbers[2], numbers[0]])
    alt = "update_game_thumbnail_alt_text"
    said = call(client, alt, **where, thumbnail_id=numbers[0], alt_text="Una linterna")
    assert said == "Una linterna"
    call(client, "delete_game_thumbnail_translation", **where, image_id=numbers[1])
    save_and_load(cloud)
    (section,) = (
        app.call("GET", "/_sandbox/api/snapshot")
        .json()["localization"]["things"][f"game {LANTERN}"]["thumbnails"]
        .values()
    )
    assert section == [
        {"id": ids[2], "alt_text": ""},
        {"id": ids[0], "alt_text": "Una linterna"},
    ]
    wrong = {"mediaAssetIds": [5]}
    assert refused(app.call("POST", f"{path}/es/images/order", json=wrong)) == (400, 0)
    for body, expected in (
        ({"thumbnailId": 5, "altText": "x"}, (400, 0)),
        ({"thumbnailId": numbers[0], "altText": " "}, (400, 19)),
        ({"thumbnailId": numbers[0], "altText": "rejected"}, (400, 20)),
    ):
        assert refused(app.call("POST", f"{path}/es/alt-text", json=body)) == expected
    assert refused(app.call("POST", f"{path}/en/image", files=file)) == (400, 26)
    assert refused(app.call("DELETE", f"{path}/en/images/5")) == (400, 23)


def test_games_in_several_languages(cloud: Sandbox, client: Client) -> None:
    """What cannot be is told beside what could; an empty text is taken away."""
    name = models.NameDescriptionUpdateType.NAME
    done = call(
        client,
        "update_game_translations",
        game_id=LANTERN,
        data=[
            models.NameDescription(language_code="es", name="Linterna", description="Luz"),
            models.NameDescription(language_code="de", name="", update_type=name),
            models.NameDescription(language_code="fr", name="Lanterne"),
            models.NameDescription(language_code="en", name="Lamp"),
            models.NameDescription(language_code="en", name="", update_type=name),
            models.NameDescription(language_code="xx", name="?"),
            models.NameDescription(language_code="es", name="x" * 51),
        ],
    )
    assert [each.language_code for each in done.success_operations] == ["es", "de"]
    assert [(each.language_code, each.error_code) for each in done.failed_operations] == [
        ("fr", 53),
        ("en", 26),
        ("en", 23),
        ("xx", 22),
        ("es", 19),
    ]
    things = cloud.state.shelves.of(LocalizationShelf).things[f"game {LANTERN}"]
    assert (things.texts["es"].name, things.texts["de"].name) == ("Linterna", None)
    assert things.texts["de"].description


@THINGS
def test_history_of_things(cloud: Sandbox, client: Client, kind: str) -> None:
    """Each text that was written, by whom and when; in pages, either way."""
    where = {f"{kind}_id": FIRST, "language_code": "es"}
    for number in range(5):
        cloud.clock.advance(10)
        call(client, f"update_{kind}_name_translation", **where, name=f"No. {number}")
    save_and_load(cloud)

    def page(**more: Any) -> Any:
        asked = {"content_id": FIRST, "content_type": f"{WORDS[kind]}DisplayName"}
        found = call(
            client, "list_game_translation_history", **asked, language_code="es", count=3, **more
        )
        return [each.translation_text for each in found.history], found.last_evaluated_id

    newest, cursor = page()
    assert newest == ["No. 4", "No. 3", "No. 2"]
    assert page(cursor=cursor) == (["No. 1", "No. 0"], "")
    oldest, _ = page(sort_order="Asc")
    assert oldest == ["No. 0", "No. 1", "No. 2"]


def test_history_of_games(client: Client, app: App) -> None:
    """Names and descriptions apart; what cannot be asked has its number."""
    update = models.NameDescription(language_code="es", name="Linterna", description="Luz")
    call(client, "update_game_translations", game_id=LANTERN, data=[update])
    asked = {"contentId": LANTERN, "contentType": "UniverseDisplayNames", "languageCode": "es"}
    path = f"{HOME}/name-description/games/translation-history"
    (line,) = app.call("POST", path, json=asked).json()["history"]
    assert line["translationText"] == "Linterna"
    assert line["translator"] == {"id": 1000001, "agentType": "User"}
    about = asked | {"contentType": "UniverseDisplayDescriptions"}
    (line,) = app.call("POST", path, json=about).json()["history"]
    assert line["translationText"] == "Luz"
    for wrong, expected in (
        ({"contentId": 5}, (400, 14)),
        ({"contentId": GARDEN}, (400, 18)),
        ({"contentType": "Poem"}, (400, 0)),
        ({"languageCode": "xx"}, (400, 22)),
        ({"languageCode": "fr"}, (400, 53)),
        ({"languageCode": "en"}, (400, 54)),
        ({"count": 0}, (400, 39)),
        ({"count": 50}, (400, 39)),
        ({"cursor": "x"}, (400, 55)),
    ):
        assert refused(app.call("POST", path, json=asked | wrong)) == expected


def test_languages(cloud: Sandbox, client: Client, app: App) -> None:
    """Added and taken away; the one the game is made in stays until another one is."""

    def supported() -> list[str]:
        found = call(client, "list_automatic_translation_settings", game_id=LANTERN)
        return [each.language_code for each in found]

    assert supported() == ["en", "es", "de"]
    path = f"{HOME}/supported-languages/games/{LANTERN}"
    changes = [
        {"languageCode": "fr", "languageCodeType": "Language"},
        {"languageCode": "pt-br", "languageCodeType": "Locale"},
        {"languageCode": "de", "delete": True},
    ]
    assert app.call("PATCH", path, json=changes).json() == {}
    save_and_load(cloud)
    assert supported() == ["en", "es", "fr", "pt-br"]
    twice = [{"languageCode": "it"}, {"languageCode": "IT"}]
    assert refused(app.call("PATCH", path, json=twice)) == (400, 49)
    for wrong in ({"languageCode": "xx"}, {"languageCode": "en", "delete": True}):
        assert refused(app.call("PATCH", path, json=[wrong])) == (400, 22)
    call(client, "update_source_language", game_id=LANTERN, language_code="es")
    assert app.call("PATCH", path, json=[{"languageCode": "en", "delete": True}]).json() == {}
    assert next(iter(texts(client, "badge"))) == "es"
    source = f"{HOME}/source-language/games/{LANTERN}"
    assert refused(app.call("PATCH", source, params={"languageCode": "xx"})) == (400, 22)
    assert app.call("PATCH", source).status_code == 400


@pytest.mark.parametrize(
    ("name", "path", "number"),
    [
        ("automatic", "automatic-translation-status", 75),
        ("image", "image-translation-status", 93),
        ("display_info", "universe-display-info-automatic-translation-settings", 72),
    ],
)
def test_machines_translate(
    cloud: Sandbox, client: Client, app: App, name: str, path: str, number: int
) -> None:
    """What is switched on is on, for a language that is supported and not the source."""

    def switch(language: str, *, on: bool) -> requests.Response:
        url = f"{HOME}/supported-languages/games/{LANTERN}/languages/{language}/{path}"
        return app.call("PATCH", url, json=on)

    def settings() -> dict[str, bool]:
        if name == "display_info":
            listed = call(client, "list_display_info_translation_settings", game_id=LANTERN)
            member = "is_universe_display_info_automatic_translation_enabled"
        else:
            listed = call(client, "list_automatic_translation_settings", game_id=LANTERN)
            member = f"is_{name}_translation_enabled"
        return {each.language_code: getattr(each, member) for each in listed}

    for on in (True, False):
        answer = switch("de", on=on).json()
        assert (answer["gameId"], answer["languageCode"]) == (LANTERN, "de")
        save_and_load(cloud)
        assert settings()["de"] is on
    assert refused(switch("en", on=True)) == (400, number)
    assert switch("en", on=False).status_code == 200
    assert refused(switch("fr", on=True)) == (400, 53)
    assert refused(switch("xx", on=True)) == (400, 22)


def test_other_peoples_games(app: App) -> None:
    """Nothing is changed without the scope, or where nobody let the app in."""
    token = app.login(
        scope="openid legacy-universe:manage legacy-game-pass:manage", universes=["3000002"]
    )
    game = f"{HOME}/name-description/games/{LANTERN}"
    assert refused(app.call("PATCH", game, token, json={"data": []})) == (403, 18)
    thing = f"{HOME}/game-passes/{FIRST}/name/language-codes/es"
    assert refused(app.call("PATCH", thing, token, json={"name": "Uno"})) == (403, 18)
    badge = f"{HOME}/badges/{FIRST}/name/language-codes/es"
    assert refused(app.call("PATCH", badge, token, json={"name": "Uno"})) == (403, 0)
    image = f"{HOME}/supported-languages/games/{LANTERN}/languages/de/image-translation-status"
    assert refused(app.call("PATCH", image, token, json=True)) == (403, 18)
    nobody = f"{HOME}/supported-languages/games/5"
    assert refused(app.call("PATCH", nobody, token, json=[])) == (400, 14)
