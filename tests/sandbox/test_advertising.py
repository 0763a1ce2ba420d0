"""Advertising: one campaign for a key, its review, its budget, and what is listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests

from rblx_oauth import Client, api, errors, models
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.advertising_shelf import AdvertisingShelf, Campaign
from rblx_oauth.sandbox.drawing import png
from rblx_oauth.sandbox.files import FileError, read_into
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN, TOWER, GARDEN = "3000001", "3000002", "3000004"
HOME = "/ads-management/v1"
HOUR, DAY = 3600.0, 86_400.0
PICTURE = png(16, (200, 60, 60), is_round=False)
MORNING = datetime(2026, 8, 1, 6, tzinfo=UTC)


@pytest.fixture
def picture(client: Client, cloud: Sandbox) -> str:
    """The id of an image of Ada's; it is six in the morning, and nothing takes time."""
    cloud.clock.set(MORNING.timestamp())
    cloud.settings.operation_seconds = 0
    cloud.settings.rate_limits = False
    made = client.user(1000001).assets.create(PICTURE, type="Image", name="Poster")
    asset = made.result()
    assert asset
    return str(asset.id)


def body(picture: str, **changes: Any) -> dict[str, Any]:
    """A good campaign, which begins in an hour."""
    return {
        "name": "Summer",
        "objective": "ENGAGEMENT",
        "paymentType": "CREDIT_CARD",
        "targetUniverseId": LANTERN,
        "creativeAssetIds": [picture],
        "budget": {"type": "DAILY", "amountMicros": "9000000"},
        "schedule": {
            "startTime": (MORNING + timedelta(hours=1)).isoformat(),
            "durationInDays": 7,
        },
    } | changes


def post(app: App, content: Any, key: str | None = None, **more: Any) -> requests.Response:
    """Begin a campaign."""
    headers = {"x-idempotency-key": key or str(uuid4())}
    return app.call("POST", f"{HOME}/campaigns", json=content, headers=headers, **more)


