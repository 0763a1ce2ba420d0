"""What an experiment may be, and the errors that Roblox has for those that may not."""

from __future__ import annotations

import re

import msgspec

from rblx_oauth.sandbox.behaviour.configs_shelf import ConfigShelf
from rblx_oauth.sandbox.behaviour.experiments_shelf import (
    CONFIGS,
    Configuration,
    Experiment,
    ExperimentShelf,
    Failure,
    Plan,
    Variant,
)
from rblx_oauth.sandbox.state import State

__all__ = ["failure", "objection", "start_objection"]

_DAY = 86_400
_SHORTEST, _LONGEST = 14 * _DAY, 60 * _DAY
_MOST_VARIANTS = 3
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{0,49}")


def failure(word: str, message: str) -> Failure:
    """An error by the end of Roblox's word for it."""
    return Failure(
        error_type=f"EXPERIMENT_API_ERROR_TYPE_{word}", error_code=word, error_message=message
    )


def objection(plan: Plan) -> Failure | None:
    """Why an experiment cannot be so."""
    if not plan.name.strip():
        return failure("INVALID_EXPERIMENT_NAME", "an experiment needs a name")
    if plan.duration_seconds % _DAY or not _SHORTEST <= plan.duration_seconds <= _LONGEST:
        return failure("INVALID_DURATION", "an experiment takes from 14 to 60 whole days")
    configuration = plan.experiment_configuration
    in_game = configuration.product_type == CONFIGS
    if not configuration.variants:
        word = "CONFIGS_MISSING_VARIANT" if in_game else "MATCHMAKING_EMPTY_CONFIGURATION"
        return failure(word, "there are no variants of the product type")
    if plan.targeting_criteria and not in_game:
        return failure("TARGETING_NOT_ALLOWED", "matchmaking is tried with everybody")
    found = _of_configs(configuration) if in_game else _of_matchmaking(configuration)
    return found or _of_all(configuration.variants)


def _of_all(variants: list[Variant]) -> Failure | None:
    about = [variant.variant_meta for variant in variants]
    if not 2 <= len(variants) <= _MOST_VARIANTS:
        said = f"there are from 2 to {_MOST_VARIANTS} variants"
        return failure("INVALID_VARIANT_CONFIGURATION", said)
    if any(meta is None or not _LABEL.fullmatch(meta.label or "") for meta in about):
        said = "a label begins with a letter and has 50 letters, digits, spaces, _ or - at most"
        return failure("INVALID_VARIANT_LABEL", said)
    if sum(meta is not None and meta.is_baseline for meta in about) != 1:
        said = "exactly one variant is the baseline"
        return failure("MUST_HAVE_EXACTLY_ONE_BASELINE_VARIANT", said)
    return None


def _of_configs(configuration: Configuration) -> Failure | None:
    keys = set()
    for variant in configuration.variants:
        if variant.variant_meta is not None and variant.variant_meta.is_baseline:
            continue
        entry = variant.config_entry
        if entry is None or not entry.key:
            return failure("CONFIGS_VARIANT_MISSING_KEY", "a variant needs the key of a config")
        if entry.entry_value is msgspec.UNSET:
            return failure("CONFIGS_VARIANT_MISSING_VALUE", "a variant needs a value")
        keys.add(entry.key)
    if len(keys) > 1:
        return failure("INVALID_VARIANT_CONFIGURATION", "all variants are of one key")
    return None


def _of_matchmaking(configuration: Configuration) -> Failure | None:
    variants = configuration.variants
    about = [variant.variant_meta for variant in variants if variant.variant_meta is not None]
    if len(about) < len(variants):
        return failure("MATCHMAKING_EMPTY_VARIANT_METADATA", "every variant needs variantMeta")
    if any(meta.weight <= 0 for meta in about):
        said = "weights are positive"
        return failure("MATCHMAKING_VARIANT_WEIGHT_MUST_BE_POSITIVE", said)
    if len({meta.weight for meta in about}) > 1:
        return failure("MATCHMAKING_VARIANT_WEIGHTS_UNBALANCED", "all weights are the same")
    places = [[each.place_id for each in variant.place_matchmaking_configs] for variant in variants]
    if any(len(set(each)) < len(each) for each in places):
        said = "a variant names each place once"
        return failure("MATCHMAKING_VARIANT_HAS_DUPLICATE_PLACES", said)
    if any(set(each) != set(places[0]) for each in places):
        said = "all variants are of the same places"
        return failure("MATCHMAKING_VARIANTS_MUST_COVER_SAME_PLACES", said)
    for variant in variants:
        for place in variant.place_matchmaking_configs:
            if not (place.use_platform_default or place.matchmaking_scoring_config_id):
                word = "MATCHMAKING_PLACE_CONFIG_REQUIRES_SCORING_ID_OR_DEFAULT"
                return failure(word, "a place needs a scoring config, or the platform's")
    return None


def start_objection(state: State, experiment: Experiment, now: float) -> Failure | None:
    """Why an experiment cannot begin among the others of its universe."""
    configuration = experiment.plan.experiment_configuration
    running = state.shelves.of(ExperimentShelf).running(experiment.universe, now)
    others = [other.plan.experiment_configuration for other in running if other is not experiment]
    if configuration.product_type != CONFIGS:
        if all(other.product_type == CONFIGS for other in others):
            return None
        said = "another experiment with matchmaking runs"
        return failure("MATCHMAKING_OVERLAPPING_RUNTIME", said)
    if configuration.key in {other.key for other in others}:
        said = "another experiment tries that config"
        return failure("CONFIGS_KEY_ALREADY_IN_USE", said)
    repositories = state.shelves.of(ConfigShelf).universes.get(experiment.universe, {})
    if not any(configuration.key in each.entries for each in repositories.values()):
        said = "the universe has published no such config"
        return failure("CONFIGS_VARIANT_CONFIG_NOT_FOUND", said)
    return None
