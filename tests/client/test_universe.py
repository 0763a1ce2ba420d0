"""The universe itself: changing it, restarting it, texts and speech."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer

HOME = "/cloud/v2/universes/1"


@pytest.fixture
def universe(make_client: MakeClient) -> Any:
    """Universe 1."""
    return make_client().universe(1)


def test_update_sends_what_is_given(colour: Colour, universe: Any, server: RawServer) -> None:
    """The mask names what is given, and the body holds nothing else."""
    server.script(reply(body={"path": "universes/1", "privateServerPriceRobux": 0}))
    link = models.SocialLink(title="Us", uri="https://discord.gg/x")
    answer = colour(
        universe.update(discord_social_link=link, vr_enabled=False, private_server_price_robux=0)
    )
    assert (answer.id, answer.private_server_price_robux) == (1, 0)
    assert server.lines == [
        f"PATCH {HOME}?updateMask=discordSocialLink%2CprivateServerPriceRobux%2CvrEnabled"
    ]
    assert sent_json(server.requests[0]) == {
        "discordSocialLink": {"title": "Us", "uri": "https://discord.gg/x"},
        "privateServerPriceRobux": 0,
        "vrEnabled": False,
    }


def test_update_clears(colour: Colour, universe: Any, server: RawServer) -> None:
    """What is to be cleared is in the mask and not in the body."""
    server.script(reply(body={"path": "universes/1"}))
    colour(
        universe.update(
            voice_chat_enabled=True,
            clear=["private_server_price_robux", "twitch_social_link", "twitch_social_link"],
        )
    )
    assert server.lines[0].endswith(
        "?updateMask=voiceChatEnabled%2CprivateServerPriceRobux%2CtwitchSocialLink"
    )
    assert sent_json(server.requests[0]) == {"voiceChatEnabled": True}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "nothing would"),
        ({"clear": ["display_name"]}, "clear takes facebook_social_link, .*; not 'display_name'"),
        ({"clear": "vr_enabled"}, "clear must be an iterable"),
        (
            {"private_server_price_robux": 5, "clear": ["private_server_price_robux"]},
            "given and to be cleared",
        ),
        ({"vr_enabled": "yes"}, "vr_enabled must be a bool"),
        ({"private_server_price_robux": 4.5}, "private_server_price_robux must be an int"),
        ({"discord_social_link": "https://discord.gg/x"}, "discord_social_link: Expected"),
    ],
)
def test_wrong_update_is_refused_before_sending(
    colour: Colour, universe: Any, server: RawServer, options: dict[str, Any], says: str
) -> None:
    """Names and types are checked, and that something changes."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(universe.update(**options))
    assert server.requests == []


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({}, {"closeAllVersions": False, "bleedOffServers": False}),
        (
            {
                "place_ids": (4, 5),
                "close_all_versions": True,
                "bleed_off": timedelta(minutes=10),
            },
            {
                "placeIds": [4, 5],
                "closeAllVersions": True,
                "bleedOffServers": True,
                "bleedOffDurationMinutes": 10,
            },
        ),
    ],
)
def test_restart(
    colour: Colour,
    universe: Any,
    server: RawServer,
    options: dict[str, Any],
    body: dict[str, Any],
) -> None:
    """Places, versions and the time to empty, in Roblox's words."""
    server.script(reply())
    assert colour(universe.restart_servers(**options)) is None
    assert server.lines == [f"POST {HOME}:restartServers"]
    assert sent_json(server.requests[0]) == body


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"place_ids": []}, "place_ids is empty"),
        ({"place_ids": [0]}, r"place_ids\[0\] must be a positive"),
        ({"place_ids": "44"}, "place_ids must be an iterable"),
        ({"bleed_off": timedelta(minutes=61)}, "bleed_off must be whole minutes, from 1 to 60"),
        ({"bleed_off": timedelta(seconds=90)}, "bleed_off must be whole minutes"),
        ({"bleed_off": timedelta()}, "bleed_off must be whole minutes"),
        ({"bleed_off": 10}, "bleed_off must be a timedelta"),
        ({"close_all_versions": 1}, "close_all_versions must be a bool"),
    ],
)
def test_wrong_restart_is_refused_before_sending(
    colour: Colour, universe: Any, server: RawServer, options: dict[str, Any], says: str
) -> None:
    """An empty list of places is not taken for all of them."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(universe.restart_servers(**options))
    assert server.requests == []


def test_doubtful_restart_is_not_repeated(colour: Colour, universe: Any, server: RawServer) -> None:
    """Servers are not restarted twice."""
    server.script(reply(503))
    with pytest.raises(errors.AmbiguousOutcome):
        colour(universe.restart_servers())
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "kind"), [(403, "PermissionDenied"), (409, "Conflict")])
def test_refusals_are_errors_of_their_own(
    colour: Colour, universe: Any, server: RawServer, status: int, kind: str
) -> None:
    """403 and 409 say what Roblox said, in both colours."""
    server.script(reply(status, {"code": "WHY", "message": "because"}))
    with pytest.raises(getattr(errors, kind), match=rf"answered {status} \(WHY: because\)"):
        colour(universe.update(vr_enabled=True))
    with pytest.raises(getattr(errors, kind)):
        colour(universe.place(2).update(description="x"))


def test_translation(colour: Colour, universe: Any, server: RawServer) -> None:
    """A text into several languages; asked again after a fault, since nothing changes."""
    server.script(
        reply(502),
        reply(body={"sourceLanguageCode": "en-us", "translations": {"fr-fr": "Bonjour"}}),
    )
    answer = colour(universe.translate_text("Hello", ["fr-fr"], source="en-us"))
    assert (answer.source_language_code, answer.translations) == ("en-us", {"fr-fr": "Bonjour"})
    assert server.lines == [f"POST {HOME}:translateText"] * 2
    assert sent_json(server.requests[1]) == {
        "text": "Hello",
        "sourceLanguageCode": "en-us",
        "targetLanguageCodes": ["fr-fr"],
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("", ["fr-fr"]), "source_text must not be empty"),
        (("Hello", []), "targets must name at least one"),
        (("Hello", "fr-fr"), "targets must be an iterable"),
        (("Hello", [""]), r"targets\[0\] must not be empty"),
    ],
)
def test_wrong_translation_is_refused_before_sending(
    colour: Colour, universe: Any, server: RawServer, arguments: tuple[Any, ...], says: str
) -> None:
    """A text and at least one language."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(universe.translate_text(*arguments))
    assert server.requests == []