def code(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal, in its own shape."""
    said = answer.json()
    assert set(said) == {"title", "status", "detail", "errors"}
    assert said["status"] == answer.status_code
    return answer.status_code, said["errors"][0]["code"]


def get(client: Client, campaign_id: str) -> models.Campaign:
    """A campaign as it is now."""
    return client.send(api.advertising.get_campaign(campaign_id=campaign_id))


def test_made_and_read(cloud: Sandbox, client: Client, app: App, picture: str) -> None:
    """What was written is read back, by the account of whoever made it."""
    cloud.settings.operation_seconds = 60
    made = post(app, body(picture, targeting={"countries": ["US"], "devices": ["PHONE"]}))
    assert made.status_code == 200
    said = made.json()
    assert (said["status"], said["deliveryStatus"]) == ("ACTIVE", "IN_REVIEW")
    assert said["budget"] == {"type": "DAILY", "amountMicros": "9000000"}
    assert said["targeting"] == {"ageGroups": [], "countries": ["US"], "devices": ["PHONE"]}
    assert said["creativeAssetIds"] == [picture]
    save_and_load(cloud)
    campaign = get(client, said["id"])
    assert (campaign.name, campaign.target_universe_id) == ("Summer", int(LANTERN))
    assert campaign.schedule
    assert campaign.schedule.duration_in_days == 7
    (account,) = client.send(api.advertising.list_billing_accounts()).items
    assert campaign.billing_account_id == account.id


def test_one_campaign_for_a_key(cloud: Sandbox, app: App, picture: str) -> None:
    """For a day the same key gives the same campaign, and takes no other one."""
    key = str(uuid4())
    first = post(app, body(picture), key).json()
    save_and_load(cloud)
    assert post(app, body(picture), key).json() == first
    assert code(post(app, body(picture, name="Winter"), key)) == (409, "CONFLICT")
    assert post(app, body(picture)).json()["id"] != first["id"]
    cloud.clock.advance(DAY)
    later = body(picture)
    later["schedule"]["startTime"] = (MORNING + timedelta(days=2)).isoformat()
    assert post(app, later, key).json()["id"] != first["id"]


def test_the_ways_of_a_campaign(cloud: Sandbox, client: Client, app: App, picture: str) -> None:
    """Reviewed, waiting for its time, learning, shown, paused, over; each with its reason."""
    cloud.settings.operation_seconds = 60
    campaign_id = post(app, body(picture)).json()["id"]

    def standing() -> tuple[object, ...]:
        found = get(client, campaign_id)
        return found.delivery_status, *found.delivery_status_reasons

    assert standing() == ("IN_REVIEW",)
    cloud.clock.advance(60)
    assert standing() == ("NOT_SERVING", "SCHEDULED")
    cloud.clock.advance(HOUR)
    assert standing() == ("SERVING", "LEARNING")
    cloud.clock.advance(DAY)
    assert standing() == ("SERVING",)
    client.universe(int(LANTERN)).deactivate()
    assert standing() == ("NOT_SERVING", "PRIVATE")
    client.universe(int(LANTERN)).activate()
    path = f"{HOME}/campaigns/{campaign_id}"
    paused = app.call("PATCH", path, json={"status": "PAUSED"}).json()
    assert (paused["status"], paused["deliveryStatusReasons"]) == ("PAUSED", ["PAUSED"])
    app.call("PATCH", path, json={"status": "ACTIVE"})
    assert standing() == ("SERVING",)
    cloud.clock.advance(6 * DAY)
    assert standing() == ("NOT_SERVING", "COMPLETED")
    app.call("PATCH", path, json={"status": "CANCELLED"})
    assert standing() == ("NOT_SERVING", "CANCELLED")
    answer = app.call("PATCH", path, json={"status": "ACTIVE"})
    assert code(answer) == (400, "INVALID_ARGUMENT")


def test_moderation(cloud: Sandbox, client: Client, app: App, picture: str) -> None:
    """A name that it does not let pass is rejected after the review."""
    cloud.settings.operation_seconds = 60
    campaign_id = post(app, body(picture, name="rejected")).json()["id"]
    cloud.clock.advance(60)
    found = get(client, campaign_id)
    assert (found.delivery_status, found.delivery_status_reasons) == ("REJECTED", ["MODERATED"])


def test_budgets(cloud: Sandbox, client: Client, app: App, picture: str) -> None:
    """More counts at once; less, once it runs, from midnight on where the account is."""
    campaign_id = post(app, body(picture)).json()["id"]
    path = f"{HOME}/campaigns/{campaign_id}"

    def change(micros: str) -> Any:
        answer = app.call("PATCH", path, json={"budget": {"amountMicros": micros}})
        assert answer.status_code == 200
        return answer.json()["budget"]

    assert change("6000000") == {"type": "DAILY", "amountMicros": "6000000"}
    cloud.clock.advance(2 * HOUR)
    assert change("8000000") == {"type": "DAILY", "amountMicros": "8000000"}
    lowered = change("5000000")
    assert (lowered["amountMicros"], lowered["scheduledAmountMicros"]) == ("8000000", "5000000")
    assert lowered["scheduledEffectiveTime"].startswith("2026-08-02T00:00:00")
    for account in cloud.state.shelves.of(AdvertisingShelf).accounts.values():
        account.time_zone = "America/Los_Angeles"
    assert change("5500000")["scheduledEffectiveTime"].startswith("2026-08-02T07:00:00")
    save_and_load(cloud)
    cloud.clock.advance(23 * HOUR)
    found = get(client, campaign_id).budget
    assert found
    assert (found.amount_micros, found.scheduled_amount_micros) == ("5500000", None)
    assert "scheduledAmountMicros" not in change("7000000")


def test_schedules(cloud: Sandbox, app: App, picture: str) -> None:
    """They may change until it begins."""
    path = f"{HOME}/campaigns/{post(app, body(picture)).json()['id']}"
    start = (MORNING + timedelta(hours=3)).isoformat()
    changed = {"schedule": {"startTime": start, "durationInDays": 3}, "name": "Autumn"}
    answer = app.call("PATCH", path, json=changed).json()
    assert (answer["name"], answer["schedule"]["durationInDays"]) == ("Autumn", 3)
    assert answer["schedule"]["startTime"].startswith("2026-08-01T09:00:00")
    cloud.clock.advance(4 * HOUR)
    later = app.call("PATCH", path, json={"schedule": {"durationInDays": 9}})
    assert code(later) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"objective": "FAME"},
        {"paymentType": "GOLD"},
        {"budget": {"type": "DAILY", "amountMicros": "4999999"}},
        {"budget": {"type": "DAILY", "amountMicros": "5 dollars"}},
        {"budget": {"type": "WEEKLY", "amountMicros": "5000000"}},
        {"schedule": {"startTime": "2026-08-01T05:00:00Z", "durationInDays": 7}},
        {"schedule": {"startTime": "2026-08-02T05:00:00Z", "durationInDays": 3651}},
        {"schedule": {"startTime": "2026-08-02T05:00:00Z", "durationInDays": 7, "endTime": "x"}},
        {"schedule": {"durationInDays": 7}},
        {"creativeAssetIds": []},
        {"creativeAssetIds": ["5"]},
        {"targetUniverseId": "5"},
        {"targeting": {"devices": ["WATCH"]}},
        {"bid": {"strategy": "MANUAL"}},
        {"name": None},
    ],
)
def test_campaigns_that_cannot_be(app: App, picture: str, wrong: dict[str, Any]) -> None:
    """400, and nothing is begun; the key is still good for a better one."""
    key = str(uuid4())
    assert code(post(app, body(picture, **wrong), key)) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", f"{HOME}/campaigns").json() == {"campaigns": []}
    assert post(app, body(picture), key).status_code == 200


def test_keys_that_cannot_be(app: App, picture: str) -> None:
    """A key is needed, and is a UUID."""
    answer = app.call("POST", f"{HOME}/campaigns", json=body(picture))
    assert code(answer) == (400, "INVALID_ARGUMENT")
    assert code(post(app, body(picture), "again")) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "wrong",
    [
        {"objective": "ENGAGEMENT"},
        {"paymentType": "CREDIT_CARD"},
        {"targeting": {}},
        {"creativeAssetIds": []},
        {"bid": None},
        {"budget": {"type": "DAILY"}},
        {"budget": {"amountMicros": "1"}},
        {"schedule": {"endTime": "2026-09-01T00:00:00Z"}},
        {"status": "DONE"},
        {"name": ""},
    ],
)
def test_changes_that_cannot_be(app: App, picture: str, wrong: dict[str, Any]) -> None:
    """What is fixed is refused even where it is what it was; nothing else changes then."""
    made = post(app, body(picture)).json()
    path = f"{HOME}/campaigns/{made['id']}"
    answer = app.call("PATCH", path, json={"name": "Winter"} | wrong)
    assert code(answer) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", path).json() == made


def test_who_may_advertise_what(cloud: Sandbox, client: Client, app: App, picture: str) -> None:
    """Open universes of the caller's own, with their own pictures."""
    found = client.send(api.advertising.list_advertisable_universes()).items
    assert [str(each.universe_id) for each in found] == [LANTERN, "3000003"]
    for universe in (TOWER, GARDEN):
        answer = post(app, body(picture, targetUniverseId=universe))
        assert code(answer) == (403, "PERMISSION_DENIED")
    scope = "openid ad.campaign:read ad.campaign:write"
    zoe = app.login(scope=scope, user=1000002, universes=[GARDEN])
    theirs = body(picture, targetUniverseId=GARDEN)
    assert code(post(app, theirs, token=zoe)) == (403, "PERMISSION_DENIED")
    made = post(app, body(picture)).json()
    answer = app.call("GET", f"{HOME}/campaigns/{made['id']}", zoe)
    assert code(answer) == (404, "NOT_FOUND")
    assert app.call("GET", f"{HOME}/campaigns", zoe).json() == {"campaigns": []}
    kai = app.login(scope=scope, user=1000003)
    assert code(app.call("GET", f"{HOME}/campaigns", kai)) == (403, "PERMISSION_DENIED")
    reader = app.login(scope="openid ad.campaign:read")
    assert code(post(app, body(picture), token=reader)) == (403, "PERMISSION_DENIED")


def test_listing(cloud: Sandbox, client: Client, app: App, picture: str) -> None:
    """Active ones first, then paused, then cancelled; the newest first among each."""
    ids = [post(app, body(picture)).json()["id"] for _ in range(5)]
    for number, status in ((1, "PAUSED"), (3, "PAUSED"), (4, "CANCELLED")):
        app.call("PATCH", f"{HOME}/campaigns/{ids[number]}", json={"status": status})
    expected = [ids[2], ids[0], ids[3], ids[1], ids[4]]
    found: list[str] = []
    query: dict[str, Any] = {"maxPageSize": 2}
    while True:
        page = app.call("GET", f"{HOME}/campaigns", params=query).json()
        found += [each["id"] for each in page["campaigns"]]
        if "nextPageToken" not in page:
            break
        query["pageToken"] = page["nextPageToken"]
    assert found == expected
    save_and_load(cloud)
    listed = client.send(api.advertising.list_campaigns()).items
    assert [each.id for each in listed] == expected
    for wrong in ({"maxPageSize": 101}, {"maxPageSize": 0}, {"pageToken": "x"}):
        answer = app.call("GET", f"{HOME}/campaigns", params=wrong)
        assert code(answer) == (400, "INVALID_ARGUMENT")


def test_many_campaigns(cloud: Sandbox, app: App, picture: str) -> None:
    """A hundred thousand slow nothing down."""
    made = post(app, body(picture)).json()
    shelf = cloud.state.shelves.of(AdvertisingShelf)
    one: Campaign = shelf.campaigns[made["id"]]
    shelf.campaigns.update({str(9_000_000 + number): one for number in range(100_000)})
    vars(shelf).pop("order", None)
    app.call("GET", f"{HOME}/campaigns")
    for call in (
        lambda: app.call("GET", f"{HOME}/campaigns"),
        lambda: post(app, body(picture)),
        lambda: app.call("GET", f"{HOME}/campaigns/{made['id']}"),
    ):
        assert call().elapsed.total_seconds() < 2


def test_statuses_of_many(client: Client, app: App, picture: str) -> None:
    """A hundred at most; those that are not there are named."""
    made = post(app, body(picture)).json()["id"]
    call = api.advertising.get_campaign_statuses
    found = client.send(call(campaign_ids=[made]))
    assert ([each.id for each in found.statuses], found.failures) == ([made], [])
    found = client.send(call(campaign_ids=["5", made]))
    assert [(each.id, each.reason) for each in found.failures] == [("5", "NOT_FOUND")]
    with pytest.raises(errors.BadRequest):
        client.send(call(campaign_ids=["5"] * 101))


def test_creatives(cloud: Sandbox, client: Client, app: App, picture: str) -> None:
    """Pictures that were used are kept, each once, with their size."""
    assert client.send(api.advertising.list_creatives()).items == []
    for _ in range(2):
        post(app, body(picture))
    (kept,) = client.send(api.advertising.list_creatives()).items
    assert (str(kept.asset_id), kept.asset_name, kept.width) == (picture, "Poster", 16)
    assert (kept.moderation_status, kept.is_archived) == ("APPROVED", False)
    assert client.send(api.advertising.list_creatives(is_archived=True)).items == []
    cloud.state.shelves.of(AdvertisingShelf).creatives[kept.id].archived = True
    assert len(client.send(api.advertising.list_creatives(is_archived=True)).items) == 1
    assert client.send(api.advertising.list_creatives(is_archived=False)).items == []


def test_accounts(client: Client, app: App) -> None:
    """Everybody sees their own."""
    (own,) = client.send(api.advertising.list_billing_accounts()).items
    assert (own.display_name, own.type, own.status) == ("Ada's ads", "SELF_SERVICE", "ACTIVE")
    call = api.advertising.get_billing_account
    assert client.send(call(billing_account_id=own.id)) == own
    other = str(int(own.id) + 1)
    with pytest.raises(errors.NotFound):
        client.send(call(billing_account_id=other))
    zoe = app.login(scope="openid ad.billing:read", user=1000002)
    assert app.call("GET", f"{HOME}/billing-accounts/{other}", zoe).status_code == 200


def test_options(client: Client, app: App) -> None:
    """What a campaign may be; and whether a universe can be advertised, if one asks."""
    call = api.advertising.get_campaign_options
    assert client.send(call()).eligibility is None
    for universe, eligible in ((LANTERN, True), (TOWER, False), (GARDEN, False)):
        found = client.send(call(universe_id=int(universe))).eligibility
        assert found
        assert found.eligible is eligible
    answer = app.call("GET", f"{HOME}/campaign-options", params={"universeId": "5"})
    assert code(answer) == (400, "INVALID_ARGUMENT")
    answer = app.call("GET", f"{HOME}/campaign-options", params={"objective": "FAME"})
    assert code(answer) == (400, "INVALID_ARGUMENT")


def test_time_zones_of_seeds(cloud: Sandbox, tmp_path: Any) -> None:
    """One that there is not is told with its place in the file."""
    file = tmp_path / "seed.yaml"
    file.write_text(
        "advertising:\n  accounts:\n    '5':\n      owner: '1'\n      name: x\n"
        "      time_zone: Mars/Olympus\n"
    )
    with pytest.raises(FileError, match="no time zone Mars/Olympus"):
        read_into(cloud.state, file)
