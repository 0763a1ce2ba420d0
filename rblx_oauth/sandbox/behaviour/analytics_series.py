"""Numbers for analytics: made up, the same every time, and in accord with each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from hashlib import blake2b
from itertools import product
from typing import Literal

import msgspec

from rblx_oauth.sandbox.behaviour.developer_products import ProductShelf
from rblx_oauth.sandbox.behaviour.game_passes import GamePassShelf
from rblx_oauth.sandbox.behaviour.metrics import TEXTS
from rblx_oauth.sandbox.places import places_of
from rblx_oauth.sandbox.state import State

__all__ = [
    "Filter",
    "Values",
    "buckets",
    "combinations",
    "dimension_values",
    "kept_values",
    "level",
    "part",
    "words",
]

_WEEK = 7
_LEVELS = {"share": 0.28, "average": 24.0, "count": 4200.0}
_SHARES = ("Retention", "Stickiness", "CVR", "Ratio", "Rate", "PTR", "Percentage", "Utilization")
_AVERAGES = ("Average", "Avg", "P10", "P50", "P90", "Per", "Minutes", "Fps", "MinValue", "MaxValue")

_VALUES: dict[str, tuple[str, ...]] = {
    "Platform": ("Computer", "Phone", "Tablet", "Console", "VR"),
    "OperatingSystem": ("Windows", "Mac", "iOS", "Android", "Xbox", "PlayStation"),
    "Country": ("US", "BR", "GB", "PH", "DE", "FR", "MX", "VN"),
    "Locale": ("en-us", "pt-br", "es-es", "de-de", "fr-fr"),
    "Gender": ("Male", "Female", "Unknown"),
    "AgeGroup": ("Under9", "9-12", "13-16", "17-24", "Over24"),
    "AgeGroupV2": ("Under9", "9-12", "13-15", "16-17", "18-20", "Over21"),
    "IsNewUser": ("True", "False"),
    "AcquisitionSource": ("Home", "Search", "Friends", "Ads", "Other"),
    "FunnelStep": ("1", "2", "3", "4", "5"),
    "FunnelName": ("Levels", "Onboarding"),
}
_OTHERS = ("First", "Second", "Third")

Values = list[tuple[str, str | None]]
"""Values of a dimension, and how people read them where that is something else."""


class Filter(msgspec.Struct):
    """What is let through of a dimension."""

    dimension: str
    operation: Literal[
        "In", "NotIn", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual", "Match"
    ]
    values: list[str] = []

    def lets_through(self, value: str) -> bool:
        """Whether a value of the dimension counts."""
        return _TESTS[self.operation](value, self.values)


def _numbers(compare: Callable[[float, float], bool]) -> Callable[[str, Sequence[str]], bool]:
    def test(value: str, wanted: Sequence[str]) -> bool:
        try:
            return all(compare(float(value), float(each)) for each in wanted)
        except ValueError:
            return False

    return test


_TESTS: dict[str, Callable[[str, Sequence[str]], bool]] = {
    "In": lambda value, wanted: value in wanted,
    "NotIn": lambda value, wanted: value not in wanted,
    "Match": lambda value, wanted: any(fnmatchcase(value, f"*{each}*") for each in wanted),
    "GreaterThan": _numbers(lambda value, bound: value > bound),
    "GreaterThanOrEqual": _numbers(lambda value, bound: value >= bound),
    "LessThan": _numbers(lambda value, bound: value < bound),
    "LessThanOrEqual": _numbers(lambda value, bound: value <= bound),
}


def dimension_values(state: State, universe_id: str, dimension: str) -> Values:
    """The values that a dimension has in a universe: some are things of its own."""
    if dimension == "Place":
        universe = state.universes[universe_id]
        return [(each.id, each.name or universe.name) for each in places_of(state, universe_id)]
    if dimension == "ProductKey":
        passes, products = state.shelves.of(GamePassShelf), state.shelves.of(ProductShelf)
        about = (universe_id,)
        found = passes.order.page(about, None, 5, newest_first=False).found
        sold: Values = [(each, passes.passes[each].name) for each in found]
        found = products.order.page(about, None, 5, newest_first=False).found
        return sold + [(each, products.products[each].name) for each in found]
    return [(each, None) for each in _VALUES.get(dimension, _OTHERS)]


def kept_values(
    state: State, universe_id: str, dimensions: Sequence[str], filters: Sequence[Filter]
) -> dict[str, Values]:
    """What filters leave of the values of dimensions, and of those that they name."""
    names = dict.fromkeys([*dimensions, *(each.dimension for each in filters)])
    return {
        name: [
            value
            for value in dimension_values(state, universe_id, name)
            if all(each.lets_through(value[0]) for each in filters if each.dimension == name)
        ]
        for name in names
    }


def buckets(granularity: str, start: float, end: float) -> Iterator[tuple[datetime, datetime]]:
    """The spans of time that data points stand for, aligned to UTC."""
    if end <= start:
        return
    first, last = (datetime.fromtimestamp(each, UTC) for each in (start, end))
    if granularity == "None":
        yield first, last
        return
    begins = _floor(first, granularity)
    while begins < last:
        ends = _next(begins, granularity)
        yield begins, ends
        begins = ends


_SPANS = {
    "OneMinute": timedelta(minutes=1),
    "HalfHour": timedelta(minutes=30),
    "OneHour": timedelta(hours=1),
    "OneDay": timedelta(days=1),
    "OneWeek": timedelta(days=_WEEK),
}


def _floor(moment: datetime, granularity: str) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if granularity == "OneMonth":
        return midnight.replace(day=1)
    if granularity == "OneWeek":
        return midnight - timedelta(days=midnight.weekday())
    return midnight + (moment - midnight) // _SPANS[granularity] * _SPANS[granularity]


def _next(begins: datetime, granularity: str) -> datetime:
    if granularity == "OneMonth":
        return (begins + timedelta(days=31)).replace(day=1)
    return begins + _SPANS[granularity]


def _noise(*parts: str) -> float:
    """A number from 0 to 1 that these parts always give."""
    digest = blake2b("\0".join(parts).encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


def _kind(metric: str) -> str:
    if any(each in metric for each in _SHARES):
        return "share"
    return "average" if any(each in metric for each in _AVERAGES) else "count"


def words(universe_id: str, bucket: tuple[datetime, datetime]) -> list[str]:
    """What a metric that is made of words says at a time."""
    return [TEXTS[int(_noise(universe_id, bucket[0].isoformat()) * len(TEXTS))]]


def level(universe_id: str, metric: str, bucket: tuple[datetime, datetime]) -> float:
    """How much there is of a metric in all, at a time."""
    begins, ends = bucket
    kind = _kind(metric)
    noise = _noise(universe_id, metric, begins.isoformat())
    value = _LEVELS[kind] * (0.5 + _noise(universe_id, metric)) * (0.95 + 0.1 * noise)
    if kind == "count":
        weekly = 1.0 + 0.2 * math.sin(begins.timetuple().tm_yday * math.tau / _WEEK)
        value *= weekly * math.sqrt(max((ends - begins) / timedelta(days=1), 0.01))
    return value


def part(universe_id: str, metric: str, kept: dict[str, Values], whole: dict[str, Values]) -> float:
    """The part of the whole that some values of dimensions make up.

    Counts of parts add up to that of the whole; shares and averages of parts lie around it.
    """
    found, is_count = 1.0, _kind(metric) == "count"
    for name, values in kept.items():
        shares = {each: 0.2 + _noise(universe_id, name, each) for each, _ in whole[name]}
        if is_count:
            found *= sum(shares[each] for each, _ in values) / sum(shares.values())
        elif len(values) < len(shares):
            found *= 0.9 + 0.2 * _noise(name, *(each for each, _ in values))
    return found


def combinations(kept: dict[str, Values], breakdown: Sequence[str]) -> Iterator[dict[str, Values]]:
    """The series of a breakdown: for each, the values of all dimensions that it is of."""
    for chosen in product(*(kept[name] for name in breakdown)):
        yield kept | {name: [value] for name, value in zip(breakdown, chosen, strict=True)}
