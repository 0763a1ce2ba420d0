"""Searching the Creator Store: both operations, which ask the same in two ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import msgspec

from rblx_oauth._decoding import converter
from rblx_oauth.sandbox.assets import Asset
from rblx_oauth.sandbox.behaviour.creator_store_items import details_of, item
from rblx_oauth.sandbox.behaviour.creator_store_matching import Wanted, found, hits, votes
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.paging import read_page_token, write_page_token
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf
from rblx_oauth.sandbox.state import State

__all__ = ["BEHAVIOURS"]

_MOST = 100
_MOST_FACETS = 10
_MOST_RESULTS = 16


def _by_body(exchange: Exchange) -> object:
    return _answer(exchange, json_body(exchange.request, Wanted))


# Where the parameters of the other operation belong.
_OF_AUDIO = {
    "audioTypes": "audioTypes",
    "audioMinDurationSeconds": "minDurationSeconds",
    "audioMaxDurationSeconds": "maxDurationSeconds",
    "audioArtist": "artist",
    "audioAlbum": "album",
    "musicChartType": "musicChartType",
}
_OF_MODELS = {
    "modelSubTypes": "includedSubTypes",
    "excludedModelSubTypes": "excludedSubTypes",
    "includedInstanceTypes": "includedInstanceTypes",
}
_LISTS = frozenset({"facets", "tags", "audioTypes", *_OF_MODELS})


def _by_query(exchange: Exchange) -> object:
    args = exchange.request.args
    given: dict[str, object] = {
        name: args.getlist(name) if name in _LISTS else args[name] for name in args
    }
    # Here only verified creators count, unless it is said otherwise.
    given.setdefault("includeOnlyVerifiedCreators", "true")
    given["audioSearchFilters"] = {
        _OF_AUDIO[name]: given[name] for name in given.keys() & _OF_AUDIO
    }
    given["modelSearchFilters"] = {
        _OF_MODELS[name]: given[name] for name in given.keys() & _OF_MODELS
    }
    kind, _, number = str(given.pop("creator", "")).partition("/")
    if kind:
        given[f"{kind}Id"] = number
    try:
        wanted = converter(Wanted, strict=False)(given)
    except msgspec.ValidationError as error:
        raise Refusal.invalid(f"the query is not as expected: {error}") from None
    return _answer(exchange, wanted)


def _answer(exchange: Exchange, wanted: Wanted) -> object:
    _check(wanted)
    state, size = exchange.state, wanted.max_page_size
    about = msgspec.structs.replace(wanted, page_token=None, page_number=None, max_page_size=0)
    place = (exchange.operation.name, msgspec.json.encode(about).decode())
    token = read_page_token(wanted.page_token or "", 1, *place)
    start = (wanted.page_number or 0) * size
    if token is not None:
        start = int(token[0][:9]) if token[0].isdecimal() else 0
    with state.lock:
        result = _result(state, wanted, place, anew=not start)
        page, end = result.assets[start : start + size], start + size
        more = end < len(result.assets)
        return {
            "nextPageToken": write_page_token((str(end),), *place) if more else None,
            "queryFacets": result.facets,
            "creatorStoreAssets": [
                item(state, asset, wanted.search_view or "Core") for asset in page
            ],
            "totalResults": len(result.assets),
            "filteredKeyword": wanted.query,
        }


class _Result(msgspec.Struct):
    """What a search found, in order, for the pages after the first."""

    assets: list[Asset] = []
    facets: dict[str, list[str]] = {}


class _ResultShelf(Shelf):
    """The last searches. It has no section: nothing of it is saved."""

    by_search: dict[tuple[str, str], _Result] = {}


def _result(state: State, wanted: Wanted, place: tuple[str, str], *, anew: bool) -> _Result:
    kept = state.shelves.of(_ResultShelf).by_search
    known = kept.pop(place, None)
    if known is None or anew:
        assets = _sorted(state, wanted, list(found(state, wanted)))
        known = _Result(assets, _facets(state, wanted, assets))
    kept[place] = known
    if len(kept) > _MOST_RESULTS:
        del kept[next(iter(kept))]
    return known


def _check(wanted: Wanted) -> None:
    if not wanted.search_category_type and not wanted.category_path:
        raise Refusal.invalid("it is needed without a categoryPath", "searchCategoryType")
    if wanted.query is not None and wanted.image is not None:
        raise Refusal.invalid("it cannot stand beside query", "image")
    if wanted.user_id is not None and wanted.group_id is not None:
        raise Refusal.invalid("it cannot stand beside userId", "groupId")
    if wanted.page_token and wanted.page_number is not None:
        raise Refusal.invalid("it cannot stand beside pageToken", "pageNumber")
    if wanted.page_number is not None and wanted.page_number < 0:
        raise Refusal.invalid("it counts from 0", "pageNumber")
    if not 1 <= wanted.max_page_size <= _MOST:
        raise Refusal.invalid(f"it is from 1 to {_MOST}", "maxPageSize")


_BY: Mapping[str, Callable[[State, Wanted, Asset], float]] = {
    "AudioDuration": lambda _state, _wanted, asset: asset.content.seconds if asset.content else 0,
    "CreateTime": lambda _state, _wanted, asset: asset.created,
    "Ratings": lambda state, _wanted, asset: votes(state, asset),
    "Relevance": lambda state, wanted, asset: hits(asset, details_of(state, asset), wanted.words),
    "Top": lambda state, _wanted, asset: votes(state, asset),
    "Trending": lambda state, _wanted, asset: votes(state, asset),
    "UpdatedTime": lambda _state, _wanted, asset: asset.updated,
}


def _sorted(state: State, wanted: Wanted, found: list[Asset]) -> list[Asset]:
    """The best, the newest or the longest first, unless asked the other way around."""
    rank = _BY[wanted.sort_category or "Relevance"]
    descending = wanted.sort_direction != "Ascending"
    found.sort(key=lambda asset: (rank(state, wanted, asset), asset.created), reverse=descending)
    return found


def _facets(state: State, wanted: Wanted, found: list[Asset]) -> dict[str, list[str]]:
    """Words that were looked for beside the query, and some that would narrow it down."""
    applied = list(wanted.facets or ())
    tags = Counter(tag for asset in found for tag in details_of(state, asset).tags)
    free = [tag for tag, _ in tags.most_common() if tag not in applied]
    return {"appliedFacets": applied, "availableFacets": free[:_MOST_FACETS]}


BEHAVIOURS = {
    "search_creator_store_assets": Behaviour(_by_body),
    "search_creator_store_assets_by_query": Behaviour(_by_query),
}
