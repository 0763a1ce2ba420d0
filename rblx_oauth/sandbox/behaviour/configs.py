"""Configs: drafted under a hash, published, and restored."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

from rblx_oauth._decoding import converter
from rblx_oauth.models import ConfigRepository
from rblx_oauth.sandbox.behaviour.conditions import Rule
from rblx_oauth.sandbox.behaviour.configs_shelf import (
    ConfigShelf,
    Draft,
    Repository,
    Revision,
    Rules,
    repository_of,
)
from rblx_oauth.sandbox.behaviour.experiments_shelf import ExperimentShelf
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339, whole_microseconds
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body, query_size
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "GAME_CONFIGS"]

GAME_CONFIGS = ConfigRepository.IN_EXPERIENCE_CONFIG.value
"""The repository that game servers read, and that experiments try values of."""

_REPOSITORIES = frozenset(each.value for each in ConfigRepository)
_MOST_KEYS = 1000
_KEY_LENGTH = 250
_VALUE_LENGTH = 100_000
_ROLLOUT = 900.0
_PAGE = 50
_LARGEST_PAGE = 100


class _Rules(msgspec.Struct, rename="camel"):
    rules: dict[str, Rule | None] | None = None
    rules_order: list[str] | None = None

    def __bool__(self) -> bool:
        return bool(self.rules or self.rules_order)


class _Update(msgspec.Struct, rename="camel"):
    draft_hash: str | None = None
    entries: dict[str, object] | None = None
    conditional_rules: _Rules | None = None


class _Delete(msgspec.Struct, rename="camel"):
    draft_hash: str | None = None


class _Publish(msgspec.Struct, rename="camel"):
    draft_hash: str | None = None
    message: str | None = None
    deployment_strategy: str | None = None


def _repository(exchange: Exchange) -> Repository:
    name = exchange.arguments["repository"]
    if name not in _REPOSITORIES:
        raise Refusal.invalid(f"a repository is one of {', '.join(sorted(_REPOSITORIES))}")
    shelf = exchange.state.shelves.of(ConfigShelf)
    return repository_of(shelf, exchange.arguments["universe_id"], name)


def _published(exchange: Exchange) -> Repository:
    repository = _repository(exchange)
    if not repository.version:
        raise Refusal.not_found("nothing was ever published")
    return repository


def _check_hash(repository: Repository, draft_hash: str | None) -> None:
    if draft_hash and draft_hash != repository.draft_hash:
        raise Refusal.invalid("the draft is another one by now: draftHash does not fit")


def _hash(repository: Repository) -> dict[str, object]:
    return {"draftHash": repository.draft_hash}


def _values(exchange: Exchange) -> object:
    with exchange.state.lock:
        repository = _published(exchange)
        return {
            "metadata": {"configVersion": repository.version},
            "entries": repository.values,
            "conditionalRules": repository.rules,
        }


def _full(exchange: Exchange) -> object:
    with exchange.state.lock:
        repository = _published(exchange)
        entries = {
            key: {
                "variants": [],
                "value": entry.value,
                "description": entry.description,
                "lastModifiedTime": rfc3339(entry.modified),
                "lastAccessedTime": rfc3339(entry.accessed),
            }
            for key, entry in repository.entries.items()
        }
        return {
            "entries": entries,
            "metadata": {"configVersion": repository.version},
            "conditionalRules": repository.rules,
        }


def _get_draft(exchange: Exchange) -> object:
    with exchange.state.lock:
        repository = _repository(exchange)
        entries = {
            key: {"value": value, "description": _description(repository, key)}
            for key, value in repository.draft.entries.items()
        }
        return {
            "draftHash": repository.draft_hash,
            "entries": entries,
            "conditionalRules": repository.draft.rules,
        }


def _description(repository: Repository, key: str) -> str | None:
    published = repository.entries.get(key)
    return published.description if published else None


def _check_entries(entries: dict[str, object]) -> None:
    for key, value in entries.items():
        if not 1 <= len(key) <= _KEY_LENGTH:
            raise Refusal.invalid(f"a key has 1 to {_KEY_LENGTH} characters")
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        if len(text) > _VALUE_LENGTH:
            raise Refusal.invalid(f"the value of {key} has over {_VALUE_LENGTH} characters")


def _check_draft(exchange: Exchange, repository: Repository) -> None:
    """Refuse a draft that would leave too much, or that changes what is being tried."""
    drafted = repository.draft.entries
    left = repository.entries.keys() | {key for key, value in drafted.items() if value is not None}
    left -= {key for key, value in drafted.items() if value is None}
    if len(left) > _MOST_KEYS:
        raise Refusal.invalid(f"a repository has {_MOST_KEYS} keys at most")
    if exchange.arguments["repository"] == GAME_CONFIGS:
        experiments = exchange.state.shelves.of(ExperimentShelf)
        now = exchange.state.clock.now()
        tried = experiments.running_keys(exchange.arguments["universe_id"], now)
        if tried & drafted.keys():
            raise Refusal.invalid("an experiment that runs keeps its key as it is")


def _merged(old: Rules, given: _Rules) -> Rules:
    rules = dict(converter(dict[str, object])(old.get("rules") or {}))
    order = converter(list[str])(old.get("rulesOrder") or [])
    for name, rule in (given.rules or {}).items():
        if rule is None:
            rules.pop(name, None)
        else:
            rules[name] = msgspec.to_builtins(rule)
    order = [*(order if given.rules_order is None else given.rules_order)]
    order = [name for name in order if name in rules]
    order += [name for name in rules if name not in order]
    return {"rules": rules, "rulesOrder": order} if rules else {}


def _update(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Update, optional=True)
    _check_entries(body.entries or {})
    with exchange.state.lock:
        repository = _repository(exchange)
        _check_hash(repository, body.draft_hash)
        before = msgspec.structs.replace(repository.draft, entries=dict(repository.draft.entries))
        repository.stage(body.entries or {})
        if body.conditional_rules:
            repository.draft.rules = _merged(repository.drafted_rules(), body.conditional_rules)
        return _kept(exchange, repository, before)


def _overwrite(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Update, optional=True)
    _check_entries(body.entries or {})
    with exchange.state.lock:
        repository = _repository(exchange)
        _check_hash(repository, body.draft_hash)
        before = repository.draft
        rules = _merged({}, body.conditional_rules) if body.conditional_rules else None
        repository.stage_whole(body.entries or {}, rules or None)
        return _kept(exchange, repository, before)


def _kept(exchange: Exchange, repository: Repository, before: Draft) -> dict[str, object]:
    try:
        _check_draft(exchange, repository)
    except Refusal:
        repository.draft = before
        raise
    return _hash(repository)


def _delete(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Delete, optional=True)
    with exchange.state.lock:
        repository = _repository(exchange)
        _check_hash(repository, body.draft_hash)
        repository.draft = Draft()
        return _hash(repository)


def _publish(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Publish, optional=True)
    strategy = body.deployment_strategy or "GradualRollout"
    if strategy not in ("GradualRollout", "Immediate"):
        raise Refusal.invalid("deploymentStrategy is GradualRollout or Immediate")
    state = exchange.state
    with state.lock:
        repository = _repository(exchange)
        _check_hash(repository, body.draft_hash)
        if not repository.draft.entries and repository.draft.rules is None:
            raise Refusal.invalid("nothing is drafted")
        _check_draft(exchange, repository)
        repository.publish(
            str(state.ids.number("config_revision")),
            at=whole_microseconds(state.clock.now()),
            by=exchange.caller.user_id,
            message=body.message or "",
            gradual=strategy == "GradualRollout",
        )
        return {"configVersion": repository.version}


def _restore(exchange: Exchange) -> object:
    with exchange.state.lock:
        repository = _repository(exchange)
        try:
            values, rules = repository.as_of(exchange.arguments["revision_id"])
        except KeyError:
            raise Refusal.not_found("there is no such revision") from None
        repository.stage_whole(values, rules)
        return _hash(repository)


def _revision_body(revision: Revision, now: float) -> dict[str, object]:
    under_way = revision.gradual and now < revision.at + _ROLLOUT
    body: dict[str, object] = {
        "revisionId": revision.id,
        "version": revision.version,
        "time": rfc3339(revision.at),
        "publishedBy": revision.by,
        "message": revision.message,
        "deploymentResult": "InProgress" if under_way else "Success",
        "autoRestoreToVersion": -1,
        "changes": msgspec.to_builtins(revision.changes),
    }
    if revision.rules is not None:
        body["conditionalRulesChanges"] = _rules_changes(revision)
    return body


def _rules_changes(revision: Revision) -> dict[str, object]:
    change = msgspec.to_builtins(revision.rules)
    before, after = change["before"] or {}, change["after"] or {}
    old, new = before.get("rules", {}), after.get("rules", {})
    return {
        "rulesOrder": {
            "before": before.get("rulesOrder", []),
            "after": after.get("rulesOrder", []),
        },
        "rules": {
            name: {"before": old.get(name), "after": new.get(name)}
            for name in {**old, **new}
            if old.get(name) != new.get(name)
        },
    }


def _list_revisions(exchange: Exchange) -> object:
    args, now = exchange.request.args, exchange.state.clock.now()
    size = query_size(exchange.request, "MaxPageSize", default=_PAGE, most=_LARGEST_PAGE)
    skip = query_size(exchange.request, "Skip", default=0, most=2**31)
    start = parse_rfc3339(args["startTime"]) if args.get("startTime") else float("-inf")
    end = parse_rfc3339(args["endTime"]) if args.get("endTime") else float("inf")
    word = args.get("SearchKey", "")

    def found(revisions: Iterator[Revision]) -> Iterator[Revision]:
        return (
            each
            for each in revisions
            if start <= each.at <= end and (not word or any(word in key for key in each.changes))
        )

    with exchange.state.lock:
        revisions = _repository(exchange).revisions
        oldest_first = args.get("SortOrder") == "SORT_ORDER_ASCENDING"
        walk = found(iter(revisions) if oldest_first else reversed(revisions))
        chosen = list(islice(walk, skip, skip + size))
    return {"revisions": [_revision_body(each, now) for each in chosen]}


BEHAVIOURS = {
    "delete_config_draft": Behaviour(_delete),
    "get_config": Behaviour(_full),
    "get_config_draft": Behaviour(_get_draft),
    "get_config_values": Behaviour(_values),
    "list_config_revisions": Behaviour(_list_revisions),
    "overwrite_config_draft": Behaviour(_overwrite),
    "publish_config_draft": Behaviour(_publish),
    "restore_config_revision": Behaviour(_restore),
    "update_config_draft": Behaviour(_update),
}
