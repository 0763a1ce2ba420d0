"""What is listed of advertising: campaigns, accounts, creatives, and what can be advertised."""

from __future__ import annotations

from itertools import islice

from rblx_oauth.sandbox.assets import AssetShelf
from rblx_oauth.sandbox.behaviour.advertising import account_of, campaign_body
from rblx_oauth.sandbox.behaviour.advertising_shelf import Account, AdvertisingShelf
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.index import Index
from rblx_oauth.sandbox.listing import asked
from rblx_oauth.sandbox.paging import Page
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 50
_LARGEST_PAGE = 100
_MODERATION = {"Reviewing": "PENDING_REVIEW", "Approved": "APPROVED", "Rejected": "REJECTED"}


def _page(exchange: Exchange, parts: int) -> Page:
    args = exchange.request.args
    size = int(args.get("maxPageSize") or _PAGE)
    if not 1 <= size <= _LARGEST_PAGE:
        raise Refusal.invalid(f"maxPageSize is from 1 to {_LARGEST_PAGE}")
    return Page(args.get("pageToken", ""), parts, asked(exchange), size=size)


def _numbers(page: Page) -> tuple[int, ...] | None:
    """Where the last page ended."""
    try:
        return None if page.after is None else tuple(int(each) for each in page.after)
    except ValueError:
        raise Refusal.invalid("pageToken is not one that a listing gave") from None


def _list_campaigns(exchange: Exchange) -> object:
    page = _page(exchange, 2)
    after = _numbers(page)
    with exchange.state.lock:
        account_id, _ = account_of(exchange)
        shelf = exchange.state.shelves.of(AdvertisingShelf)
        order = shelf.order.get(account_id, Index[tuple[int, int]]())
        page.fill(
            ((str(rank), str(number)), campaign_body(exchange, str(-number)))
            for rank, number in order.walk(after=(after[0], after[1]) if after else None)
        )
    return page.answer("campaigns")


def _account_body(account_id: str, account: Account) -> dict[str, object]:
    return {
        "id": account_id,
        "displayName": account.name,
        "organizationId": account.organization,
        "type": "SELF_SERVICE",
        "status": account.status,
        "timeZone": account.time_zone,
        "createTime": rfc3339(account.created),
        "updateTime": rfc3339(account.updated),
    }


def _accounts(exchange: Exchange) -> dict[str, Account]:
    """The caller's accounts, by id."""
    accounts = exchange.state.shelves.of(AdvertisingShelf).accounts
    owner = exchange.caller.user_id
    return {each: account for each, account in accounts.items() if account.owner == owner}


def _list_accounts(exchange: Exchange) -> object:
    page = _page(exchange, 1)
    after = _numbers(page)
    with exchange.state.lock:
        owned = list(_accounts(exchange).items())
        begin = after[0] if after else 0
        page.fill(
            ((str(number),), _account_body(*each))
            for number, each in enumerate(owned[begin:], start=begin + 1)
        )
    return page.answer("billingAccounts")


def _get_account(exchange: Exchange) -> object:
    account_id = exchange.arguments["billing_account_id"]
    with exchange.state.lock:
        account = _accounts(exchange).get(account_id)
    if account is None:
        raise Refusal.not_found("there is no such billing account")
    return _account_body(account_id, account)


def _creative_body(exchange: Exchange, creative_id: str) -> dict[str, object]:
    state = exchange.state
    creative = state.shelves.of(AdvertisingShelf).creatives[creative_id]
    asset, now = state.shelves.of(AssetShelf).assets[creative.asset], state.clock.now()
    version = asset.latest(now)
    body: dict[str, object] = {
        "id": creative_id,
        "assetId": creative.asset,
        "assetName": asset.display_name,
        "assetType": "IMAGE",
        "isArchived": creative.archived,
        "moderationStatus": _MODERATION[version.moderation(now)],
        "source": "UPLOAD",
        "createTime": rfc3339(creative.created),
        "updateTime": rfc3339(creative.updated),
    }
    if creative.universe:
        body["universeId"] = creative.universe
    if version.content is not None:
        body |= {"width": version.content.width, "height": version.content.height}
    return body


def _list_creatives(exchange: Exchange) -> object:
    page, wanted = _page(exchange, 1), exchange.request.args.get("isArchived", "").lower()
    after = _numbers(page)
    with exchange.state.lock:
        account_id, _ = account_of(exchange)
        shelf = exchange.state.shelves.of(AdvertisingShelf)
        begin = after[0] if after else 0
        ids = islice(shelf.library.get(account_id, {}).values(), begin, None)
        page.fill(
            (
                (str(number),),
                _creative_body(exchange, each)
                if wanted in ("", str(shelf.creatives[each].archived).lower())
                else None,
            )
            for number, each in enumerate(ids, start=begin + 1)
        )
    return page.answer("creatives")


def _advertisable(exchange: Exchange) -> list[str]:
    return [
        universe.id
        for universe in exchange.state.universes_of(exchange.caller.user_id)
        if universe.public and exchange.caller.may_touch_universe(universe.id)
    ]


def _list_universes(exchange: Exchange) -> object:
    with exchange.state.lock:
        account_of(exchange)
        found = [{"universeId": each} for each in _advertisable(exchange)]
    return {"advertisableUniverses": found}


def _options(exchange: Exchange) -> object:
    universe_id = exchange.request.args.get("universeId", "")
    if universe_id and universe_id not in exchange.state.universes:
        raise Refusal.invalid("universeId is no universe")
    options: dict[str, object] = {
        "objectives": ["ENGAGEMENT"],
        "paymentTypes": ["CREDIT_CARD", "ADS_CREDIT"],
        "adFormats": [
            {"format": "HOME_TILE", "width": 1920, "height": 1080},
            {"format": "SEARCH_TILE", "width": 512, "height": 512},
        ],
        "targetingDimensions": {
            "ageGroups": ["AGE_13_17", "AGE_18_24", "AGE_25_PLUS"],
            "countries": ["US", "BR", "GB", "PH", "DE", "FR", "MX", "VN"],
            "devices": ["PHONE", "TABLET", "DESKTOP", "CONSOLE"],
        },
    }
    if universe_id:
        options["eligibility"] = {"eligible": universe_id in _advertisable(exchange)}
    return options


BEHAVIOURS = {
    "get_billing_account": Behaviour(_get_account),
    "get_campaign_options": Behaviour(_options, made_up=True),
    "list_advertisable_universes": Behaviour(_list_universes),
    "list_billing_accounts": Behaviour(_list_accounts),
    "list_campaigns": Behaviour(_list_campaigns),
    "list_creatives": Behaviour(_list_creatives),
}