def test_speech(colour: Colour, universe: Any, server: RawServer, clock: ManualClock) -> None:
    """Begun at the universe, asked for among the operations of assets, with pauses."""
    running = reply(body={"path": "operations/op-1"})
    done = {"@type": "x", "assetId": "77", "remainingQuota": 9}
    server.script(
        running,
        running,
        running,
        reply(body={"path": "operations/op-1", "done": True, "response": done}),
    )
    operation = colour(universe.generate_speech("Hello", voice=3, pitch=1.5, speed=2))
    asset = colour(operation.wait())
    assert (asset.id, asset.remaining_quota) == (77, 9)
    assert (
        server.lines
        == [f"POST {HOME}:generateSpeechAsset"] + ["GET /assets/v1/operations/op-1"] * 3
    )
    assert sent_json(server.requests[0]) == {
        "text": "Hello",
        "speechStyle": {"voiceId": "3", "pitch": 1.5, "speed": 2},
    }
    assert clock.sleeps == [0.5, 0.75]


def test_speech_without_style(colour: Colour, universe: Any, server: RawServer) -> None:
    """What is not asked for is not sent; one that is over at once is not asked for again."""
    done = {"path": "operations/op-1", "done": True, "response": {"assetId": "77"}}
    server.script(reply(body=done))
    operation = colour(universe.generate_speech("Hello"))
    assert sent_json(server.requests[0]) == {"text": "Hello"}
    assert colour(operation.wait()).id == 77
    assert len(server.requests) == 1


def test_speech_that_fails(colour: Colour, universe: Any, server: RawServer) -> None:
    """A done operation with an error is OperationFailed, never a KeyError."""
    server.script(
        reply(body={"path": "operations/op-1"}),
        reply(
            body={"path": "operations/op-1", "done": True, "error": {"code": 8, "message": "no"}}
        ),
    )
    operation = colour(universe.generate_speech("Hello"))
    with pytest.raises(errors.OperationFailed, match=r"operations/op-1 failed \(8: no\)"):
        colour(operation.wait())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"spoken": ""}, "text must not be empty"),
        ({"voice": "1"}, "voice must be an int"),
        ({"pitch": float("nan")}, "nan"),
        ({"speed": "fast"}, "speech_style: Expected"),
    ],
)
def test_wrong_speech_is_refused_before_sending(
    colour: Colour, universe: Any, server: RawServer, options: dict[str, Any], says: str
) -> None:
    """Texts, numbers, nothing else."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(universe.generate_speech(**{"spoken": "Hello", **options}))
    assert server.requests == []


def test_activation_and_permissions(colour: Colour, universe: Any, server: RawServer) -> None:
    """Public, private, and what the credential may do."""
    server.script(reply(), reply(), reply(body={"canManage": True, "canCloudEdit": False}))
    assert colour(universe.activate()) is None
    assert colour(universe.deactivate()) is None
    allowed = colour(universe.permissions())
    assert (allowed.can_manage, allowed.can_cloud_edit) == (True, False)
    assert server.lines == [
        "POST /legacy-develop/v1/universes/1/activate",
        "POST /legacy-develop/v1/universes/1/deactivate",
        "GET /legacy-develop/v1/universes/1/permissions",
    ]


def test_permissions_of_many(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """One question for all of them."""
    server.script(reply(body={"data": [{"universeId": 3, "canManage": True}]}))
    client = make_client()
    (found,) = colour(client.universe_permissions([3, 4]))
    assert (found.universe_id, found.can_manage) == (3, True)
    assert server.lines == ["GET /legacy-develop/v1/universes/multiget/permissions?ids=3&ids=4"]
    for wrong in ([], 3, [True]):
        with pytest.raises((ValueError, TypeError)):
            colour(client.universe_permissions(wrong))
